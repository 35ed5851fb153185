"""Weights that no training can begin from: one sentence each, on the question and on the command line, and no run."""

from __future__ import annotations

import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.cli.main import main
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import Design, ResNetSpec, evolve, save_design
from resnet_gui.engine.train.start.starting_weights import weights_fitted
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.start_messages import FitWeights
from resnet_gui.training.start import StartRequest

SPEC = ResNetSpec(block="basic", stem="cifar", input=(1, 8, 8), blocks=(1, 1), widths=(4, 8), classes=10)
State = dict[str, Tensor]


def state_of(spec: ResNetSpec = SPEC) -> State:
    torch.manual_seed(0)
    return dict(ResNet(plan(spec)).state_dict())


class Intruder:
    """What a pickle may call when it is read."""

    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("was called",)


def truncated(path: Path) -> None:
    torch.save(state_of(), path)
    path.write_bytes(path.read_bytes()[:-5000])


def with_code(path: Path) -> None:
    path.write_bytes(pickle.dumps({"state_dict": Intruder()}))


def infinite(path: Path) -> None:
    torch.save(state_of() | {"layer1.0.conv1.weight": torch.full((4, 4, 3, 3), float("nan"))}, path)


def a_note(path: Path) -> None:
    path.write_text("a note")


def saved(make: Callable[[], State]) -> Callable[[Path], None]:
    return lambda path: torch.save(make(), path)


def vgg() -> State:
    return dict(nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(144, 10)).state_dict())


REFUSED: dict[str, tuple[Callable[[Path], None], str]] = {
    "other widths": (
        saved(lambda: state_of(evolve(SPEC, widths=(4, 16)))),
        "cannot begin this design: stage 2 has other blocks: 1 of width 16 with stride 2 in the weights, 1 of width 8 "
        "with stride 2 in the design. Choose the design of the weights.",
    ),
    "another family": (
        saved(lambda: state_of(evolve(SPEC, block="bottleneck"))),
        "block: Bottleneck in the weights, Basic in the design",
    ),
    "more blocks": (
        saved(lambda: state_of(evolve(SPEC, blocks=(1, 2)))),
        "stage 2 has other blocks: 2 of width 8 with stride 2 in the weights, 1 of width 8",
    ),
    "truncated": (truncated, "is cut off or damaged"),
    "a pickle with code": (with_code, "w.pt"),
    "not finite": (infinite, "tensor 'layer1.0.conv1.weight' holds values that are not finite numbers"),
    "no residual network": (saved(vgg), "is not a residual network that this program knows"),
    "no file of weights": (a_note, "w.pt"),
}


@pytest.mark.parametrize(("make", "says"), REFUSED.values(), ids=REFUSED)
def test_weights_that_no_training_can_begin_from_are_refused_in_a_sentence(
    make: Callable[[Path], None], says: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path, run = tmp_path / "w.pt", tmp_path / "run"
    make(path)
    start = StartRequest(model=str(path))
    try:
        refused = weights_fitted(FitWeights(1, start, SPEC, tuple("0123456789"))).refused
    except InputError as error:
        refused = str(error)
    assert says in refused
    assert str(path) in refused
    assert "\n" not in refused
    save_design(Design(name="small", spec=SPEC), tmp_path / "small.json")
    words = ["train", str(tmp_path / "small.json"), "--init", str(path), "--data", "digits", "--run", str(run)]
    assert main(words) == 2
    told = capsys.readouterr()
    assert refused in told.err
    assert "was called" not in told.out + told.err
    assert not run.exists()


def test_weights_for_other_channels_and_without_a_head_begin_with_what_is_said_of_them(tmp_path: Path) -> None:
    colours = state_of(evolve(SPEC, input=(3, 8, 8)))
    torch.save({name: value for name, value in colours.items() if not name.startswith("fc.")}, tmp_path / "w.pt")
    answer = weights_fitted(FitWeights(1, StartRequest(model=str(tmp_path / "w.pt")), SPEC, tuple("0123456789")))
    assert answer.refused == ""
    assert answer.sentences[1:] == (
        "new: the head, 10 classes: the weights have none, 90 parameters, random",
        "the stem takes 1 channel, not 3: its weights are summed over colour",
    )
    assert {row.state for row in answer.table} == {"fits", "channels", "new"}


def test_weights_that_are_not_on_this_computer_are_named_with_their_size_and_the_command_that_fetches_them() -> None:
    with pytest.raises(InputError, match=r"'resnet-gui download resnet18-v1' fetches them \(\d+\.\d MB\)"):
        weights_fitted(FitWeights(1, StartRequest(model="resnet18-v1"), SPEC))
    with pytest.raises(InputError, match="no network of that name"):
        weights_fitted(FitWeights(1, StartRequest(model="resnet17"), SPEC))
