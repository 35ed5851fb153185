"""What the pages share: the current design and what follows from it, the device, and sentences for the status bar."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QUndoCommand, QUndoStack

from resnet_gui.spec.arch import Design, ResNetSpec, evolve
from resnet_gui.spec.costs import Totals, totals
from resnet_gui.spec.events import Device
from resnet_gui.spec.plan import plan
from resnet_gui.spec.presets import DEFAULT_PRESET, PRESETS, Preset
from resnet_gui.spec.structure import Plan

Level = Literal["info", "ok", "warn", "error"]


Step = tuple[Design, Preset]
"""A design and the preset that it began as."""


class _SetDesign(QUndoCommand):
    """One step of the undo stack: from one design to another."""

    def __init__(self, before: Step, after: Step, text: str, show: Callable[[Step], None]) -> None:
        super().__init__(text)
        self._before, self._after, self._show = before, after, show

    def redo(self) -> None:
        self._show(self._after)

    def undo(self) -> None:
        self._show(self._before)


class Session(QObject):
    """The only state that pages share.

    Attributes:
        design: the last valid design, with its name.
        plan: of that design.
        totals: of that plan.
        preset: the preset that the design began as.
        device: as the command line names it: "auto", "cpu", "cuda:0".
        devices: what the engine found; empty until it is ready.
        undo: the edits of this session.

    Signals:
        design_changed: the design, plan and totals are new.
        device_changed: the choice, or what there is to choose from.
        said: a sentence for the status bar and its level.
    """

    design_changed = Signal()
    device_changed = Signal()
    said = Signal(str, str)

    def __init__(self, design: Design | None = None, device: str = "auto", preset: str = "") -> None:
        super().__init__()
        self.undo = QUndoStack(self)
        self.preset: Preset = PRESETS.get(preset, PRESETS[DEFAULT_PRESET])
        self.device = device
        self.devices: tuple[Device, ...] = ()
        self.no_cuda = ""
        self.design: Design
        self.plan: Plan
        self.totals: Totals
        first = design or self.preset.design
        self._take(first, self._preset_of(first))

    @property
    def spec(self) -> ResNetSpec:
        """The spec of the current design."""
        return self.design.spec

    @property
    def unchanged(self) -> bool:
        """Whether the design is its preset."""
        return self.design.spec == self.preset.spec

    def say(self, sentence: str, level: Level = "info") -> None:
        """Tell the user something in the status bar."""
        self.said.emit(sentence, level)

    def edit(self, text: str, **changes: object) -> None:
        """Change fields of the spec as one step of the undo stack, named ``text``.

        Raises:
            SpecError: the changed design cannot be; the present one stays.
        """
        spec = evolve(self.spec, **changes)
        if spec != self.spec:
            self._push(Design(name=self.design.name, spec=spec), text)

    def choose_preset(self, preset: Preset) -> None:
        """Replace the design by a preset."""
        if preset.design != self.design or preset != self.preset:
            self._push(preset.design, f"choose {preset.title}")

    def open_design(self, design: Design) -> None:
        """Replace the design by one from a file."""
        if design != self.design:
            self._push(design, f"open {design.name}")

    def set_device(self, device: str) -> None:
        """Choose where to compute."""
        if device != self.device:
            self.device = device
            self.device_changed.emit()

    def set_devices(self, devices: tuple[Device, ...], no_cuda: str) -> None:
        """Take what the engine found; a remembered device that is gone falls back to "auto"."""
        self.devices, self.no_cuda = devices, no_cuda
        if self.device != "auto" and self.device not in {device.name for device in devices}:
            self.say(f"The device {self.device} is not there any more; using the CPU.", "warn")
            self.device = "auto"
        self.device_changed.emit()

    def _push(self, design: Design, text: str) -> None:
        self.undo.push(_SetDesign((self.design, self.preset), (design, self._preset_of(design)), text, self._show))

    def _preset_of(self, design: Design) -> Preset:
        return next((preset for preset in PRESETS.values() if preset.title == design.name), self.preset)

    def _show(self, step: Step) -> None:
        self._take(*step)
        self.design_changed.emit()

    def _take(self, design: Design, preset: Preset) -> None:
        self.design, self.preset = design, preset
        self.plan = plan(design.spec)
        self.totals = totals(self.plan)
