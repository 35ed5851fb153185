"""Which network a state_dict holds, from names and shapes alone: wrapped, renamed, of other codes and precisions."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.optim.swa_utils import AveragedModel

from resnet_gui.checkpoints.identify import Identification, identify
from resnet_gui.checkpoints.load import examine, find_refusal, load_foreign
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.tensors import tensor_shapes
from tests.checkpoints import public_networks as nets
from tests.checkpoints.public_checkpoints import refusal, safe, torch_bytes
from tests.conftest import daily

SMALL = ResNetSpec(block="basic", blocks=(1, 2, 1), widths=(16, 32, 48), stem="cifar", input=(2, 32, 32), classes=4)


def unchanged(state: dict[str, Tensor]) -> dict[str, Tensor]:
    return state


FORMS: tuple[Callable[[dict[str, Tensor]], Any], ...] = (unchanged, safe)


def outputs_of(
    model: nn.Module, path: Path, found: object | None = None, size: tuple[int, int] = (33, 47)
) -> tuple[Tensor, Tensor, Identification]:
    """Logits of a network and of what its file gives; ``found`` is what is saved, if not the state_dict."""
    content = found if found is not None else model.state_dict()
    if isinstance(content, bytes):
        path.write_bytes(content)
    else:
        torch.save(content, path)
    del content, found  # of a large network a hundred megabytes each
    ours, identified = load_foreign(path)
    assert not ours.training
    picture = torch.randn(2, identified.spec.input[0], *size, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        return model(picture), ours(picture), identified


# ---- how a file may be wrapped and named


def resnet(**options: Any) -> nn.Module:
    style: dict[str, Any] = {"shortcut": "downsample", "row": True, "norm": True, "first": False}
    return nets.randomised(nets.styled_net(options.pop("head", "fc"), **style | options))


PREFIXES = ["", "module.", "_orig_mod.", "backbone.", "module._orig_mod.", "net.0."]
WRAPPERS: list[Callable[[dict[str, Tensor]], Any]] = [
    lambda state: state,
    lambda state: {"state_dict": state, "epoch": 3},
    lambda state: {"model": {"net": state}, "optimizer": {"state": {0: {"exp_avg": torch.ones(3)}}}},
    lambda state: {"lr": 0.1, "model_state": state},
    lambda state: {"ema": state, "step": torch.tensor(3)},
    safe,
]
WRAPPED = list(product(enumerate(PREFIXES), enumerate(WRAPPERS)))


@pytest.mark.parametrize(
    ("prefix", "wrap"),
    daily(
        # Every prefix and every wrapper twice.
        [(prefix, wrap) for (row, prefix), (column, wrap) in WRAPPED if (column - row) % 6 in {0, 1}],
        [(prefix, wrap) for (row, prefix), (column, wrap) in WRAPPED if (column - row) % 6 not in {0, 1}],
    ),
)
def test_prefixes_and_wrappers_change_nothing(
    tmp_path: Path, prefix: str, wrap: Callable[[dict[str, Tensor]], Any]
) -> None:
    model = resnet()
    state = {prefix + name: value for name, value in model.state_dict().items()}
    theirs, ours, found = outputs_of(model, tmp_path / "w.pt", wrap(state))
    assert torch.allclose(theirs, ours, atol=1e-5)
    assert found.spec == SMALL
    assert not [line for line in found.unmatched if "no tensor of the network" not in line]


HEAD_NAMES = ["fc", "linear", "classifier", "head.fc", "output", "a.z"]


@pytest.mark.parametrize(
    ("head", "sort"),
    daily(
        [(head, bool(number % 2)) for number, head in enumerate(HEAD_NAMES)],
        [(head, not number % 2) for number, head in enumerate(HEAD_NAMES)],
    ),
)
def test_the_head_may_have_any_name(tmp_path: Path, head: str, sort: bool) -> None:
    model = resnet(head=head)
    state = model.state_dict()
    theirs, ours, found = outputs_of(model, tmp_path / "w", safe(state) if sort else state)
    assert torch.allclose(theirs, ours, atol=1e-5)
    assert found.names["fc.weight"] == f"{head}.weight"
    assert found.spec == SMALL


STYLES = [
    # Every name with every place is a long proof; each day every place is tried, and every name twice.
    pytest.param(name, *place, marks=[] if number % 4 == names.index(name) else [pytest.mark.prove])
    for names in [("downsample", "shortcut", "skip", "proj")]
    for name in names
    for number, place in enumerate(product([True, False], [True, False], [True, False]))
]


@pytest.mark.parametrize(("shortcut", "row", "norm", "first"), STYLES)
def test_shortcuts_may_have_any_name_and_stand_anywhere(
    tmp_path: Path, shortcut: str, row: bool, norm: bool, first: bool
) -> None:
    model = resnet(shortcut=shortcut, row=row, norm=norm, first=first)
    for form in FORMS:
        theirs, ours, found = outputs_of(model, tmp_path / "w", form(model.state_dict()))
        assert found.spec == evolve(SMALL, projection_norm=None if norm else False), found.spec
        assert torch.allclose(theirs, ours, atol=1e-5)


@pytest.mark.parametrize("excited", ["linear", "conv"])
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("norm", [True, False])
def test_squeeze_and_excitation_may_be_linear_or_convolutions(
    tmp_path: Path, excited: str, first: bool, norm: bool
) -> None:
    model = resnet(excited=excited, first=first, norm=norm)
    for form in FORMS:
        theirs, ours, found = outputs_of(model, tmp_path / "w", form(model.state_dict()))
        assert found.spec.se_ratio > 0
        assert torch.allclose(theirs, ours, atol=1e-5)


def test_names_may_have_no_containers_at_all(tmp_path: Path) -> None:
    model = resnet()
    for join in ("_", ""):
        state = {}
        for name, value in model.state_dict().items():
            path, _, part = name.rpartition(".")
            state[f"{path.replace('.', join)}.{part}"] = value
        theirs, ours, found = outputs_of(model, tmp_path / "w", state)
        assert found.spec == SMALL
        assert torch.allclose(theirs, ours, atol=1e-5)


def test_the_average_that_torch_keeps_of_a_model_is_read(tmp_path: Path) -> None:
    """``AveragedModel`` counts its updates in a tensor of its own."""
    model = resnet()
    state = AveragedModel(model).state_dict()
    theirs, ours, found = outputs_of(model, tmp_path / "w", {"ema": state})
    assert torch.allclose(theirs, ours, atol=1e-5)
    assert any("n_averaged" in line for line in found.unmatched)


# ---- other codes

CODES: dict[str, tuple[Callable[[], nn.Module], ResNetSpec]] = {
    "CIFAR collection": (lambda: nets.cifar_net([64, 128, 256, 512], [2, 2, 2, 2]), evolve(
        PRESETS["resnet18"].spec, stem="cifar", classes=10, input=(3, 32, 32))),
    "one channel": (lambda: nets.cifar_net([8, 16, 32], [1, 1, 1], channels=1, classes=2), ResNetSpec(
        block="basic", blocks=(1, 1, 1), widths=(8, 16, 32), stem="cifar", input=(1, 32, 32), classes=2)),
    "five channels": (lambda: nets.cifar_net([8, 16], [1, 1], channels=5, classes=3), ResNetSpec(
        block="basic", blocks=(1, 1), widths=(8, 16), stem="cifar", input=(5, 32, 32), classes=3)),
    "residual_function": (lambda: nets.residual_function_net([16, 32, 64], [1, 2, 2]), ResNetSpec(
        block="bottleneck", blocks=(1, 2, 2), widths=(16, 32, 64), stem="cifar", input=(3, 32, 32), classes=7)),
    "option A": (lambda: nets.option_a_net(3), PRESETS["resnet20"].spec),
    "units": (lambda: nets.unit_net([16, 32, 64], [2, 1, 2]), ResNetSpec(
        block="basic", blocks=(2, 1, 2), widths=(16, 32, 64), classes=5)),
    "wide": (lambda: nets.preact_net([32, 64, 128], [2, 2, 2], 16), ResNetSpec(
        block="basic", blocks=(2, 2, 2), widths=(32, 64, 128), stem_width=16, order="full_preact", stem="cifar",
        input=(3, 32, 32), classes=6)),
    "tutorial": (lambda: nets.tutorial_net([16, 32], [2, 1]), ResNetSpec(
        block="bottleneck", blocks=(2, 1), widths=(16, 32), conv_bias=True, classes=11)),
    "tutorial of one channel": (lambda: nets.tutorial_net([16, 32, 64, 128], [3, 4, 6, 3], 1), evolve(
        PRESETS["biased_resnet50"].spec, widths=(16, 32, 64, 128), classes=11, input=(1, 224, 224))),
}  # fmt: skip


LARGE = {"CIFAR collection", "tutorial of one channel"}


@pytest.mark.parametrize(
    ("code", "form"),
    [
        # The large ones by their order of names alone, and the rest in a long proof.
        pytest.param(code, form, marks=[pytest.mark.prove] if code in LARGE and form != "sorted" else [])
        for code in CODES
        for form in ("as saved", "sorted", "wrapped")
    ],
)
def test_networks_of_other_codes_give_the_same_logits_in_ours(tmp_path: Path, code: str, form: str) -> None:
    make, spec = CODES[code]
    model = nets.randomised(make())
    state = model.state_dict()
    content = {"as saved": state, "sorted": safe(state), "wrapped": {"net": state, "acc": 95.0}}[form]
    theirs, ours, found = outputs_of(model, tmp_path / "w", content)
    assert found.spec == spec
    assert torch.allclose(theirs, ours, rtol=1e-5, atol=1e-5)
    assert len(set(found.names.values())) == len(state)


def published(often: list[str], proved: list[str]) -> list[Any]:
    """Networks in a form; daily the first as it was saved, and each but the proved by its order of names alone."""
    chosen = [(often[0], unchanged), *((name, safe) for name in often)]
    return daily(chosen, [each for each in product([*often, *proved], FORMS) if each not in chosen])


@pytest.mark.parametrize(("name", "form"), published(["resnet18", "resnext50_32x4d"], ["resnet34", "resnet50"]))
def test_torchvision_networks_give_the_same_bits_in_ours(tmp_path: Path, name: str, form: Callable[..., Any]) -> None:
    import torchvision

    model = nets.drawn(torchvision.models.get_model, name, num_classes=17)
    theirs, ours, found = outputs_of(model, tmp_path / "w", form(model.state_dict()))
    assert torch.equal(theirs, ours)
    assert found.preset == name
    assert found.spec == evolve(PRESETS[name].spec, classes=17)
    assert found.unmatched == ()
    assert all(ours_name == theirs_name for ours_name, theirs_name in found.names.items())


@pytest.mark.parametrize(
    ("name", "form"), published(["resnet18d", "seresnet18", "resnetv2_50"], ["resnet50d", "seresnet50"])
)
def test_timm_networks_give_the_same_bits_in_ours(tmp_path: Path, name: str, form: Callable[..., Any]) -> None:
    timm = pytest.importorskip("timm")
    model = nets.drawn(timm.create_model, name, num_classes=17)
    theirs, ours, found = outputs_of(model, tmp_path / "w", form(model.state_dict()))
    assert found.preset == name
    assert found.spec == evolve(PRESETS[name].spec, classes=17)
    # timm's second version ends in a 1×1 convolution, which sums in another order than a linear layer.
    assert torch.allclose(theirs, ours, atol=1e-5) if "v2" in name else torch.equal(theirs, ours)


def test_what_nothing_tells_is_said_with_what_was_taken() -> None:
    found = identify(tensor_shapes(plan(PRESETS["resnet50"].spec)))
    fields = [sentence.partition(":")[0] for sentence in found.undetermined]
    assert {"stride_on", "activation", "input", "normalisation", "strides", "stem", "labels"} <= set(fields)
    assert all(sentence.endswith(".") for sentence in found.undetermined)
    assert all("taken" in sentence or "choose" in sentence for sentence in found.undetermined)
    assert found.params == 25_557_032
    for preset in ("resnet20", "plain20"):
        other = identify(tensor_shapes(plan(PRESETS[preset].spec)))
        assert any(sentence.startswith("shortcut: ") for sentence in other.undetermined)


# ---- what files lack, and other precisions


@pytest.mark.parametrize("dtype", [torch.float16, torch.bfloat16, torch.float64])
def test_weights_of_other_precisions_are_loaded_as_fp32(tmp_path: Path, dtype: torch.dtype) -> None:
    model = resnet().to(dtype)
    (tmp_path / "w").write_bytes(torch_bytes(model.state_dict()))
    ours, found = load_foreign(tmp_path / "w")
    for name, value in ours.state_dict().items():
        given = model.state_dict()[found.names[name]]
        assert value.dtype == (torch.float32 if value.is_floating_point() else torch.int64)
        assert torch.equal(value, given.to(value.dtype))


def test_a_bias_that_is_missing_is_zero_and_named(tmp_path: Path) -> None:
    model = nets.randomised(nets.tutorial_net([16, 32], [1, 1]))
    state = model.state_dict()
    gone = ["layer1.0.conv2.bias", "layer2.0.conv1.bias", "conv1.bias", "fc.bias"]
    for name in gone:
        state.pop(name)
        model.get_parameter(name).data.zero_()
    theirs, ours, found = outputs_of(model, tmp_path / "w", state)
    assert torch.allclose(theirs, ours, atol=1e-5)
    assert {line.partition(" ")[0] for line in found.unmatched} == set(gone)


def test_counts_of_batches_may_be_missing(tmp_path: Path) -> None:
    """Weights from before torch 0.4.1 have none."""
    model = resnet()
    state = {name: value for name, value in model.state_dict().items() if "num_batches" not in name}
    theirs, ours, found = outputs_of(model, tmp_path / "w", state)
    assert torch.allclose(theirs, ours, atol=1e-5)
    assert found.unmatched == ()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -float("inf")])
def test_weights_that_are_no_numbers_are_refused_by_name(tmp_path: Path, value: float) -> None:
    state = resnet().state_dict()
    state["body.1.0.conv2.weight"][0, 1, 1, 1] = value
    path = tmp_path / "w.pt"
    path.write_bytes(torch_bytes(state))
    assert "'body.1.0.conv2.weight'" in refusal(lambda: load_foreign(path), path)


@pytest.mark.parametrize("kind", ["float8_e4m3fn", "float8_e5m2"])
def test_numbers_of_8_bits_are_loaded_as_fp32_and_looked_at(tmp_path: Path, kind: str) -> None:
    state = resnet().state_dict()
    small = [next(name for name in state if name.endswith("running_var")), "body.1.0.conv2.weight"]
    for name in small:
        state[name] = state[name].to(getattr(torch, kind))
    path = tmp_path / "w.pt"
    path.write_bytes(torch_bytes(state))
    checkpoint, found = examine(path)
    assert find_refusal(path, checkpoint, found) == ""
    ours = load_foreign(path)[0].state_dict()
    used = {theirs: name for name, theirs in found.names.items()}
    for name in small:
        assert torch.equal(ours[used[name]], state[name].float())
    state["body.1.0.conv2.weight"].view(torch.uint8)[1, 1, 1, 1] = 0x7F
    path.write_bytes(torch_bytes(state))
    checkpoint, found = examine(path)
    said = "ensor 'body.1.0.conv2.weight' holds values that are not finite numbers"
    assert said in find_refusal(path, checkpoint, found)
    assert said in refusal(lambda: load_foreign(path), path)


def test_doubles_beyond_float32_are_said_to_be_too_large(tmp_path: Path) -> None:
    state = resnet().state_dict()
    name = "body.1.0.conv2.weight"
    state[name] = state[name].double()
    state[name][1, 1, 1, 1] = 1e300
    path = tmp_path / "w.pt"
    path.write_bytes(torch_bytes(state))
    checkpoint, found = examine(path)
    said = f"ensor '{name}' holds values that are too large for float32"
    assert said in find_refusal(path, checkpoint, found)
    assert said in refusal(lambda: load_foreign(path), path)
