"""The Design page: form, diagram, layer table and headline figures of one network."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSplitter, QTabWidget, QWidget

from resnet_gui.gui.session import Session
from resnet_gui.gui.theme import Theme
from resnet_gui.gui.widgets.basic import column, row
from resnet_gui.gui.widgets.cards import Headline
from resnet_gui.gui.widgets.layer_table import LayerTable
from resnet_gui.gui.widgets.network_view import NetworkPanel
from resnet_gui.gui.widgets.spec_form import SpecForm
from resnet_gui.spec.choices import MAX_WIDTH
from resnet_gui.spec.depth import blocks_for_depth
from resnet_gui.spec.errors import SpecError
from resnet_gui.spec.events import Mismatch, Verified
from resnet_gui.spec.presets import Preset

TYPED = frozenset(
    {"blocks", "widths", "input", "classes", "groups", "width_per_group", "se_divisor", "stem_width", "strides",
     "norm_groups", "dropout", "stochastic_depth", "hidden"}
)  # fmt: skip
"""Fields that are typed into; a refused value waits there for the edit that makes it fit."""

NARROW = 1280
"""Windows narrower than this show the table in a tab beside the diagram."""


class DesignPage(QWidget):
    """Shows the session's design and takes edits.

    Signals:
        train_asked: the user wants to train this design.
    """

    train_asked = Signal()

    def __init__(self, session: Session, theme: Theme) -> None:
        super().__init__()
        self._session = session
        self._refused: dict[str, object] = {}
        self._editing = False
        self._narrow = False
        layout = row(self, gap=0)
        self.form = SpecForm(theme)
        layout.addWidget(self.form)
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
        self.splitter.setSizes([532, 568])
        self.splitter.setStretchFactor(0, 0)
        self.splitter.setStretchFactor(1, 1)
        self.tabs = QTabWidget()
        self.tabs.setDocumentMode(True)
        self.tabs.tabBar().setDrawBase(False)
        self.tabs.hide()
        self._right.addWidget(self.splitter, 1)
        self._right.addWidget(self.tabs, 1)
        self.headline = Headline(theme)
        self._right.addWidget(self.headline)
        self._connect()
        self._show()

    def _connect(self) -> None:
        session, form = self._session, self.form
        session.design_changed.connect(self._show)
        form.edited.connect(self._edit)
        form.withdrawn.connect(lambda field: self._refused.pop(field, None))
        form.depth_entered.connect(self._enter_depth)
        form.preset_chosen.connect(self.choose_preset)
        form.reset_asked.connect(lambda: self.choose_preset(session.preset))
        form.train_asked.connect(self.train_asked)
        self.network.view.block_chosen.connect(self.table.choose_block)
        self.table.block_chosen.connect(self.network.view.choose)

    # ---- from the user

    def _edit(self, text: str, changes: dict[str, object]) -> None:
        """Apply an edit, together with what was refused before if that fits now; else say what is wrong with it."""
        refusal = self._try(text, self._refused | changes)
        if refusal is None:
            self._refused = {}
        elif self._refused:
            # What waits may be what does not fit; then this edit counts, or is refused, for itself.
            refusal = self._try(text, changes)
            if refusal is None:
                self._refused = {field: value for field, value in self._refused.items() if field not in changes}
        if refusal is not None and text != "change stages" and set(changes) <= TYPED:
            # What was typed stays in its field; a refused segment springs back to the design's.
            self._refused |= changes
        self._show_form()
        if refusal is not None:
            field = refusal.field if refusal.field in changes else next(iter(changes))
            field = "stages" if text == "change stages" else field
            self.form.show_error(field, str(refusal), refusal.stage)

    def _try(self, text: str, changes: dict[str, object]) -> SpecError | None:
        self._editing = True
        try:
            self._session.edit(text, **changes)
        except SpecError as error:
            return error
        finally:
            self._editing = False
        return None

    def _enter_depth(self, depth: int) -> None:
        spec = self._session.spec
        try:
            blocks = blocks_for_depth(spec.stem, spec.block, depth)
            widths = spec.widths[: len(blocks)]
            while len(widths) < len(blocks):
                widths = (*widths, min(widths[-1] * 2, MAX_WIDTH))
            strides = spec.strides if spec.strides is not None and len(spec.strides) == len(blocks) else None
            self._session.edit("change depth", blocks=blocks, widths=widths, strides=strides)
        except SpecError as error:
            self._show_form()
            self.form.depth_field.setText(str(depth))
            self.form.show_error("depth", str(error))
            return
        self._refused = {}
        self._show_form()

    def choose_preset(self, preset: Preset) -> None:
        """Replace the design by a preset; what was refused is forgotten."""
        self._refused = {}
        self._session.choose_preset(preset)
        self._show_form()

    # ---- to the user

    def _show(self) -> None:
        """Repaint everything that follows from the design."""
        session = self._session
        if not self._editing:
            # Undo, a preset or a file: what was refused of another design has no place here.
            self._refused = {}
        self._show_form()
        self.table.show_plan(session.plan, session.totals)
        self.network.show_plan(session.plan)
        self.headline.show_totals(session.totals, session.spec.input)

    def _show_form(self) -> None:
        self.form.show_spec(self._session.spec, self._session.preset, set(self._refused))

    def show_verdict(self, answer: Verified | Mismatch | None, waiting: str) -> None:
        """Show what the engine found."""
        self.headline.show_verdict(answer, waiting=waiting)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the table beside the diagram, or into a tab where the window is narrow."""
        super().resizeEvent(event)
        narrow = self.window().width() < NARROW
        if narrow == self._narrow:
            return
        self._narrow = narrow
        self.headline.set_narrow(narrow=narrow)
        self.headline.show_totals(self._session.totals, self._session.spec.input)
        for part in (self.network, self.table):
            part.title.setVisible(not narrow)
        if narrow:
            self.tabs.addTab(self.network, "Network")
            self.tabs.addTab(self.table, "Layers")
        else:
            self.splitter.addWidget(self.network)
            self.splitter.addWidget(self.table)
            self.splitter.setSizes([532, max(568, self.splitter.width() - 532)])
        for panel in (self.network, self.table):
            panel.show()
        self.tabs.setVisible(narrow)
        self.splitter.setVisible(not narrow)

    def sizeHint(self) -> QSize:
        """The reference size of the mock-ups without bars."""
        return QSize(1380, 828)
