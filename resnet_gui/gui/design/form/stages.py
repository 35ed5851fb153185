"""Blocks and widths of each stage: two rows of small spin boxes under the stages' names."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QLayoutItem,
    QSpinBox,
    QWidget,
)

from resnet_gui.design.location import Location
from resnet_gui.gui.common.section_hues import stage_token
from resnet_gui.gui.common.spec_form.table import FIELDS
from resnet_gui.gui.kit.basic import label, restyle
from resnet_gui.gui.kit.form import indent, prepare, put_number
from resnet_gui.gui.kit.theme import Theme

PER_ROW = 4


def small_spin(top: int, name: str, tip: str) -> QSpinBox:
    """A narrow spin box that tells its value when it is whole; 0 can be typed, so that it can be refused in words."""
    spin = QSpinBox()
    spin.setRange(0, top)
    spin.setProperty("small", "true")
    spin.setKeyboardTracking(False)
    prepare(spin, name, tip)
    indent(spin, 3)
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
        theme.changed.connect(self._paint_bars)

    def spins(self, field: str) -> list[QSpinBox]:
        """The spin boxes of a field, one a stage."""
        return self._spins[field]

    def show_stages(self, blocks: tuple[int, ...], widths: tuple[int, ...], keep: set[str]) -> None:
        """Show the numbers; fields in ``keep`` hold a refused value that must not be overwritten."""
        if len(blocks) != len(self._spins["blocks"]):
            self._rebuild(len(blocks))
        for field, values in (("blocks", blocks), ("widths", widths)):
            if field in keep:
                continue
            for spin, value in zip(self._spins[field], values, strict=True):
                put_number(spin, value)
                restyle(spin, invalid="false")

    def mark(self, field: str, stage: int | None) -> None:
        """Mark the field of a stage as wrong, or of every stage."""
        for number, spin in enumerate(self._spins[field]):
            restyle(spin, invalid="true" if stage is None or number == stage else "false")

    def _rebuild(self, stages: int) -> None:
        while self._grid.count():
            item: QLayoutItem | None = self._grid.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None and widget is not self._stages:
                widget.hide()
                widget.deleteLater()
        self._spins = {"blocks": [], "widths": []}
        self._bars = []
        self._grid.addWidget(label("Stages", "small"), 0, 0)
        self._grid.addWidget(self._stages, 1, 0, Qt.AlignmentFlag.AlignLeft)
        for stage in range(stages):
            base, place = 4 * (stage // PER_ROW), stage % PER_ROW + 1
            bar = QFrame()
            bar.setFixedHeight(3)
            bar.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
            self._bars.append(bar)
            self._grid.addWidget(bar, base, place, Qt.AlignmentFlag.AlignBottom)
            self._grid.addWidget(label(Location(stage).paper_name, "small"), base + 1, place)
            for line, field in enumerate(self._spins, start=2):
                row = FIELDS[field]
                spin = small_spin(int(row.high), f"{field} of stage {stage + 1}", row.tip)
                spin.valueChanged.connect(lambda _, field=field, stage=stage: self._tell(field, stage))
                self._spins[field].append(spin)
                self._grid.addWidget(spin, base + line, place)
                if place == 1:
                    self._grid.addWidget(label(row.title, "small"), base + line, 0)
        for place in range(1, PER_ROW + 1):
            self._grid.setColumnStretch(place, 1)
        self._grid.setColumnMinimumWidth(0, 46)
        self._paint_bars()
        for before, after in zip(self._order(), self._order()[1:], strict=False):
            QWidget.setTabOrder(before, after)

    def _order(self) -> list[QSpinBox]:
        return [self._stages, *self._spins["blocks"], *self._spins["widths"]]

    def _tell(self, field: str, stage: int) -> None:
        self.changed.emit(field, stage, tuple(spin.value() for spin in self._spins[field]))

    def _paint_bars(self) -> None:
        for stage, bar in enumerate(self._bars):
            bar.setStyleSheet(f"background: {self._theme.hex(stage_token(stage))}; border-radius: 1px;")
