"""The undo stack for the next time: each state as what it changes, so that a hundred steps are a few kilobytes."""

from __future__ import annotations

import logging
from pathlib import Path
from typing import Any, Final

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.gui.session import Session
from resnet_gui.gui.undo_steps import DesignFile, OpenDesign, UndoSteps

LOG = logging.getLogger(__name__)
MOST_STEPS: Final = 100
MOST_BYTES: Final = 65_536


class KeptFile(msgspec.Struct, frozen=True, omit_defaults=True):
    """The file of a state.

    Attributes:
        path: where it lies; empty for none.
        same: number of the state whose design it holds; −1 where ``saved`` says it.
        saved: the design that it holds, or as which it began.
    """

    path: str = ""
    same: int = -1
    saved: Design | None = None


class KeptState(msgspec.Struct, frozen=True, omit_defaults=True):
    """A design between two steps.

    Attributes:
        text: of the step that leads to it; empty for the first.
        name: of the design, where it is another than before.
        preset: name of the preset that it is nearest to, where it is another than before.
        fields: of the spec that are others than before; all of the first.
        file: number of its file.
    """

    text: str = ""
    name: str | None = None
    preset: str | None = None
    fields: dict[str, Any] = {}
    file: int = 0


class KeptHistory(msgspec.Struct, frozen=True):
    """Steps that can be undone or redone: ``states`` from the first, ``index`` of the present one."""

    files: tuple[KeptFile, ...]
    states: tuple[KeptState, ...]
    index: int


class HistoryMemory:
    """The memory of a session's undo stack."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._changed = True
        self._kept: dict[str, Any] = {}
        session.undo.indexChanged.connect(self._note)
        session.design_changed.connect(self._note)
        session.file_changed.connect(self._note)

    def _note(self) -> None:
        self._changed = True

    @property
    def kept(self) -> dict[str, Any]:
        """The steps as they are now; made anew only after one, because it is asked for once a second."""
        if self._changed:
            self._changed = False
            self._kept = encode_steps(self._session.steps())
        return self._kept

    def restore(self, kept: dict[str, Any]) -> None:
        """Put the steps of an earlier time onto the stack; nothing where they do not lead to the present design."""
        if not kept:
            return
        try:
            self._session.restore_steps(decode_steps(kept))
        except (msgspec.MsgspecError, InputError, ValueError) as error:
            # Of another version, or changed by hand: the design itself is kept by itself.
            LOG.warning("The steps of last time cannot be undone: %s", error)


def encode_steps(steps: UndoSteps) -> dict[str, Any]:
    """The steps around the present state, as many as may be kept: as many to be undone as redone, where there are."""
    count = len(steps.states) - 1
    if count <= 0:
        return {}
    most = MOST_STEPS
    while most:
        begin = max(0, min(count - most, steps.present - (most + 1) // 2))
        end = min(count, begin + most)
        part = UndoSteps(steps.states[begin : end + 1], steps.texts[begin:end], steps.present - begin)
        kept: dict[str, Any] = msgspec.to_builtins(_kept(part))
        if len(msgspec.json.encode(kept)) <= MOST_BYTES:
            return kept
        most //= 2
    return {}


def _kept(steps: UndoSteps) -> KeptHistory:
    files: list[DesignFile] = []
    states: list[KeptState] = []
    name, preset, before = "", "", dict[str, Any]()
    for number, state in enumerate(steps.states):
        known = next((place for place, file in enumerate(files) if file is state.file), len(files))
        if known == len(files):
            files.append(state.file)
        fields: dict[str, Any] = msgspec.to_builtins(state.design.spec)
        states.append(
            KeptState(
                text=steps.texts[number - 1] if number else "",
                name=state.design.name if state.design.name != name else None,
                preset=state.preset.name if state.preset.name != preset else None,
                fields={key: value for key, value in fields.items() if key not in before or before[key] != value},
                file=known,
            )
        )
        name, preset, before = state.design.name, state.preset.name, fields
    designs = [state.design for state in steps.states]
    return KeptHistory(tuple(_kept_file(file, designs) for file in files), tuple(states), steps.present)


def _kept_file(file: DesignFile, designs: list[Design]) -> KeptFile:
    path = str(file.path or "")
    if file.saved in designs:
        return KeptFile(path, designs.index(file.saved))
    return KeptFile(path, saved=file.saved)


def decode_steps(kept: dict[str, Any]) -> UndoSteps:
    """The steps that were kept.

    Raises:
        MsgspecError: they are written otherwise.
        InputError: a design among them can no longer be.
        ValueError: a number in them is of nothing, or a preset is no more.
    """
    history = msgspec.convert(kept, KeptHistory)
    designs: list[Design] = []
    presets: list[str] = []
    name, preset, fields = "", "", dict[str, Any]()
    for state in history.states:
        name, preset = state.name or name, state.preset or preset
        fields = fields | state.fields
        designs.append(Design(name=name, spec=msgspec.convert(fields, ResNetSpec)))
        presets.append(preset)
    known = all(0 <= state.file < len(history.files) for state in history.states)
    if not known or not 0 <= history.index < len(designs):
        raise ValueError("a state or file is missing")
    if unknown := set(presets) - set(PRESETS):
        raise ValueError(f"there is no preset {min(unknown)}")
    files = [_file(each, designs) for each in history.files]
    states = tuple(
        OpenDesign(design, PRESETS[preset], files[state.file])
        for design, preset, state in zip(designs, presets, history.states, strict=True)
    )
    return UndoSteps(states, tuple(state.text for state in history.states[1:]), history.index)


def _file(kept: KeptFile, designs: list[Design]) -> DesignFile:
    if kept.saved is None and not 0 <= kept.same < len(designs):
        raise ValueError("a file holds no design")
    saved = kept.saved if kept.saved is not None else designs[kept.same]
    return DesignFile(Path(kept.path) if kept.path else None, saved)
