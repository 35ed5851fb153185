"""Before the first step all weights but a new head are the source's, bit for bit: of every preset, and of any file."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from resnet_gui.data.model_card import ModelInfo
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.train.start.head_rows import in_head
from resnet_gui.engine.train.start.starting_weights import first_network, read_starting_weights
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import save_model, weights_sha256
from resnet_gui.runs.folder import DataIdentity, RunInfo
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest
from tests.conftest import daily

CLASSES = ("cat", "dog", "elk")


def thin(spec: ResNetSpec) -> ResNetSpec:
    """The same with one block a stage and few channels: every kind of tensor of its family, and quick."""
    widths = tuple(16 * 2**stage for stage in range(len(spec.widths)))
    grouped = {"groups": 2, "width_per_group": 64} if spec.groups > 1 else {}
    return evolve(spec, blocks=(1,) * len(spec.blocks), widths=widths, stochastic_depth=0.0, **grouped)


THIN = {repr(thin(preset.spec)): (name, thin(preset.spec)) for name, preset in reversed(PRESETS.items())}
"""Presets that differ in nothing but their size are one."""


def source_of(spec: ResNetSpec) -> ResNet:
    """A network whose every tensor, statistics included, has values of its own."""
    torch.manual_seed(7)
    model = ResNet(plan(spec)).eval()
    with torch.no_grad():
        for tensor in model.state_dict().values():
            tensor.copy_(torch.rand_like(tensor) + 0.5 if tensor.is_floating_point() else tensor + 3)
    return model


def begun(start: StartRequest, spec: ResNetSpec) -> ResNet:
    """The network of a run that begins from weights, before its first step."""
    ours = evolve(spec, classes=len(CLASSES))
    channels = (0.5,) * ours.input[0]
    data = DataIdentity(
        name="x", classes=CLASSES, train_images=4, test_images=4, sha256="", mean=channels, std=channels
    )
    info = RunInfo(
        name="x",
        spec=ours,
        recipe=Recipe(),
        data=data,
        device="cpu",
        precision="fp32",
        threads=1,
        versions={},
        created="",
    )
    return first_network(info, read_starting_weights(start, ours, CLASSES))


def check_equal(network: ResNet, source: ResNet) -> None:
    own, given = network.state_dict(), source.state_dict()
    backbone = [name for name in own if not in_head(name)]
    assert backbone
    assert len(backbone) < len(own)
    for name in backbone:
        assert torch.equal(own[name], given[name]), name
        assert own[name].dtype == given[name].dtype


@pytest.mark.parametrize(("name", "spec"), THIN.values(), ids=[name for name, _ in THIN.values()])
def test_every_family_of_presets_begins_with_the_tensors_of_its_weights(
    name: str, spec: ResNetSpec, tmp_path: Path
) -> None:
    source = source_of(spec)
    channels = (0.5,) * spec.input[0]
    labels = tuple(f"class {number}" for number in range(spec.classes))
    state = source.state_dict()
    card = ModelInfo(
        name=name,
        spec=spec,
        classes=labels,
        mean=channels,
        std=channels,
        data="x",
        top1=0.5,
        sha256=weights_sha256(state),
    )
    save_model(tmp_path / "w.safetensors", state, card)
    check_equal(begun(StartRequest(model=str(tmp_path / "w.safetensors")), spec), source)


@pytest.mark.parametrize("name", daily(["preact_resnet164"], ["resnet50_v1", "resnet18", "resnet34_a", "resnet20"]))
def test_a_checkpoint_that_is_identified_gives_its_tensors(name: str, tmp_path: Path) -> None:
    spec = thin(PRESETS[name].spec)
    source = source_of(spec)
    renamed = {f"model.module.{key.replace('layer', 'stage')}": value for key, value in source.state_dict().items()}
    other = {key: torch.zeros_like(value) for key, value in renamed.items()}
    torch.save({"epoch": 3, "student": renamed, "teacher": other}, tmp_path / "w.pt")
    start = StartRequest(model=str(tmp_path / "w.pt"), key="student")
    check_equal(begun(start, spec), source)
