"""The tensors of a plan's state_dict, by name, without building it."""

from __future__ import annotations

from resnet_gui.design.bounds import Shape
from resnet_gui.design.choices import KINDS
from resnet_gui.design.structure import LayerPlan, Plan


def layer_tensors(layer: LayerPlan) -> dict[str, Shape]:
    """Part -> shape of a layer's tensors, in torch's order; the scalar count of batches has the shape ()."""
    return KINDS[layer.kind].tensors(layer)


def tensor_shapes(plan: Plan) -> dict[str, Shape]:
    """Full name -> shape of every tensor of the network's state_dict."""
    return {f"{path}.{part}": shape for path, layer in plan.layers() for part, shape in layer_tensors(layer).items()}
