"""What the pages share: the current design and what follows from it, the device, and sentences for the status bar."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Final, Literal, NamedTuple

from PySide6.QtCore import QObject, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QUndoCommand, QUndoStack

from resnet_gui.analysis.costs import Totals, totals
from resnet_gui.design.naming import given_name, kept_name, nearest_preset
from resnet_gui.design.nearest import effective
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import DEFAULT_PRESET, PRESETS, Preset
from resnet_gui.design.spec import Design, ResNetSpec, evolve
from resnet_gui.design.structure import Plan
from resnet_gui.gui.undo_steps import DesignFile, OpenDesign, UndoSteps

if TYPE_CHECKING:
    # At run time both would load what the first paint does without: messages, and numpy for curves.
    from resnet_gui.analysis.layer_names import Naming
    from resnet_gui.gui.runs.model import RunModel
    from resnet_gui.protocol.events import Device

Level = Literal["info", "ok", "warn", "error"]


class MessageAction(NamedTuple):
    """An action that a message offers at once.

    Attributes:
        text: on its button, such as "Open folder".
        work: what the button does.
    """

    text: str
    work: Callable[[], object]


MAX_PINS: Final = 16
"""As many as there are colours and dashes to tell them apart."""


class _SetDesign(QUndoCommand):
    """One step of the undo stack: from one design to another.

    Steps of one ``intent`` that follow each other quickly, as a held arrow of a spin box makes them, become one.
    """

    def __init__(
        self, before: OpenDesign, after: OpenDesign, text: str, show: Callable[[OpenDesign], None], intent: str = ""
    ) -> None:
        super().__init__(text)
        self.before, self.after, self.intent = before, after, intent
        self.time = time.monotonic()
        self._show = show

    def redo(self) -> None:
        self._show(self.after)

    def undo(self) -> None:
        self._show(self.before)

    def id(self) -> int:
        return 1 if self.intent else -1

    def mergeWith(self, other: QUndoCommand) -> bool:
        if not isinstance(other, _SetDesign) or other.intent != self.intent:
            return False
        if other.time - self.time > Session.merge_seconds:
            return False
        self.after, self.time = other.after, other.time
        if self.after == self.before:
            self.setObsolete(True)
        return True


class Session(QObject):
    """The only state that pages share.

    Attributes:
        design: the last valid design, with its name.
        plan: of that design.
        totals: of that plan.
        preset: the preset that the design is, or is nearest to.
        file: the file that the design was opened from or saved in, if any.
        device: as the command line names it: "auto", "cpu", "cuda:0".
        devices: what the engine found; empty until it is ready.
        undo: the edits of this session.
        pins: designs that were pinned, to be compared.
        baseline: the pinned design that figures are compared with; None for none.
        naming: how blocks and layers are called: as the paper does, or as PyTorch does.
        merge_seconds: how quickly steps of one field must follow each other to be one step of the undo stack.

    Signals:
        design_changed: the design, plan and totals are new.
        file_changed: the design was saved in a file.
        pins_changed: what is pinned, or the baseline.
        device_changed: the choice, or what there is to choose from.
        naming_changed: blocks and layers are called otherwise.
        message: a sentence for the status bar and its level.
        offered: a sentence, its level and its actions (``tuple[MessageAction, ...]``).
        outdated: a sentence of ``message`` or ``offered`` that does not hold any more.
    """

    design_changed = Signal()
    file_changed = Signal()
    pins_changed = Signal()
    device_changed = Signal()
    naming_changed = Signal()
    message = Signal(str, str)
    offered = Signal(str, str, object)
    outdated = Signal(str)
    merge_seconds: float = 0.8

    def __init__(
        self, design: Design | None = None, device: str = "auto", preset: str = "", file: DesignFile | None = None
    ) -> None:
        """Begin with a design, or with a preset; without a ``file`` only an unchanged preset counts as saved."""
        super().__init__()
        self.undo = QUndoStack(self)
        self.preset: Preset = PRESETS.get(preset, PRESETS[DEFAULT_PRESET])
        self.device = device
        self.devices: tuple[Device, ...] = ()
        self.no_cuda = ""
        self.naming: Naming = "paper"
        self.pins: tuple[Design, ...] = ()
        self.baseline: Design | None = None
        self._baseline_totals: tuple[Design, Totals] | None = None
        self._runs: RunModel | None = None
        self._restoring = False
        self.design: Design
        self.file: DesignFile
        self.plan: Plan
        self.totals: Totals
        first = design or self.preset.design
        # An older version went on calling ResNet-18 what had become ResNet-50.
        first = Design(name=given_name(first, self.preset), spec=first.spec)
        near = nearest_preset(first.spec, self.preset).preset
        self._take(OpenDesign(first, near, file or DesignFile(None, near.design)))

    @property
    def spec(self) -> ResNetSpec:
        """The spec of the current design."""
        return self.design.spec

    @property
    def runs(self) -> RunModel:
        """The runs, read once and polled by one timer for all pages."""
        if self._runs is None:
            # Here and not above: curves need numpy, and the first paint does without it.
            from resnet_gui.gui.runs.model import RunModel

            self._runs = RunModel(self)
        return self._runs

    @property
    def unchanged(self) -> bool:
        """Whether the design is its preset."""
        return effective(self.design.spec) == effective(self.preset.spec)

    @property
    def unsaved(self) -> bool:
        """Whether the design is not in its file as it is; one in no file can be had again if it is a preset."""
        again = self.file.path is None and self.design == self.preset.design
        return self.design != self.file.saved and not again

    def set_naming(self, naming: Naming) -> None:
        """Call blocks and layers as the paper does or as PyTorch does, on all pages."""
        if naming != self.naming:
            self.naming = naming
            self.naming_changed.emit()

    def say(self, sentence: str, level: Level = "info") -> None:
        """Tell the user something in the status bar."""
        self.message.emit(sentence, level)

    def offer(self, sentence: str, level: Level, actions: tuple[MessageAction, ...]) -> None:
        """Tell the user something with what can be done about it."""
        self.offered.emit(sentence, level, actions)

    def withdraw(self, sentence: str) -> None:
        """Let go of a sentence that was said or offered, wherever it still stands."""
        self.outdated.emit(sentence)

    def say_written(self, path: Path, notes: str = "") -> None:
        """Tell the user that a file or folder has been written, and offer to open the folder that holds it.

        Args:
            path: what was written; a folder is opened itself.
            notes: what else is to be known, in words that go on after a semicolon.
        """
        folder = path if path.is_dir() else path.parent
        sentence = f"Wrote {path.name}; {notes}." if notes else f"Wrote {path.name}."
        self.offer(sentence, "ok", (MessageAction("Open folder", lambda: self.open_folder(folder)),))

    def open_folder(self, folder: Path) -> None:
        """Show a folder in the system's own program, or say where it is."""
        if not QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder.absolute()))):
            self.say(f"No program opens folders here; it is {folder.absolute()}.", "warn")

    def edit(self, text: str, **changes: object) -> None:
        """Change fields of the spec as one step of the undo stack, named ``text``.

        Raises:
            SpecError: the changed design cannot be; the present one stays.
        """
        self._edit(text, changes, "")

    def step(self, text: str, **changes: object) -> None:
        """As ``edit``, but steps of the same name that follow each other quickly become one."""
        self._edit(text, changes, text)

    def _edit(self, text: str, changes: dict[str, object], intent: str) -> None:
        spec = evolve(self.spec, **changes)
        if spec != self.spec:
            name = kept_name(self.design.name, self.spec, spec, self.preset)
            self._push(Design(name=name, spec=spec), text, self.file, intent)

    def rename(self, name: str) -> None:
        """Call the design by a name that the user has chosen."""
        if name and name != self.design.name:
            self._push(Design(name=name, spec=self.spec), f"rename to {name}", self.file)

    def choose_preset(self, preset: Preset) -> None:
        """Replace the design by a preset."""
        if preset.design != self.design or preset != self.preset:
            self._push(preset.design, f"choose {preset.title}", DesignFile(None, preset.design))

    def open_design(self, design: Design, path: Path | None = None) -> None:
        """Replace the design by another one, from a design file if there is a ``path``."""
        near = nearest_preset(design.spec, self.preset).preset
        design = Design(name=given_name(design, near), spec=design.spec)
        file = DesignFile(path, design)
        if design != self.design:
            self._push(design, f"open {design.name}", file)
        elif path is not None:
            self.mark_saved(path)

    def mark_saved(self, path: Path) -> None:
        """Take note that the design lies in a file as it is."""
        self.file.path, self.file.saved = path, self.design
        self.file_changed.emit()

    def steps(self) -> UndoSteps:
        """What can be undone and redone."""
        commands = [self.undo.command(number) for number in range(self.undo.count())]
        made = [command for command in commands if isinstance(command, _SetDesign)]
        present = OpenDesign(self.design, self.preset, self.file)
        states = (made[0].before, *(command.after for command in made)) if made else (present,)
        # Other steps, such as runs that were thrown away, are of this time alone.
        done = sum(isinstance(command, _SetDesign) for command in commands[: self.undo.index()])
        return UndoSteps(states, tuple(command.text() for command in made), done)

    def restore_steps(self, steps: UndoSteps) -> None:
        """Put the steps of an earlier time onto the empty stack; what is open stays.

        Raises:
            ValueError: they lead to another design than the present one, or to another file.
        """
        present = steps.states[steps.present]
        if (present.design, present.preset, present.file.path) != (self.design, self.preset, self.file.path):
            raise ValueError("the steps lead to another design")
        self._restoring = True
        try:
            for number, text in enumerate(steps.texts):
                before, after = steps.states[number], steps.states[number + 1]
                command = _SetDesign(before, after, text, self._show)
                command.time = -math.inf  # nothing that is done now is part of it
                self.undo.push(command)
            self.undo.setIndex(steps.present)
        finally:
            self._restoring = False
        self.file = present.file

    # ---- pinned designs

    def pin(self, design: Design, *, baseline: bool = False) -> None:
        """Pin a design to compare it; it may become the baseline at once."""
        if design not in self.pins:
            if len(self.pins) >= MAX_PINS:
                self.say(f"{MAX_PINS} designs are pinned already; remove one on the Compare page first.", "warn")
                return
            self.pins = (*self.pins, design)
        if baseline:
            self.baseline = design
        self.pins_changed.emit()

    def unpin(self, design: Design) -> None:
        """Forget a pinned design; a baseline that goes leaves none."""
        self.pins = tuple(pin for pin in self.pins if pin != design)
        if self.baseline == design:
            self.baseline = None
        self.pins_changed.emit()

    def set_pins(self, pins: tuple[Design, ...], baseline: Design | None) -> None:
        """Take the pinned designs of an earlier time."""
        self.pins = tuple(dict.fromkeys(pins))[:MAX_PINS]
        self.baseline = baseline if baseline in self.pins else None
        self.pins_changed.emit()

    def set_baseline(self, design: Design | None) -> None:
        """Compare with another pinned design, or with none."""
        if design != self.baseline:
            self.baseline = design if design in self.pins else None
            self.pins_changed.emit()

    def baseline_totals(self) -> tuple[str, Totals] | None:
        """Name and figures of the baseline."""
        baseline = self.baseline
        if baseline is None:
            return None
        if self._baseline_totals is None or self._baseline_totals[0] != baseline:
            self._baseline_totals = baseline, totals(plan(baseline.spec))
        return baseline.name, self._baseline_totals[1]

    # ---- the device

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

    def close(self) -> None:
        """Forget all steps, and tell nobody: what would be told may be gone.

        For whoever has done with a session. Where Python's collector frees a stack together with its steps it may free
        a step first, and Qt's destructor then frees it again: a segmentation fault in ``QUndoStack::clear``.
        """
        self.undo.blockSignals(True)
        self.undo.clear()

    def _push(self, design: Design, text: str, file: DesignFile, intent: str = "") -> None:
        near = nearest_preset(design.spec, self.preset).preset
        before, after = OpenDesign(self.design, self.preset, self.file), OpenDesign(design, near, file)
        self.undo.push(_SetDesign(before, after, text, self._show, intent))

    def _show(self, step: OpenDesign) -> None:
        if self._restoring:
            return
        self._take(step)
        self.design_changed.emit()

    def _take(self, step: OpenDesign) -> None:
        self.design, self.preset, self.file = step
        self.plan = plan(self.design.spec)
        self.totals = totals(self.plan)
