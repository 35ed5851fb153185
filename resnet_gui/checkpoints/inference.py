"""The conclusion from the roles of layers to a design: the last step of identifying a checkpoint."""

from __future__ import annotations

import math

from resnet_gui.base.errors import InputError, SpecError
from resnet_gui.checkpoints.grammar import BlockFound, ParsedCheckpoint
from resnet_gui.checkpoints.search import misfit, pruned
from resnet_gui.checkpoints.tensor_layers import FoundLayer
from resnet_gui.design import bounds
from resnet_gui.design.checks import smallest_input
from resnet_gui.design.choices import BLOCKS, HEADS, NORMS, PROJECTIONS, STEMS
from resnet_gui.design.choices.attention.squeeze_excitation import squeezed_width
from resnet_gui.design.spec import ResNetSpec


class Inference:
    """The conclusion from the roles of layers to the fields of a spec."""

    def __init__(self, parsed: ParsedCheckpoint) -> None:
        self.parsed = parsed
        self.blocks = parsed.blocks
        self.grammar = parsed.grammar

    def spec(self) -> ResNetSpec:
        """The design, with usual values for what shapes do not tell.

        Raises:
            InputError: no design of the space has these layers.
        """
        shortcut, starts, strided = self._shortcut()
        stages = [self.blocks[start] for start in starts]
        counts = tuple(after - before for before, after in zip(starts, [*starts[1:], len(self.blocks)], strict=True))
        expansion = BLOCKS[self.grammar.block].expansion
        widths = tuple(block.out // expansion for block in stages)
        usual = (1,) + (2,) * (len(stages) - 1)
        found = tuple(2 if number in strided else 1 for number in range(len(stages)))
        strides = None if found == usual else found
        stem, stem_width = self.grammar.stem, self.parsed.stem_convs[-1].out
        fields: dict[str, object] = {
            "block": self.grammar.block, "blocks": counts, "widths": widths, "shortcut": shortcut, "stem": stem,
            "order": "full_preact" if self.grammar.preactivated else "original",
            "stem_width": None if stem_width == widths[0] else stem_width,
            "strides": strides,
            "activated_stem": self.grammar.preactivated and self.grammar.stem_norm,
            "final_activation": not self.grammar.preactivated or self.parsed.last_norm is not None,
            "ablation": "shortcut_gating" if self.grammar.gated else "none",
            "hidden": tuple(layer.out for layer in self.parsed.head[:-1]),
            **self._groups(stages), **self._norms(), **self._biases(), **self._excitation(),
        }  # fmt: skip
        fields |= self._head_and_input(stem, strides or usual)
        try:
            return ResNetSpec(**fields)  # type: ignore[arg-type]
        except SpecError as error:
            raise InputError(f"its layers are those of no design of this program: {error}") from error

    def _shortcut(self) -> tuple[str, list[int], set[int]]:
        """Option, first block of each stage, and the stages that stride."""
        changes = [block.inputs != block.out for block in self.blocks]
        projects = [block.projects for block in self.blocks]
        widths = [(block.out, block.inner, block.groups) for block in self.blocks]
        starts = [0, *(number for number in range(1, len(widths)) if widths[number] != widths[number - 1])]
        if not any(projects):
            shrinks = any(block.out < block.inputs for block in self.blocks)
            usual: str = "A" if any(changes) else "B"
            return ("none" if shrinks else usual), starts, {*range(1, len(starts))}
        pairs = list(enumerate(zip(changes, projects, strict=True)))
        missing = [self.blocks[number] for number, (change, has) in pairs if change and not has]
        if missing:
            raise misfit(missing[0].layers["conv1"])
        everywhere = all(projects) and not all(changes)
        # A projection that keeps the channels is there for its stride, so a stage begins with it.
        extra = [number for number, (change, has) in pairs if has and not change and not everywhere]
        wide = self._wide_projections()
        if wide is not None:
            narrow = [number for number in extra if number not in wide]
            if narrow:
                raise misfit(self.blocks[narrow[0]].layers["projection"])
            extra = wide
        starts = sorted({*starts, *extra})
        if extra and len(starts) > bounds.MAX_STAGES:
            raise misfit(self.blocks[extra[-1]].layers["projection"])
        strided = {*range(0 if 0 in extra else 1, len(starts))}
        if wide is not None:
            strided = {stage for stage, start in enumerate(starts) if start in wide}
        return ("C" if everywhere else "B"), starts, strided

    def _projection_kernels(self) -> frozenset[int]:
        """Edges of the windows of all projections."""
        return frozenset(block.layers["projection"].kernel for block in self.blocks if block.projects)

    def _wide_projections(self) -> list[int] | None:
        """Blocks with the larger window, where projections have two: these stride; None where they have one."""
        kernels = self._projection_kernels()
        if len(kernels) < 2:
            return None
        blocks = enumerate(self.blocks)
        return [number for number, block in blocks if block.projects and block.layers["projection"].kernel > 1]

    def _groups(self, stages: list[BlockFound]) -> dict[str, object]:
        """Groups and width per group; the width is the one nearest to 64 that gives every stage's channels."""
        groups = stages[0].groups
        if not BLOCKS[self.grammar.block].grouped:
            return {}
        for stage in stages:
            if stage.groups != groups:
                raise misfit(stage.layers["conv2"])
        wanted = [(stage.out // BLOCKS[self.grammar.block].expansion, stage.inner // groups) for stage in stages]
        width, inner = max(wanted)
        low, high = math.ceil(64 * inner / width), math.ceil(64 * (inner + 1) / width)
        fits = [
            candidate
            for candidate in range(max(1, low - 1), min(high + 1, bounds.MAX_WIDTH) + 1)
            if all(int(wide * (candidate / 64)) == narrow for wide, narrow in wanted)
        ]
        if not fits:
            for stage in stages:
                if any(other.out == stage.out and other.inner != stage.inner for other in stages):
                    raise pruned(stage)
            raise misfit(stages[-1].layers["conv2"])
        return {"groups": groups, "width_per_group": min(fits, key=lambda found: (abs(found - 64), found))}

    def _norms(self) -> dict[str, object]:
        found = [layer for layer in self._everything() if layer.kind == "norm"]
        if not found:
            return {"norm": next(key for key, choice in NORMS.items() if choice.kind is None)}
        # Of several norms with these tensors the first; ``undetermined`` says which others have them.
        norm = next((choice for choice in NORMS.values() if choice.parts == found[0].parts), None)
        stranger = next((layer for layer in found if layer.parts != found[0].parts), None)
        if norm is None or stranger is not None:
            raise misfit(stranger or found[0])
        answer: dict[str, object] = {"norm": norm.key}
        if norm.groups:
            # Also of channels that no norm of this order meets: a design is asked for all of them.
            convs = [layer.out for layer in self.parsed.stem.values()]
            inside = [size for block in self.blocks for size in (block.layers["conv1"].out, block.inner, block.out)]
            channels = [*convs, *inside]
            common, least = math.gcd(*channels), min(channels)
            legal = [count for count in range(1, common + 1) if common % count == 0 and count < least]
            answer["norm_groups"] = 32 if 32 in legal else legal[-1] if legal else 1
        if any(block.projects for block in self.blocks):
            usual = not self.grammar.preactivated
            answer["projection_norm"] = None if self.grammar.projection_norm == usual else self.grammar.projection_norm
        return answer

    def _biases(self) -> dict[str, object]:
        """Where convolutions have biases; a convolution that lacks what the others have gets one of zeros."""
        main = self.parsed.stem_convs
        main += [layer for block in self.blocks for role, layer in block.layers.items() if role.startswith("conv")]
        projections = [block.layers["projection"] for block in self.blocks if block.projects]
        bias, projected = any(layer.bias for layer in main), any(layer.bias for layer in projections)
        return {"conv_bias": bias, "projection_bias": None if projected == bias or not projections else projected,
                "projection": self.projection() or next(iter(PROJECTIONS))}  # fmt: skip

    def projection(self) -> str | None:
        """What tensors and names say of projections; None if nothing.

        Windows of their own tell their choice; in names, place 1 with nothing at 0 stands behind a pooling.
        """
        kernels = self._projection_kernels()
        for key, choice in PROJECTIONS.items():
            if kernels == {*choice.kernels} != {1}:
                return key
        paths = {layer.path for layer in self._everything()}
        projections = [block.layers["projection"] for block in self.blocks if block.projects]
        places = {layer.path.rpartition(".")[2] for layer in projections}
        if places == {"1"} and not any(f"{layer.container}.0" in paths for layer in projections):
            return "avg_pool"
        # A container that is numbered itself may stand behind a pooling of its own.
        numbered = any(layer.container.rpartition(".")[2].isdecimal() for layer in projections)
        return "conv" if places == {"0"} and not numbered else None

    def _excitation(self) -> dict[str, object]:
        if not self.grammar.excited:
            return {}
        pairs = {(block.out, block.layers["fc1"].out) for block in self.blocks}
        for divisor in (8, 1, *range(2, bounds.MAX_SE_DIVISOR + 1)):
            for ratio in (16, 8, 4, 2, 32, 64, *range(1, 513)):
                if all(squeezed_width(channels, ratio, divisor) == squeezed for channels, squeezed in pairs):
                    return {"se_ratio": ratio, "se_divisor": divisor}
        raise misfit(self.blocks[0].layers["fc1"])

    def _head_and_input(self, stem: str, strides: tuple[int, ...]) -> dict[str, object]:
        """Head and picture; a flattened map tells its area, anything else nothing about the picture's size."""
        channels = self.parsed.stem_convs[0].shape[1]
        size = max(STEMS[stem].picture, smallest_input(stem, strides))
        picture = (channels, size, size)
        if not self.parsed.head:
            return {"head": next(key for key, choice in HEADS.items() if not choice.classifies), "input": picture}
        classes = self.parsed.head[-1].out
        area = self.parsed.head[0].shape[1] // self.blocks[-1].out
        if area == 1:
            return {"input": picture, "classes": classes}
        height = max(edge for edge in range(1, math.isqrt(area) + 1) if area % edge == 0)
        step = math.prod((*STEMS[stem].strides, *strides))
        picture = (channels, height * step, area // height * step)
        if max(picture[1:]) > bounds.MAX_SIZE:
            raise misfit(self.parsed.head[0])
        flat = next(key for key, choice in HEADS.items() if not choice.pools)
        return {"head": flat, "input": picture, "classes": classes}

    def _everything(self) -> list[FoundLayer]:
        last = [self.parsed.last_norm] if self.parsed.last_norm else []
        inside = [layer for block in self.blocks for layer in block.layers.values()]
        return [*self.parsed.stem.values(), *inside, *last, *self.parsed.head]
