"""The panel of the gallery: which pictures in which order, filtered by the selection that all panels share."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QFileDialog, QMenu, QStackedWidget, QWidget

from resnet_gui.evaluation.mistakes import mistakes
from resnet_gui.evaluation.selection import Selection
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.evaluate.gallery.model import NOTHING, GalleryModel, GalleryOrder
from resnet_gui.gui.evaluate.gallery.thumbnails import EvaluatedThumbnails
from resnet_gui.gui.evaluate.gallery.view import ROOM, PictureGallery
from resnet_gui.gui.evaluate.panel import EvaluationPanel
from resnet_gui.gui.evaluate.state import EvaluateState
from resnet_gui.gui.kit.basic import button, column, label
from resnet_gui.gui.kit.small_combo import SmallCombo
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.throttle import Throttle
from resnet_gui.protocol.evaluation_events import CopiesFound
from resnet_gui.protocol.evaluation_messages import FindCopies
from resnet_gui.protocol.events import Event, Failed, Progressed

ORDER_TITLES: Final[dict[GalleryOrder, str]] = {
    "confidence": "Wrong, most sure first",
    "loss": "Wrong, largest loss first",
    "class": "Wrong, by class",
    "label": "Probable label errors",
    "copies": "Also in training",
}
ORDER_TIPS: Final[dict[GalleryOrder, str]] = {
    "confidence": "The wrong answer with the highest probability first",
    "loss": "The picture whose true class has the lowest probability first",
    "class": "By the true class, then the answer, in each the most sure first",
    "label": "Pictures that the network would count to another class than their label with the confidence that is "
    "usual for that class (Northcutt et al. 2021)",
    "copies": "The same pixels, then nearly the same by a hash of their structure",
}
FILTER_LEAST: Final = 62
"""Pixels of the filter where the count takes most of the header."""

ALL_CLASSES: Final = -1
CHOSEN: Final = -2
"""Keys of the filter beside numbers of classes."""


class GalleryPanel(EvaluationPanel):
    """The panel of the gallery.

    Attributes:
        pictures: the rows.
        gallery: their view.
        filter: all classes, one of them, or what was selected elsewhere.
        orders: the title, a menu of orders and of what is done with the pictures on show.

    Signals:
        copy_requested: copy the pictures on show into a folder.
        table_requested: write the answers as a table.
    """

    copy_requested = Signal()
    table_requested = Signal()

    def __init__(self, theme: Theme, state: EvaluateState, engines: Engines) -> None:
        super().__init__("Wrong")
        self._state = state
        self._order: GalleryOrder = "confidence"
        self._problem = ""
        self._requests = LatestRequests(engines, self)
        self.pictures = GalleryModel(self)
        self.thumbnails = EvaluatedThumbnails(engines, state, ROOM, self)
        self.gallery = PictureGallery(theme, self.pictures, self.thumbnails)
        self.words = label("", "muted12", wrap=True)
        self.words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.words.setContentsMargins(24, 0, 24, 0)
        self.training = button("Choose the training pictures …", "small", "What the model has learnt from")
        self.training.clicked.connect(self._ask_training)
        self.empty = QWidget()
        inside = column(self.empty, gap=10)
        inside.addStretch()
        inside.addWidget(self.words)
        inside.addWidget(self.training, 0, Qt.AlignmentFlag.AlignHCenter)
        inside.addStretch()
        self.stack = QStackedWidget()
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.gallery)
        self.body.addWidget(self.stack, 1)
        self._make_header()
        self._filling = Throttle(self, 0, self._fill)
        self._requests.answered.connect(self._take_copies)
        self.gallery.picture_chosen.connect(state.picture_requested)
        state.evaluation_changed.connect(self._changed)
        state.selection_changed.connect(self._selected)
        state.temperature_changed.connect(self._filling.request)
        self._changed()

    def _make_header(self) -> None:
        """The title is a menu of orders and further work; behind it the count, at the right the filter."""
        self.title.hide()
        self.orders = button(ORDER_TITLES[self._order], "titleMenu")
        self.orders.setAccessibleName("Order of the pictures")
        menu = QMenu(self.orders)
        menu.setToolTipsVisible(True)
        group = QActionGroup(menu)
        for order, title in ORDER_TITLES.items():
            action = menu.addAction(title)
            action.setToolTip(ORDER_TIPS[order])
            action.setCheckable(True)
            action.setChecked(order == self._order)
            action.setData(order)
            action.triggered.connect(lambda _=False, order=order: self.set_order(order))
            group.addAction(action)
        self.orders.setMenu(menu)
        menu.addSeparator()
        menu.addAction("Copy these to a folder …").triggered.connect(lambda _=False: self.copy_requested.emit())
        menu.addAction("All answers as a CSV table …").triggered.connect(lambda _=False: self.table_requested.emit())
        self.orders.setToolTip("Other pictures, another order, or copies of these in a folder")
        self.header.insertWidget(0, self.orders)
        self.header.setSpacing(4)
        self.filter = SmallCombo("Class of the pictures", 5, least=FILTER_LEAST, list_width=180)
        self.filter.activated.connect(self._filter)
        self.tools.addWidget(self.filter)
        QWidget.setTabOrder(self.orders, self.filter)
        QWidget.setTabOrder(self.filter, self.gallery)

    # ---- what is shown

    @property
    def order(self) -> GalleryOrder:
        """The order of the pictures."""
        return self._order

    def set_order(self, order: GalleryOrder) -> None:
        """Show other pictures, or the same in another order."""
        self._order = order
        menu = self.orders.menu()
        for action in menu.actions() if menu is not None else ():
            if action.isCheckable():
                action.setChecked(action.data() == order)
        if order == "copies" and self._state.copies is None and not self._requests.asking("copies"):
            self._find_copies()
        self._fill()

    def _ask_training(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, "Pictures that the model has learnt from")
        if chosen:
            self.compare_with(chosen)

    def compare_with(self, train_data: str) -> None:
        """Look for the pictures among other training pictures."""
        self._state.copies = None
        self.pictures.set_copies(None)
        self._find_copies(train_data)
        self._fill()

    def _find_copies(self, train_data: str = "") -> None:
        folder = self._state.folder
        if folder is not None:
            self._problem = "Looking for these pictures among the training pictures …"
            self._requests.ask("copies", lambda job: FindCopies(job, str(folder), train_data))

    def _take_copies(self, _kind: str, event: Event) -> None:
        if isinstance(event, Progressed):
            self._problem = event.sentence
        elif isinstance(event, Failed):
            self._problem = event.message
        elif isinstance(event, CopiesFound):
            self._state.copies, self._problem = event, ""
            self.pictures.set_copies(event)
        self._filling.request()

    def _changed(self) -> None:
        answers = self._state.answers
        self._requests.forget("copies")
        self._problem = ""
        self.pictures.set_copies(None)
        for widget in (self.orders, self.filter):
            widget.setEnabled(answers is not None)
        self.filter.show_entries([("all classes", ALL_CLASSES)])
        if answers is not None:
            for number, name in enumerate(answers.labels):
                if answers.by_class[number].support:
                    self.filter.addItem(name, number)
        if self._order == "copies":
            self._find_copies()
        self._selected()

    def _selected(self) -> None:
        """Say in the filter what is selected, and show that."""
        selection, answers = self._state.selection, self._state.answers
        with QSignalBlocker(self.filter):
            extra = self.filter.findData(CHOSEN)
            if extra >= 0:
                self.filter.removeItem(extra)
        if answers is None or selection.is_all:
            self.filter.show_key(ALL_CLASSES)
        elif selection == Selection(truth=selection.truth):
            self.filter.show_key(selection.truth)
        else:
            self.filter.insertItem(1, selection.words(answers), CHOSEN)
            self.filter.show_key(CHOSEN)
        self.filter.setToolTip(self.filter.currentText())
        self._fill()

    def _filter(self) -> None:
        key = self.filter.currentData()
        if key != CHOSEN:
            self._state.select(Selection() if key == ALL_CLASSES else Selection(truth=int(key)))

    def _fill(self) -> None:
        answers, selection = self._state.answers, self._state.selection
        numbers = NOTHING
        if answers is not None:
            if self._order == "copies":
                kept = selection.mask(answers)
                numbers = np.array([number for number in self.pictures.copies() if kept[number]], dtype=np.int64)
            else:
                numbers = mistakes(answers, self._order, selection, self._state.temperature)
        self.pictures.show_numbers(answers, numbers, self._order, self._state.temperature)
        self._show_title(len(numbers))
        self.words.setText(self._empty_words())
        self.training.setVisible(self._order == "copies" and not self._requests.asking("copies"))
        self.stack.setCurrentWidget(self.gallery if len(numbers) else self.empty)

    def _show_title(self, count: int) -> None:
        selection = self._state.selection
        title = ORDER_TITLES[self._order]
        if self._order in {"confidence", "loss", "class"}:
            if selection.numbers is not None:
                title = title.replace("Wrong", "Chosen")
            elif selection.truth is not None and selection.truth == selection.answer:
                title = title.replace("Wrong", "Right")
        self.orders.setText(title)
        self.show_about(f"{count:,}" if self._state.answers is not None else "", self._count_tip(count))
        # A number without its last digits is another number: the filter gives way first.
        self.about.setMinimumWidth(self.about.sizeHint().width())

    def _count_tip(self, count: int) -> str:
        answers = self._state.answers
        if answers is None:
            return ""
        copies = self._state.copies
        if self._order == "copies" and copies is not None:
            counts = f"{len(copies.exact):,} with the same pixels, {len(copies.near):,} nearly the same"
            return f"{counts}, among {copies.training_pictures:,} training pictures{copies.shared_words}"
        words = self._state.selection.words(answers)
        if self._state.temperature != 1:
            words = ", ".join(filter(None, (words, f"confidences at temperature {self._state.temperature:.2f}")))
        return f"{count:,} of {len(answers):,} pictures" + (f": {words}" if words else "")

    def _empty_words(self) -> str:
        """A sentence where no picture is shown."""
        answers = self._state.answers
        if answers is None:
            return "The pictures that are answered wrongly appear here."
        if self._order == "copies":
            if self._state.copies is None:
                return self._problem
            where = f"the {self._state.copies.training_pictures:,} training pictures"
            return f"None of these pictures is among {where}, nor nearly so."
        if self._order == "label":
            return "No label looks wrong by the answers."
        if not self._state.selection.is_all:
            return f"None: {self._state.selection.words(answers)}. Esc selects all."
        return f"All {len(answers):,} pictures are answered rightly."
