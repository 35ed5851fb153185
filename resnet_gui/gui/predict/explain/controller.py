"""Looks into the network: asks for what the chosen tab shows of the chosen picture, and lays it over the picture."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, Signal

from resnet_gui.analysis.locations import default_point, stage_points
from resnet_gui.design.plan import plan
from resnet_gui.design.structure import Plan
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.predict.answer.preprocessing import PreprocessingView
from resnet_gui.gui.predict.explain.panel import ExplainPanel
from resnet_gui.gui.predict.pictures.canvas import Marks, Overlay, PictureCanvas
from resnet_gui.gui.predict.pictures.model import Picture
from resnet_gui.protocol.events import Event, Failed, ModelLoaded
from resnet_gui.protocol.explain_events import Explanation, FeatureMaps, Filters, HeatMap, Histograms, UnitGradient
from resnet_gui.protocol.jobs import (
    MOST_MAPS,
    Explain,
    ModelRequest,
    ShowFilters,
    ShowHistograms,
    ShowMaps,
    ShowUnitGradient,
)

KINDS = ("explain", "maps", "filters", "spread", "trace")


class ExplainController(QObject):
    """What stands between the panel below, the picture and the engine.

    Attributes:
        target: number of the class that is explained; -1 for the likeliest.
        point: place in the network whose heat lies over the picture.
        cam: whether it does.
        lesions: blocks that are off.

    Signals:
        explained: Grad-CAM is there: ``Explanation``.
        failed: a sentence.
        lesions_changed: other branches are off.
    """

    explained = Signal(object)
    failed = Signal(str)
    lesions_changed = Signal()
    point_changed = Signal(str)

    def __init__(self, engines: Engines, panel: ExplainPanel, canvas: PictureCanvas, seen: PreprocessingView) -> None:
        super().__init__(panel)
        self._panel, self._canvas, self._seen = panel, canvas, seen
        self._asker = LatestRequests(engines, self)
        self._asker.answered.connect(self._take)
        self._subject: ModelRequest | None = None
        self._plan: Plan | None = None
        self._picture: Picture | None = None
        self._heats: dict[str, HeatMap] = {}
        self._filtered = False
        self.target, self.point, self.cam = -1, "", True
        self.lesions: tuple[str, ...] = ()
        panel.tab_changed.connect(self._tab_changed)
        panel.maps.requested.connect(self._ask_tab)
        panel.spread.requested.connect(self._ask_tab)
        panel.reach.requested.connect(self._ask_tab)
        panel.ladder.requested.connect(self.ask_heat)
        panel.ladder.point_chosen.connect(self.choose_point)
        panel.lesions.toggled.connect(self._lesions_toggled)
        canvas.clicked.connect(self._clicked)

    # ---- what is looked at

    def wait(self) -> None:
        """Another network is being loaded: nothing of the old one is asked or shown any more."""
        self._asker.forget(*KINDS)
        self._subject, self.lesions = None, ()
        self._heats, self._filtered = {}, False
        self._panel.clear("The network is being loaded …")
        self._lay()

    def set_network(self, subject: ModelRequest | None, introduced: ModelLoaded | None) -> None:
        """Look into another network; None while there is none."""
        self._asker.forget(*KINDS)
        same = introduced is not None and self._plan is not None and introduced.spec == self._plan.spec
        self._subject = subject
        self._heats, self._filtered = {}, False
        if introduced is None or subject is None:
            self._plan = None
            self._panel.clear("Choose a network.")
            self._seen.show_seen(b"")
            self._lay()
            return
        self._plan = plan(introduced.spec)
        if not same:
            self.target = -1
            self.lesions = ()
            self.point = default_point(self._plan)
            self._panel.show_network(self._plan)
        else:
            self.lesions = self._panel.lesions.switches.off()
        if self._panel.key == "filters":
            self._ask_tab()
        self.look()

    def set_picture(self, picture: Picture | None) -> None:
        """Look at another picture; None for none."""
        self._asker.forget("explain", "maps", "spread", "trace")
        self._picture = picture
        self._heats = {}
        self._seen.show_seen(b"")
        self._panel.clear_picture("" if picture is not None else "Feature maps appear here with the first answer.")
        self._lay()
        if picture is not None:
            self.look()

    def look(self) -> None:
        """Ask for everything that is shown."""
        if self._picture is not None and self._picture.error:
            self._panel.clear_picture("Nothing can be shown of a picture without an answer.")
        self.ask_heat()
        self._ask_tab()

    def look_once(self) -> None:
        """Ask for what is shown unless it is there or asked for already."""
        refused = self._picture is not None and bool(self._picture.error)
        if refused or (not self._heats and not self._asker.asking("explain")):
            self.look()

    def choose_target(self, target: int) -> None:
        """Explain another class."""
        if target != self.target:
            self.target = target
            self._forget_heat()
            self.ask_heat()

    def choose_point(self, name: str) -> None:
        """Lay the heat of another place over the picture."""
        self.point = name
        if name not in self._heats:
            self.ask_heat()
        self.point_changed.emit(name)
        self._lay()

    def show_cam(self, *, on: bool) -> None:
        """Whether heat lies over the picture."""
        self.cam = on
        self._lay()

    # ---- questions

    @property
    def _lesioned(self) -> ModelRequest | None:
        if self._subject is None or self._plan is None:
            return None
        return msgspec.structs.replace(self._subject, lesions=self.lesions) if self.lesions else self._subject

    def _image(self) -> str:
        """Path of a picture that can be read; empty if there is none."""
        return str(self._picture.path) if self._picture is not None and not self._picture.error else ""

    def ask_heat(self) -> None:
        """Ask for Grad-CAM at the ends of the stages and inside the ladder's block."""
        subject, image, planned = self._lesioned, self._image(), self._plan
        if subject is None or not image or planned is None:
            return
        names = [point.name for point in (*stage_points(planned), *self._panel.ladder.inside())]
        points = tuple(dict.fromkeys([*names, self.point]))
        target = self.target
        self._asker.ask("explain", lambda job: Explain(job, subject, image, target, points))

    def _ask_tab(self) -> None:
        subject, image, panel = self._lesioned, self._image(), self._panel
        if subject is None:
            return
        if panel.key == "filters" and not self._filtered:
            self._asker.ask("filters", lambda job: ShowFilters(job, subject))
        if not image:
            return
        if panel.key == "maps":
            view = panel.maps
            layer, start, order = view.layer.currentData() or "", view.start, view.order.currentData()
            size = min(view.grid.room, MOST_MAPS)
            if layer:
                self._asker.ask("maps", lambda job: ShowMaps(job, subject, image, layer, start, size, order))
        elif panel.key == "spread":
            name = panel.spread.layer.currentData() or ""
            if name:
                self._asker.ask("spread", lambda job: ShowHistograms(job, subject, image, name))
        elif panel.key == "reach":
            x, y, channel = panel.reach.unit()
            where = panel.reach.name
            panel.reach.show_traced(None)
            self._lay()
            if where:
                self._asker.ask("trace", lambda job: ShowUnitGradient(job, subject, image, where, x, y, channel))

    def _tab_changed(self) -> None:
        self._lay()
        self._ask_tab()

    def _lesions_toggled(self, off: tuple[str, ...]) -> None:
        self.lesions = off
        self._forget_heat()
        self._panel.clear_picture("")
        self.look()
        self.lesions_changed.emit()

    def _forget_heat(self) -> None:
        """The heat that is shown is of another class or network."""
        self._heats = {}
        self._lay()

    def _clicked(self, x: float, y: float) -> None:
        if self._panel.key == "reach":
            self._panel.reach.choose_place(x, y)

    # ---- answers

    def _take(self, _kind: str, event: Event) -> None:
        match event:
            case Explanation():
                self._heats = {heat.point: heat for heat in event.heats}
                self._seen.show_seen(event.input_png)
                self._lay()
                self.explained.emit(event)
            case FeatureMaps():
                self._panel.maps.show_maps(event)
            case Filters():
                self._filtered = True
                self._panel.filters.show_filters(event)
            case Histograms():
                self._panel.spread.show_spread(event)
            case UnitGradient():
                self._panel.reach.show_traced(event)
                self._lay()
            case Failed():
                self.failed.emit(event.message)
            case _:
                pass

    def _lay(self) -> None:
        """Lay over the picture what the chosen tab shows."""
        overlay, marks = None, Marks()
        if self._plan is not None:
            self._canvas.scene.input = (self._plan.spec.input[2], self._plan.spec.input[1])
        if self._panel.key == "reach" and self._picture is not None:
            overlay, marks = self._panel.reach.overlay(), self._panel.reach.marks()
        elif self.cam and self.point in self._heats:
            heat = self._heats[self.point]
            overlay = Overlay(heat.values, heat.width, heat.height) if heat.peak else None
        self._panel.ladder.show_heats(self._heats, self._seen.image(), self.point)
        self._canvas.lay(overlay, marks)
