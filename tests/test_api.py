"""The functions for people who write code: what they give, and that importing the package loads nothing heavy."""

from __future__ import annotations

import doctest
import os
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest
import torch

import resnet_gui
from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import InputError
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.design.spec import evolve
from resnet_gui.network.resnet import ResNet
from tests.conftest import ROOT


def test_the_examples_of_the_documentation_are_true(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    options = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
    done = doctest.testfile(str(ROOT / "docs" / "api.md"), module_relative=False, optionflags=options)
    assert done.failed == 0
    assert done.attempted > 15


def test_importing_the_package_and_planning_load_neither_torch_nor_qt() -> None:
    script = (
        "import sys, resnet_gui\n"
        "heavy = {'torch', 'PySide6', 'numpy', 'msgspec'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "resnet_gui.summary('resnet50'), resnet_gui.plan('resnet20'), resnet_gui.presets()\n"
        "missing = set(resnet_gui.__all__) - set(dir(resnet_gui))\n"
        "print(sorted({'torch', 'PySide6'} & set(sys.modules)), sorted(missing))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT, env=os.environ
    )
    assert done.stdout.strip() == "[] []"


def card(model: ResNet, **changes: object) -> ModelInfo:
    """The card of a network for ten classes and colour pictures, with some fields changed."""
    info = ModelInfo(
        name="mine", spec=model.plan.spec, classes=tuple("abcdefghij"), mean=(0.5,) * 3, std=(0.2,) * 3, data="cifar10",
        top1=0.5, sha256="",
    )  # fmt: skip
    return msgspec.structs.replace(info, **changes)


def test_a_network_is_saved_with_its_card_and_comes_back_to_the_bit(tmp_path: Path) -> None:
    model = resnet_gui.build("resnet20")
    resnet_gui.save_model(model, tmp_path / "mine.safetensors", card(model))
    back = resnet_gui.load_model(tmp_path / "mine.safetensors")
    assert all(torch.equal(value, back.state_dict()[name]) for name, value in model.state_dict().items())
    assert resnet_gui.identify(tmp_path / "mine.safetensors").spec == model.plan.spec
    assert totals(resnet_gui.plan(model.plan.spec)).cost.params == sum(p.numel() for p in model.parameters())


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"classes": ("cat", "dog")}, "The card has 2 labels, but the network has 10 classes"),
        ({"mean": (0.5,)}, "mean has 1 and its std 3 values, but the network's input has 3 channels"),
        ({"std": (0.2, 0.0, 0.2)}, "std above 0"),
        ({"mean": (0.5, float("nan"), 0.5)}, "must be finite numbers"),
        ({"spec": evolve(resnet_gui.preset("resnet20").spec, zero_init=True)}, "spec is not the network's"),
    ],
)
def test_a_card_that_could_never_be_read_again_is_not_written(
    changes: dict[str, object], sentence: str, tmp_path: Path
) -> None:
    model = resnet_gui.build("resnet20")
    with pytest.raises(InputError, match=sentence):
        resnet_gui.save_model(model, tmp_path / "a.safetensors", card(model, **changes))
    assert list(tmp_path.iterdir()) == []


def test_weights_that_could_never_be_read_again_are_not_written(tmp_path: Path) -> None:
    replaced, broken = resnet_gui.build("resnet20"), resnet_gui.build("resnet20")
    replaced.fc = torch.nn.Linear(64, 3)
    with torch.no_grad():
        broken.get_parameter("conv1.weight")[0] = float("nan")
    for model, sentence in ((replaced, "'fc.weight' is not as"), (broken, "'conv1.weight' holds values")):
        with pytest.raises(InputError, match=sentence):
            resnet_gui.save_model(model, tmp_path / "a.safetensors", card(model))
    assert list(tmp_path.iterdir()) == []


def test_the_digest_is_that_of_the_weights_that_are_written_whatever_the_card_says(tmp_path: Path) -> None:
    model = resnet_gui.build("resnet20")
    resnet_gui.save_model(model, tmp_path / "a.safetensors", card(model, sha256="of other weights"))
    back = resnet_gui.load_model(tmp_path / "a.safetensors")
    assert torch.equal(back.get_parameter("conv1.weight"), model.get_parameter("conv1.weight"))


def test_what_is_not_there_is_said() -> None:
    with pytest.raises(InputError, match="resnet51"):
        resnet_gui.build("resnet51")
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        resnet_gui.nonsense  # noqa: B018
