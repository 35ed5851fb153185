"""The design form: every choice of a spec with its explanation; says what was edited and shows what was refused."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QLineEdit,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from resnet_gui.design.applies import applies
from resnet_gui.design.bounds import MAX_STAGES, MAX_WIDTH
from resnet_gui.design.choices import BLOCKS, SHORTCUTS, STEMS
from resnet_gui.design.depth import change_block
from resnet_gui.design.nearest import resemblance
from resnet_gui.design.presets import Preset
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.words import extras
from resnet_gui.gui.common.spec_form.field_error import FieldError, Repair
from resnet_gui.gui.common.spec_form.fields import FieldSet, SpecField
from resnet_gui.gui.common.spec_form.table import ADVANCED, FIELDS, GROUPS, ORDER
from resnet_gui.gui.design.form.depth import DepthChoice
from resnet_gui.gui.design.form.paper_badge import PaperBadge
from resnet_gui.gui.design.form.parts import FormFooter, ShapeField
from resnet_gui.gui.design.form.stages import StageTable, small_spin
from resnet_gui.gui.kit.basic import column, focusable, label, panel, restyle, row, scrolled
from resnet_gui.gui.kit.collapsible import Collapsible
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.form import indent, prepare, put_number, titled
from resnet_gui.gui.kit.theme import Theme


class SpecForm(QFrame):
    """The form of a design: a control for every choice of its spec.

    Signals:
        edited: the step's name for the undo menu, and the changed fields of the spec.
        reverted: what was typed into a field is its value again, or no value at all.
        depth_entered: a depth was chosen or typed.
        reset_requested: go back to the preset.
        train_requested: train this design.
        repair_chosen: the Repair of a refused edit that the user took.
    """

    edited = Signal(str, object)
    reverted = Signal(str)
    depth_entered = Signal(int)
    reset_requested = Signal()
    train_requested = Signal()
    repair_chosen = Signal(object)

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme = theme
        self.setObjectName("rightLine")
        self.setFixedWidth(280)
        self._errors: dict[str, FieldError] = {}
        self._sets: list[FieldSet] = []
        self._tabs: list[QWidget] = []
        self._spec: ResNetSpec | None = None
        self._built: object = None
        outer = column(self)
        outer.setContentsMargins(0, 0, 1, 0)
        body = panel()
        self._column = column(body, (16, 4, 16, 1), 4)
        self._scroll = scrolled(body)
        outer.addWidget(self._scroll)
        self._add_badge()
        self._add_heading("Shape")
        self._add_block()
        self.order = self._add_set(ORDER)
        self._add_depth()
        self._add_stages()
        self.groups = self._add_set(GROUPS)
        self._add_heading("Shortcut")
        self._add_shortcut()
        self._add_heading("Input")
        self._add_stem()
        self._add_input()
        self.advanced = self._add_set(ADVANCED)
        self.advanced.hide()
        self._column.addStretch()
        self.advanced_part = Collapsible(theme, self.advanced, self._scroll)
        outer.addWidget(self.advanced_part)
        footer = FormFooter(theme)
        self.reset, self.train = footer.reset, footer.train
        self.reset.clicked.connect(self.reset_requested)
        self.train.clicked.connect(self.train_requested)
        outer.addWidget(footer)

    # ---- construction

    def _title(self, text: str, buddy: QWidget, right: QWidget | None = None) -> None:
        line = row(gap=6)
        line.addWidget(titled(text, buddy))
        line.addStretch()
        if right is not None:
            line.addWidget(right)
        self._column.addLayout(line)

    def _error(self, *fields: str) -> None:
        """A place for the sentences of some fields, and the gap to what follows."""
        for field in fields:
            made = FieldError()
            made.repair_chosen.connect(self.repair_chosen)
            self._errors[field] = made
            self._column.addWidget(made)
        self._column.addSpacing(4)

    def _add_heading(self, text: str) -> None:
        """The head of a group of choices."""
        line, rule = row(gap=8), panel("divider")
        line.addWidget(label(text, "groupHeading"))
        rule.setFixedHeight(1)
        line.addWidget(rule, 1)
        self._column.addLayout(line)

    def _add_badge(self) -> None:
        self.badge = PaperBadge(self._theme)
        line = row(gap=6)
        line.addWidget(label("Origin", "label"))
        line.addStretch()
        line.addWidget(self.badge.badge)
        self._column.addLayout(line)
        self._column.addWidget(self.badge)
        self._error("preset")

    def _add_block(self) -> None:
        self.block = SegmentedControl(self._theme, [(key, choice.option_text, "") for key, choice in BLOCKS.items()])
        self.block.setToolTip(FIELDS["block"].tip)
        self.block.chosen.connect(self._tell_block)
        self.block.kept.connect(lambda _key: self._settle("block"))
        self._title(FIELDS["block"].title, self.block)
        self._column.addWidget(self.block)
        self._error("block")

    def _add_depth(self) -> None:
        self.depths = DepthChoice()
        self.depths.entered.connect(self.depth_entered)
        self.depths.invalid.connect(lambda sentence: self.show_error("depth", sentence))
        self.depths.valid.connect(lambda: self._clear("depth", self._errors["depth"]))
        self._title("Depth", self.depths.field, self.depths.arithmetic)
        self._column.addWidget(self.depths)
        self._error("depth")

    @property
    def depth_field(self) -> QLineEdit:
        """Where a depth is typed."""
        return self.depths.field

    def _add_stages(self) -> None:
        self.stages = small_spin(
            MAX_STAGES,
            "Stages",
            "Groups of blocks of one width; each but the first halves the map (He et al. 2015, section 3.3)",
        )
        self.stages.valueChanged.connect(self._tell_stages)
        self.grid = StageTable(self._theme, self.stages)
        self.grid.changed.connect(self._tell_grid)
        self._column.addWidget(self.grid)
        self._error("blocks", "widths", "stages")

    def _add_set(self, lines: Sequence[Sequence[SpecField]]) -> FieldSet:
        """Fields that are made from a table."""
        made = FieldSet(self._theme, lines)
        made.edited.connect(self.edited)
        made.reverted.connect(self.reverted)
        made.repair_chosen.connect(self.repair_chosen)
        self._sets.append(made)
        self._column.addWidget(made)
        return made

    def _add_shortcut(self) -> None:
        options = [(choice.key, choice.option_text, choice.pill) for choice in SHORTCUTS.values()]
        self.shortcut = SegmentedControl(self._theme, options)
        self.shortcut.setToolTip(FIELDS["shortcut"].tip)
        self.shortcut.chosen.connect(lambda key: self.edited.emit("change shortcut", {"shortcut": key}))
        self.shortcut.kept.connect(lambda _key: self._settle("shortcut"))
        self.shortcut.setAccessibleName(FIELDS["shortcut"].title)
        self._column.addWidget(self.shortcut)
        self._shortcut_line = label("", "caption", wrap=True)
        self._column.addWidget(self._shortcut_line)
        self._error("shortcut")

    def _add_stem(self) -> None:
        options = [(choice.key, *choice.pill) for choice in STEMS.values() if choice.pill is not None]
        self.stem = SegmentedControl(self._theme, options)
        self.stem.setToolTip(FIELDS["stem"].tip)
        self.stem.chosen.connect(lambda key: self.edited.emit("change stem", {"stem": key}))
        self.stem.kept.connect(lambda _key: self._settle("stem"))
        self._title(FIELDS["stem"].title, self.stem)
        self._column.addWidget(self.stem)
        self._error("stem")

    def _add_input(self) -> None:
        line = row(gap=8)
        left, right = QVBoxLayout(), QVBoxLayout()
        for side in (left, right):
            side.setSpacing(4)
        self.input = ShapeField()
        self.input.changed.connect(lambda picture: self.edited.emit("change input", {"input": picture}))
        self.input.invalid.connect(lambda sentence: self.show_error("input", sentence))
        self.input.reverted.connect(lambda: self.reverted.emit("input"))
        self.input.valid.connect(lambda: self._clear("input", self._errors["input"]))
        left.addWidget(titled(FIELDS["input"].title, self.input))
        left.addWidget(self.input)
        self.classes = QSpinBox()
        classes = FIELDS["classes"]
        self.classes.setRange(0, int(classes.high))
        self.classes.setKeyboardTracking(False)
        indent(self.classes)
        prepare(self.classes, classes.title, classes.tip)
        self.classes.setMinimumWidth(60)
        self.classes.valueChanged.connect(lambda value: self.edited.emit("change classes", {"classes": value}))
        right.addWidget(titled(classes.title, self.classes))
        right.addWidget(self.classes)
        line.addLayout(left, 9)
        line.addLayout(right, 5)
        self._column.addLayout(line)
        self._error("input", "classes")

    # ---- showing

    def show_spec(self, spec: ResNetSpec, preset: Preset, keep: set[str]) -> None:
        """Show a design; fields in ``keep`` hold a refused value and stay as they are, with their sentence."""
        self._spec = spec
        for field, place in self._errors.items():
            if field not in keep:
                self._clear(field, place)
        self.badge.show_design(resemblance(spec), preset, unchanged=spec == preset.spec)
        self.block.set_key(spec.block)
        self.shortcut.set_key(spec.shortcut)
        self._shortcut_line.setText(SHORTCUTS[spec.shortcut].help)
        self.stem.set_key(spec.stem)
        self.depths.show_spec(spec)
        self.grid.show_stages(spec.blocks, spec.widths, keep)
        for spin, value, field in ((self.stages, len(spec.blocks), "stages"), (self.classes, spec.classes, "classes")):
            if field not in keep:
                put_number(spin, value)
        self.classes.setEnabled(applies(spec, "classes"))
        if "input" not in keep:
            self.input.show_shape(spec.input)
        self.reset.setEnabled(spec != preset.spec)
        for fields in self._sets:
            fields.show_spec(spec, keep)
        built = self.grid.made, self.depths.made
        if built != self._built:
            self._built = built
            self._order_tabs()
        changed = len(list(extras(spec)))
        self.advanced_part.note.setText(f"{changed} unusual" if changed else "stem, norm, init, head")

    @property
    def advanced_open(self) -> bool:
        """Whether the advanced part is unfolded."""
        return self.advanced_part.button.isChecked()

    def open_advanced(self, *, on: bool) -> None:
        """Unfold the advanced part, or fold it away."""
        self.advanced_part.button.setChecked(on)

    def _order_tabs(self) -> None:
        """Let Tab go through the form as it stands; chips and stage fields that are made later would come last."""
        order = [*focusable(self._column), self.advanced_part.button, self.reset, self.train]
        if order != self._tabs:
            self._tabs = order
            for before, after in pairwise(order):
                QWidget.setTabOrder(before, after)

    def show_error(self, field: str, message: str, stage: int | None = None, repairs: Sequence[Repair] = ()) -> None:
        """Mark a field as wrong, say why below it and what would make it fit, and bring that into view."""
        place = self._errors.get(field)
        for fields in self._sets:
            if field in fields.names():
                # The stem stands here twice; the sentence goes to both, and the one beside the edit comes into view.
                fields.show_error(field, message, repairs)
                if fields is self.advanced and place is None:
                    self.open_advanced(on=True)
                if place is None or fields.isAncestorOf(QApplication.focusWidget() or self):
                    self._reveal(fields.errors[field])
                    place = place or fields.errors[field]
        if place is None:
            place = self._errors["preset"]
        place.show_sentence(message, repairs)
        if field in {"blocks", "widths"}:
            self.grid.mark(field, stage)
        self._mark(field, invalid=True)
        if not self.advanced.isAncestorOf(QApplication.focusWidget() or self):
            self._reveal(place)

    def _reveal(self, place: QWidget) -> None:
        # After the layout has made room for the sentence.
        QTimer.singleShot(0, place, lambda: self._scroll.ensureWidgetVisible(place, 0, 8))

    def _mark(self, field: str, *, invalid: bool) -> None:
        typed = {"depth": self.depth_field, "input": self.input, "classes": self.classes, "stages": self.stages}
        if field in typed:
            restyle(typed[field], invalid="true" if invalid else "false")

    def error_text(self, field: str) -> str:
        """The sentence that stands below a field; empty if there is none."""
        place = self._errors.get(field) or next(made.errors[field] for made in self._sets if field in made.names())
        return place.text()

    def _settle(self, field: str) -> None:
        """The choice that the design has was made once more: what was refused there is taken back."""
        self.reverted.emit(field)
        self._clear(field, self._errors[field])

    def _clear(self, field: str, place: FieldError) -> None:
        place.hide()
        self._mark(field, invalid=False)

    # ---- telling

    def _tell_block(self, key: str) -> None:
        if self._spec is not None:
            self.edited.emit("change block", change_block(self._spec, key))

    def _tell_stages(self, count: int) -> None:
        if self._spec is None:
            return
        blocks, widths = self._spec.blocks[:count], self._spec.widths[:count]
        while len(blocks) < count:
            blocks, widths = (*blocks, blocks[-1]), (*widths, min(widths[-1] * 2, MAX_WIDTH))
        changes: dict[str, object] = {"blocks": blocks, "widths": widths}
        if self._spec.strides is not None:
            changes["strides"] = (*self._spec.strides, *(2,) * count)[:count]
        self.edited.emit("change stages", changes)

    def _tell_grid(self, field: str, stage: int, values: tuple[int, ...]) -> None:
        self.edited.emit(f"change {field} of stage {stage + 1}", {field: values})
