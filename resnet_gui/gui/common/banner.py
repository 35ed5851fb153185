"""A sentence across a page, with one thing to do about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QPainter, QPaintEvent, QTextLayout
from PySide6.QtWidgets import QFrame

from resnet_gui.gui.kit.basic import ElidedLabel, button, label, restyle, row
from resnet_gui.gui.kit.theme import Theme


class BannerText(ElidedLabel):
    """A sentence in one line, or in two where one has too little room; what then is left ends in an ellipsis."""

    def lines(self) -> tuple[str, ...]:
        """The sentence as it is seen."""
        layout = QTextLayout(self.text(), self.font())
        layout.beginLayout()
        line = layout.createLine()
        line.setLineWidth(self.width())
        layout.endLayout()
        first, rest = self.text()[: line.textLength()], self.text()[line.textLength() :]
        if not rest:
            return (first,)
        return first.rstrip(), self.fontMetrics().elidedText(rest, Qt.TextElideMode.ElideRight, self.width())

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the lines, closer than usual so that two have room."""
        lines = self.lines()
        if len(lines) == 1:
            super().paintEvent(event)
            return
        painter, high = QPainter(self), self.fontMetrics().height()
        painter.setPen(self.palette().color(self.foregroundRole()))
        top = (self.height() - len(lines) * high) // 2
        for number, line in enumerate(lines):
            painter.drawText(0, top + number * high + self.fontMetrics().ascent(), line)


class Banner(QFrame):
    """A sentence across the page that stays until it is closed, with one thing to do about it.

    Attributes:
        work: what the button beside the sentence does; None for none.
        second: another button, hidden unless something else is offered too.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("banner")
        self.setFixedHeight(40)
        self.work: Callable[[], object] | None = None
        line = row(self, (16, 0, 8, 0))
        sign = label()
        theme.follow(sign, lambda: sign.setPixmap(theme.pixmap("alert", "err", 16)))
        line.addWidget(sign)
        self.text = BannerText("", least=80)
        line.addWidget(self.text, 1)
        self.action = button("", "small")
        self.action.clicked.connect(self._do)
        line.addWidget(self.action)
        self.second = button("", "small")
        self._second_work: Callable[[], object] | None = None
        self.second.clicked.connect(self._do_second)
        line.addWidget(self.second)
        close = button("Close", "small")
        close.clicked.connect(self.hide)
        line.addWidget(close)
        self.hide()

    def show_sentence(
        self, sentence: str, action: str = "", work: Callable[[], object] | None = None, *, level: str = "err"
    ) -> None:
        """Show a sentence; ``action`` is the text of the button that does ``work``, empty for none."""
        self.work = work
        self.text.setText(sentence)
        self.text.setToolTip(sentence)
        self.action.setText(action)
        self.action.setVisible(bool(action))
        self.offer()
        restyle(self, level=level)
        self.show()

    def offer(self, action: str = "", work: Callable[[], object] | None = None) -> None:
        """Offer a second thing to do about the sentence that is shown; without an ``action`` none."""
        self._second_work = work
        self.second.setText(action)
        self.second.setVisible(bool(action))

    def show_warning(self, sentence: str) -> None:
        """Show a sentence that warns, with nothing to do about it."""
        self.show_sentence(sentence, level="warn")

    def show_problems(self, sentences: Sequence[str]) -> None:
        """Show the first of several sentences, with a count; all are in the tooltip. Without any it goes."""
        self.setVisible(bool(sentences))
        if sentences:
            more = f" ({len(sentences) - 1} more: see the tooltip)" if len(sentences) > 1 else ""
            self.show_warning(f"{sentences[0]}{more}")
            self.text.setToolTip("\n".join(sentences))

    def _do_second(self) -> None:
        self.hide()
        if self._second_work is not None:
            self._second_work()

    def _do(self) -> None:
        self.hide()
        if self.work is not None:
            self.work()
