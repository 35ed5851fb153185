"""More epochs of a run: how many, and where the schedule ends then, before anything is started."""

from __future__ import annotations

from PySide6.QtWidgets import QDialog, QSpinBox, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.gui.kit.basic import button, column, label, row
from resnet_gui.gui.kit.form import indent, prepare, titled
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.runs.row import RunRow
from resnet_gui.gui.train.recipe.schedule_preview import SchedulePreview
from resnet_gui.training.extension import extended, extension_sentences


class ExtendDialog(QDialog):
    """The dialog that asks for more epochs.

    Attributes:
        epochs: how many more.
        preview: the learning rate over the whole training as it will be.
        words: what changes.
        extend: agrees.
    """

    def __init__(self, parent: QWidget, theme: Theme, run: RunRow, steps: tuple[int, int], final_tests: int) -> None:
        """Ask about a run.

        Args:
            parent: that it lies before.
            theme: of the preview.
            run: its name and its recipe.
            steps: those behind it, and those of an epoch.
            final_tests: how many times the test part of its data has been counted.
        """
        super().__init__(parent)
        recipe = run.recipe
        self._recipe, self._steps, self._final_tests = recipe, steps, final_tests
        self.setWindowTitle(f"Extend {run.name}")
        self.setMinimumWidth(440)
        layout = column(self, (20, 16, 20, 16), 10)
        self.epochs = QSpinBox()
        self.epochs.setRange(1, 100_000)
        self.epochs.setValue(max(1, recipe.epochs // 2))
        prepare(self.epochs, "Epochs more", "How many epochs the run goes on for")
        indent(self.epochs)
        layout.addWidget(titled("Epochs more", self.epochs))
        layout.addWidget(self.epochs)
        layout.addWidget(label("Learning rate over the whole training, as it will be", "label"))
        self.preview = SchedulePreview(theme)
        layout.addWidget(self.preview)
        self.words = label("", "muted12", wrap=True)
        layout.addWidget(self.words)
        line = row(gap=8)
        line.addStretch()
        cancel = button("Cancel")
        self.extend = button("Extend", "primary")
        cancel.clicked.connect(self.reject)
        self.extend.clicked.connect(self.accept)
        line.addWidget(cancel)
        line.addWidget(self.extend)
        layout.addLayout(line)
        self.epochs.valueChanged.connect(self._show)
        self._show()

    def _show(self) -> None:
        done, per_epoch = self._steps
        try:
            early = done // per_epoch if self._recipe.patience and done < self._recipe.epochs * per_epoch else 0
            longer = extended(self._recipe, self.epochs.value(), early)
        except InputError as error:
            self.words.setText(str(error))
            self.extend.setEnabled(False)
            return
        self.extend.setEnabled(True)
        total = longer.epochs * per_epoch
        self.preview.show_recipe(longer, total, per_epoch, here=done / total)
        sentences = extension_sentences(self._recipe, longer, done, per_epoch, self._final_tests)
        self.words.setText(" ".join(f"{each[:1].upper()}{each[1:]}." for each in sentences))
