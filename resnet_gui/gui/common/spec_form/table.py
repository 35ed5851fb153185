"""The fields of the design form, a row each: what it is called, how it is entered, and what its tooltip says."""

from __future__ import annotations

from typing import Any, Final

from resnet_gui.design.bounds import (
    MAX_BLOCKS,
    MAX_CLASSES,
    MAX_GATE_BIAS,
    MAX_GROUPS,
    MAX_SE_DIVISOR,
    MAX_STAGES,
    MAX_STRIDE,
    MAX_WIDTH,
)
from resnet_gui.design.choices import CHOICES, NORMS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.common.spec_form.fields import SpecField


def _choice(field: str, title: str, does: str, **more: Any) -> SpecField:
    """A field of the registry: its tooltip is what it does, and a line for each choice."""
    choices = CHOICES[field].values()
    tip = "\n".join((does, *(f"{choice.option_text}: {choice.help}" for choice in choices)))
    return SpecField(field, title, "choice", tip, tuple((choice.key, choice.option_text) for choice in choices), **more)


PLACED_BY_HAND = (
    (_choice("block", "Block", "The layers of a residual block"),),
    (
        SpecField("blocks", "Blocks", "whole", "Residual blocks of this stage (He et al. 2015, Table 1)",
                  high=MAX_BLOCKS),
        SpecField("widths", "Width", "whole",
                  "Channels of the 3×3, a quarter of a bottleneck's outputs (He et al. 2015, Table 1)", high=MAX_WIDTH),
    ),
    (_choice("shortcut", "Shortcut", "How a block's input reaches its addition (He et al. 2015, section 4.1)"),),
    (
        SpecField("input", "Input", "whole numbers",
                  "Channels × height × width of a picture: 224 × 224 on ImageNet (He et al. 2015, section 3.4)"),
        SpecField("classes", "Classes", "whole",
                  "Outputs of the last linear layer: 1,000 on ImageNet, 10 on CIFAR-10 (He et al. 2015, section 4)",
                  high=MAX_CLASSES),
    ),
)  # fmt: skip
"""Fields whose controls the form makes itself; blocks and widths have a spin box for each stage."""

ORDER = ((_choice("order", "Order", "Where norm and activation stand in a block (He et al. 2016, Fig. 4)"),),)

GROUPS = (
    (
        SpecField("groups", "Groups", "whole", "Groups of the bottleneck's 3×3 convolutions (Xie et al. 2016, 3)",
              high=MAX_GROUPS),
        SpecField("width_per_group", "Width per group", "whole",
              "Channels of a group for 64 of a stage's width, the 4d of 32×4d (Xie et al. 2016, Table 1); 128 in one "
              "group is a wide ResNet",
              high=MAX_WIDTH),
    ),
    (
        SpecField("se_ratio", "Squeeze-and-excitation", "choice",
              "A gate for each channel at the end of the branch, squeezed by this ratio (Hu et al. 2017, section 3)",
              ((0, "none"), (2, "ratio 2"), (4, "ratio 4"), (8, "ratio 8"), (16, "ratio 16"), (32, "ratio 32")),
              inline=True),
    ),
)  # fmt: skip


def _fitting_groups(spec: ResNetSpec, norm: object) -> dict[str, object]:
    """Groups that fit the design's channels, if it is to have group norm and its number does not fit."""
    fitting = spec.fitting_norm_groups() if NORMS[str(norm)].groups else None
    return {} if fitting in {None, spec.norm_groups} else {"norm_groups": fitting}


_USUAL = ((None, "usual"), (True, "yes"), (False, "no"))

