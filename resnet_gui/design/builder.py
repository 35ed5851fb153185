"""A chain of layers, each reading what the last one wrote; the one place where shapes are computed."""

from __future__ import annotations

from resnet_gui.design.bounds import Shape
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.design.structure import Branch, LayerKind, LayerPlan


def window(size: int, kernel: int, stride: int, padding: int) -> int:
    """Positions of a window along one axis: ⌊(size + 2·padding − kernel) / stride⌋ + 1 (pixels)."""
    return (size + 2 * padding - kernel) // stride + 1


class PlanBuilder:
    """Writes layers one after the other.

    Attributes:
        shape: what the last layer wrote.
        layers: written so far.
        branch: of the layers that come next.
    """

    def __init__(self, spec: ResNetSpec, shape: Shape, branch: Branch = "main") -> None:
        self._spec = spec
        self.shape = shape
        self.branch: Branch = branch
        self.layers: list[LayerPlan] = []

    def add(self, name: str, kind: LayerKind, output: Shape | None = None, **options: float) -> None:
        """A layer whose output is known; it keeps the shape unless told otherwise."""
        shape = self.shape if output is None else output
        layer = LayerPlan(name=name, kind=kind, input=self.shape, output=shape, branch=self.branch, **options)  # type: ignore[arg-type]
        self.layers.append(layer)
        self.shape = shape

    def sliding(self, name: str, kind: LayerKind, channels: int, geometry: tuple[int, int, int], **more: float) -> None:
        """A window over the map; ``geometry`` is kernel, stride, padding."""
        kernel, stride, padding = geometry
        height, width = (window(size, kernel, stride, padding) for size in self.shape[1:])
        self.add(name, kind, (channels, height, width), kernel=kernel, stride=stride, padding=padding, **more)

    def conv(self, name: str, channels: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        """A convolution with the padding that keeps the size at stride 1."""
        bias = self._spec.projects_with_bias if self.branch == "shortcut" else self._spec.conv_bias
        self.sliding(name, "conv", channels, (kernel, stride, kernel // 2), bias=bias, groups=groups)

    def norm(self, name: str) -> None:
        """The design's normalisation, if it has one."""
        if self._spec.norm == "batch":
            self.add(name, "bn")
        elif self._spec.norm == "group":
            self.add(name, "group_norm", groups=self._spec.norm_groups)

    def activate(self, place: int | str) -> None:
        """The design's activation, named after itself and the place: ``relu1``."""
        self.add(f"{self._spec.activation}{place}", self._spec.activation)
