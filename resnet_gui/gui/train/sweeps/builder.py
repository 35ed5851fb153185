"""The builder of a sweep: fields with their values, seeds last, and what it comes to."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from resnet_gui.base.errors import InputError
from resnet_gui.design.spec import Design
from resnet_gui.gui.kit.basic import ElidedLabel, button, column, icon_button, label, panel, restyle, row, set_icon
from resnet_gui.gui.kit.format import duration
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.settings import SweepFields
from resnet_gui.gui.train.sweeps.chips import ValueChips
from resnet_gui.gui.train.sweeps.draft import DraftAxis, SweepDraft, seed_chips, typed_seeds
from resnet_gui.gui.train.sweeps.fields import axis_word, proposed_values, sweep_field, sweep_fields
from resnet_gui.sweeps.sweep import MANY_RUNS, Expansion, Sweep, expanded
from resnet_gui.training.recipe import Recipe

NAME: Final = 94
"""Pixels of a field's name."""

LONG: Final = 8 * 3600.0
"""Seconds above which a sweep is warned of."""

CHECKED: Final = 600
"""So many combinations are checked while somebody edits; more are when they are queued."""

Making = Callable[[], tuple[Design, Recipe, str]]


class BuilderRow(QFrame):
    """A row of the builder: a name, chips, how many values, and a cross.

    Attributes:
        chips: of its values.
        cross: takes the row away; hidden for seeds.
    """

    def __init__(self, theme: Theme, title: str, tip: str, *, seeds: bool = False) -> None:
        super().__init__()
        self.setObjectName("seedRow" if seeds else "panelHeader")
        line = row(self, (16, 7, 10, 7), 6)
        if seeds:
            sign = QLabel()
            theme.follow(sign, lambda: sign.setPixmap(theme.pixmap("seed", "t2", 14)))
            line.addWidget(sign)
        name = ElidedLabel(title, least=40)
        name.setStyleSheet("font-weight: 500;")
        name.setToolTip(f"{title}: {tip}" if tip else title)
        name.setFixedWidth(NAME - (20 if seeds else 0) - 6)
        line.addWidget(name)
        self.chips = ValueChips(theme, title)
        line.addWidget(self.chips, 1)
        self.count = label("", "muted12")
        line.addWidget(self.count)
        self.cross = icon_button(theme, "close", f"Do not vary {title}", size=24)
        line.addWidget(self.cross)
        if seeds:
            kept = self.cross.sizePolicy()
            kept.setRetainSizeWhenHidden(True)
            self.cross.setSizePolicy(kept)
            self.cross.hide()

    def show_values(
        self, labels: list[str], left: tuple[tuple[object, str], ...] | None, many: Collection[int] = ()
    ) -> None:
        """Show values and their number; ``many`` are the places of chips that stand for several."""
        self.chips.show_values(labels, left, many)
        self.count.setText(f"×{len(labels)}")


