"""What is chosen on the Predict page: the one state that its parts read, change and follow."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject, Signal, SignalInstance

from resnet_gui.analysis.layer_names import Naming, path_title
from resnet_gui.analysis.locations import (
    MapLocation,
    all_layers,
    block_maps,
    blocks_of,
    default_location,
    find_shape,
    layer_maps,
)
from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.design.structure import Plan
from resnet_gui.gui.predict.pictures.model import Picture
from resnet_gui.gui.session import Session
from resnet_gui.protocol.attribution_settings import AttributionSettings, Method
from resnet_gui.protocol.events import ModelLoaded
from resnet_gui.protocol.explain_events import Explanation
from resnet_gui.protocol.jobs import MapOrder, ModelRequest


class MapChoice(msgspec.Struct, frozen=True):
    """The feature maps that are wanted: ``count`` channels of a layer, from place ``start`` of an order."""

    layer: str = ""
    start: int = 0
    count: int = 24
    order: MapOrder = "active"


class Unit(msgspec.Struct, frozen=True):
    """A unit: column ``x`` and row ``y`` of a layer's map, in one channel; -1 for all channels together."""

    layer: str = ""
    x: int = 0
    y: int = 0
    channel: int = -1


class AttributionChoice(msgspec.Struct, frozen=True):
    """The attribution that is wanted.

    Attributes:
        signed: whether for and against are told apart; else only how much.
        sanity: whether the maps of networks with random weights are wanted too.
        step: which map lies over the picture: 0 for that of the network itself, then those of the sanity check.
    """

    method: Method = "lrp"
    settings: AttributionSettings = AttributionSettings()
    signed: bool = True
    sanity: bool = False
    step: int = 0


