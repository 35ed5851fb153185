"""One selection for all panels: a cell of the matrix, a class, a set of pictures."""

from __future__ import annotations

import msgspec
import numpy as np
from numpy.typing import NDArray

from resnet_gui.evaluation.answers import Answers


class Selection(msgspec.Struct, frozen=True):
    """The pictures that all panels show: those for which everything holds that is not None.

    Attributes:
        truth: number of the class that they show; alone it is a row of the matrix and of the table of classes.
        answer: number of the class that the network answered; with ``truth`` a cell of the matrix.
        numbers: of the pictures that were drawn around or picked out.
    """

    truth: int | None = None
    answer: int | None = None
    numbers: tuple[int, ...] | None = None

    @property
    def is_all(self) -> bool:
        """Whether nothing is selected, so that all pictures are shown."""
        return self.truth is None and self.answer is None and self.numbers is None

    def mask(self, answers: Answers) -> NDArray[np.bool_]:
        """Whether each picture is selected (N,)."""
        chosen = np.ones(len(answers), dtype=np.bool_)
        if self.truth is not None:
            chosen &= answers.truth == self.truth
        if self.answer is not None:
            chosen &= answers.answer == self.answer
        if self.numbers is not None:
            drawn = np.zeros(len(answers), dtype=np.bool_)
            numbers = np.array(self.numbers, dtype=np.int64)
            # Of another evaluation than they were picked in, what is not there is not selected.
            drawn[numbers[(numbers >= 0) & (numbers < len(answers))]] = True
            chosen &= drawn
        return chosen

    def pictures(self, answers: Answers) -> NDArray[np.int64]:
        """Numbers of the selected pictures, in rising order."""
        return np.flatnonzero(self.mask(answers))

    def words(self, answers: Answers) -> str:
        """What is selected, such as "cat taken for dog"; empty where nothing is."""
        labels = answers.labels
        if self.truth is not None and self.answer is not None:
            text = (
                f"{labels[self.truth]} answered rightly"
                if self.truth == self.answer
                else f"{labels[self.truth]} taken for {labels[self.answer]}"
            )
        elif self.truth is not None:
            text = labels[self.truth]
        elif self.answer is not None:
            text = f"answered {labels[self.answer]}"
        else:
            text = ""
        if self.numbers is None:
            return text
        drawn = f"{len(self.numbers):,} picked out"
        return f"{text}, {drawn}" if text else drawn


ALL = Selection()
"""Nothing selected."""
