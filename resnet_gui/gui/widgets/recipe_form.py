"""The recipe form: how the present design is trained."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDoubleSpinBox,
    QFileDialog,
    QFrame,
    QGridLayout,
    QLabel,
    QLineEdit,
    QScrollArea,
    QSpinBox,
    QVBoxLayout,
    QWidget,
)

from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.basic import button, column, label, panel, restyle, row, set_icon
from resnet_gui.gui.widgets.field_guard import FieldGuard
from resnet_gui.gui.widgets.stage_grid import indent
from resnet_gui.spec.errors import RecipeError
from resnet_gui.spec.recipe import DIGITS, Recipe

FOLDER = "folder"
SCHEDULES = (("cosine", "Cosine to 0"), ("step", "Step ÷10"), ("constant", "Constant"))
AUGMENTATIONS = (("shift", "Shift"), ("shift-flip", "Shift and flip"), ("none", "None"))
PRECISIONS = (("auto", "Automatic"), ("fp32", "fp32"), ("bf16", "bf16"))


class RecipeForm(QFrame):
    """The form.

    Signals:
        start_asked: the recipe to train with.
        fit_asked: change the design's input and classes to the data's.
        data_changed: another data set is chosen.
    """

    start_asked = Signal(object)
    fit_asked = Signal()
    data_changed = Signal(str)

    def __init__(self, theme: Theme, data: str) -> None:
        super().__init__()
        self._theme = theme
        self._folder = data if data != DIGITS else ""
        outer = column(self)
        scroll = self._scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QFrame.Shape.NoFrame)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        body = panel()
        layout = column(body, (16, 10, 16, 10), 4)
        scroll.setWidget(body)
        outer.addWidget(scroll)
        self._add_data(layout)
        self._add_fields(layout)
        self.error = label("", "error", wrap=True)
        self.error.hide()
        layout.addWidget(self.error)
        layout.addStretch()
        outer.addWidget(self._footer())
        self._show_folder()

    @property
    def data(self) -> str:
        """The chosen data set: "digits" or a folder."""
        return DIGITS if self.dataset.currentData() == DIGITS else self._folder

    def recipe(self) -> Recipe:
        """The recipe as it stands.

        Raises:
            RecipeError: a value cannot be; its field is marked.
        """
        try:
            lr, decay = (self._number(field) for field in (self.lr, self.weight_decay))
            return Recipe(
                data=self.data,
                epochs=self.epochs.value(),
                batch_size=self.batch_size.value(),
                lr=lr,
                momentum=self.momentum.value(),
                weight_decay=decay,
                schedule=self.schedule.currentData(),
                augment=self.augment.currentData(),
                seed=self.seed.value(),
                precision=self.precision.currentData(),
            )
        except RecipeError as error:
            self.show_error(error.field, str(error))
            raise

    def show_error(self, field: str, message: str) -> None:
        """Mark a field as wrong and say why."""
        self.error.setText(message)
        self.error.setVisible(bool(message))
        if message:
            # The sentence stands below all fields, which may be below the fold.
            QTimer.singleShot(0, lambda: self._scroll.ensureWidgetVisible(self.error))
        for name in ("dataset", "epochs", "batch_size", "lr", "weight_decay", "seed"):
            wrong = bool(message) and name == ("dataset" if field == "data" else field)
            restyle(getattr(self, name), invalid="true" if wrong else "false")

    def show_fit(self, sentence: str, *, can_fit: bool) -> None:
        """Say how the data reaches the design, and whether the design could be fitted to it."""
        self._fit_line.setText(sentence)
        self._fit.setVisible(can_fit)

    def choose_folder(self, folder: Path) -> None:
        """Take a folder as the data set."""
        self._folder = str(folder)
        self.dataset.setCurrentIndex(self.dataset.findData(FOLDER))
        self._show_folder()
        self.show_error("", "")
        self.data_changed.emit(self.data)

    # ---- construction

    def _add_data(self, box: QVBoxLayout) -> None:
        self.dataset = self._combo(((DIGITS, "Digits, inside"), (FOLDER, "Image folder …")))
        self.dataset.setToolTip("1,797 handwritten digits (UCI), or a folder that holds one folder of pictures a class")
        if self._folder:
            self.dataset.setCurrentIndex(1)
        self.dataset.activated.connect(self._choose_data)
        box.addWidget(self._name("Data set", self.dataset))
        box.addWidget(self.dataset)
        self._path = label("", "caption", wrap=True)
        box.addWidget(self._path)
        self._fit_line = label("", "caption", wrap=True)
        box.addWidget(self._fit_line)
        self._fit = button("Fit the design to the data", "link", "Change the design's input and classes; can be undone")
        self._fit.clicked.connect(self.fit_asked)
        box.addWidget(self._fit)

    def _add_fields(self, layout: QVBoxLayout) -> None:
        standard = Recipe()
        self.epochs = self._spin(1, 100_000, standard.epochs, "Passes over the training pictures")
        self.batch_size = self._spin(2, 65_536, standard.batch_size, "Pictures a step")
        self.lr = self._line(f"{standard.lr:g}", "Learning rate at the start")
        self.schedule = self._combo(SCHEDULES)
        self.schedule.setToolTip("Step divides by ten at a half and three quarters (He et al. 2015, section 4.2)")
        self.weight_decay = self._line(f"{standard.weight_decay:g}", "L2 penalty on every parameter")
        self.momentum = QDoubleSpinBox()
        self.momentum.setRange(0, 0.999)
        self.momentum.setSingleStep(0.05)
        self.momentum.setDecimals(3)
        self.momentum.setValue(standard.momentum)
        self.momentum.setToolTip("Of stochastic gradient descent")
        self.augment = self._combo(AUGMENTATIONS)
        self.augment.setToolTip(
            "Random crop after padding by an eighth; mirrored at random (He et al. 2015, section 4.2)"
        )
        self.seed = self._spin(0, 2**31 - 1, standard.seed, "Of weights, order and augmentation")
        self.precision = self._combo(PRECISIONS)
        self.precision.setToolTip("Automatic: bf16 on a GPU that computes in it, else fp32")
        fields: tuple[tuple[str, QWidget], ...] = (
            ("Epochs", self.epochs),
            ("Batch", self.batch_size),
            ("Learning rate", self.lr),
            ("Schedule", self.schedule),
            ("Weight decay", self.weight_decay),
            ("Momentum", self.momentum),
            ("Augmentation", self.augment),
            ("Precision", self.precision),
            ("Seed", self.seed),
        )
        grid = QGridLayout()
        grid.setContentsMargins(0, 6, 0, 4)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        for number, (name, widget) in enumerate(fields):
            line, place = 3 * (number // 2), number % 2
            grid.addWidget(self._name(name, widget), line, place)
            grid.addWidget(widget, line + 1, place)
            grid.setRowMinimumHeight(line + 2, 4)
            grid.setColumnStretch(place, 1)
            widget.setMinimumWidth(40)
            widget.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            widget.installEventFilter(FieldGuard(widget))
            if isinstance(widget, QAbstractSpinBox):
                indent(widget)
        layout.addLayout(grid)

    def _footer(self) -> QFrame:
        bar = panel("topLine")
        bar.setFixedHeight(53)
        line = row(bar, (16, 0, 16, 0))
        self.note = label("", "small", wrap=True)
        line.addWidget(self.note, 1)
        self.start = button("Start run", "primary", "Train the design with this recipe (Ctrl+R)")
        self.start.setShortcut("Ctrl+R")
        set_icon(self._theme, self.start, "play", "onacc")
        self.start.clicked.connect(self._tell_start)
        line.addWidget(self.start)
        return bar

    @staticmethod
    def _name(text: str, buddy: QWidget) -> QLabel:
        made = label(text, "label")
        made.setBuddy(buddy)
        buddy.setAccessibleName(text)
        return made

    @staticmethod
    def _combo(options: tuple[tuple[str, str], ...]) -> QComboBox:
        made = QComboBox()
        for key, text in options:
            made.addItem(text, key)
        return made

    @staticmethod
    def _spin(low: int, high: int, value: int, tip: str) -> QSpinBox:
        made = QSpinBox()
        made.setRange(low, high)
        made.setValue(value)
        made.setToolTip(tip)
        return made

    @staticmethod
    def _line(text: str, tip: str) -> QLineEdit:
        made = QLineEdit(text)
        made.setToolTip(tip)
        return made

    # ---- from the user

    def _number(self, field: QLineEdit) -> float:
        try:
            return float(field.text().replace(",", "."))
        except ValueError:
            name = "lr" if field is self.lr else "weight_decay"
            raise RecipeError(name, f"{field.accessibleName()} is '{field.text()}'; it must be a number.") from None

    def _choose_data(self) -> None:
        if self.dataset.currentData() == FOLDER:
            chosen = QFileDialog.getExistingDirectory(self, "Folder that holds one folder a class", self._folder)
            if chosen:
                self.choose_folder(Path(chosen))
                return
            if not self._folder:
                self.dataset.setCurrentIndex(0)
        self._show_folder()
        self.show_error("", "")
        self.data_changed.emit(self.data)

    def _show_folder(self) -> None:
        is_folder = self.dataset.currentData() == FOLDER
        self._path.setText(self._folder if is_folder else "8×8 grey, 10 classes, 1,438 + 359 pictures")

    def _tell_start(self) -> None:
        self.show_error("", "")
        try:
            self.start_asked.emit(self.recipe())
        except RecipeError:
            return
