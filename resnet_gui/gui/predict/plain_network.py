"""The plain network inside, to which the same is done as to the network that is looked at."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject

from resnet_gui.analysis.deletions import deletion_kind
from resnet_gui.base.files import assets
from resnet_gui.gui.common.network_model import recorded_networks
from resnet_gui.gui.predict.opening_sample import DIGIT
from resnet_gui.gui.predict.state import PredictState

PLAIN: Final = "plain-20"
"""Name of the recorded run: plain-20 of He et al. 2015, section 4.2, trained on the digits inside."""


def plain_network() -> Path | None:
    """Its folder; None where it is missing."""
    return next((Path(entry.key) for entry in recorded_networks() if entry.title == PLAIN), None)


def digit() -> Path:
    """A picture that it can know."""
    return assets() / "samples" / DIGIT


class PlainNetworkAlterer(QObject):
    """The alterer of the plain network: what was off or turned down elsewhere is so in it, when it is loaded.

    Of blocks that are off only those can be that keep their shape there; where none can, or nothing was altered, the
    middle one of those that can is bypassed, so that there is something to see.
    """

    def __init__(self, state: PredictState) -> None:
        super().__init__(state)
        self._state = state
        self._wanted: tuple[tuple[str, ...], float] | None = None
        state.model_loaded.connect(self._alter)

    @property
    def has_grey(self) -> bool:
        """Whether the picture that is looked at was answered by a network for grey pictures, as the plain one is."""
        plan, picture = self._state.plan, self._state.picture
        return plan is not None and plan.spec.input[0] == 1 and picture is not None

    def take(self) -> None:
        """Remember what is altered now."""
        self._wanted = self._state.lesions, self._state.branch_share

    def _alter(self) -> None:
        state, wanted, self._wanted = self._state, self._wanted, None
        if wanted is None or state.plan is None:
            return
        lesions, share = wanted
        able = [location.path for location, block in state.plan.blocks() if deletion_kind(block) != "none"]
        middle = tuple(able[len(able) // 2 :][:1]) if share == 1.0 else ()
        state.set_lesions(tuple(path for path in lesions if path in able) or middle)
        state.set_branch_share(share)
