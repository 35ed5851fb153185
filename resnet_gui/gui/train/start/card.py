"""The card of what of other weights fits the design: taken, new, not used, or why nothing can begin from them."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QLabel, QProgressBar, QWidget

from resnet_gui.gui.kit.basic import ElidedLabel, button, column, label, restyle, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.protocol.start_messages import WeightsFitted

SIGN = 14 + 2 * 8
"""Pixels of a line that its sign and its gaps take."""

SHOWN = 2
"""Names of tensors that are not used which the card says."""


class _FitLine(QWidget):
    """A line of the card: a sign, what, and how much of it."""

    def __init__(self, theme: Theme, icon: str, token: str) -> None:
        super().__init__()
        line = self.line = row(self, gap=8)
        sign = QLabel()
        theme.follow(sign, lambda: sign.setPixmap(theme.pixmap(icon, token, 14)))
        line.addWidget(sign)
        self.what = ElidedLabel("", least=60)
        self.what.setStyleSheet("font-size: 12px; font-weight: 500;")
        self.note = label("", "muted12")
        line.addWidget(self.what, 1)
        line.addWidget(self.note)
        self.setFixedHeight(20)

    def show_texts(self, what: str, note: str) -> None:
        """Show both texts; without the first the line is hidden."""
        self.what.setText(what)
        self.what.setToolTip(f"{what}: {note}" if note else what)
        self.note.setText(note)
        self.setVisible(bool(what))
        self._share()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave the lesser text out where both have no room."""
        super().resizeEvent(event)
        self._share()

    def _share(self) -> None:
        wanted = self.what.sizeHint().width() + self.note.sizeHint().width() + SIGN
        self.note.setVisible(bool(self.note.text()) and wanted <= self.width())


class FitCard(QFrame):
    """The card of what of the chosen weights fits.

    Attributes:
        fits, new, unused: the lines.
        words: what is being done, or why nothing can begin from these weights.
        design: takes the design of the weights.
        fetch: gets weights that are not on this computer.

    Signals:
        tensors_requested: show every tensor.
        design_requested: take the design of the weights.
        download_requested, cancel_requested: of the weights that are not here.
    """

    tensors_requested = Signal()
    design_requested = Signal()
    download_requested = Signal()
    cancel_requested = Signal()

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.setObjectName("fitCard")
        layout = column(self, (12, 7, 12, 8), 0)
        self.fits = _FitLine(theme, "check", "ok")
        self.new = _FitLine(theme, "plus", "acc")
        self.unused = _FitLine(theme, "minus", "t2")
        self.words = label("", "muted12", wrap=True)
        self.bar = QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        for widget in (self.fits, self.new, self.unused, self.words, self.bar):
            layout.addWidget(widget)
        self.all = button("Show all", "link", "Every tensor of the design and of the weights, with its shapes")
        self.design = button("Use the design of the weights", "link", "Replace the design; can be undone")
        self.fetch, self.cancel = button("Download", "link"), button("Cancel", "link")
        self.unused.line.addWidget(self.all)
        line = row(gap=16)
        for made, signal in (
            (self.design, self.design_requested), (self.fetch, self.download_requested),
            (self.cancel, self.cancel_requested),
        ):  # fmt: skip
            made.clicked.connect(signal)
            line.addWidget(made)
        line.addStretch()
        layout.addLayout(line)
        self.all.clicked.connect(self.tensors_requested)
        self.all.setStyleSheet("font-size: 12px;")
        self.clear()

    def clear(self) -> None:
        """There is nothing to say."""
        self._show(())
        self.hide()

    def show_busy(self, sentence: str) -> None:
        """Say what is being done."""
        self._show((self.words,))
        self.words.setText(sentence)

    def show_fitted(self, found: WeightsFitted) -> None:
        """Say what fits, or why nothing does."""
        if found.refused:
            self.show_refusal(found.refused, design=True)
            return
        self._show((self.fits, self.new, self.unused, self.all))
        self.fits.show_texts(f"{found.fit_tensors:,} of {found.tensors:,} tensors fit", _params(found.fit_params))
        self.new.show_texts(f"New: {found.new}" if found.new else "", f"{found.new_params:,}, random")
        unused = [each.source for each in found.table if each.state == "unused"]
        names = ", ".join(unused[:SHOWN]) + (f" and {len(unused) - SHOWN:,} more" if len(unused) > SHOWN else "")
        self.unused.show_texts(f"Not used: {names} of the file" if unused else "Everything of the file is used", "")
        self.setToolTip("\n".join(found.sentences))

    def show_refusal(self, sentence: str, *, design: bool) -> None:
        """Say why nothing can begin from these weights; ``design`` says whether theirs is known."""
        self._show((self.words, *((self.design,) if design else ())), wrong=True)
        self.words.setText(sentence)

    def show_missing(self, sentence: str, done: int, total: int, *, downloading: bool) -> None:
        """Say that weights are not on this computer, and how far they are being fetched."""
        self._show((self.words, *((self.bar, self.cancel) if downloading else (self.fetch,))))
        self.words.setText(sentence)
        self.bar.setValue(round(1000 * done / total) if total else 0)

    def _show(self, parts: tuple[QWidget, ...], *, wrong: bool = False) -> None:
        for widget in (
            self.fits, self.new, self.unused, self.words, self.bar, self.all, self.design, self.fetch, self.cancel
        ):  # fmt: skip
            widget.setVisible(widget in parts)
        restyle(self, wrong="true" if wrong else "false")
        self.setToolTip("")
        self.setVisible(True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)


def _params(count: int) -> str:
    return f"{count:,} parameters"
