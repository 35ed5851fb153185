"""Which fields of the design form are made from tables: the order, groups and excitation, and everything advanced."""

from __future__ import annotations

from resnet_gui.design.bounds import MAX_GATE_BIAS, MAX_GROUPS, MAX_SE_DIVISOR, MAX_WIDTH
from resnet_gui.design.choices import CHOICES, NORMS
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.gui.design.form.fields import SpecField


def _options(field: str) -> tuple[tuple[str, str], ...]:
    """The choices of a field and what the form calls them."""
    return tuple((choice.key, choice.option_text) for choice in CHOICES[field].values())


ORDER = (
    (
        SpecField(
            "order", "Order", "choice",
            "Where BN and ReLU stand in a block (He et al. 2016, Fig. 4 a to e)",
            _options("order"),
        ),
    ),
)  # fmt: skip

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
        SpecField("stem", "Stem", "choice", "Layers before the first stage; 'three 3×3' is ResNet-C (He et al. 2018)",
              _options("stem")),
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
        SpecField("stride_on", "Bottleneck stride", "choice",
              "The convolution that strides: the paper's first 1×1 (v1), or the 3×3 (v1.5 in torchvision, ResNet-B in "
              "He et al. 2018, section 4.2)",
              _options("stride_on")),
    ),
    (
        SpecField("ablation", "Shortcut ablation", "choice",
              "What is done to the shortcut's signal (He et al. 2016, Table 1); the identity is best",
              _options("ablation")),
    ),
    (
        SpecField("gate_bias", "Gate bias", "real",
              "What the gates' biases begin at: the lower, the more open the shortcut (He et al. 2016, Table 1)",
              low=-MAX_GATE_BIAS, high=MAX_GATE_BIAS, step=0.5),
        SpecField("branch_scale", "Branch factor", "choice", "A factor at the end of each branch",
              _options("branch_scale")),
    ),
    (
        SpecField("attention", "Channel attention", "choice",
              "The gate for each channel at the end of the branch; squeeze-and-excitation acts where it has a ratio",
              _options("attention")),
    ),
    (
        SpecField("projection", "Projection", "choice",
              "A strided 1×1 convolution, or average pooling and then 1×1 (ResNet-D, He et al. 2018, section 4.2)",
              _options("projection")),
    ),
    (
        SpecField("projection_norm", "Projection norm", "choice",
              "Whether a norm follows the projection; usual is yes, but in full pre-activation no", _USUAL),
        SpecField("projection_bias", "Projection bias", "choice",
              "Whether the projection's convolution learns a bias; usual is as the other convolutions", _USUAL),
    ),
    (
        SpecField("norm", "Norm", "choice", "Batch (Ioffe & Szegedy 2015), group (Wu & He 2018), or none",
              _options("norm"), along=_fitting_groups),
        SpecField("norm_groups", "Norm groups", "whole",
              "Groups of the group normalisation, 32 in Wu & He 2018, section 3.2; must divide all channels",
              high=MAX_GROUPS),
    ),
    (
        SpecField("activation", "Activation", "choice",
              "The function behind every norm: ReLU (He et al. 2015, Fig. 2), LeakyReLU (Maas et al. 2013), GELU "
              "(Hendrycks & Gimpel 2016), SiLU (Elfwing et al. 2017)",
              _options("activation")),
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
        SpecField("head", "Head", "choice",
              "Global average pooling (He et al. 2015, section 3.3), or every position flattened",
              _options("head")),
        SpecField("hidden", "Hidden layers", "whole numbers", "Widths of linear layers before the last one",
              zero="none"),
    ),
)  # fmt: skip
