"""A training that begins from weights: what fits is there bit for bit, what does not is said or refused."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.predict.models import LoadedModel
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.engine.train.start.starting_weights import fitted, read_starting_weights, with_channels
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import load_model, save_model, weights_sha256
from resnet_gui.protocol.jobs import Resume, Train
from resnet_gui.runs.events import RunEvent, RunStarted
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE, RUN_FILE, read_run_info
from resnet_gui.runs.history import EVENTS_FILE
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import StartRequest
from tests.conftest import daily
from tests.engine.train.test_kills import same

DIGITS = PRESETS["digits-resnet"].spec
IT = StartRequest(model="it")
HALF = Preprocess(mean=(0.5,), std=(0.5,))
SMALL: dict[str, Any] = {"blocks": (1, 1), "widths": (4, 8), "classes": 5}
FAMILIES = {
    "basic": ResNetSpec(block="basic", stem="cifar", input=(3, 32, 32), **SMALL),
    "bottleneck": ResNetSpec(block="bottleneck", stem="imagenet", input=(3, 64, 64), **SMALL),
    "pre-activation": ResNetSpec(block="basic", order="full_preact", stem="cifar", input=(3, 32, 32), **SMALL),
    "option A": ResNetSpec(block="basic", shortcut="A", stem="cifar", input=(3, 32, 32), **SMALL),
    "deep stem": ResNetSpec(block="bottleneck", stem="deep", projection="avg_pool", input=(3, 64, 64), **SMALL),
    "SE": ResNetSpec(block="basic", se_ratio=2, stem="cifar", input=(3, 32, 32), **SMALL),
    "groups": ResNetSpec(block="bottleneck", groups=2, width_per_group=32, stem="imagenet", input=(3, 64, 64), **SMALL),
    "group norm": ResNetSpec(block="basic", norm="group", norm_groups=2, stem="cifar", input=(3, 32, 32), **SMALL),
    "hidden layers": ResNetSpec(block="basic", hidden=(6,), stem="cifar", input=(3, 32, 32), **SMALL),
}


def loaded(spec: ResNetSpec, *, classes: tuple[str, ...] = (), own: bool = True) -> LoadedModel:
    """A network whose every tensor, statistics included, has values of its own."""
    torch.manual_seed(7)
    model = ResNet(plan(spec)).eval()
    with torch.no_grad():
        for tensor in model.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(torch.rand_like(tensor) + 0.5)
    how = Preprocess(mean=(0.5,) * spec.input[0], std=(0.25,) * spec.input[0])
    names = classes or tuple(f"class {number}" for number in range(spec.classes))
    return LoadedModel(model=model, name="it", spec=spec, classes=names, preprocess=how, own=own, named=own)


def names_of(count: int) -> tuple[str, ...]:
    return tuple(f"other {number}" for number in range(count))


@pytest.mark.parametrize("family", FAMILIES)
def test_all_but_the_head_is_the_source_bit_for_bit(family: str) -> None:
    spec = FAMILIES[family]
    source = loaded(spec)
    weights = fitted(IT, source, evolve(spec, classes=3), names_of(3))
    torch.manual_seed(1)
    drawn, begun = ResNet(plan(evolve(spec, classes=3))), ResNet(plan(evolve(spec, classes=3)))
    torch.manual_seed(1)
    begun = ResNet(plan(evolve(spec, classes=3)))
    drawn.load_state_dict(begun.state_dict())
    weights.put_into(begun)
    head = {name for name in begun.state_dict() if name.startswith(("fc.", "hidden."))}
    assert head
    for name, tensor in begun.state_dict().items():
        expected = drawn.state_dict() if name in head else source.model.state_dict()
        assert torch.equal(tensor, expected[name]), name
    assert weights.sentences[1].startswith("new: the head, 5 → 3 classes, ")
    assert weights.sentences[2].startswith("not used: ")
    assert weights.sha256 == weights_sha256(source.model.state_dict())


def test_the_head_is_kept_with_the_same_classes_and_new_with_others_of_the_same_number() -> None:
    spec = FAMILIES["basic"]
    source = loaded(spec, classes=("a", "b", "c", "d", "e"))
    kept = fitted(IT, source, spec, ("a", "b", "c", "d", "e"))
    assert torch.equal(kept.state["fc.weight"], source.model.state_dict()["fc.weight"])
    params = sum(tensor.numel() for tensor in source.model.parameters())
    count = len(source.model.state_dict())
    assert kept.sentences == (
        f"{count} of {count} tensors of it fit, {params:,} parameters",
        "the head is kept: it has the same classes",
    )
    other = fitted(IT, source, spec, ("a", "b", "c", "e", "d"))
    assert "fc.weight" not in other.state
    assert other.sentences[1] == "new: the head, its 5 classes are others, 45 parameters, random"
    unknown = fitted(IT, loaded(spec, own=False), spec, names_of(5))
    assert "fc.weight" in unknown.state
    assert unknown.sentences[1] == "the head is kept: 5 classes, whose names the weights do not tell"
    foreign = msgspec.structs.replace(source, own=False)
    assert "its 5 classes are others" in fitted(IT, foreign, spec, names_of(5)).sentences[1]


@pytest.mark.parametrize(("had", "has"), [(3, 1), (1, 3), (3, 4), (4, 3), (3, 3), (3, 7)])
def test_a_picture_of_equal_channels_gives_what_it_gave(had: int, has: int) -> None:
    """Of a first convolution: summed for one channel, repeated and scaled for more."""
    torch.manual_seed(0)
    weight = torch.randn(5, had, 3, 3, dtype=torch.float64)
    grey = torch.randn(2, 1, 9, 9, dtype=torch.float64)
    before = torch.nn.functional.conv2d(grey.expand(-1, had, -1, -1), weight)
    after = torch.nn.functional.conv2d(grey.expand(-1, has, -1, -1), with_channels(weight, has))
    torch.testing.assert_close(after, before)


def test_other_channels_are_said() -> None:
    spec = FAMILIES["bottleneck"]
    weights = fitted(IT, loaded(spec), evolve(spec, input=(1, 64, 64)), names_of(5))
    assert weights.sentences[-1] == "the stem takes 1 channel, not 3: its weights are summed over colour"
    assert weights.preprocess.mean == (0.5,)
    assert weights.state["conv1.weight"].shape[1] == 1


MISFITS: list[tuple[str, dict[str, Any], str]] = [
    ("blocks", {"blocks": (1, 2)}, "stage 2 has other blocks: 1 of width 8 with stride 2 in the weights, 2 of width 8"),
    ("widths", {"widths": (4, 16)}, "stage 2 has other blocks"),
    ("stages", {"blocks": (1,), "widths": (4,)}, "the weights have 2 stages, the design has 1"),
    ("block", {"block": "bottleneck"}, "block: Basic in the weights, Bottleneck in the design"),
    ("order", {"order": "full_preact"}, "in the weights, "),
    ("stem", {"stem": "imagenet", "input": (3, 64, 64)}, "stem: "),
    ("norm", {"norm": "group", "norm_groups": 2}, "norm: "),
    ("activation", {"activation": "silu"}, "activation: "),
    ("shortcut", {"shortcut": "A"}, "shortcut: "),
    ("attention", {"se_ratio": 2}, "in the weights, "),
]


@pytest.mark.parametrize(("changes", "says"), [row[1:] for row in MISFITS], ids=[row[0] for row in MISFITS])
def test_a_network_that_computes_otherwise_is_refused_with_what_differs(changes: dict[str, Any], says: str) -> None:
    spec = FAMILIES["basic"]
    with pytest.raises(InputError) as caught:
        fitted(StartRequest(model="weights.pt"), loaded(spec), evolve(spec, **changes), names_of(5))
    message = str(caught.value)
    assert message.startswith("weights.pt cannot begin this design: ")
    assert says in message
    assert message.endswith("Choose the design of the weights.")
    assert len(message) < 400


def test_what_only_training_knows_may_differ() -> None:
    spec = FAMILIES["basic"]
    changed = evolve(spec, dropout=0.2, stochastic_depth=0.1, zero_init=True, classes=2)
    assert len(fitted(IT, loaded(spec), changed, names_of(2)).state) > 20


def begin(folder: Path, init: str, told: Callable[[RunEvent], None] = lambda _event: None, **changes: Any) -> str:
    recipe = Recipe(epochs=2, steps=30, batch_size=64, lr=0.01, **changes)
    return train(
        Train(1, str(folder), "x", DIGITS, recipe, "cpu", start=StartRequest(model=init)), told, Control()
    ).status


def test_a_run_says_what_it_begins_from_keeps_it_and_normalises_as_the_weights_do(
    trained_run: Path, tmp_path: Path
) -> None:
    model, info = load_model(trained_run / BEST_FILE)
    other = msgspec.structs.replace(info, mean=(0.25,), std=(0.5,))
    save_model(tmp_path / "w.safetensors", model.state_dict(), other)
    events: list[RunEvent] = []
    assert begin(tmp_path / "run", str(tmp_path / "w.safetensors"), events.append) == "finished"
    (started,) = (event for event in events if isinstance(event, RunStarted))
    assert started.start[1] == "the head is kept: it has the same classes"
    assert started.start[-1] == "pictures are normalised as for these weights, mean 0.25, deviation 0.5"
    kept = read_run_info(tmp_path / "run")
    assert kept.start is not None
    assert (kept.start.sentences, kept.start.sha256) == (started.start, info.sha256)
    assert (kept.data.mean, kept.data.std) == ((0.25,), (0.5,))
    written = load_model(tmp_path / "run" / BEST_FILE)[1]
    assert (written.mean, written.std) == ((0.25,), (0.5,))


def test_its_first_weights_are_the_source_s(trained_run: Path, tmp_path: Path) -> None:
    """A learning rate near zero leaves the weights where they began; statistics of norms move with the pictures."""
    recipe = Recipe(epochs=1, steps=1, batch_size=64, lr=1e-30, weight_decay=0.0)
    job = Train(1, str(tmp_path / "run"), "x", DIGITS, recipe, "cpu", start=StartRequest(model=str(trained_run)))
    assert train(job, lambda _event: None, Control()).status == "finished"
    before, after = (load_model(folder / BEST_FILE)[0] for folder in (trained_run, tmp_path / "run"))
    for (name, had), has in zip(before.named_parameters(), after.parameters(), strict=True):
        assert torch.equal(had, has), name


def test_a_run_cut_off_before_its_first_checkpoint_begins_from_the_same_weights_again(
    trained_run: Path, tmp_path: Path
) -> None:
    weights = tmp_path / "weights.safetensors"
    shutil.copy(trained_run / BEST_FILE, weights)
    assert begin(tmp_path / "whole", str(weights)) == "finished"
    cut = tmp_path / "cut"
    cut.mkdir()
    shutil.copy(tmp_path / "whole" / RUN_FILE, cut / RUN_FILE)
    (cut / EVENTS_FILE).touch()
    told: list[RunEvent] = []
    assert train(Resume(1, str(cut)), told.append, Control()).status == "finished"
    (started,) = (event for event in told if isinstance(event, RunStarted))
    assert started.start[0] == "The run was cut off before its first checkpoint: it begins anew, to the same end."
    assert len(started.start) > 1, "what the weights are in this network is said too"
    same(cut, tmp_path / "whole")
    model, info = load_model(weights)
    with torch.no_grad():
        next(model.parameters()).add_(1.0)
    state = model.state_dict()
    save_model(weights, state, msgspec.structs.replace(info, sha256=weights_sha256(state)))
    for name in (LAST_FILE, BEST_FILE):
        (cut / name).unlink()
    (cut / EVENTS_FILE).write_bytes(b"")
    with pytest.raises(InputError, match="have changed since this run began from them"):
        train(Resume(1, str(cut)), lambda _event: None, Control())


@pytest.mark.parametrize("name", daily(["gone.pt"], ["no-such-weights"]))
def test_weights_that_cannot_be_read_leave_no_run(tmp_path: Path, name: str) -> None:
    (tmp_path / "note.pt").write_text("a note")
    for model in (name, str(tmp_path / "note.pt"), str(tmp_path)):
        with pytest.raises(InputError):
            begin(tmp_path / "run", model)
        assert not (tmp_path / "run").exists()


def test_torchvision_s_and_foreign_weights_are_read_too(tmp_path: Path) -> None:
    spec = evolve(PRESETS["resnet18"].spec, blocks=(1, 1, 1, 1), widths=(8, 8, 16, 16), classes=4)
    source = ResNet(plan(spec))
    torch.save(
        {"state_dict": {f"module.{name}": value for name, value in source.state_dict().items()}}, tmp_path / "w.pt"
    )
    start = StartRequest(model=str(tmp_path / "w.pt"))
    weights = read_starting_weights(start, evolve(spec, classes=2), ("cat", "dog"))
    for name, tensor in weights.state.items():
        assert torch.equal(tensor, source.state_dict()[name])
    assert not weights.normalised
    assert weights.sentences[2] == "not used: module.fc.weight, module.fc.bias of the file"
