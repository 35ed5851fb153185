"""A walk through a network for people far from the screen: stage by stage, block by block, layer by layer."""

from __future__ import annotations

from typing import Final, Literal

import msgspec

from resnet_gui.analysis.arithmetic import Step, cost_steps, field_steps, find_layer, group_steps, size_steps
from resnet_gui.analysis.costs import Cost, block_cost, layer_cost
from resnet_gui.analysis.layer_names import paper_layer_name, path_title
from resnet_gui.base.text import shape_text
from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import BLOCKS, KINDS
from resnet_gui.design.location import Location, Section
from resnet_gui.design.structure import BlockPlan, Plan
from resnet_gui.gui.kit.format import count, shape

Level = Literal["stages", "blocks", "layers"]
LEVELS: Final[tuple[Level, ...]] = ("stages", "blocks", "layers")

FIGURES: Final = ("shape", "parameters", "MACs", "receptive field")
"""The figures whose arithmetic can be shown, in the order of the key that goes through them."""

MOST_TERMS: Final = 6
"""Terms of a sum of blocks that are read from the last row of a room."""


class WalkStop(msgspec.Struct, frozen=True):
    """The caption of a stop in a walk.

    Attributes:
        title: its name, as in the paper.
        kind: what it is.
        shapes: what it reads and writes.
        params, macs: what it costs.
    """

    title: str
    kind: str
    shapes: str
    params: str
    macs: str


