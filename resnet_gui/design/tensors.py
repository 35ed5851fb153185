"""The tensors of a plan's state_dict, by name, without building it."""

from __future__ import annotations

from resnet_gui.design.bounds import Shape
from resnet_gui.design.structure import LayerPlan, Plan


def layer_tensors(layer: LayerPlan) -> dict[str, Shape]:
    """Part -> shape of a layer's tensors, in torch's order; the scalar count of batches has the shape ()."""
    match layer.kind:
        case "conv":
            weight: Shape = (layer.output[0], layer.input[0] // layer.groups, layer.kernel, layer.kernel)
        case "linear":
            weight = (layer.output[0], layer.input[0])
        case "bn" | "group_norm":
            channels = (layer.output[0],)
            affine: dict[str, Shape] = {"weight": channels, "bias": channels}
            if layer.kind == "group_norm":
                return affine
            return {**affine, "running_mean": channels, "running_var": channels, "num_batches_tracked": ()}
        case _:
            return {}
    return {"weight": weight, "bias": weight[:1]} if layer.bias else {"weight": weight}


def tensor_shapes(plan: Plan) -> dict[str, Shape]:
    """Full name -> shape of every tensor of the network's state_dict."""
    return {f"{path}.{part}": shape for path, layer in plan.layers() for part, shape in layer_tensors(layer).items()}
