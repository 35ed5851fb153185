"""Exclusive choices side by side."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFontMetrics, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from resnet_gui.gui.kit.controls.unseen import UnseenButton
from resnet_gui.gui.kit.theme import Theme, font


class SegmentedControl(QWidget):
    """Exclusive choices side by side, each with an optional second line.

    Signals:
        chosen: the key of the segment that the user chose.
        kept: the key of the chosen segment, which the user chose once more.
    """

    chosen = Signal(str)
    kept = Signal(str)

    def __init__(
        self, theme: Theme, options: Sequence[tuple[str, str, str]], *, height: int = 0, fitted: bool = False
    ) -> None:
        """Make a choice among ``options``: key, title, second line (may be empty).

        ``fitted`` segments are as wide as their words, others are all of one width.
        """
        super().__init__()
        self._theme, self._fitted = theme, fitted
        self._options = list(options)
        self._key = options[0][0] if options else ""
        self._hover = -1
        self._blocked: set[str] = set()
        tall = any(option[2] for option in options)
        self.setFixedHeight(height or (42 if tall else 28))
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(
            QSizePolicy.Policy.Maximum if fitted else QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed
        )
        theme.changed.connect(self.update)
        self._buttons: list[UnseenButton] = []
        self._make_buttons()

    def _make_buttons(self) -> None:
        """A button for each segment; the chosen one, else the first that can be chosen, takes the focus."""
        had = self.hasFocus()
        for old in self._buttons:
            old.setParent(None)
            old.deleteLater()
        self._buttons = [
            UnseenButton(self, f"{title} {second}".strip(), partial(self._press, key), radio=True)
            for key, title, second in self._options
        ]
        self.setAccessibleName(self.accessibleName())
        self._show_chosen()
        self._place_buttons()
        if had:
            self.setFocus()

    def _show_chosen(self) -> None:
        keys = [key for key, *_ in self._options]
        able = [key for key in keys if key not in self._blocked]
        holder = self._key if self._key in keys else (able or keys or [""])[0]
        for key, made in zip(keys, self._buttons, strict=True):
            # None of them may be the choice, which exclusive buttons would not allow.
            made.setAutoExclusive(False)
            made.setChecked(key == self._key)
            made.setAutoExclusive(True)
            made.setEnabled(key not in self._blocked)
            made.setFocusPolicy(Qt.FocusPolicy.TabFocus if key == holder else Qt.FocusPolicy.NoFocus)
            if key == holder:
                self.setFocusProxy(made)

    def _place_buttons(self) -> None:
        for number, made in enumerate(self._buttons):
            made.setGeometry(self._segment(number).toRect())
            made.show()

    def _press(self, key: str) -> None:
        self._choose([known for known, *_ in self._options].index(key))
        self._show_chosen()

    def setAccessibleName(self, name: str) -> None:  # noqa: N802
        """Say what is chosen here; each segment is read with it."""
        super().setAccessibleName(name)
        for made in self._buttons:
            made.setAccessibleDescription(name)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """The buttons lie where the segments are."""
        super().resizeEvent(event)
        self._place_buttons()

    @property
    def key(self) -> str:
        """The key of the chosen segment."""
        return self._key

    def set_key(self, key: str) -> None:
        """Show a choice without telling anybody."""
        if key == self._key and self.accessibleDescription():
            return
        self._key = key
        self.setAccessibleDescription(next((title for known, title, _ in self._options if known == key), ""))
        self._show_chosen()
        self.update()

    def set_options(self, options: Sequence[tuple[str, str, str]], blocked: set[str]) -> None:
        """Replace the segments; those of the ``blocked`` keys can be seen but not chosen."""
        self._options, self._blocked = list(options), blocked
        self._make_buttons()
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:
        """Wide enough for every text."""
        widths = self._widths()
        return QSize(sum(widths) if self._fitted else max(widths, default=18) * len(widths), self.height())

    def minimumSizeHint(self) -> QSize:
        """Fitted segments shrink to two thirds of their words, which then end in an ellipsis."""
        return QSize(self.sizeHint().width() * 2 // 3, self.height()) if self._fitted else super().minimumSizeHint()

    def cut_words(self) -> int:
        """1 where fitted segments have less room than their words need, else 0."""
        return int(self._fitted and self.width() < self.sizeHint().width())

    def _widths(self) -> list[int]:
        metrics = QFontMetrics(font(12, 600)) if self._fitted else self.fontMetrics()
        room = 16 if self._fitted else 18
        return [max(map(metrics.horizontalAdvance, texts), default=0) + room for _, *texts in self._options]

    def _fitted_widths(self) -> list[float]:
        """The segments' widths in the room that there is."""
        widths = self._widths()
        share = min(1.0, self.width() / max(1, sum(widths)))
        return [share * width for width in widths]

    def _segment(self, index: int) -> QRectF:
        if self._fitted:
            widths = self._fitted_widths()
            return QRectF(sum(widths[:index]), 0, widths[index], self.height())
        width = self.width() / max(len(self._options), 1)
        return QRectF(index * width, 0, width, self.height())

    def _at(self, x: float) -> int:
        inside = (index for index in range(len(self._options)) if x < self._segment(index).right())
        return next(inside, len(self._options) - 1)

    def _choose(self, index: int) -> None:
        key = self._options[index][0]
        if key in self._blocked:
            return
        if key == self._key:
            self.kept.emit(key)
            return
        focused = self.hasFocus()
        self.set_key(key)
        if focused:
            self.setFocus()
        self.chosen.emit(key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Light the segment under the pointer."""
        self._hover = self._at(event.position().x())
        self.update()

    def leaveEvent(self, event: object) -> None:
        """Nothing is under the pointer."""
        self._hover = -1
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Choose the segment under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._choose(self._at(event.position().x()))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Left and right choose the neighbour."""
        step = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}.get(Qt.Key(event.key()))
        if step is None:
            super().keyPressEvent(event)
            return
        keys = [key for key, *_ in self._options if key not in self._blocked]
        if self._key not in keys and keys:
            # The present choice is none of these: Right takes the first, Left the last.
            self._choose([key for key, *_ in self._options].index(keys[0 if step > 0 else -1]))
        elif self._key in keys and 0 <= keys.index(self._key) + step < len(keys):
            wanted = keys[keys.index(self._key) + step]
            self._choose([key for key, *_ in self._options].index(wanted))

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw frame, separators, the chosen segment over the frame, and the texts."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        color = self._theme.color
        radius = 6 if self.height() >= 28 else 5
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(QPen(color("ctl" if self.isEnabled() else "line"), 1))
        painter.setBrush(color("raise"))
        painter.drawRoundedRect(whole, radius, radius)
        for index in range(1, len(self._options)):
            x = round(self._segment(index).left()) + 0.5
            painter.setPen(QPen(color("line2"), 1))
            painter.drawLine(QPointF(x, 1), QPointF(x, self.height() - 1))
        for index, (key, title, second) in enumerate(self._options):
            box = self._segment(index)
            chosen, blocked = key == self._key, key in self._blocked or not self.isEnabled()
            if chosen or (index == self._hover and not blocked):
                painter.setPen(QPen(color("acc"), 1) if chosen else QPen(Qt.PenStyle.NoPen))
                painter.setBrush(color("accsoft" if chosen else "hover"))
                inset = 0.5 if chosen else 1.5
                painter.drawRoundedRect(box.adjusted(inset, inset, -inset, -inset), radius - 1, radius - 1)
            ink = color("dis") if blocked else color("t1" if chosen else "t2")
            self._write(painter, box, (title, second), ink, bold=chosen or bool(second))
        if self.hasFocus():
            painter.setPen(QPen(color("acc"), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(whole.adjusted(0.5, 0.5, -0.5, -0.5), radius, radius)

    def _write(self, painter: QPainter, box: QRectF, texts: tuple[str, str], ink: QColor, *, bold: bool) -> None:
        title, second = texts
        painter.setPen(ink)
        painter.setFont(font(13 if second else 12, 600 if bold else 500))
        if not second:
            shown = title
            if self._fitted:
                room = int(box.width()) - 6
                shown = painter.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, room)
            painter.drawText(box, Qt.AlignmentFlag.AlignCenter, shown)
            return
        middle = box.center().y()
        top, bottom = QRectF(box), QRectF(box)
        top.setBottom(middle + 1)
        bottom.setTop(middle + 1)
        painter.drawText(top, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignBottom, title)
        painter.setFont(font(11))
        painter.setPen(self._theme.color("dis") if not self.isEnabled() else self._theme.color("t2"))
        painter.drawText(bottom, Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignTop, second)
