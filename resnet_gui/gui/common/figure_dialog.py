"""The dialog that saves a figure: what it shows, how wide, on which ground, in which kind of file."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final, NamedTuple

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QScrollArea,
    QSpinBox,
    QWidget,
)

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.gui.common.saving import ask_where_to_save
from resnet_gui.gui.kit.basic import ElidingCombo, button, column, label, row
from resnet_gui.gui.kit.figures.figure import (
    DPI,
    GROUNDS,
    NARROWEST,
    ONE_COLUMN,
    PIXEL,
    TWO_COLUMNS,
    WIDEST,
    FigureDrawing,
    FigureOptions,
    FileForm,
)
from resnet_gui.gui.kit.figures.files import drawn_figure, figure_height, figure_image, largest_dpi
from resnet_gui.gui.kit.figures.preview import FigurePreview
from resnet_gui.gui.kit.form import indent
from resnet_gui.gui.kit.window.thread_work import done_in_thread
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings

FORMS: Final[tuple[tuple[FileForm, str, str], ...]] = (
    ("svg", "SVG", "SVG (*.svg)"), ("pdf", "PDF", "PDF (*.pdf)"), ("png", "PNG", "PNG (*.png)"),
)  # fmt: skip
WIDTHS: Final = (
    (ONE_COLUMN, f"One column, {ONE_COLUMN:g} mm"), (TWO_COLUMNS, f"Two columns, {TWO_COLUMNS:g} mm"), (0.0, "Other"),
)  # fmt: skip
PAGE_HEIGHT: Final = 297.0
"""Millimetres of A4 (ISO 216)."""

MOST_DPI: Final = 1200
NO_MEMORY: Final = "There is not enough memory for such a picture; choose a smaller width or fewer dpi."
LETTERS: Final = (("outlines", "Outlines"), ("text", "Text"))
LETTER_TIPS: Final = {
    "svg": "Outlines look the same everywhere; text can be edited, but is drawn in another font where Inter is missing",
    "pdf": "Text can be searched and copied, and its font is embedded; outlines are shapes alone",
}


class FigureChoice(NamedTuple):
    """A figure that can be saved.

    Attributes:
        title: in the list.
        make: draws up the figure, when it is chosen.
        name: of its file, without the ending.
    """

    title: str
    make: Callable[[], FigureDrawing]
    name: str


class FigureDialog(QDialog):
    """The dialog of what is saved and how; its choices are remembered.

    Attributes:
        figures, width, other, ground, form, letters, dpi: the choices.
        preview: what the file will show.
        sentence: why it could not be written.
        save_button: asks for a place and writes the file.
    """

    def __init__(
        self,
        parent: QWidget,
        session: Session,
        settings: Settings,
        choices: Sequence[FigureChoice],
        form: FileForm | None = None,
    ) -> None:
        """Offer figures, one at least, in a form or in that of last time."""
        super().__init__(parent)
        self._session, self._settings, self._choices = session, settings, list(choices)
        self._options = replace(settings.figure, form=form) if form else settings.figure
        self._made: dict[int, FigureDrawing] = {}
        self.setWindowTitle("Save figure")
        outer = column(self)
        body = row(gap=0)
        self.preview = FigurePreview()
        body.addWidget(self.preview, 1)
        body.addWidget(self._make_side())
        outer.addLayout(body, 1)
        self._show_options()
        self._connect()
        self._changed()
        self.resize(self._fitting_size())

    def _fitting_size(self) -> QSize:
        screen = self.screen().availableSize()
        return QSize(900, 560).boundedTo(QSize(round(0.9 * screen.width()), round(0.9 * screen.height())))

    # ---- construction

    def _make_side(self) -> QWidget:
        side = QFrame()
        side.setObjectName("panel")
        layout = column(side, (20, 18, 20, 16), 12)
        form = self._rows = QFormLayout()
        form.setHorizontalSpacing(12)
        form.setVerticalSpacing(10)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.figures = _combo([(each.title, number) for number, each in enumerate(self._choices)], "Figure")
        self.form = _combo([(title, key) for key, title, _ in FORMS], "File")
        self.width_choice = _combo([(title, width) for width, title in WIDTHS], "Width")
        self.other = QDoubleSpinBox()
        self.other.setRange(NARROWEST, WIDEST)
        self.other.setDecimals(1)
        self.other.setSuffix(" mm")
        indent(self.other)
        self.other.setAccessibleName("Width in millimetres")
        self.ground = _combo([(title, key) for key, title in GROUNDS], "Ground")
        self.letters = _combo([(title, key) for key, title in LETTERS], "Letters")
        self.dpi = QSpinBox()
        self.dpi.setRange(72, MOST_DPI)
        self.dpi.setSuffix(" dpi")
        indent(self.dpi)
        self.dpi.setAccessibleName("Resolution")
        self.dpi.setToolTip(f"Dots an inch; journals ask for {DPI[1]} or {DPI[2]}")
        for words, control in (
            ("Figure", self.figures), ("File", self.form), ("Width", self.width_choice), ("", self.other),
            ("Ground", self.ground), ("Letters", self.letters), ("Resolution", self.dpi),
        ):  # fmt: skip
            name = label(words, "label")
            name.setBuddy(control)
            name.setFixedHeight(control.sizeHint().height())
            form.addRow(name, control)
        form.setRowVisible(self.figures, len(self._choices) > 1)
        layout.addLayout(form)
        self.size_words = label("", "muted12", wrap=True)
        layout.addWidget(self.size_words)
        self.sentence = label("", "warn", wrap=True)
        layout.addWidget(self.sentence)
        layout.addStretch()
        layout.addLayout(self._make_buttons())
        scroll = QScrollArea()
        scroll.setWidget(side)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setFixedWidth(310)
        return scroll

    def _make_buttons(self) -> QHBoxLayout:
        line = row(gap=8)
        self.copy_button = button("Copy picture", "", "Put the figure on the clipboard as a picture")
        self.save_button = button("Save …", "primary")
        self.save_button.setDefault(True)
        close = button("Cancel")
        close.clicked.connect(self.reject)
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self.save)
        line.addWidget(self.copy_button)
        line.addStretch()
        line.addWidget(close)
        line.addWidget(self.save_button)
        return line

    def _connect(self) -> None:
        for choice in (self.figures, self.form, self.width_choice, self.ground, self.letters):
            choice.currentIndexChanged.connect(self._changed)
        for number in (self.other, self.dpi):
            number.valueChanged.connect(self._changed)

    # ---- the choices

    def _show_options(self) -> None:
        options = self._options
        for combo, key in ((self.form, options.form), (self.ground, options.ground)):
            combo.setCurrentIndex(max(0, combo.findData(key)))
        number = self.width_choice.findData(options.width)
        self.width_choice.setCurrentIndex(number if number >= 0 else len(WIDTHS) - 1)
        self.other.setValue(options.width)
        self.dpi.setValue(options.dpi)
        self._show_letters(options.form)

    def _show_letters(self, form: FileForm) -> None:
        """Letters are another choice in an SVG than in a PDF; a PNG has none."""
        key = self._options.pdf_letters if form == "pdf" else self._options.svg_letters
        with QSignalBlocker(self.letters):
            self.letters.setCurrentIndex(self.letters.findData(key))
        self.letters.setToolTip(LETTER_TIPS.get(form, ""))
        self._rows.setRowVisible(self.letters, form != "png")
        self._rows.setRowVisible(self.dpi, form == "png")

    @property
    def options(self) -> FigureOptions:
        """What is chosen."""
        return self._options

    @property
    def figure(self) -> FigureDrawing:
        """The figure that is chosen."""
        number = int(self.figures.currentData())
        if number not in self._made:
            self._made[number] = self._choices[number].make()
        return self._made[number]

    def _changed(self) -> None:
        form: FileForm = self.form.currentData()
        if form != self._options.form:
            self._options = replace(self._options, form=form)
            self._show_letters(form)
        letters = {f"{form}_letters": self.letters.currentData()} if form != "png" else {}
        fixed = float(self.width_choice.currentData())
        self._rows.setRowVisible(self.other, not fixed)
        width = fixed or self.other.value()
        if form == "png":
            with QSignalBlocker(self.dpi):
                self.dpi.setMaximum(max(self.dpi.minimum(), min(MOST_DPI, largest_dpi(self.figure, width))))
        self._options = replace(
            self._options, width=width, ground=self.ground.currentData(), dpi=self.dpi.value(), **letters
        )
        self.sentence.hide()
        self._show_size()
        self.preview.show_figure(self.figure, self._options)

    def _show_size(self) -> None:
        options = self._options
        high = figure_height(self.figure, options.pixels) * PIXEL
        words = f"{options.width:g} × {high:.0f} mm"
        if high > PAGE_HEIGHT:
            words += ", higher than a page of A4" + (": choose two columns" if options.width < TWO_COLUMNS else "")
        if options.form == "png":
            dots = options.dpi / 25.4
            words += f", {round(options.width * dots):,} × {round(high * dots):,} pixels"
        self.size_words.setText(words)

    # ---- what becomes of it

    def save(self) -> None:
        """Ask for a place and write the file; the dialog stays where that cannot be."""
        kind = next(words for key, _, words in FORMS if key == self._options.form)
        choice = self._choices[int(self.figures.currentData())]
        path = ask_where_to_save(self, self._session, self._settings, "Save figure", choice.name, kind)
        if path is not None:
            self.write(path)

    def write(self, path: Path) -> None:
        """Write the file, remember the choices and close."""
        self._hold(on=True)
        try:
            content = drawn_figure(self.figure, self._options)
            done_in_thread(lambda: write_out(path, content()))
        except (InputError, ValueError) as error:
            # A name with a zero byte, or one that no encoding knows, is refused by Python itself.
            self.sentence.setText(str(error) if isinstance(error, InputError) else "The name cannot be written.")
            self.sentence.show()
            return
        finally:
            self._hold(on=False)
        self._settings.figure = self._options
        self._session.say_written(path)
        self.accept()

    def _hold(self, *, on: bool) -> None:
        self.preview.held = on
        self.setEnabled(not on)

    def reject(self) -> None:
        """Close, but not while a file is written: what writes it comes back to the dialog."""
        if self.isEnabled():
            super().reject()

    def copy(self) -> None:
        """Put the figure on the clipboard as a picture, of as many dots as a PNG may have."""
        dpi = max(1, min(self._options.dpi, largest_dpi(self.figure, self._options.width)))
        image = figure_image(self.figure, self._options, dpi / 96)
        if image.isNull():
            self.sentence.setText(NO_MEMORY)
            self.sentence.show()
            return
        QGuiApplication.clipboard().setImage(image)
        fewer = f", at {dpi} dpi: with more it would be too large" if dpi < self._options.dpi else ""
        self._session.say(f"The figure is on the clipboard{fewer}.", "ok")


def _combo(entries: Sequence[tuple[str, object]], name: str) -> QComboBox:
    made: QComboBox = ElidingCombo()
    made.setAccessibleName(name)
    made.setMinimumWidth(150)
    for text, key in entries:
        made.addItem(text, key)
    return made


def offer_figures(
    parent: QWidget,
    session: Session,
    settings: Settings,
    choices: Sequence[FigureChoice],
    form: FileForm | None = None,
) -> FigureDialog | None:
    """Open the dialog over a page; where there is no figure that is said, and there is no dialog."""
    if not choices:
        session.say("There is nothing to draw yet.", "warn")
        return None
    dialog = FigureDialog(parent, session, settings, choices, form)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog
