"""The Design page: form, diagram, layer table and headline figures of one network."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, get_args

from PySide6.QtCore import QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSplitter, QTabBar, QTabWidget, QWidget

from resnet_gui.base.errors import SpecError
from resnet_gui.design.depth import change_depth
from resnet_gui.design.presets import Preset
from resnet_gui.gui.common.spec_form.field_error import Repair
from resnet_gui.gui.design.arithmetic import Calculator
from resnet_gui.gui.design.calculator_dock import CalculatorDock
from resnet_gui.gui.design.diagram.paint import Colouring
from resnet_gui.gui.design.diagram.panel import NetworkPanel
from resnet_gui.gui.design.headline import Headline, Verdict
from resnet_gui.gui.design.table.panel import LayerTable
from resnet_gui.gui.design.table.rows import Column
from resnet_gui.gui.design.widths import LEAST_CENTRE, LEAST_TABLE, TABLE, PaneWidths
from resnet_gui.gui.first_settings import FirstSettings
from resnet_gui.gui.kit.basic import column, row
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.session import Session

if TYPE_CHECKING:
    # At run time the form, the dialogs and the presentation are loaded when the first page has been painted.
    from resnet_gui.gui.common.presentation import PresentedPane
    from resnet_gui.gui.design.form.form import SpecForm

SIDE = 280
"""Width of the form."""

LOW = 640
"""Pages lower than this show the headline figures in one line each."""


class _PaneTabs(QTabWidget):
    """Diagram and table as tabs.

    A bar that Python has not made would have PySide make all its classes of widgets to find out what it is.
    """

    def __init__(self) -> None:
        super().__init__()
        bar = QTabBar()
        self.setTabBar(bar)
        self.setDocumentMode(True)
        bar.setDrawBase(False)


class DesignPage(QWidget):
    """The Design page, which shows the session's design and takes edits.

    Signals:
        train_requested: the user wants to train this design.
    """

    train_requested = Signal()

    def __init__(self, session: Session, theme: Theme, settings: FirstSettings | None = None) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self._refused: dict[str, object] = {}
        self._editing = False
        self._narrow = False
        layout = row(self, gap=0)
        self._form: SpecForm | None = None
        self._advanced = settings is not None and settings.advanced
        self._side = QWidget()
        self._side.setFixedWidth(SIDE)
        self._form_place = column(self._side)
        layout.addWidget(self._side)
        right = QWidget()
        self._right = column(right)
        layout.addWidget(right, 1)
        self.network = NetworkPanel(theme)
        self.table = LayerTable(theme)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self.network)
        self.splitter.addWidget(self.table)
        self.network.setMinimumWidth(LEAST_CENTRE)
        self._widths = PaneWidths(self.splitter)
        self.tabs = _PaneTabs()
        self.tabs.hide()
        self._right.addWidget(self.splitter, 1)
        self._right.addWidget(self.tabs, 1)
        self.headline = Headline(theme)
        self._right.addWidget(self.headline)
        self.calculator = Calculator(theme)
        self._dock = CalculatorDock(self.calculator, session, self.network, self.table, self.tabs)
        self._usual_columns = self.table.shown_columns()
        self._connect()
        self._restore(settings)
        self._show()
        self._show_pins()

    def _connect(self) -> None:
        session, view = self._session, self.network.view
        session.design_changed.connect(self._show)
        session.pins_changed.connect(self._show_pins)
        view.path_chosen.connect(self.table.choose_path)
        view.folded.connect(lambda on: self.table.open_path(self._block_path(), opened=on))
        self.table.path_chosen.connect(view.choose)
        self.headline.ledger_requested.connect(self.show_ledger)
        self.headline.field_requested.connect(self._dock.explain_field)
        self.headline.baseline_chosen.connect(session.set_baseline)
        view.shortcut_pointed.connect(self.table.tree.light)
        self.table.naming_changed.connect(lambda: session.set_naming(self.table.model.naming))

    @property
    def form(self) -> SpecForm:
        """The form, made when the diagram and the table have been painted or somebody asks for it."""
        if self._form is None:
            from resnet_gui.gui.design.form.form import SpecForm

            form = self._form = SpecForm(self._theme)
            self._form_place.addWidget(form)
            form.edited.connect(self._edit)
            form.reverted.connect(lambda field: self._refused.pop(field, None))
            form.repair_chosen.connect(self._repair)
            form.depth_entered.connect(self._enter_depth)
            form.reset_requested.connect(lambda: self.choose_preset(self._session.preset))
            form.train_requested.connect(self.train_requested)
            form.open_advanced(on=self._advanced)
            self._show_form()
        return self._form

    def _block_path(self) -> str:
        chosen = self.network.view.chosen
        return "" if chosen is None else chosen.path

    # ---- from the user

    def _edit(self, text: str, changes: dict[str, object]) -> None:
        """Apply an edit, together with what was refused before if that fits now; else say what is wrong with it."""
        from resnet_gui.gui.common.spec_form.table import FIELDS
        from resnet_gui.gui.design.form.repairs import repairs

        refusal = self._try(text, self._refused | changes)
        if refusal is None:
            self._refused = {}
        elif self._refused:
            # What waits may be what does not fit; then this edit counts, or is refused, for itself.
            refusal = self._try(text, changes)
            if refusal is None:
                self._refused = {field: value for field, value in self._refused.items() if field not in changes}
        if refusal is not None and text != "change stages" and all(FIELDS[name].typed for name in changes):
            # What was typed stays in its field; a refused segment springs back to the design's.
            self._refused |= changes
        self._show_form()
        if refusal is not None:
            field = refusal.field if refusal.field in changes else next(iter(changes))
            field = "stages" if text == "change stages" else field
            found = repairs(self._session.spec, changes, field, str(refusal))
            self.form.show_error(field, str(refusal), refusal.stage, found)

    def _try(self, text: str, changes: dict[str, object]) -> SpecError | None:
        from resnet_gui.gui.common.spec_form.table import FIELDS

        try:
            with self._edited_here():
                # A held arrow of a spin box is one intent.
                stepped = all(FIELDS[name].stepped for name in changes)
                change = self._session.step if stepped else self._session.edit
                change(text, **changes)
        except SpecError as error:
            return error
        return None

    @contextmanager
    def _edited_here(self) -> Iterator[None]:
        """An edit of this page, which shows the form itself, once, when it knows what was refused."""
        self._editing = True
        try:
            yield
        finally:
            self._editing = False

    def _enter_depth(self, depth: int) -> None:
        from resnet_gui.gui.design.form.repairs import depth_repairs

        try:
            with self._edited_here():
                self._session.edit("change depth", **change_depth(self._session.spec, depth))
        except SpecError as error:
            self._show_form()
            self.form.depths.show_refused(depth)
            self.form.show_error("depth", str(error), repairs=depth_repairs(self._session.spec, depth))
            return
        self._refused = {}
        self._show_form()

    def _repair(self, repair: Repair) -> None:
        """Make a refused edit together with what lets it fit."""
        self._refused = {}
        self._edit(f"use {repair.text}", repair.changes)

    def choose_preset(self, preset: Preset) -> None:
        """Replace the design by a preset; what was refused is forgotten."""
        self._refused = {}
        with self._edited_here():
            self._session.choose_preset(preset)
        self._show_form()

    def panes(self) -> tuple[PresentedPane, ...]:
        """What presentation mode shows of this page."""
        from resnet_gui.gui.design.presentation import design_panes

        return design_panes(self._session, self._theme, self.colouring, self.table.model)

    def find_layer(self) -> None:
        """Bring the table's filter up to be typed into."""
        if self._narrow:
            self.tabs.setCurrentWidget(self.table)
        self.table.focus_filter()

    @property
    def colouring(self) -> Colouring:
        """What the colours of the diagram mean."""
        return self.network.view.colouring

    # ---- explanations

    def show_ledger(self) -> None:
        """Show how others count this design."""
        from resnet_gui.gui.design.ledger import LedgerDialog

        dialog = LedgerDialog(self, self._session.design.name, self._session.plan)
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()

    # ---- to the user

    def _show(self) -> None:
        """Repaint everything that follows from the design."""
        session = self._session
        if not self._editing:
            # Undo or a file: what was refused of another design has no place here.
            self._refused = {}
            self._show_form()
        self.table.show_plan(session.plan, session.totals)
        self.network.show_plan(session.plan)
        # What the plan has not, the diagram lets go; what is selected is one thing for both.
        self.table.choose_path(self.network.view.path)
        self._show_headline()
        self.calculator.refresh(session.plan)

    def _show_headline(self) -> None:
        session = self._session
        self.headline.show_totals(session.totals, session.spec.input, session.baseline_totals())

    def _show_pins(self) -> None:
        self.headline.show_baselines(self._session.pins, self._session.baseline)
        self._show_headline()

    def _show_form(self) -> None:
        if self._form is None:
            return
        spec = self._session.spec
        self._form.show_spec(spec, self._session.preset, set(self._refused))

    def show_verdict(self, answer: Verdict, waiting: str) -> None:
        """Show what the engine found."""
        self.headline.show_verdict(answer, waiting=waiting)

    # ---- the window

    def paintEvent(self, event: QPaintEvent) -> None:
        """Make the form when there is something to see: it takes as long as diagram and table together."""
        super().paintEvent(event)
        if self._form is None:
            QTimer.singleShot(0, self, lambda: self.form)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the table beside the diagram, or into a tab where there is too little width for both."""
        super().resizeEvent(event)
        self.headline.set_low(low=self.height() < LOW)
        room = self.width() - self._side.width()
        self.headline.set_narrow(narrow=room < LEAST_CENTRE + TABLE)
        narrow = room < LEAST_CENTRE + LEAST_TABLE
        if narrow != self._narrow:
            self._change_width(narrow=narrow)
        elif not narrow and not self._widths.chosen:
            self._widths.give(room)

    def _change_width(self, *, narrow: bool) -> None:
        """Go from beside each other to tabs, or back."""
        self._narrow = narrow
        self.network.setMinimumWidth(0 if narrow else LEAST_CENTRE)
        for part in (self.network, self.table):
            part.title.setVisible(not narrow)
        if narrow:
            self.tabs.addTab(self.network, "Network")
            self.tabs.addTab(self.table, "Layers")
        else:
            self.splitter.addWidget(self.network)
            self.splitter.addWidget(self.table)
            self._widths.give(self.width() - self._side.width())
            # Of tabs one is shown at a time: the other would take the keyboard from behind it.
            for panel in (self.network, self.table):
                panel.show()
        self.tabs.setVisible(narrow)
        self.splitter.setVisible(not narrow)
        self._dock.settle()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes the calculator, wherever the focus is."""
        if event.key() == Qt.Key.Key_Escape and self.calculator.isVisible():
            self.calculator.dismiss()
        else:
            super().keyPressEvent(event)

    def _restore(self, settings: FirstSettings | None) -> None:
        if settings is None:
            return
        self.arrange(settings)
        if settings.naming == "torch":
            self.table.set_naming("torch")
        colouring: Colouring | None = next((key for key in get_args(Colouring) if key == settings.colouring), None)
        if colouring is not None:
            self.network.set_colouring(colouring)

    def arrange(self, settings: FirstSettings) -> None:
        """Arrange diagram, table and form as they were, or as at first where that is not said."""
        self._widths.restore(settings.splitter, self.width() - self._side.width())
        known = set(settings.columns) & {column.name.lower() for column in Column}
        self.table.show_columns(settings.columns if known else self._usual_columns)
        self.table.tree.shares.dragged.restore(settings.column_widths)
        self._advanced = settings.advanced
        if self._form is not None:
            self._form.open_advanced(on=settings.advanced)

    def remember(self, settings: FirstSettings) -> None:
        """Write down how the page is arranged."""
        settings.splitter = self._widths.kept
        settings.columns = self.table.shown_columns()
        settings.column_widths = self.table.tree.shares.dragged.kept(settings.column_widths)
        settings.naming = self.table.model.naming
        settings.colouring = self.colouring
        settings.advanced = self._advanced if self._form is None else self._form.advanced_open

    def sizeHint(self) -> QSize:
        """The reference size of the mock-ups without bars."""
        return QSize(1380, 828)