class PredictState(QObject):
    """The state of the page; it holds no widget, and asks nobody.

    Attributes:
        model_request: how engines are asked about the chosen network; None while none is chosen that can be used.
        loaded: what the engine says of it; None while it is being loaded.
        plan: of that network, kept while another one is loaded; None while there was none.
        picture: the one that is looked at.
        explanation: Grad-CAM of the picture for the target, with the lesions; None while it is not known.
        view: key of the explain view on show.
        naming: how layers and blocks are called, as in the layer table.
        target: number of the class that is explained; -1 for the likeliest.
        location: place in the network whose Grad-CAM lies over the picture, see ``analysis.locations``.
        cam: whether it does.
        block: the block inside which Grad-CAM is shown; empty where no block has a shortcut.
        maps: which feature maps are shown.
        histogram_layer: path of the layer whose values are counted.
        unit: the one whose receptive field is shown.
        attribution: which one is shown.
        lesions: blocks whose residual branch is off.
        branch_share: how much of its branch every block adds, see ``ModelRequest``; 1 for all of it.

    Signals:
        model_changed: another ``model_request``; ``loaded`` is None.
        design_changed: the network that is loaded has another design; places and lesions have begun anew.
        model_loaded: ``loaded`` is there.
        picture_changed: another picture is looked at, or none.
        picture_answered: the picture has an answer now, or a sentence why not.
        explanation_changed, view_changed, target_changed, location_changed, cam_changed, block_changed, maps_changed,
            histogram_layer_changed, unit_changed, attribution_changed, lesions_changed, branch_share_changed: of the
            attribute of that name.
        naming_changed: layers and blocks are called otherwise.
        changed: after each of these, when all of what goes together has changed.
    """

    model_changed = Signal()
    design_changed = Signal()
    model_loaded = Signal()
    picture_changed = Signal()
    picture_answered = Signal()
    explanation_changed = Signal()
    view_changed = Signal()
    target_changed = Signal()
    location_changed = Signal()
    cam_changed = Signal()
    block_changed = Signal()
    maps_changed = Signal()
    histogram_layer_changed = Signal()
    unit_changed = Signal()
    attribution_changed = Signal()
    lesions_changed = Signal()
    branch_share_changed = Signal()
    naming_changed = Signal()
    changed = Signal()

    def __init__(self, parent: QObject | None = None, *, view: str = "", session: Session | None = None) -> None:
        """Begin with nothing; layers and blocks are called as the ``session`` says, where there is one."""
        super().__init__(parent)
        self.model_request: ModelRequest | None = None
        self.loaded: ModelLoaded | None = None
        self.plan: Plan | None = None
        self.picture: Picture | None = None
        self.explanation: Explanation | None = None
        self.view, self.target, self.location, self.cam = view, -1, "", True
        self.block, self.histogram_layer = "", ""
        self.maps, self.unit, self.attribution = MapChoice(), Unit(), AttributionChoice()
        self.lesions: tuple[str, ...] = ()
        self.branch_share = 1.0
        self.naming: Naming = session.naming if session is not None else "paper"
        self._session = session
        if session is not None:
            session.naming_changed.connect(self._take_naming)

    def _tell(self, signal: SignalInstance) -> None:
        signal.emit()
        self.changed.emit()

    def _take_naming(self) -> None:
        """Call layers and blocks as the session says."""
        if self._session is not None:
            self.naming = self._session.naming
            self.naming_changed.emit()

    def title(self, path: str) -> str:
        """What a stage, block or layer is called, from its path."""
        return path_title(self.plan, path, self.naming) if self.plan is not None else path

    # ---- what follows from it

    @property
    def explained_request(self) -> ModelRequest | None:
        """The network as its inside is asked about, as it is altered; None while it is not loaded."""
        if self.model_request is None or self.loaded is None:
            return None
        return msgspec.structs.replace(self.model_request, lesions=self.lesions, branch_share=self.branch_share)

    @property
    def altered(self) -> bool:
        """Whether the network answers otherwise than it was trained to: branches are off, or add less."""
        return bool(self.lesions) or self.branch_share != 1.0

    @property
    def image(self) -> str:
        """Path of the picture if it can be read; empty if there is none."""
        return str(self.picture.path) if self.picture is not None and not self.picture.error else ""

    def inside_block(self) -> tuple[MapLocation, ...]:
        """The places inside of the chosen block."""
        location = Location.parse(self.block) if self.block else None
        found = self.plan.find_section(location) if self.plan is not None and location is not None else None
        return block_maps(location, found) if location is not None and found is not None else ()

    # ---- the network

    def set_model_request(self, request: ModelRequest | None) -> None:
        """Take another network, which is not loaded yet; None for none."""
        self.model_request, self.loaded = request, None
        if request is None:
            self.plan, self.lesions, self.branch_share = None, (), 1.0
        self._forget_explanation()
        self._tell(self.model_changed)

    def set_loaded(self, loaded: ModelLoaded) -> None:
        """Take what the engine says of the network; the same design keeps what was chosen in it."""
        planned = plan(loaded.spec)
        other = self.plan is None or self.plan.spec != planned.spec
        self.loaded, self.plan = loaded, planned
        if other:
            self.target, self.lesions, self.branch_share = -1, (), 1.0
            self._choose_locations(planned)
            self._tell(self.design_changed)
        self._tell(self.model_loaded)

    def _choose_locations(self, planned: Plan) -> None:
        """Keep the layers that this network has too; the others begin where there is something to see."""
        places = {point.name for point in layer_maps(planned)}
        layers = [point.name for point in all_layers(planned)]
        blocks = [name for name, block in blocks_of(planned) if block.adds]
        self.location = default_location(planned)
        # The end of the first stage: still near to the picture, and already more than edges.
        layer = self.maps.layer if self.maps.layer in places else planned.stages[0].last_block.path
        self.maps = msgspec.structs.replace(self.maps, layer=layer, start=0)
        self.histogram_layer = self.histogram_layer if self.histogram_layer in layers else layers[0]
        self.block = self.block if self.block in blocks else (blocks or [""])[-1]
        layer = self.unit.layer if self.unit.layer in places else planned.stages[-1].last_block.path
        self.unit = self._central_unit(planned, layer)

    def _central_unit(self, planned: Plan, layer: str) -> Unit:
        """The unit in the middle of a layer's map, in the same channel if there is one."""
        channels, height, width = find_shape(planned, layer) or (1, 1, 1)
        return Unit(layer, width // 2, height // 2, min(self.unit.channel, channels - 1))

    # ---- the picture

    def set_picture(self, picture: Picture | None) -> None:
        """Look at another picture; None for none."""
        self.picture = picture
        self._forget_explanation()
        self._tell(self.picture_changed)

    def take_answer(self, picture: Picture) -> None:
        """A picture has an answer or a sentence now; it matters here if it is the one that is looked at."""
        if picture is self.picture:
            self._tell(self.picture_answered)

    def set_explanation(self, explanation: Explanation) -> None:
        """Take Grad-CAM of the picture."""
        self.explanation = explanation
        self._tell(self.explanation_changed)

    def _forget_explanation(self) -> None:
        """It is of another network, picture or class, or of other lesions."""
        if self.explanation is not None:
            self.explanation = None
            self.explanation_changed.emit()

    # ---- what is explained, and how

    def set_view(self, key: str) -> None:
        """Show another explain view."""
        if key != self.view:
            self.view = key
            self._tell(self.view_changed)

    def set_target(self, target: int) -> None:
        """Explain another class; -1 for the likeliest."""
        if target != self.target:
            self.target = target
            self._forget_explanation()
            self._tell(self.target_changed)

    def set_location(self, name: str) -> None:
        """Lay Grad-CAM of another place over the picture."""
        if name != self.location:
            self.location = name
            self._tell(self.location_changed)

    def set_cam(self, on: bool) -> None:
        """Whether Grad-CAM lies over the picture."""
        if on != self.cam:
            self.cam = on
            self._tell(self.cam_changed)

    def set_block(self, name: str) -> None:
        """Show Grad-CAM inside of another block."""
        if name != self.block:
            self.block = name
            self._tell(self.block_changed)

    def set_maps(self, maps: MapChoice) -> None:
        """Show other feature maps."""
        if maps != self.maps:
            self.maps = maps
            self._tell(self.maps_changed)

    def set_histogram_layer(self, layer: str) -> None:
        """Count the values of another layer."""
        if layer != self.histogram_layer:
            self.histogram_layer = layer
            self._tell(self.histogram_layer_changed)

    def set_unit(self, unit: Unit) -> None:
        """Show the receptive field of another unit."""
        if unit != self.unit:
            self.unit = unit
            self._tell(self.unit_changed)

    def set_unit_layer(self, layer: str) -> None:
        """Show the receptive field of the unit in the middle of another layer."""
        if self.plan is not None and layer != self.unit.layer:
            self.set_unit(self._central_unit(self.plan, layer))

    def set_attribution(self, attribution: AttributionChoice) -> None:
        """Show another attribution."""
        if attribution != self.attribution:
            self.attribution = attribution
            self._tell(self.attribution_changed)

    def set_lesions(self, lesions: tuple[str, ...]) -> None:
        """Turn other residual branches off."""
        if lesions != self.lesions:
            self.lesions = lesions
            self._forget_explanation()
            self._tell(self.lesions_changed)

    def set_branch_share(self, share: float) -> None:
        """Have every block add so much of its branch.

        The explanation stays until the next one is there: a slider would make it flicker.
        """
        if share != self.branch_share:
            self.branch_share = share
            self._tell(self.branch_share_changed)
