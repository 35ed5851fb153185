"""The choice of a data set, what it holds, whether it is there, and how the design fits."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFileDialog, QFrame, QMenu

from resnet_gui.data.archives import SUFFIXES
from resnet_gui.data.datasets import DIGITS, KNOWN, is_here
from resnet_gui.data.layouts.description import DataDescription, description_lines, imbalance, summary_line
from resnet_gui.gui.kit.basic import ElidingCombo, button, column, label, row
from resnet_gui.gui.kit.form import prepare

FOLDER = "folder"
FILES = " ".join([*(f"*{suffix}" for suffix in SUFFIXES), "*.npz", "*ubyte", "*ubyte.gz"])
"""Files that are a data set: archives, and arrays."""


class DataChoice(QFrame):
    """The choice of a data set: the combo box (placed by the form) and the lines below it.

    Attributes:
        combo: the data sets, and a folder of the user's.
        browse: asks for a folder, an archive or a file of arrays; placed by the form.

    Signals:
        chosen: name of a known data set, or a folder.
        fit_requested: "data", change the design's input and classes to the data's, or "stem", its stem to their size.
        download_requested: fetch this data set.
    """

    chosen = Signal(str)
    fit_requested = Signal(str)
    download_requested = Signal(str)

    def __init__(self, data: str) -> None:
        super().__init__()
        self._folder = ""
        self._shown = data
        self.combo = ElidingCombo()
        for known in KNOWN.values():
            self.combo.addItem(known.title, known.name)
        self.combo.addItem("Image folder …", FOLDER)
        tip = "The digits are inside, others are fetched when you ask; or a folder of class folders"
        prepare(self.combo, "Data set", tip)
        self.combo.activated.connect(self._choose)
        self.browse = button("Choose folder", "menu", "Pictures of your own: a folder, an archive, or arrays")
        menu = QMenu(self.browse)
        menu.addAction("Folder of pictures …").triggered.connect(lambda _=False: self.ask_folder())
        menu.addAction("Archive or array file …").triggered.connect(lambda _=False: self.ask_file())
        self.browse.setMenu(menu)
        layout = column(self, gap=1)
        self.about = label("", "caption", wrap=True)
        self.described = label("", "caption", wrap=True)
        self.described.hide()
        self.missing = label("", "caption", wrap=True)
        self.download = button("Download", "link")
        self.locate = button("Choose its folder …", "link", "A folder that holds the data set as it is published")
        self.fit_line = label("", "caption", wrap=True)
        self.fit = button("Fit the design to the data", "link", "Change the design's input and classes; can be undone")
        get = row(gap=16)
        get.addWidget(self.download)
        get.addWidget(self.locate)
        get.addStretch()
        layout.addWidget(self.about)
        layout.addWidget(self.described)
        layout.addWidget(self.missing)
        layout.addLayout(get)
        layout.addWidget(self.fit_line)
        layout.addWidget(self.fit)
        self.download.clicked.connect(lambda: self.download_requested.emit(self.data))
        self.locate.clicked.connect(self.ask_folder)
        self.stem_line = label("", "caption", wrap=True)
        self.stem = button("Take the 3×3 stem for small pictures", "link", "Change the design's stem; can be undone")
        layout.addWidget(self.stem_line)
        layout.addWidget(self.stem)
        layout.addSpacing(4)
        self.fit.clicked.connect(lambda: self.fit_requested.emit("data"))
        self.stem.clicked.connect(lambda: self.fit_requested.emit("stem"))
        self.choose(data)
        self.show_fit("", can_fit=False)
        self.show_stem("")

    @property
    def data(self) -> str:
        """Name of a known data set, or a folder."""
        key = str(self.combo.currentData())
        return self._folder if key == FOLDER else key

    def choose(self, data: str) -> None:
        """Show a data set without telling anybody."""
        if data not in KNOWN:
            self._folder = data
            data = FOLDER if data else DIGITS
        self.combo.setCurrentIndex(self.combo.findData(data))
        self.refresh()

    def choose_folder(self, folder: Path) -> None:
        """Take a folder."""
        self.choose(str(folder))
        self.chosen.emit(self.data)

    def refresh(self) -> None:
        """Look again whether the data set is there."""
        data = self._shown = self.data
        known = KNOWN.get(data)
        missing = known is not None and not is_here(data)
        if known is None:
            name = Path(data).name or data
            kind = ", a folder of pictures" if Path(data).is_dir() else ""
            self.combo.setItemText(self.combo.count() - 1, f"{name}{kind}")
            self.about.setText(data)
        else:
            self.combo.setItemText(self.combo.count() - 1, "Image folder …")
            channels, height, width = known.shape
            colour = "grey" if channels == 1 else "colour"
            self.about.setText(
                f"{height}×{width} {colour}, {known.classes} classes, "
                f"{known.train_images:,} + {known.test_images:,} pictures"
            )
        self.about.setToolTip(known.source if known is not None else data)
        self.missing.setVisible(missing)
        self.download.setVisible(missing)
        self.locate.setVisible(missing)
        if known is not None and missing:
            self.missing.setText(
                f"Not on this computer yet: {known.megabytes:.0f} MB, checked by {known.checksum}. Nothing is sent."
            )
            self.download.setText(f"Download {known.megabytes:.0f} MB")

    def show_searching(self, count: int, unpacking: str = "") -> None:
        """Say how many files of the folder are found so far, or in a sentence that an archive is unpacked before."""
        reading = f"Reading {Path(self.data).name or self.data} …"
        self.described.setText(unpacking or (f"{reading} {count:,} files found" if count else reading))
        self.described.setVisible(True)

    def show_description(self, description: DataDescription | None) -> None:
        """Say what the folder holds, all of it in the tooltip; None while that is not known."""
        lines = [summary_line(description), imbalance(description.classes)] if description is not None else []
        self.described.setText("\n".join(filter(None, lines)))
        self.about.setVisible(description is None)
        self.described.setToolTip("\n".join(description_lines(description)) if description is not None else "")
        self.described.setVisible(description is not None)

    def show_fit(self, sentence: str, *, can_fit: bool) -> None:
        """Say how the data reaches the design, and whether the design could be fitted to it."""
        self.fit_line.setText(sentence)
        self.fit_line.setVisible(bool(sentence))
        if not can_fit and self.window().focusWidget() is self.fit:
            self.combo.setFocus(Qt.FocusReason.OtherFocusReason)
        self.fit.setVisible(can_fit)

    def show_stem(self, sentence: str) -> None:
        """Say that the stem is not made for pictures of this size, and offer one that is; empty where it is."""
        self.stem_line.setText(sentence)
        for part in (self.stem_line, self.stem):
            part.setVisible(bool(sentence))

    # ---- from the user

    def _choose(self, _index: int) -> None:
        if self.combo.currentData() == FOLDER:
            if not self.ask_folder():
                self.choose(self._shown)
            return
        self.refresh()
        self.chosen.emit(self.data)

    def ask_folder(self) -> bool:
        """Ask for a folder and take it; whether one was chosen."""
        chosen = QFileDialog.getExistingDirectory(
            self.window(), "Folder of class folders, or one that holds the data set", self._folder
        )
        if chosen:
            self.choose_folder(Path(chosen))
        return bool(chosen)

    def ask_file(self) -> bool:
        """Ask for an archive or a file of arrays and take it; whether one was chosen."""
        start = str(Path(self._folder).parent) if self._folder else ""
        chosen, _ = QFileDialog.getOpenFileName(
            self.window(), "Archive of class folders, or a file of arrays", start, f"Data sets ({FILES});;All files (*)"
        )
        if chosen:
            self.choose_folder(Path(chosen))
        return bool(chosen)