ADVANCED = (
    (
        _choice("stem", "Stem", "The layers before the first stage"),
    ),
    (
        SpecField("stem_width", "Stem width", "whole",
              "Channels that the stem puts out: 64 on ImageNet, 16 on CIFAR (He et al. 2015, Table 1, section 4.2)",
              high=MAX_WIDTH, zero="as stage 1", nullable=True),
        SpecField("strides", "Stage strides", "whole numbers",
              "Stride of the first block of each stage; empty is 1 for the first and 2 for the others (He et al. 2015, "
              "Table 1)",
              zero="1, 2, 2, …", nullable=True),
    ),
    (
        _choice("stem_pool", "Stem pooling", "The pooling of a stem that pools"),
        SpecField("stem_stride", "Stem stride", "whole", "Stride of the stem's first convolution",
              high=MAX_STRIDE, zero="as the stem", nullable=True),
    ),
    (
        _choice("downsampling", "Downsampling", "How the branch of a block that strides does so"),
        SpecField("dilated_stages", "Dilated stages", "whole",
              "So many last stages dilate their 3×3 instead of striding: 1 is output stride 16 (Yu et al. 2017)",
              high=MAX_STAGES),
    ),
    (
        _choice("stride_on", "Bottleneck stride", "The convolution of a bottleneck that strides"),
    ),
    (
        _choice("ablation", "Shortcut ablation",
                "What is done to the shortcut's signal (He et al. 2016, Table 1); the identity is best"),
    ),
    (
        SpecField("gate_bias", "Gate bias", "real",
              "What the gates' biases begin at: the lower, the more open the shortcut (He et al. 2016, Table 1)",
              low=-MAX_GATE_BIAS, high=MAX_GATE_BIAS, step=0.5),
        _choice("branch_scale", "Branch factor", "A factor at the end of each branch"),
    ),
    (
        _choice("attention", "Channel attention", "The gate for each channel at the end of the branch"),
    ),
    (
        _choice("pad_side", "Side of the zeros", "Where option A puts the zeros of the new channels"),
    ),
    (
        _choice("convolution", "Convolutions", "Whether weights are standardised before they are used"),
        SpecField("conv_eps", "ε of the weights", "number",
              "What standardised convolutions add to the variance of a filter: 1e-8 in BiT, 1e-6 elsewhere in timm"),
    ),
    (
        _choice("projection", "Projection", "The layers of a projection shortcut before its norm"),
    ),
    (
        SpecField("projection_norm", "Projection norm", "choice",
              "Whether a norm follows the projection; usual is yes, but in full pre-activation no", _USUAL),
        SpecField("projection_bias", "Projection bias", "choice",
              "Whether the projection's convolution learns a bias; usual is as the other convolutions", _USUAL),
    ),
    (
        _choice("norm", "Norm", "The normalisation", along=_fitting_groups),
        SpecField("norm_groups", "Norm groups", "whole",
              "Groups of the group normalisation, 32 in Wu & He 2018, section 3.2; must divide all channels",
              high=MAX_GROUPS),
    ),
    (
        SpecField("norm_eps", "ε of the norm", "number",
              "What norms add to a variance: 1e-5 in torch, 1e-3 in TensorFlow (Ioffe & Szegedy 2015, algorithm 1)"),
    ),
    (
        _choice("activation", "Activation", "The function behind every norm"),
        SpecField("se_divisor", "SE rounding", "whole",
              "The squeezed width is a multiple of this: 8 in timm, 1 in Hu et al. 2017, section 3.2",
              high=MAX_SE_DIVISOR),
    ),
    (
        SpecField("dropout", "Dropout", "real",
              "Probability, before the last convolution of each branch (Zagoruyko & Komodakis 2016, section 2.4)",
              high=1, step=0.05, decimals=4),
        SpecField("stochastic_depth", "Stochastic depth", "real",
              "Probability of dropping the last branch, growing linearly from 0 (Huang et al. 2016, eq. 4)",
              high=1, step=0.05, decimals=4),
    ),
    (
        SpecField("conv_bias", "Biased convolutions", "switch",
              "Whether convolutions learn a bias; before a BN it has no effect (Ioffe & Szegedy 2015, section 3.2)"),
    ),
    (
        SpecField("zero_init", "Branches begin at zero", "switch",
              "The last norm of each branch begins at 0 (Goyal et al. 2017, section 5.1)"),
    ),
    (
        SpecField("raw_projection", "Projections read the raw input", "switch",
              "In pre-activation orders, shortcuts that change the shape read the input before norm and activation"),
    ),
    (
        SpecField("shared_first", "First block shares its activation", "switch",
              "In pre-activation orders, the first block's identity shortcut reads the activated stem, as its branch "
              "(He et al. 2016, appendix)"),
    ),
    (
        SpecField("activated_stem", "Activated stem", "switch",
              "In pre-activation orders, norm and activation stand after the stem's convolution"),
    ),
    (
        SpecField("final_activation", "Final activation", "switch",
              "In pre-activation orders, norm and activation follow the last block (He et al. 2016, appendix)"),
    ),
    (
        _choice("head", "Head", "From the last map to a row of values"),
        SpecField("hidden", "Hidden layers", "whole numbers", "Widths of linear layers before the last one",
              zero="none"),
    ),
)  # fmt: skip

FIELDS: Final = {
    field.name: field for lines in (PLACED_BY_HAND, ORDER, GROUPS, ADVANCED) for line in lines for field in line
}
"""Every field of a spec by its name."""