class SweepBuilder(QFrame):
    """The form of a new sweep.

    Attributes:
        draft: what is in it.
        queue: the button that queues it.
        fields: the box that adds a field.
        compared: the box of what is compared with.
        problem: why it cannot be queued, or which combinations are left out.

    Signals:
        changed: the draft is another one.
        queue_requested: the sweep to run.
    """

    changed = Signal()
    queue_requested = Signal(object)

    def __init__(self, theme: Theme, making: Making) -> None:
        """Make a form; ``making`` gives the design, the recipe and the device, or raises InputError."""
        super().__init__()
        self._theme, self._making = theme, making
        self.draft = SweepDraft()
        self._rows: dict[str, BuilderRow] = {}
        self._seconds: float | None = None
        self._refusal = ""
        layout = column(self)
        layout.addWidget(self._head())
        self._box = panel()
        self._lines: QVBoxLayout = column(self._box)
        layout.addWidget(self._box)
        self.seeds = BuilderRow(
            theme, "Seeds", "Of the initial weights, the order of pictures and the augmentation", seeds=True
        )
        self._edited: tuple[int, ...] = ()
        self.seeds.chips.removed.connect(self._remove_seeds)
        self.seeds.chips.given_up.connect(lambda: self._edit_seeds(()))
        self.seeds.chips.typed.connect(self._take_seeds)
        layout.addWidget(self.seeds)
        layout.addWidget(self._foot(theme))
        self._show()

    # ---- construction

    @staticmethod
    def _head() -> QFrame:
        head = QFrame()
        head.setObjectName("tableHead")
        head.setFixedHeight(24)
        line = row(head, (16, 0, 38, 0), 0)
        for text, wide in (("Field", NAME), ("Values", 0), ("runs", -1)):
            made = label(text, "small")
            if wide > 0:
                made.setFixedWidth(wide)
            line.addWidget(made, 1 if wide == 0 else 0)
        return head

    def _foot(self, theme: Theme) -> QFrame:
        foot = panel()
        layout = column(foot, (16, 8, 16, 12), 8)
        first = row(gap=8)
        self.fields = SmallCombo("Add a field", 10, list_width=220)
        self.fields.setPlaceholderText("Add a field")
        self.fields.setToolTip("Another field of the design or the recipe to vary")
        self.fields.activated.connect(lambda _index: self.add_field(str(self.fields.currentData())))
        first.addWidget(self.fields)
        self.product, self.runs = ElidedLabel("", "muted12", least=20), label("", "title")
        self.product.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        first.addWidget(self.product, 1)
        first.addWidget(self.runs)
        layout.addLayout(first)
        second = row(gap=8)
        second.addWidget(label("Compare each with", "label"))
        self.compared = SmallCombo("Compare each with", 8)
        self.compared.setToolTip("Each is compared, seed by seed, with the one that differs in this alone")
        self.compared.activated.connect(lambda _index: self._compare())
        second.addWidget(self.compared, 1)
        layout.addLayout(second)
        self.problem = label("", "error", wrap=True)
        self.problem.hide()
        layout.addWidget(self.problem)
        third = row(gap=8)
        self.time = ElidedLabel("", "muted12")
        third.addWidget(self.time, 1)
        self.queue = button("Queue", "primary", "Train them all, seed by seed")
        set_icon(theme, self.queue, "play", "onacc")
        self.queue.clicked.connect(self._queue)
        third.addWidget(self.queue)
        layout.addLayout(third)
        return foot

    # ---- editing

    def field_row(self, name: str) -> BuilderRow:
        """The row of a field."""
        return self._rows[name]

    def add_field(self, name: str) -> None:
        """Vary another field."""
        try:
            design, recipe, _ = self._making()
        except InputError as error:
            self._tell(str(error))
            return
        if any(axis.field.name == name for axis in self.draft.axes):
            return
        field = sweep_field(name)
        made = BuilderRow(self._theme, field.title, field.tip)
        axis = DraftAxis(field, proposed_values(field, design.spec, recipe))
        made.chips.removed.connect(lambda number: self._edit(lambda: axis.values.pop(number)))
        made.chips.chosen.connect(lambda value: self._edit(lambda: axis.add(value)))
        made.chips.typed.connect(lambda text: self._take(made, lambda: axis.take(text)))
        made.cross.clicked.connect(lambda: self.remove_field(name))
        self._rows[name] = made
        self._lines.addWidget(made)
        self._edit(lambda: self.draft.axes.append(axis))

    def remove_field(self, name: str) -> None:
        """Vary a field no more."""
        made = self._rows.pop(name)
        self._lines.removeWidget(made)
        made.deleteLater()
        self.draft.axes = [axis for axis in self.draft.axes if axis.field.name != name]
        self._edit(lambda: None)

    def _take(self, made: BuilderRow, take: Callable[[], object]) -> None:
        try:
            take()
        except InputError as error:
            self._tell(str(error))
            restyle(made.chips.line, invalid="true")
            return
        restyle(made.chips.line, invalid="false")
        made.chips.close_line()
        self._edit(lambda: None)

    def _take_seeds(self, text: str) -> None:
        self._take(self.seeds, lambda: self._replace_seeds(text))

    def _replace_seeds(self, text: str) -> None:
        """Add the seeds that were typed, in the place of those that are being edited."""
        seeds = self.draft.seeds
        edited = [seed for seed in self._edited if seed in seeds]
        kept = [seed for seed in seeds if seed not in edited]
        place = seeds.index(edited[0]) if edited else len(seeds)
        before = [seed for seed in seeds[:place] if seed in kept]
        found = typed_seeds(text, kept)
        self.draft.seeds[:] = [*before, *found, *kept[len(before) :]]
        self._edited = ()

    def _edit_seeds(self, seeds: tuple[int, ...]) -> None:
        self._edited = seeds

    def _remove_seeds(self, number: int) -> None:
        """Leave a seed out; many that have one chip are written into the line, for others in their place."""
        text, seeds = seed_chips(self.draft.seeds)[number]
        if len(seeds) == 1:
            self._edit(lambda: self.draft.seeds.remove(seeds[0]))
            return
        self._edited = seeds
        self.seeds.chips.edit(text)

    def _compare(self) -> None:
        chosen = self.compared.currentData()
        self.draft.baseline = (str(chosen[0]), str(chosen[1])) if chosen else None
        self._edit(lambda: None)

    def _edit(self, change: Callable[[], object]) -> None:
        change()
        known = self.draft.baselines()
        if self.draft.baseline not in known:
            self.draft.baseline = known[0] if known else None
        self._show()
        self.changed.emit()

    # ---- what is shown

    def refuse(self, sentence: str) -> None:
        """Let nothing be queued, and say why; an empty sentence lets it again."""
        self._refusal = sentence
        self._show()

    def show_seconds(self, seconds: float | None) -> None:
        """Say how long it will take; None while nobody knows."""
        self._seconds = seconds
        self._show_time()

    def look(self) -> None:
        """The design or the recipe is another one."""
        self._show()

    def sweep(self) -> Sweep:
        """The sweep as it stands.

        Raises:
            InputError: it cannot be.
        """
        return self.draft.sweep(*self._making())

    def _show(self) -> None:
        draft = self.draft
        for axis in draft.axes:
            left = tuple(each for each in axis.field.choices if each[0] not in axis.values)
            self._rows[axis.field.name].show_values(axis.labels(), left if axis.field.choices else None)
        folded = seed_chips(draft.seeds)
        many = [number for number, (_, seeds) in enumerate(folded) if len(seeds) > 1]
        self.seeds.show_values([text for text, _ in folded], None, many)
        self.seeds.count.setText(f"×{len(draft.seeds):,}")
        used = {axis.field.name for axis in draft.axes}
        self.fields.show_entries((field.title, field.name) for field in sweep_fields() if field.name not in used)
        self.fields.show_key(None)
        self.product.setText(draft.product_words())
        self.product.setToolTip(draft.product_words())
        self.runs.setText(f"{draft.runs:,} run{'s' if draft.runs != 1 else ''}")
        self.queue.setText(f"Queue {draft.runs:,} run{'s' if draft.runs != 1 else ''}")
        entries: list[tuple[str, object]] = [
            (f"{axis_word(name)} {text}, the rest equal", [name, text]) for name, text in draft.baselines()
        ]
        self.compared.show_entries([*entries, ("nothing", None)])
        self.compared.show_key(list(draft.baseline) if draft.baseline else None)
        self._check()
        self._show_time()

    def _show_time(self) -> None:
        seconds = self._seconds
        self.time.setText("" if seconds is None else f"about {short_duration(seconds)}")
        many = self.draft.runs > MANY_RUNS or (seconds or 0.0) > LONG
        restyle(self.runs, role="warn" if many else "title")
        self.runs.setToolTip("More than 200 runs, or than 8 hours" if many else "")

    def _check(self) -> None:
        """Say why it cannot be queued, or what would be left out."""
        try:
            sweep = self.sweep()
            expansion = expanded(sweep) if sweep.combinations <= CHECKED else None
        except InputError as error:
            # An empty form is not wrong yet.
            self._tell(str(error) if self.draft.axes else "")
            self.queue.setEnabled(False)
            return
        self._tell(left_out_words(expansion) or self._refusal, wrong=bool(self._refusal))
        self.queue.setEnabled(not self._refusal)
        if expansion is not None and expansion.left_out:
            count = len(expansion.configurations) * len(sweep.seeds)
            self.queue.setText(f"Queue {count:,} run{'s' if count != 1 else ''}")

    def _tell(self, sentence: str, *, wrong: bool = True) -> None:
        self.problem.setText(sentence)
        self.problem.setToolTip(sentence)
        restyle(self.problem, role="error" if wrong else "small")
        self.problem.setVisible(bool(sentence))

    def _queue(self) -> None:
        try:
            sweep = self.sweep()
            expanded(sweep)
        except InputError as error:
            self._tell(str(error))
            return
        self.queue_requested.emit(sweep)

    # ---- kept

    def take_sweep(self, sweep: Sweep) -> None:
        """Show the fields of a sweep, for another one like it; those that the page does not know are left out."""
        axes = []
        for axis in sweep.axes:
            names = {name for value in axis.values for name in value.settings}
            if len(names) == 1:
                (name,) = names
                axes.append((name, [msgspec.to_builtins(value.settings[name]) for value in axis.values]))
        baseline = next(iter(sweep.baseline.items()), None)
        self.take_fields(SweepFields(tuple(axes), sweep.seeds, baseline))

    def take_fields(self, kept: SweepFields) -> None:
        """Show a form as it was."""
        for name in list(self._rows):
            self.remove_field(name)
        for name, values in kept.axes:
            self.add_field(name)
            for axis in self.draft.axes:
                if axis.field.name == name:
                    # What JSON has as a list is a tuple here, as it is when it is typed.
                    axis.values[:] = [tuple(value) if isinstance(value, list) else value for value in values]
        self.draft.seeds[:] = kept.seeds
        self.draft.baseline = kept.baseline
        self._edit(lambda: None)

    def kept_fields(self) -> SweepFields:
        """The form as it stands."""
        draft = self.draft
        axes = tuple((axis.field.name, list(axis.values)) for axis in draft.axes)
        return SweepFields(axes, tuple(draft.seeds), draft.baseline)


def left_out_words(expansion: Expansion | None) -> str:
    """Which combinations cannot be trained: the first with its reason, and how many more; empty for none."""
    if expansion is None or not expansion.left_out:
        return ""
    first, more = expansion.left_out[0], len(expansion.left_out) - 1
    count = f" ({more} more)" if more else ""
    return f"Left out: {first.name}{count}. {first.reason}"


def short_duration(seconds: float) -> str:
    """A time that is only about right: ``22 min``, ``3 h``."""
    if seconds < 55:
        return duration(seconds)
    if seconds < 3570:
        return f"{max(1, round(seconds / 60))} min"
    return f"{seconds / 3600:.1f} h" if seconds < 36_000 else f"{seconds / 3600:.0f} h"


def compared_title(sweep: Sweep) -> str:
    """What each configuration is compared with: ``shortcut A``; empty for nothing."""
    return ", ".join(f"{axis_word(name)} {text}" for name, text in sweep.baseline.items())
