"""Places in a network: stem, stage, block, layer and the addition's inside, as values; their paths and names here only.

Everywhere else a place is a ``Location``; messages, files and PyTorch's modules have its path, a string.
"""

from __future__ import annotations

import re
from typing import Final, Literal, get_args

import msgspec

Section = int | Literal["stem", "head"]
"""A stage by its number from 0, or what stands before the first or behind the last."""

AdditionTerm = Literal["branch", "shortcut", "sum"]
TERMS: Final[tuple[AdditionTerm, ...]] = get_args(AdditionTerm)

HEAD_LAYERS: Final = frozenset({"norm", "act", "avgpool", "flatten", "hidden", "fc"})
"""First parts of the paths of a head's layers; every other layer outside of the stages is the stem's."""

_IN_STAGE: Final = rf"layer([1-9][0-9]*)(?:\.(0|[1-9][0-9]*)(?:\.([^:]+)|:({'|'.join(TERMS)}))?)?"
_OUTSIDE: Final = r"(?!layer)([^.:]+)(?:\.[^.:]+)*"


class Location(msgspec.Struct, frozen=True):
    """A place in a network.

    Attributes:
        stage: a stage, counted from 0, or "stem" or "head".
        block: a block of the stage, counted from 0; None for the whole stage, and in stem and head.
        layer: path of a layer inside its block, stem or head, such as ``downsample.0``; empty for all of it.
        term: what the block adds, "branch" for F(x) and "shortcut" for h(x), or their "sum"; None for an output.

    Raises:
        ValueError: the parts do not go together, as a block of the head does.
    """

    stage: Section
    block: int | None = None
    layer: str = ""
    term: AdditionTerm | None = None

    def __post_init__(self) -> None:
        """Refuse what is no place."""
        staged = isinstance(self.stage, int)
        if (self.block is not None and not staged) or (self.layer and staged and self.block is None):
            raise ValueError(f"a block stands in a stage, and a layer of a stage in a block: {self!r}")
        if self.term is not None and (self.block is None or self.layer):
            raise ValueError(f"only a whole block has an addition: {self!r}")

    @classmethod
    def parse(cls, path: str) -> Location:
        """The place that has a path; whether a network has it is the plan's to say (``Plan.has``).

        Raises:
            ValueError: no place has this path.
        """
        found = re.fullmatch(_IN_STAGE, path, re.ASCII)
        if found is not None:
            stage, block, layer = found[1], found[2], found[3]
            term = next((term for term in TERMS if term == found[4]), None)
            return cls(int(stage) - 1, int(block) if block is not None else None, layer or "", term)
        found = re.fullmatch(_OUTSIDE, path)
        if found is None:
            raise ValueError(f"'{path}' is no path of a stage, a block or a layer")
        return cls("head" if found[1] in HEAD_LAYERS else "stem", layer=path)

    @property
    def path(self) -> str:
        """PyTorch's path of the module, as in torchvision, such as ``layer3.2.conv1``; empty for all of stem or head.

        A term of the addition, which has no module, follows behind a colon: ``layer3.2:shortcut``.
        """
        if not isinstance(self.stage, int):
            return self.layer
        number = self.stage + 1
        if self.layer:
            return f"layer{number}.{self.block}.{self.layer}"
        path = f"layer{number}" if self.block is None else f"layer{number}.{self.block}"
        return path if self.term is None else f"{path}:{self.term}"

    @property
    def prefix(self) -> str:
        """What the paths of its layers begin with: ``layer3.2.`` of a block, nothing of stem and head."""
        if not isinstance(self.stage, int):
            return ""
        return f"layer{self.stage + 1}." if self.block is None else f"layer{self.stage + 1}.{self.block}."

    @property
    def number(self) -> str:
        """Stage and block as the paper counts them, ``4_3``, or ``4``; "stem" or "head"."""
        if not isinstance(self.stage, int):
            return self.stage
        return f"{self.stage + 2}" if self.block is None else f"{self.stage + 2}_{self.block + 1}"

    @property
    def paper_name(self) -> str:
        """The paper's name of the block or stage, ``conv4_3`` or ``conv4_x`` (He et al. 2015, Table 1).

        The stem is its ``conv1``; the head has no name there.
        """
        if not isinstance(self.stage, int):
            return {"stem": "conv1", "head": "head"}[self.stage]
        return f"conv{self.number}" if self.block is not None else f"conv{self.number}_x"

    @property
    def section_title(self) -> str:
        """What it stands in, for people: "Stem", "Stage 3" or "Head"."""
        return f"Stage {self.stage + 1}" if isinstance(self.stage, int) else self.stage.capitalize()

    def with_layer(self, layer: str) -> Location:
        """A layer of this block, stem or head."""
        return Location(self.stage, self.block, layer)

    def with_term(self, term: AdditionTerm) -> Location:
        """What this block adds, or the sum."""
        return Location(self.stage, self.block, term=term)

    def without_layer(self) -> Location:
        """The whole block, stage, stem or head."""
        return Location(self.stage, self.block) if self.layer or self.term is not None else self
