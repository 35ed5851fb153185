"""The papers behind a design, for exports and explanations."""

from __future__ import annotations

from typing import Final

from resnet_gui.design.applies import applies
from resnet_gui.design.choice import AttentionChoice, Choice
from resnet_gui.design.choices import BLOCKS, CHOICES
from resnet_gui.design.spec import ResNetSpec

PAPERS: Final = {
    "K15": "K. He, X. Zhang, S. Ren, J. Sun: Deep Residual Learning for Image Recognition, 2015, arXiv:1512.03385",
    "K16": "K. He, X. Zhang, S. Ren, J. Sun: Identity Mappings in Deep Residual Networks, 2016, arXiv:1603.05027",
    "WRN": "S. Zagoruyko, N. Komodakis: Wide Residual Networks, 2016, arXiv:1605.07146",
    "RESNEXT": "S. Xie et al.: Aggregated Residual Transformations for Deep Neural Networks, 2016, arXiv:1611.05431",
    "SE": "J. Hu, L. Shen, G. Sun: Squeeze-and-Excitation Networks, 2017, arXiv:1709.01507",
    "TRICKS": "T. He et al.: Bag of Tricks for Image Classification with CNNs, 2018, arXiv:1812.01187",
    "GOYAL": "P. Goyal et al.: Accurate, Large Minibatch SGD, 2017, arXiv:1706.02677",
    "DEPTH": "G. Huang et al.: Deep Networks with Stochastic Depth, 2016, arXiv:1603.09382",
    "BN": "S. Ioffe, C. Szegedy: Batch Normalization, 2015, arXiv:1502.03167",
    "GN": "Y. Wu, K. He: Group Normalization, 2018, arXiv:1803.08494",
    "INIT": "K. He, X. Zhang, S. Ren, J. Sun: Delving Deep into Rectifiers, 2015, arXiv:1502.01852",
}
"""Papers by the key that choices name, the main one first."""


def citations(spec: ResNetSpec) -> tuple[str, ...]:
    """Author, title, year and number of every paper that a design takes a choice from, the main one first."""
    wide = spec.dropout > 0 or (BLOCKS[spec.block].grouped and spec.groups == 1 and spec.width_per_group > 64)
    chosen = (CHOICES[field][getattr(spec, field)] for field in CHOICES if applies(spec, field))
    used = {key for choice in chosen if _acts(choice, spec) for key in choice.references} | {"K15", "INIT"}
    used |= {"WRN"} if wide or (spec.stem_width is not None and spec.stem_width < spec.widths[0]) else set()
    used |= {"RESNEXT"} if spec.groups > 1 else set()
    used |= {"GOYAL"} if spec.zero_init else set()
    used |= {"DEPTH"} if spec.stochastic_depth > 0 else set()
    return (*(text for key, text in PAPERS.items() if key in used), *sorted(used - set(PAPERS)))


def _acts(choice: Choice, spec: ResNetSpec) -> bool:
    return not isinstance(choice, AttentionChoice) or choice.acts(spec)
