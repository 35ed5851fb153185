"""The weights of a run with the smallest error so far, and for how long there were no better ones."""

from __future__ import annotations

import math
from typing import Any

from torch import Tensor, nn

from resnet_gui.training.recipe import Recipe


class BestWeights:
    """The weights that were best when they were tested.

    Attributes:
        state: them, on the CPU; None before the first test.
        error: theirs, a fraction.
        written: whether they are in their file.
        waited: epochs of the last phase since then.
    """

    def __init__(self) -> None:
        self.state: dict[str, Tensor] | None = None
        self.error = math.inf
        self.written = True
        self.waited = 0

    def offer(self, error: float, network: nn.Module, *, waits: bool) -> None:
        """Take the weights of a network with this error if it is smaller.

        Args:
            error: a fraction.
            network: that was tested.
            waits: whether the epoch counts if it is not; where parts are yet to thaw, a standstill is no end.
        """
        self.waited += waits
        if error < self.error:
            self.error, self.waited, self.written = error, 0, False
            self.state = {name: value.detach().cpu().clone() for name, value in network.state_dict().items()}

    def stale(self, recipe: Recipe) -> bool:
        """Whether a recipe waits no longer for better ones."""
        return 0 < recipe.patience <= self.waited

    def checkpoint(self) -> dict[str, Any]:
        """What a checkpoint keeps of it."""
        return {"best": self.state, "best_error": self.error, "waited": self.waited}

    def restore(self, state: dict[str, Any], *, anew: bool = False) -> None:
        """Take up what ``checkpoint`` gave; earlier builds waited for nothing.

        Args:
            state: of the run.
            anew: whether the wait begins anew, as where more epochs were asked for.

        Raises:
            KeyError: it is no checkpoint.
        """
        self.state, self.error = state["best"], state["best_error"]
        self.waited = 0 if anew else state.get("waited", 0)


def patience_sentence(recipe: Recipe, epoch: int) -> str:
    """Why a training ended after an epoch (from 1) that is not its last."""
    waited = f"{recipe.patience:,} epoch{'s' if recipe.patience > 1 else ''}"
    return f"ended after epoch {epoch:,} of {recipe.epochs:,}: {waited} without a better validation error"
