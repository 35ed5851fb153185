"""The question what of a network's weights fits a design that is to begin from them, and its answer."""

from __future__ import annotations

from typing import Literal

import msgspec

from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.design.bounds import Shape
from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.protocol.answers import answered_by
from resnet_gui.training.start import StartRequest

TensorState = Literal["fits", "channels", "rows", "zeros", "new", "unused", "differs"]


class FittedTensor(msgspec.Struct, frozen=True, kw_only=True):
    """A tensor of a design and the one of the weights that it begins from.

    Attributes:
        state: "fits", it is taken bit for bit; "channels", summed over colour or repeated for other channels; "rows",
            the rows of classes of one name are taken; "zeros", the file lacks this bias; "new", drawn; "unused", only
            the weights have it; "differs", which is why the design cannot begin from them.
        name: in the design; empty where only the weights have it.
        ours: its shape; None where only the weights have it.
        source: its name in the weights; empty where only the design has it.
        theirs: its shape there; None where only the design has it, or the shape is not known.
    """

    state: TensorState
    name: str = ""
    ours: Shape | None = None
    source: str = ""
    theirs: Shape | None = None


class WeightsFitted(msgspec.Struct, frozen=True, kw_only=True, tag="weights_fitted"):
    """The part of a network's weights that fits a design.

    Attributes:
        design: of the weights, with its name.
        fit_tensors: how many tensors of the design they fill, of ``tensors``.
        fit_params: how many trainable values that are.
        new_params: how many begin as they are drawn.
        new: what is new, in words; empty where nothing is.
        sentences: what fits, what is new, what is not used and what was changed, one each, as a run says them.
        table: every tensor of the design in its order, then those of the weights that are not used.
        preprocess: how pictures are prepared for the weights, which a run that begins from them follows.
        normalised: whether the weights tell that; else it is suggested.
        refused: why the design cannot begin from them, a sentence; empty where it can.
    """

    job: int
    design: Design
    fit_tensors: int
    tensors: int
    fit_params: int
    new_params: int
    new: str
    sentences: tuple[str, ...]
    table: tuple[FittedTensor, ...]
    preprocess: Preprocess
    normalised: bool
    refused: str = ""


@answered_by(WeightsFitted)
class FitWeights(msgspec.Struct, frozen=True, tag="fit_weights"):
    """Say what of a network's weights fits a design.

    Weights that cannot be read, or that no design is found for, are answered by Failed.

    Attributes:
        spec: of the design, with as many classes as the pictures have.
        classes: their names; empty while nobody knows them.
    """

    job: int
    start: StartRequest
    spec: ResNetSpec
    classes: tuple[str, ...] = ()
