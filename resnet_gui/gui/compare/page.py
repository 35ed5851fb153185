"""The Compare page: pinned designs side by side, as points, and block by block."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QMenu, QSplitter, QStackedWidget, QWidget

from resnet_gui.analysis.costs import Totals, totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design
from resnet_gui.design.structure import Plan
from resnet_gui.design.torchvision import ACCURACIES
from resnet_gui.gui.common.presentation import PresentedPane, enlarged_panes
from resnet_gui.gui.compare.difference import DifferenceView
from resnet_gui.gui.compare.exports import ComparisonExports
from resnet_gui.gui.compare.gallery import DesignGallery
from resnet_gui.gui.compare.menus import CompareMenus
from resnet_gui.gui.compare.model import ComparedDesign, ComparisonModel, accuracy_of
from resnet_gui.gui.compare.scatter import Scatter, ScatterPoint
from resnet_gui.gui.compare.table import ComparisonTable
from resnet_gui.gui.kit.basic import button, column, header, label, panel, row, scrolled, set_icon, vertical_line
from resnet_gui.gui.kit.controls.segmented import SegmentedControl
from resnet_gui.gui.kit.format import told_apart
from resnet_gui.gui.kit.switch import ToggleSwitch
from resnet_gui.gui.kit.theme import Theme
from resnet_gui.gui.kit.window.splitter_sizes import restore_sizes
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings

PIN_COLOURS = 8
LEFT, SHARE = 938, 0.68
"""Width of the table at the reference size, and the part of a page that it takes at most."""

PLOTS = [440, 388]
"""Heights of the two plots at the reference size."""

SCROLL_BAR = 10
BAR = 740
"""Pixels that the title bar needs for all its words."""


@lru_cache(maxsize=64)
def _planned(design: Design) -> tuple[Plan, Totals]:
    planned = plan(design.spec)
    return planned, totals(planned)


def _point(name: str, total: Totals, token: str, *, solid: bool, dashed: bool = False) -> ScatterPoint:
    cost = total.cost
    return ScatterPoint(name, cost.params, cost.macs, cost.activations, token, solid, dashed)


class ComparePage(QWidget):
    """The page that compares what the session has pinned.

    Signals:
        design_requested: open this design on the Design page.
        file_requested: pin a design from a file.
    """

    design_requested = Signal(object)
    file_requested = Signal()

    def __init__(self, session: Session, theme: Theme, settings: Settings | None = None) -> None:
        super().__init__()
        self._session, self._theme = session, theme
        self._colours: dict[Design, tuple[str, bool]] = {}
        self._stale = True
        self._scored = False
        self._enlarged: Scatter | None = None
        self.model = ComparisonModel(self)
        self.menus = CompareMenus(self, session, theme)
        self.menus.design_requested.connect(self.design_requested)
        self.menus.file_requested.connect(self.file_requested)
        layout = row(self, gap=0)
        self.splitter = QSplitter(Qt.Orientation.Horizontal)
        self.splitter.setHandleWidth(1)
        self.splitter.setChildrenCollapsible(False)
        self.splitter.addWidget(self._make_left())
        self.splitter.addWidget(self._make_right())
        self.splitter.setStretchFactor(0, 1)
        layout.addWidget(self.splitter)
        self.splitter.splitterMoved.connect(lambda *_: self._moved())
        self._shared: list[int] = []
        self.exports = ComparisonExports(self, session, settings if settings is not None else Settings())
        self.copy.clicked.connect(self.exports.copy)
        self.table.copy_requested.connect(self.exports.copy)
        self.blocks.table.copy_requested.connect(self.exports.copy)
        menu = QMenu(self)
        self.exports.fill_menu(menu)
        self.export.setMenu(menu)
        self.arrange(settings or Settings())
        session.pins_changed.connect(self._show)
        session.design_changed.connect(self._show)
        session.naming_changed.connect(self._take_naming)

    def arrange(self, settings: Settings) -> None:
        """Arrange tables and plots as they were, or as at first where that is not said."""
        self._by_hand = restore_sizes(self.splitter, settings.compared)
        if not self._by_hand:
            self.splitter.setSizes([938, 442])
            self._shared = self.splitter.sizes()
            if self.isVisible():
                self._share()
        if not restore_sizes(self.plots, settings.plotted):
            self.plots.setSizes(PLOTS)
        self.blocks.table.dragged.restore(settings.column_widths)

    def remember(self, settings: Settings) -> None:
        """Write down how the page is arranged."""
        if (sizes := self.splitter.sizes()) != self._shared:
            settings.compared = sizes
        if self.scores.isVisibleTo(self.plots) and self.costs.isVisibleTo(self.plots):
            settings.plotted = self.plots.sizes()
        settings.column_widths = self.blocks.table.dragged.kept(settings.column_widths)

    def panes(self) -> tuple[PresentedPane, ...]:
        """What presentation mode shows of this page: the table or the blocks, and the plots."""
        theme, exports = self._theme, self.exports
        tables = enlarged_panes(self, (("Designs side by side", self.table), ("Block by block", self.blocks)))
        panes = [*tables, PresentedPane.figure(theme, "MACs against parameters", exports.costs, full=True)]
        if self.scores.points():
            panes.append(PresentedPane.figure(theme, "Accuracy against MACs", exports.scores, full=True))
        return tuple(panes)

    # ---- construction

    def _make_left(self) -> QFrame:
        side = QFrame()
        side.setObjectName("panel")
        side.setMinimumWidth(640)
        layout = column(side)
        bar, line, _ = header("Compare")
        self.add = button("Add design", "small", "Pin another design: the present one, a preset, or one from a file")
        set_icon(self._theme, self.add, "plus", "t1")
        self.add.clicked.connect(lambda: self.menus.ask_what(self.add))
        line.addWidget(self.add)
        line.addStretch()
        self.views = SegmentedControl(self._theme, [("table", "Table", ""), ("blocks", "Blocks", "")], height=24)
        self.views.setAccessibleName("What is compared")
        self.views.setToolTip("All designs in a table, or two of them block by block")
        self.views.setFixedWidth(116)
        line.addWidget(self.views)
        self.only = ToggleSwitch(self._theme, "Only rows that differ", "Leave out rows in which all designs agree")
        self.only.setFixedWidth(178)
        self.only.toggled.connect(self._sift)
        line.addWidget(self.only)
        line.addWidget(vertical_line())
        self.copy = button("Copy as table", "small", "Tab-separated, for a spreadsheet (Ctrl+C)")
        set_icon(self._theme, self.copy, "copy", "t1")
        self.copy.setAccessibleName("Copy as table")
        line.addWidget(self.copy)
        self.export = button("Export", "small", "The table as CSV or LaTeX, the plots as figures")
        self.export.setAccessibleName("Export")
        line.addWidget(self.export)
        layout.addWidget(bar)
        self.stack = QStackedWidget()
        self.table = ComparisonTable(self._theme, self.model)
        self.table.menu_requested.connect(lambda place, at: self.menus.ask_about(self.model.entry(place), at))
        self.table.column_moved.connect(lambda place, step: self.menus.move_design(self.model.entry(place), step))
        self.blocks = DifferenceView(self._theme)
        self.blocks.set_naming(self._session.naming)
        self.stack.addWidget(self.table)
        self.stack.addWidget(self.blocks)
        self.views.chosen.connect(lambda key: self.stack.setCurrentIndex(0 if key == "table" else 1))
        line = row(gap=0)
        line.addWidget(self.stack, 1)
        line.addWidget(self._make_invitation(), 1)
        layout.addLayout(line, 1)
        return side

    def _make_invitation(self) -> QFrame:
        """What stands beside the table of one design, which leaves room: how there will be more of them."""
        self.invitation = panel()
        layout = column(self.invitation)
        words = "One design so far. Pin others with Add design, or with Pin as baseline above."
        self.hint = label(words, "muted12", wrap=True)
        self.hint.setContentsMargins(16, 12, 16, 2)
        layout.addWidget(self.hint)
        self.gallery = DesignGallery(self._theme)
        self.gallery.chosen.connect(lambda chosen: self.menus.pin_presets(chosen.names, baseline=True))
        self.sets = scrolled(self.gallery)
        self.sets.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        layout.addWidget(self.sets, 1)
        return self.invitation

    def _make_right(self) -> QSplitter:
        self.plots = QSplitter(Qt.Orientation.Vertical)
        self.plots.setHandleWidth(1)
        self.plots.setMinimumWidth(260)
        self.costs = Scatter(
            self._theme, "MACs against parameters", "area = activations, log scales",
            ("parameters, log scale", ""), log_y=True,
        )  # fmt: skip
        self.scores = Scatter(
            self._theme,
            "Top-1 accuracy against MACs",
            "%, dashed: best for its cost",
            ("MACs, log scale", ""),
            log_y=False,
        )
        for plot in (self.costs, self.scores):
            self.plots.addWidget(plot)
            plot.enlarge_requested.connect(lambda plot=plot: self._enlarge(plot))
            plot.chosen.connect(self._mark)
        self.plots.setSizes(PLOTS)
        return self.plots

    # ---- showing

    def entries(self) -> list[ComparedDesign]:
        """The columns: the baseline first, then the others in the order of pinning, then the present design."""
        session = self._session
        self._give_colours()
        designs = sorted(session.pins, key=lambda design: design != session.baseline)
        if session.design not in designs:
            designs.append(session.design)
        found = []
        for name, design in zip(told_apart(design.name for design in designs), designs, strict=True):
            token, hollow = self._colours.get(design, ("t2", False))
            found.append(
                ComparedDesign(
                    name, design, *_planned(design), token, is_baseline=design == session.baseline,
                    is_present=design == session.design, accuracy=accuracy_of(design), hollow=hollow,
                )
            )  # fmt: skip
        return found

    def _take_naming(self) -> None:
        self.blocks.set_naming(self._session.naming)

    def _give_colours(self) -> None:
        """A design keeps its colour as long as it is pinned; from the ninth on colours come again, as rings."""
        pins = self._session.pins
        self._colours = {design: colour for design, colour in self._colours.items() if design in pins}
        free = [(f"r{n}", hollow) for hollow in (False, True) for n in range(PIN_COLOURS)]
        free = [colour for colour in free if colour not in self._colours.values()]
        for design in pins:
            if design not in self._colours:
                self._colours[design] = free.pop(0)

    def _show(self) -> None:
        """Show everything anew; while the page is hidden only note that it is stale."""
        self._stale = not self.isVisible()
        if self._stale:
            return
        entries = self.entries()
        self.model.set_entries(entries)
        self.blocks.show_designs([(entry.name, entry.design) for entry in entries], self._session.design)
        self.table.show_count(len(entries))
        self._share()
        alone = len(entries) < 2
        focused: QWidget | None = self.focusWidget()
        if not alone and focused is not None and self.sets.isAncestorOf(focused):
            # What was pressed goes away; Qt would give the focus to the window's first control.
            self.table.setFocus()
        self.invitation.setVisible(alone)
        self.stack.setMaximumWidth(self.table.wanted_width + SCROLL_BAR if alone else 16_777_215)
        self.views.setEnabled(not alone)
        if alone and self.stack.currentIndex():
            self.views.set_key("table")
            self.stack.setCurrentIndex(0)
        self._show_points(entries)

    def _show_points(self, entries: list[ComparedDesign]) -> None:
        """Pinned designs as filled points, torchvision's others as empty ones where the plot would show them."""
        specs = {entry.design.spec for entry in entries}
        large = any(entry.design.spec.input[1] >= 160 for entry in entries)
        others = [PRESETS[name] for name in ACCURACIES if PRESETS[name].spec not in specs] if large else []
        quiet = [_point(preset.title, _planned(preset.design)[1], "ctl", solid=False) for preset in others]
        mine = [_point(entry.name, entry.totals, entry.token, solid=True, dashed=entry.hollow) for entry in entries]
        self.costs.show_points([*quiet, *mine])
        scored = [
            ScatterPoint(
                entry.name, entry.totals.cost.macs, entry.accuracy.top1, 0, entry.token, solid=True, dashed=entry.hollow
            )
            for entry in entries
            if entry.accuracy is not None
        ]
        compared = [
            ScatterPoint(other.name, other.y, ACCURACIES[preset.name].top1, 0, "ctl", solid=False)
            for preset, other in zip(others, quiet, strict=True)
            # Trained by a newer recipe than the others' first weights; beside them it would mislead.
            if preset.name != "resnext101_64x4d"
        ]
        if scored:
            self.scores.show_points([*compared, *scored], best=True)
        self._scored = bool(scored)
        self._arrange_plots()

    def _enlarge(self, plot: Scatter) -> None:
        """Show only one plot, or both again."""
        self._enlarged = None if self._enlarged is plot else plot
        self._arrange_plots()

    def _arrange_plots(self) -> None:
        if self._enlarged is self.scores and not self._scored:
            self._enlarged = None
        self.costs.setVisible(self._enlarged is not self.scores)
        self.scores.setVisible(self._scored and self._enlarged is not self.costs)

    def showEvent(self, event: object) -> None:
        """Show what has changed while the page was hidden."""
        if self._stale:
            self._show()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Fit the bar, when the splitter has given the parts their widths."""
        super().resizeEvent(event)
        self._share()
        QTimer.singleShot(0, self, self._fit_bar)

    def _moved(self) -> None:
        self._by_hand = True
        self._fit_bar()

    def _share(self) -> None:
        """What the table has no use for goes to the plots, unless somebody has chosen otherwise."""
        if not self._by_hand:
            most = round(SHARE * self.width())
            wide = min(most, max(min(most, LEFT), self.table.wanted_width))
            self.splitter.setSizes([wide, self.width() - wide])
            self._shared = self.splitter.sizes()

    def _fit_bar(self) -> None:
        """Where the bar is too short, the button shows only its icon and the switch fewer words."""
        narrow = self.splitter.sizes()[0] < BAR
        self.copy.setText("" if narrow else "Copy as table")
        self.only.setText("Only differing" if narrow else "Only rows that differ")
        self.only.setFixedWidth(132 if narrow else 178)

    def _sift(self, only: bool) -> None:
        self.model.set_only_differing(only=only)
        self.blocks.model.set_only_differing(only=only)

    def _mark(self, name: str) -> None:
        """A point was clicked: mark its column, or offer to pin it."""
        for number, entry in enumerate(self.entries()):
            if entry.name == name:
                self.table.selectColumn(number)
                return
        preset = next((preset for preset in PRESETS.values() if preset.title == name), None)
        if preset is not None:
            self._session.pin(preset.design)
