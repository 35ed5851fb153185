"""The clouds, the blocks and the curve of an evaluation, as they are drawn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.structure import NO_ADDITION
from resnet_gui.evaluation.depth import DepthLocation, ProjectedPictures
from resnet_gui.evaluation.depth_files import DepthFiles
from resnet_gui.evaluation.folder import Evaluation
from resnet_gui.gui.evaluate.class_colours import class_colour
from resnet_gui.gui.evaluate.depth.block_strip import BlockCell
from resnet_gui.gui.evaluate.depth.curve_looks import CurveLook
from resnet_gui.gui.evaluate.depth.probe_strip import ProbeCurve
from resnet_gui.gui.kit.cloud.point_cloud import CloudData
from resnet_gui.gui.kit.format import count, percent

SEED: Final = 0
"""Of the order in which points are drawn, so that no class lies above all others."""

ARCS: Final = {NO_ADDITION: "", "identity": "solid", "projection": "dashed"}
"""How a shortcut is drawn; any other one pads with zeros."""


class DepthCloud(NamedTuple):
    """A cloud and the number in the evaluation of the picture of each of its points."""

    cloud: CloudData
    pictures: NDArray[np.int64]


def block_cells(locations: Sequence[DepthLocation], spec: ResNetSpec | None) -> tuple[BlockCell, ...]:
    """The strip of the blocks of a network, with its shortcuts where its design is known."""
    shortcuts: dict[str, str] = {}
    if spec is not None:
        shortcuts = {location.path: block.shortcut for location, block in plan(spec).blocks()}
    return tuple(
        BlockCell(each.number, each.stage, ARCS.get(shortcuts.get(each.path, NO_ADDITION), "dotted"))
        for each in locations
    )


def cells_of_paths(paths: Sequence[str]) -> tuple[BlockCell, ...]:
    """The names and sections of locations of which only the paths are known."""
    found = [Location("stem") if path == "stem" else Location.parse(path) for path in paths]
    return tuple(BlockCell(location.number, location.stage) for location in found)


class EvaluationDepth:
    """The figures by depth of an evaluation, ready to be drawn.

    Attributes:
        files: in its folder.
        answers: of the evaluation.
        cells: its blocks.
    """

    def __init__(self, evaluation: Evaluation) -> None:
        """Read the record of its folder.

        Raises:
            InputError: it was not measured, or a file is damaged.
        """
        self.files, self.answers = DepthFiles(evaluation.folder), evaluation.answers
        self.record = self.files.record
        self.cells = block_cells(self.record.locations, evaluation.record.spec)
        self._pca: dict[int, DepthCloud] = {}
        self._tsne: dict[int, DepthCloud] = {}

    def path(self, place: int) -> str:
        """The path of a location."""
        return self.record.locations[place].path

    def pca(self, place: int) -> DepthCloud:
        """The cloud of a location along its two largest directions.

        Raises:
            InputError: a file is damaged.
        """
        if place not in self._pca:
            self._pca[place] = self._cloud(self.files.pca(self.path(place)))
        return self._pca[place]

    def tsne(self, place: int) -> DepthCloud | None:
        """The cloud of a location by t-SNE; None where it was not made.

        Raises:
            InputError: a file is damaged.
        """
        if place not in self._tsne:
            if self.files.tsne_record(self.path(place)) is None:
                return None
            self._tsne[place] = self._cloud(self.files.tsne(self.path(place)))
        return self._tsne[place]

    def _cloud(self, projection: ProjectedPictures) -> DepthCloud:
        order = np.random.default_rng(SEED).permutation(len(projection.places))
        pictures = projection.places[order]
        names = self.answers.labels
        styles = tuple(class_colour(number) for number in range(len(names)))
        cloud = CloudData(projection.points[order], np.asarray(self.answers.truth)[pictures], names, styles)
        return DepthCloud(cloud, pictures)

    def curve(self, name: str, look: CurveLook) -> ProbeCurve:
        """The probes of all locations; of pictures of one class none says anything."""
        shares = tuple(None if self.of_one_class else location.probe for location in self.record.locations)
        return ProbeCurve(name, look.token, tuple(cell.name for cell in self.cells), shares, look.dash)

    @property
    def of_one_class(self) -> bool:
        """Whether all pictures are of one class, which any probe answers rightly."""
        return self.record.probes.classes < 2

    @property
    def probe_words(self) -> str:
        """What the probes learn from, and what they are tested with."""
        split = self.record.probes
        if self.of_one_class:
            return "linear probe accuracy %"
        found = (
            f"linear probe accuracy %, learnt from {count(split.learnt)} pictures, tested with {count(split.tested)}"
        )
        if split.classes_in_both == split.classes:
            return found
        return f"{found}; {split.classes_in_both} of {split.classes} classes are in both"

    def words(self, place: int, method: str) -> str:
        """What a cloud shows, how it was made, and of how many pictures."""
        location = self.record.locations[place]
        if method == "t-sne":
            made = self.files.tsne_record(location.path)
            if made is None:
                return f"features after {location.number}"
            shown = pictures_words(made.pictures, self.record.of)
            return f"features after {location.number}, {shown}, t-SNE of perplexity {made.perplexity:g}"
        shown = pictures_words(self.record.pictures, self.record.of)
        variance = f", {percent(sum(location.explained))} of variance" if location.explained else ""
        return f"features after {location.number}, {shown}, PCA{variance}"


def pictures_words(pictures: int, of: int) -> str:
    """Of how many pictures something is, such as "340 of 10,000 pictures"."""
    return f"{count(pictures)} pictures" if pictures == of else f"{count(pictures)} of {count(of)} pictures"
