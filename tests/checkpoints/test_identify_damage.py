"""Checkpoints that lack layers or halves of them are refused, never read as another network; real files come back."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
import torch
import torchvision
from hypothesis import given
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.checkpoints.load import adopt, examine, load_foreign
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.tensors import tensor_shapes
from resnet_gui.network.resnet import ResNet
from tests.conftest import examples
from tests.designs import plainly_named


def weights(name: str) -> dict[str, Tensor]:
    state: dict[str, Tensor] = getattr(torchvision.models, name)(weights=None).state_dict()
    return state


def narrow(name: str) -> dict[str, Tensor]:
    """The tensors of a network of torchvision, a few channels wide."""
    state = ResNet(plan(evolve(PRESETS[name].spec, widths=(4, 8, 16, 32)))).state_dict()
    with torch.device("meta"):
        assert list(state) == list(weights(name))
    return state


@pytest.mark.parametrize(
    ("name", "lost"),
    [
        ("resnet18", "layer4.1.bn2."), ("resnet50", "layer4.2.bn3."), ("resnet18", "bn1."),
        ("resnet50", "layer3.2.bn2.running_var"), ("resnet18", "layer1.0.bn1.running_mean"),
        ("resnet18", "layer2.0.downsample.1."), ("resnet18", "layer3.1.bn1.weight"),
    ],
)  # fmt: skip
def test_a_file_that_lost_a_norm_or_a_half_of_one_is_refused(tmp_path: Path, name: str, lost: str) -> None:
    whole = narrow(name)
    torch.save(whole, tmp_path / "whole.pt")
    assert load_foreign(tmp_path / "whole.pt")[1].unmatched == ()
    state = {key: value for key, value in whole.items() if not key.startswith(lost)}
    torch.save(state, tmp_path / "lost.pt")
    with pytest.raises(InputError, match="tensor '"):
        load_foreign(tmp_path / "lost.pt")


def test_a_variance_below_zero_is_refused(tmp_path: Path) -> None:
    state = narrow("resnet18")
    state["layer1.0.bn1.running_var"][3] = -1.0
    torch.save(state, tmp_path / "negative.pt")
    with pytest.raises(InputError, match=r"layer1\.0\.bn1\.running_var' is a variance and holds negative"):
        load_foreign(tmp_path / "negative.pt")


def test_parameters_without_statistics_may_be_batch_normalisation_and_it_is_said(tmp_path: Path) -> None:
    model = torchvision.models.resnet18(weights=None)
    torch.save(dict(model.named_parameters()), tmp_path / "params.pt")
    found = examine(tmp_path / "params.pt")[1]
    assert found.spec.norm == "group"
    assert any(sentence.startswith("norm: whether it is batch") for sentence in found.undetermined)


def test_a_good_file_under_the_name_of_another_kind_is_read(tmp_path: Path) -> None:
    torch.save(weights("resnet18"), tmp_path / "weights.safetensors")
    assert load_foreign(tmp_path / "weights.safetensors")[1].preset == "resnet18"


@given(spec=plainly_named())
@examples(12)
def test_a_drawn_design_comes_back_from_a_real_file_with_every_weight_in_its_place(
    tmp_path_factory: pytest.TempPathFactory, spec: ResNetSpec
) -> None:
    torch.manual_seed(5)
    model = ResNet(plan(spec)).eval()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor in (module.running_mean, module.running_var, module.weight, module.bias):
                assert tensor is not None
                nn.init.uniform_(tensor, 0.5, 1.5)
    path = tmp_path_factory.mktemp("wild") / "drawn.pth"
    state = {f"module.{name}": value for name, value in model.state_dict().items()}
    torch.save({"epoch": 3, "state_dict": state, "optimizer": {"lr": 0.1}}, path)
    checkpoint, found = examine(path)
    if list(tensor_shapes(plan(found.spec))) != list(tensor_shapes(plan(spec))):
        return  # Stages merged, or twins whose other names are another test's.
    again = adopt(checkpoint.state, msgspec.structs.replace(found, spec=spec))
    picture = torch.randn(2, *spec.input)
    with torch.inference_mode():
        assert torch.equal(again(picture), model(picture))
