"""Sweeps on the Train page: the side and the middle, and what they say to each other."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Signal
from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.common.banner import Banner
from resnet_gui.gui.kit.basic import column, row
from resnet_gui.gui.kit.space_key import SpaceKey
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.preparation import NARROW
from resnet_gui.gui.train.sweeps.builder import Making
from resnet_gui.gui.train.sweeps.centre import SweepCentre
from resnet_gui.gui.train.sweeps.control import SweepController
from resnet_gui.gui.train.sweeps.estimate import SweepEstimate
from resnet_gui.gui.train.sweeps.files import SweepFiles
from resnet_gui.gui.train.sweeps.model import SweepItem, SweepModel
from resnet_gui.gui.train.sweeps.side import SweepSide
from resnet_gui.sweeps.settings import DEPTH
from resnet_gui.sweeps.sweep import Sweep


class SweepView(QWidget):
    """The part of the page that is about sweeps.

    Attributes:
        model: all sweeps.
        control: what is done to them.
        side, centre: what is seen.
        estimate: how long the sweep in the builder would take.

    Signals:
        run_requested: folder of a run that is to be shown among the runs.
        progressed: something of a going sweep is new, or none goes any more.
        count_changed: there are more sweeps, or fewer.
    """

    run_requested = Signal(object)
    progressed = Signal()
    count_changed = Signal()

    def __init__(
        self,
        theme: Theme,
        session: Session,
        engines: Engines,
        settings: Settings,
        making: Making,
        busy: Callable[[], bool],
    ) -> None:
        super().__init__()
        self._session, self._making = session, making
        self.model = SweepModel(self)
        self.side = SweepSide(theme, self.model, making)
        self.centre = SweepCentre(theme)
        self.control = SweepController(self, self.model, session, engines, busy)
        self.files = SweepFiles(self, self.centre, session, settings)
        self.estimate = SweepEstimate(self.side.builder, session, engines, making)
        layout = row(self, gap=0)
        layout.addWidget(self.side)
        right = QWidget()
        inner = column(right)
        self.banner = Banner(theme)
        inner.addWidget(self.banner)
        inner.addWidget(self.centre, 1)
        layout.addWidget(right, 1)
        self._connect()
        SpaceKey(self, lambda: self.control.toggle(self.model.chosen))

    def _connect(self) -> None:
        model, control, centre, side = self.model, self.control, self.centre, self.side
        model.chosen_changed.connect(self._show_chosen)
        model.sweep_changed.connect(self._sweep_changed)
        model.problem_found.connect(self.banner.show_warning)
        for signal in (model.rowsInserted, model.rowsRemoved):
            signal.connect(lambda *_: self._count())
        control.problem_found.connect(self._tell_problem)
        side.builder.queue_requested.connect(self._queue)
        side.run_requested.connect(self.run_requested)
        side.list.menu_requested.connect(self._menu)
        side.list.trash_requested.connect(control.trash)
        centre.run_requested.connect(self.run_requested)
        centre.head.requested.connect(lambda what: control.act(what, model.chosen))
        menu = centre.head.export.menu()
        menu.aboutToShow.connect(lambda: self.files.fill(menu, model.chosen))
        self._session.design_changed.connect(self.look)

    def load(self) -> None:
        """Find the sweeps and look at the newest, or at one that goes on."""
        self.model.load()
        items = self.model.items()
        if items and self.model.chosen is None:
            self.model.choose(items[0])

    def look(self) -> None:
        """The design, the recipe or the device is another one."""
        try:
            design, recipe, _ = self._making()
        except InputError as error:
            self.side.show_making(f"{self._session.design.name}; {error}")
        else:
            epochs = f"{recipe.epochs:,} epoch{'s' if recipe.epochs != 1 else ''}"
            self.side.show_making(f"{design.name}, {epochs}, batch {recipe.batch_size:,}, random weights")
        if self.isVisible():
            self.side.builder.look()
            self.estimate.look()

    def going(self) -> SweepItem | None:
        """The sweep that goes on; None while none does."""
        return next((item for item in self.model.items() if item.going), None)

    def _queue(self, sweep: Sweep) -> None:
        self.banner.hide()
        if self.control.queue(sweep) is not None:
            self.side.list.setFocus()

    def _show_chosen(self) -> None:
        item = self.model.chosen
        self.centre.show_sweep(item)
        self.side.show_queue(item)

    def _sweep_changed(self, item: SweepItem) -> None:
        self.centre.look(item)
        if item is self.model.chosen:
            self.side.show_queue(item)
        self.progressed.emit()

    def _count(self) -> None:
        if self.model.chosen is None and self.model.items() and self.isVisible():
            self.model.choose(self.model.items()[0])
        self.count_changed.emit()

    def _tell_problem(self, sentence: str, item: object) -> None:
        if isinstance(item, SweepItem):
            self.banner.show_sentence(sentence, "Resume", lambda: self.control.act("resume", item))
        else:
            self.banner.show_sentence(sentence)

    def _menu(self, item: SweepItem, place: QPoint) -> None:
        rests = not item.going and not item.waiting
        self.files.show_menu(
            item,
            place,
            [
                ("Use its fields, seeds and design", lambda: self.take(item), True),
                ("More seeds …", lambda: self.control.ask_seeds(item), item.state is not None),
                ("Train the failed runs again", lambda: self.control.act("retry", item), rests),
                None,
                ("Sweep file, for the command line …", lambda: self.files.ask("json", item), True),
                ("Copy the command that repeats it", lambda: self.files.copy_command(item), True),
                None,
                ("Move to trash", lambda: self.control.trash(item), rests),
            ],
        )

    def take(self, item: SweepItem) -> None:
        """Fill the builder with a sweep, for another one like it."""
        self._session.open_design(item.sweep.design)
        self.side.new.button.setChecked(True)
        self.side.builder.take_sweep(item.sweep)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fold in a narrow window."""
        super().resizeEvent(event)
        self.side.set_narrow(narrow=self.width() < NARROW)

    def showEvent(self, event: QShowEvent) -> None:
        """Begin with the depth, and look at the design anew."""
        super().showEvent(event)
        if not self.side.builder.draft.axes:
            self.side.builder.add_field(DEPTH)
        self.look()