class NetworkWalk:
    """A place in a network that moves with the arrow keys; it survives edits where the network still has the place.

    Attributes:
        level: what a step goes along.
        location: where it stands.
    """

    def __init__(self, plan: Plan) -> None:
        self.level: Level = "stages"
        self.location = Location("stem")
        self._plan = plan

    def show_plan(self, plan: Plan) -> None:
        """Walk through another network from the same place, or from its stage, or from the beginning."""
        self._plan = plan
        wanted = self.location
        for place, level in (
            (wanted, self.level), (wanted.without_layer(), "blocks"), (Location(wanted.stage), "stages"),
        ):  # fmt: skip
            if place in self._stops(level):
                self.location, self.level = place, level
                return
        self.location, self.level = Location("stem"), "stages"

    # ---- moving

    def step(self, by: int) -> None:
        """Go on along the level; at the end of a stage or block into the next."""
        stops = self._stops(self.level)
        place = stops.index(self.location) + by
        if 0 <= place < len(stops):
            self.location = stops[place]

    def deeper(self) -> None:
        """Into the stage's first block, or the block's first layer; stem and head have layers at once."""
        place = self.location
        if self.level == "stages" and isinstance(place.stage, int):
            self.location, self.level = Location(place.stage, 0), "blocks"
        elif self.level != "layers":
            first = self._group(place).layers[0].name
            self.location, self.level = place.with_layer(first), "layers"

    def higher(self) -> None:
        """Out of the block to its stage, or out of the layer to its block."""
        place = self.location
        if self.level == "layers" and isinstance(place.stage, int):
            self.location, self.level = place.without_layer(), "blocks"
        elif self.level != "stages":
            self.location, self.level = Location(place.stage), "stages"

    def next_level(self) -> None:
        """Deeper, and from the layers back to the stages."""
        if self.level == "layers":
            self.location, self.level = Location(self.location.stage), "stages"
        else:
            self.deeper()

    def _stops(self, level: Level) -> list[Location]:
        plan = self._plan
        sections: list[Section] = ["stem", *range(len(plan.stages)), "head"]
        if level == "stages":
            return [Location(section) for section in sections]
        blocks = [Location(stage.index, number) for stage in plan.stages for number in range(len(stage.blocks))]
        if level == "blocks":
            return blocks
        whole = [Location("stem"), *blocks, Location("head")]
        return [place.with_layer(layer.name) for place in whole for layer in self._group(place).layers]

    def _group(self, place: Location) -> BlockPlan:
        if not isinstance(place.stage, int):
            return self._plan.stem if place.stage == "stem" else self._plan.head
        return self._plan.stages[place.stage].blocks[place.block or 0]

    # ---- the caption

    @property
    def path(self) -> str:
        """PyTorch's path of the stop; "stem" and "head" of these."""
        return self.location.path or str(self.location.stage)

    def stop(self) -> WalkStop:
        """What the caption says."""
        place, plan = self.location, self._plan
        found = find_layer(plan, place.path) if place.layer else None
        if found is not None:
            layer = found.layer
            name = paper_layer_name(layer)
            title = f"{place.without_layer().paper_name}: {name}" if place.block is not None else name
            return _stop(title, KINDS[layer.kind].title, (layer.input, layer.output), layer_cost(layer))
        group = self._group(place)
        if place.block is not None or not isinstance(place.stage, int):
            kind = BLOCKS[group.kind].title if group.kind in BLOCKS else "layers outside the stages"
            title = place.paper_name if place.block is not None else place.section_title
            return _stop(title, kind, (group.input, group.output), block_cost(group))
        stage = plan.stages[place.stage]
        costs = [block_cost(block) for block in stage.blocks]
        total = Cost(sum(cost.params for cost in costs), sum(cost.macs for cost in costs))
        kind = f"{len(costs)} blocks" if len(costs) > 1 else "1 block"
        title = f"{place.section_title}, {place.paper_name}"
        return _stop(title, kind, (stage.blocks[0].input, stage.output), total)

    def arithmetic(self, figure: str) -> tuple[str, ...]:
        """The lines of the arithmetic of one of ``FIGURES`` at this stop."""
        place, plan, path = self.location, self._plan, self.path
        found = find_layer(plan, place.path) if place.layer else None
        match figure:
            case "parameters" | "MACs":
                if found is not None:
                    wanted = {figure, "additions"} if figure == "MACs" else {figure}
                    steps = [step for step in cost_steps(found.layer) if step.name in wanted]
                else:
                    steps = self._sum_steps(path, figure)
                return tuple(map(_line, steps)) or (f"{figure}: none",)
            case "receptive field":
                last = path if found is not None else self._last_path()
                step = field_steps(plan, last)[-1]
                # Titles are the paper's here, and so are the names of layers below them.
                named = msgspec.structs.replace(step, name=path_title(plan, step.name, "paper"))
                return (_line(named),)
            case _:
                steps = size_steps(found.layer, found.block) if found is not None else self._shape_steps()
                return tuple(map(_line, steps))

    def _sum_steps(self, path: str, figure: str) -> list[Step]:
        """The sum over the parts of a group of layers; of a single part its own."""
        steps = group_steps(self._plan, path, _AMOUNTS[figure], figure)
        if len(steps) != 2:
            return steps[-1:]
        part = steps[0].name
        found = find_layer(self._plan, part)
        if found is None:
            return self._sum_steps(part, figure)
        return [step for step in cost_steps(found.layer) if step.name == figure]

    def _shape_steps(self) -> list[Step]:
        """What changes size or channels on the way through a block, stage, stem or head, and what keeps them."""
        place, stage = self.location, self.location.stage
        if isinstance(stage, int) and place.block is None:
            named = [(f"{Location(stage, number).paper_name} ", block)
                     for number, block in enumerate(self._plan.stages[stage].blocks)]  # fmt: skip
        else:
            named = [("", self._group(place))]
        steps, channels = list[Step](), list[Step]()
        last = named[-1][1].output
        for prefix, block in named:
            for layer in block.main():
                found = size_steps(layer)
                if layer.input[1:] != layer.output[1:]:
                    steps += [_named(step, prefix + layer.name) for step in found if step.name != "channels"]
                if layer.input[0] != layer.output[0] == last[0] and not channels:
                    channels = [_named(found[-1], prefix + layer.name)]
        if not steps:
            steps = [Step("size", "no layer changes it", shape_text(last[1:]), is_sum=False)]
        if not channels:
            channels = [Step("channels", "as many as it reads", str(last[0]), is_sum=False)]
        added = [Step("sum", "branch and shortcut, each of this shape", shape_text(last), is_sum=False)]
        return [*steps, *(step for step in channels if step not in steps), *(added if named[-1][1].adds else ())]

    def _last_path(self) -> str:
        """The layer that a group of layers ends with."""
        place = self.location
        if isinstance(place.stage, int) and place.block is None:
            return self._plan.stages[place.stage].last_layer.path
        return place.with_layer(self._group(place).layers[-1].name).path


_AMOUNTS: Final = {"parameters": lambda cost: cost.params, "MACs": lambda cost: cost.macs}


def _stop(title: str, kind: str, shapes: tuple[Shape, Shape], cost: Cost) -> WalkStop:
    way = " → ".join(map(shape, shapes))
    return WalkStop(title, kind, way, count(cost.params), count(cost.macs))


def _named(step: Step, layer: str) -> Step:
    return Step(f"{layer}, {step.name}", step.working, step.result, step.note, step.is_sum)


def _line(step: Step) -> str:
    """A line of a calculation, its sum short enough to be read from afar."""
    terms = step.working.split(" + ")
    working = step.working
    if len(terms) > MOST_TERMS and "(" not in working and "⌊" not in working:
        working = " + ".join((*terms[:3], "…", *terms[-2:]))
    if not working:
        return f"{step.name}: {step.result}"
    return f"{step.name}: {working} {'=' if step.is_sum else '→'} {step.result}"
