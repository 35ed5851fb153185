"""torchvision's own networks against ours: figures of its weights, and the comparison that the badge shows."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torchvision import models

from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.design.torchvision import ACCURACIES, PrintedAccuracy
from resnet_gui.engine.export.verify import against_torchvision
from resnet_gui.protocol.events import Exported, Failed, Identified, Matched, Mismatch, Verified
from resnet_gui.protocol.jobs import ExportOnnx, Identify, Verify
from tests.checkpoints.public_networks import drawn
from tests.conftest import EngineChild, daily

Start = Callable[..., EngineChild]
KINDS = ["resnet18", "resnet50", "wide_resnet50_2", "resnext50_32x4d"]
"""One of each kind; 'make prove' takes all."""


@pytest.mark.parametrize("name", ACCURACIES)
def test_accuracies_are_those_that_torchvision_prints_with_its_weights(name: str) -> None:
    printed = models.get_model_weights(name).IMAGENET1K_V1.meta["_metrics"]["ImageNet-1K"]
    assert ACCURACIES[name] == PrintedAccuracy(printed["acc@1"], printed["acc@5"])


@pytest.mark.parametrize("name", daily(KINDS, sorted(set(ACCURACIES) - set(KINDS))))
def test_torchvisions_network_has_the_same_layers(name: str) -> None:
    spec = PRESETS[name].spec
    answer = against_torchvision(4, spec, name)
    assert isinstance(answer, Matched)
    with torch.device("meta"):  # half a gigabyte otherwise
        weighted = sum(1 for module in models.get_model(name).modules() if list(module.parameters(recurse=False)))
    assert answer == Matched(4, name, weighted + 2)  # and the two poolings
    assert isinstance(against_torchvision(4, evolve(spec, classes=3, input=(3, 97, 65)), name), Matched)


def test_the_first_layer_that_differs_from_torchvision_is_named() -> None:
    answer = against_torchvision(1, PRESETS["resnet50_v1"].spec, "resnet50")
    assert answer == Mismatch(1, "layer2.0.conv1", "output shape", "128×28×28", "128×56×56", "torchvision")
    missing = against_torchvision(1, PRESETS["resnet34"].spec, "resnet18")
    assert missing == Mismatch(1, "layer1.2.conv1", "layer", "present", "missing", "torchvision")
    extra = against_torchvision(1, PRESETS["resnet18"].spec, "resnet34")
    assert extra == Mismatch(1, "layer1.2.conv1", "layer", "missing", "present", "torchvision")


def test_an_engine_verifies_compares_with_torchvision_identifies_and_writes_onnx(
    fork_engine: Start, tmp_path: Path
) -> None:
    engine = fork_engine()
    engine.send(Verify(1, PRESETS["resnet18"].spec), Verify(2, PRESETS["resnet20"].spec))
    assert engine.wait_for(Verified).job == 1
    assert engine.wait_for(Matched) == Matched(1, "resnet18", 43)
    assert engine.wait_for(Verified).job == 2
    path = tmp_path / "weights.safetensors"
    theirs = drawn(models.resnet18).state_dict()
    save_file(theirs, path)
    engine.send(Identify(3, str(path)))
    found = engine.wait_for(Identified)
    assert (found.job, found.path, found.preset, found.params) == (3, str(path), "resnet18", 11_689_512)
    assert found.design.spec == PRESETS["resnet18"].spec
    assert found.matched == len(theirs)
    assert found.undetermined
    bad = tmp_path / "bad.pt"
    torch.save({"weight": torch.zeros(3)}, bad)
    engine.send(Identify(4, str(bad)), Identify(5, str(tmp_path / "nothing.pt")))
    assert "bad.pt" in engine.wait_for(Failed, lambda event: event.job == 4).message
    assert "nothing.pt" in engine.wait_for(Failed, lambda event: event.job == 5).message
    onnx_file = tmp_path / "net.onnx"
    engine.send(ExportOnnx(6, PRESETS["digits-resnet"].design, str(onnx_file)))
    written = engine.wait_for(Exported, lambda event: event.job == 6)
    assert written.files == ("net.onnx",)
    assert any("equal to 1e-5" in note for note in written.notes)
    assert onnx_file.stat().st_size > 100_000
    engine.send(ExportOnnx(7, PRESETS["digits-resnet"].design, str(tmp_path)))
    assert "folder" in engine.wait_for(Failed, lambda event: event.job == 7).message
