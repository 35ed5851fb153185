"""The body of a network is read alone, whatever its head is, where that is asked for."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import nn

from resnet_gui.checkpoints.identify import identify
from resnet_gui.checkpoints.load import adopt
from tests.checkpoints import public_networks as nets
from tests.checkpoints.public_checkpoints import refusal, shapes_of
from tests.checkpoints.public_networks import conv
from tests.checkpoints.test_heads import WIDTH, body


def detector() -> nn.Module:
    """A detector's names: the body inside, a pyramid and heads of windows beside it."""
    net = body()
    pyramid = nn.ModuleDict({"inner": conv(WIDTH, 8), "layer": conv(8, 8)})
    return nn.ModuleDict({
        "backbone": nn.ModuleDict({"body": net, "fpn": pyramid}),
        "rpn": nn.ModuleDict({"conv": conv(8, 8), "bbox_pred": conv(8, 4, 1)}),
        "roi_heads": nn.ModuleDict({"fc6": nn.Linear(8, 12)}),
    })  # fmt: skip


def segmenter() -> nn.Module:
    """An encoder and a decoder that widens its maps again."""
    parts = {"encoder": body(), "decoder": nn.ModuleDict({"up": conv(WIDTH + 8, 8), "end": conv(8, 8)})}
    return nn.ModuleDict(parts | {"segmentation_head": nn.Sequential(conv(8, 2, 3, bias=True))})


def attentive() -> nn.Module:
    """Stages at the surface, and an attention that pools beside them."""
    net = body()
    net.attnpool = nn.MultiheadAttention(WIDTH, 2)
    return net


ALONE: dict[str, tuple[Callable[[], nn.Module], str]] = {
    "detection": (detector, "backbone.body"),
    "segmentation": (segmenter, "encoder"),
    "attention": (attentive, ""),
    "norms in the head": (lambda: nn.ModuleDict({"backbone": body(), "projector": nn.Sequential(
        nn.Linear(WIDTH, 9), nn.BatchNorm1d(9), nn.ReLU(), nn.Linear(9, 4))}), "backbone"),
    "a head that designs have": (lambda: nn.ModuleDict({"body": body(), "fc": nn.Linear(WIDTH, 3)}), "body"),
}  # fmt: skip


@pytest.mark.parametrize("order", ["as saved", "sorted"])
@pytest.mark.parametrize("name", ALONE)
def test_the_body_of_any_file_is_read_alone_where_that_is_asked_for(name: str, order: str) -> None:
    make, place = ALONE[name]
    network = nets.randomised(make())
    state = network.state_dict()
    state = dict(sorted(state.items())) if order == "sorted" else state
    if name != "a head that designs have":
        assert "; --set head=none reads its body" in refusal(lambda: identify(shapes_of(state)))
    found = identify(shapes_of(state), {"head": "none"})
    assert (found.spec.head, found.spec.blocks, found.notices) == ("none", (1, 2), ())
    alone = network.get_submodule(place) if place else body()
    if not place:
        alone.load_state_dict({key: value for key, value in state.items() if "attnpool" not in key})
    picture = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert torch.allclose(adopt(state, found)(picture), alone.eval()(picture), rtol=1e-5, atol=1e-6)
    names = {f"{place}." if place else ""}
    beside = [key for key in state if not key.startswith(tuple(names)) or "attnpool" in key]
    assert set(found.unmatched) == {key for key in beside if not key.endswith("num_batches_tracked")}


@pytest.mark.parametrize("width", [WIDTH, 24])
def test_a_stage_is_no_head_and_is_not_left_out(width: int) -> None:
    strange = {f"layer3.0.{name}": shape for name, shape in
               {"a.weight": (width, WIDTH, 3, 3), "b.weight": (width, 5, 3, 3)}.items()}  # fmt: skip
    shapes = {name.replace("layers.0", "layer1").replace("layers.1", "layer2"): shape
              for name, shape in shapes_of(body().state_dict()).items()} | strange  # fmt: skip
    assert "head=none" not in refusal(lambda: identify(shapes))
    refusal(lambda: identify(shapes, {"head": "none"}))
