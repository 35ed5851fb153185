"""Blocks and widths of each stage: two rows of small spin boxes under the stages' names."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QSpinBox,
    QWidget,
)

from resnet_gui.design.location import Location
from resnet_gui.gui.common.section_hues import stage_token
from resnet_gui.gui.common.spec_form.table import FIELDS
from resnet_gui.gui.kit.basic import label, restyle
from resnet_gui.gui.kit.form import SMALL_INDENT, indent, prepare, put_number
from resnet_gui.gui.kit.theme import Theme

PER_ROW = 4


def small_spin(top: int, name: str, tip: str) -> QSpinBox:
    """A narrow spin box that tells its value when it is whole; 0 can be typed, so that it can be refused in words."""
    spin = QSpinBox()
    spin.setRange(0, top)
    spin.setProperty("small", "true")
    spin.setKeyboardTracking(False)
    prepare(spin, name, tip)
    indent(spin, SMALL_INDENT)
    return spin


class StageTable(QWidget):
    """The table of the stages: two spin boxes for each, its blocks and its width.

    Signals:
        changed: field ("blocks" or "widths"), stage counted from 0, and the whole new tuple.
    """

    changed = Signal(str, int, object)

    def __init__(self, theme: Theme, stages: QSpinBox) -> None:
        """``stages`` sets their number; it stands before their names."""
        super().__init__()
        self._theme, self._stages = theme, stages
        stages.setMaximumWidth(38)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(4)
        self._grid.setVerticalSpacing(5)
        self._spins: dict[str, list[QSpinBox]] = {"blocks": [], "widths": []}
        self._bars: list[QFrame] = []
        self._columns: list[tuple[QWidget, ...]] = []
        self._shown = 0
        self._grid.addWidget(label("Stages", "small"), 0, 0)
        self._grid.addWidget(stages, 1, 0, Qt.AlignmentFlag.AlignLeft)
        for place in range(1, PER_ROW + 1):
            self._grid.setColumnStretch(place, 1)
        self._grid.setColumnMinimumWidth(0, 46)
        theme.changed.connect(self._paint_bars)

    @property
    def made(self) -> int:
        """So many stages have their fields; those of a design that has fewer are hidden."""
        return len(self._columns)

    def spins(self, field: str) -> list[QSpinBox]:
        """The spin boxes of a field, one a stage."""
        return self._spins[field][: self._shown]

    def show_stages(self, blocks: tuple[int, ...], widths: tuple[int, ...], keep: set[str]) -> None:
        """Show the numbers; fields in ``keep`` hold a refused value that must not be overwritten."""
        self._show_columns(len(blocks))
        for field, values in (("blocks", blocks), ("widths", widths)):
            if field in keep:
                continue
            for spin, value in zip(self.spins(field), values, strict=True):
                put_number(spin, value)
                restyle(spin, invalid="false")

    def mark(self, field: str, stage: int | None) -> None:
        """Mark the field of a stage as wrong, or of every stage."""
        for number, spin in enumerate(self.spins(field)):
            restyle(spin, invalid="true" if stage is None or number == stage else "false")

    def _show_columns(self, stages: int) -> None:
        """Show the fields of so many stages; to make and style them takes longer than all else of an edit."""
        if stages > self.made:
            for stage in range(self.made, stages):
                self._columns.append(self._make_column(stage))
            self._paint_bars()
            for before, after in pairwise(self._order()):
                QWidget.setTabOrder(before, after)
        for stage in range(min(stages, self._shown), max(stages, self._shown)):
            for part in self._columns[stage]:
                part.setVisible(stage < stages)
        self._shown = stages

    def _make_column(self, stage: int) -> tuple[QWidget, ...]:
        """The bar, the name and the two fields of a stage, and the fields' titles before the first of a line."""
        base, place = 4 * (stage // PER_ROW), stage % PER_ROW + 1
        bar = QFrame()
        bar.setFixedHeight(3)
        bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._bars.append(bar)
        self._grid.addWidget(bar, base, place, Qt.AlignmentFlag.AlignBottom)
        name = label(Location(stage).paper_name, "small")
        self._grid.addWidget(name, base + 1, place)
        parts: list[QWidget] = [bar, name]
        for line, field in enumerate(self._spins, start=2):
            row = FIELDS[field]
            spin = small_spin(int(row.high), f"{field} of stage {stage + 1}", row.tip)
            spin.valueChanged.connect(lambda _, field=field, stage=stage: self._tell(field, stage))
            self._spins[field].append(spin)
            self._grid.addWidget(spin, base + line, place)
            parts.append(spin)
            if place == 1:
                title = label(row.title, "small")
                self._grid.addWidget(title, base + line, 0)
                parts.append(title)
        return tuple(parts)

    def _order(self) -> list[QSpinBox]:
        return [self._stages, *self._spins["blocks"], *self._spins["widths"]]

    def _tell(self, field: str, stage: int) -> None:
        self.changed.emit(field, stage, tuple(spin.value() for spin in self.spins(field)))

    def _paint_bars(self) -> None:
        for stage, bar in enumerate(self._bars):
            bar.setStyleSheet(f"background: {self._theme.hex(stage_token(stage))}; border-radius: 1px;")
