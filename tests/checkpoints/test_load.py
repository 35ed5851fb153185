"""Weights of any origin in our network: own files speak for themselves, others are matched by structure."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.checkpoints.identify import identify
from resnet_gui.checkpoints.load import adopt, examine, find_refusal, load_foreign
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import save_model, weights_sha256
from tests.checkpoints.public_checkpoints import refusal, shapes_of, torch_bytes
from tests.checkpoints.public_networks import randomised

SPEC = ResNetSpec(
    block="basic", blocks=(2, 1), widths=(8, 16), stride_on="1x1", activation="silu", order="relu_only_preact",
    dropout=0.25, stem="3x3", classes=3, input=(2, 19, 23), raw_projection=True,
)  # fmt: skip


def network(spec: ResNetSpec = SPEC) -> ResNet:
    model = randomised(ResNet(plan(spec)))
    assert isinstance(model, ResNet)
    return model


def info_of(model: ResNet) -> ModelInfo:
    spec = model.plan.spec
    return ModelInfo(
        name="net", spec=spec, classes=tuple(map(str, range(spec.classes))), mean=(0.5,) * spec.input[0],
        std=(0.25,) * spec.input[0], data="", top1=0.5, sha256=weights_sha256(model.state_dict()),
    )  # fmt: skip


def own_file(path: Path, spec: ResNetSpec = SPEC, info: ModelInfo | None = None) -> Path:
    model = network(spec)
    save_model(path, model.state_dict(), info or info_of(model))
    return path


def rewritten(path: Path, state: dict[str, Tensor], metadata: str) -> Path:
    save_file(state, path, metadata={"format": "pt", "resnet-explorer": metadata})
    return path


# ---- own files


def test_an_own_file_says_everything_itself(tmp_path: Path) -> None:
    model = network()
    path = own_file(tmp_path / "w.safetensors")
    checkpoint, found = examine(path)
    assert found.spec == SPEC
    assert (found.preset, found.unmatched, found.undetermined) == ("", (), ())
    assert found.names == {name: name for name in model.state_dict()}
    assert found.params == sum(value.numel() for value in model.parameters())
    assert set(checkpoint.state) == set(model.state_dict())
    ours, again = load_foreign(path)
    assert again == found
    assert ours.plan.spec == SPEC
    assert not ours.training
    picture = torch.randn(1, *SPEC.input)
    with torch.inference_mode():
        assert torch.equal(ours(picture), model(picture))


def test_an_own_file_is_one_network_also_where_its_widths_are_those_of_pictures(tmp_path: Path) -> None:
    """Stages that read as few channels as the stem would be whole networks in a file of several."""
    spec = ResNetSpec(
        block="basic", blocks=(1, 2, 1), widths=(1, 2, 2), strides=(1, 1, 1), classes=2, input=(1, 5, 5), shortcut="A"
    )
    checkpoint, found = examine(own_file(tmp_path / "w.safetensors", spec))
    assert found.spec == spec
    assert (checkpoint.key, len(checkpoint.networks)) == (".", 1)


def test_an_own_file_of_a_preset_is_called_by_its_name(tmp_path: Path) -> None:
    assert examine(own_file(tmp_path / "w.safetensors", PRESETS["digits-resnet"].spec))[1].preset == "digits-resnet"


def test_an_own_file_whose_weights_have_another_checksum_is_refused(tmp_path: Path) -> None:
    path = own_file(tmp_path / "w.safetensors", info=msgspec.structs.replace(info_of(network()), sha256="0" * 64))
    assert "checksum" in refusal(lambda: load_foreign(path), path)


@pytest.mark.parametrize("fault", ["", "checksum", "not finite numbers", "too large for float32"])
def test_the_values_of_an_own_file_are_judged_as_when_it_is_loaded_and_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, fault: str
) -> None:
    model = network()
    state = model.state_dict()
    name = next(name for name, tensor in state.items() if tensor.ndim == 4)
    if fault == "too large for float32":
        state[name] = state[name].double()
    state[name][-1, 0, 0, 0] = {"not finite numbers": torch.inf, "too large for float32": 1e300}.get(fault, 1.0)
    sha256 = "0" * 64 if fault == "checksum" else weights_sha256(state)
    path = tmp_path / "w.safetensors"
    save_model(path, state, msgspec.structs.replace(info_of(model), sha256=sha256))
    loaded = refusal(lambda: load_foreign(path), path) if fault else ""
    monkeypatch.setattr("resnet_gui.network.weights.ResNet", None)
    checkpoint, found = examine(path)
    assert find_refusal(path, checkpoint, found) == loaded
    assert fault in loaded


OTHERS: dict[str, dict[str, Any]] = {
    "another width": {"widths": (8, 17)}, "another count": {"blocks": (1, 1)}, "more classes": {"classes": 4},
    "more channels": {"input": (3, 19, 23)}, "no norm": {"norm": "none"}, "a huge network": {"blocks": (900, 900)},
}  # fmt: skip


@pytest.mark.parametrize("other", OTHERS)
def test_metadata_that_contradict_the_tensors_are_refused(tmp_path: Path, other: str) -> None:
    info = msgspec.structs.replace(info_of(network()), spec=evolve(SPEC, **OTHERS[other]))
    path = own_file(tmp_path / "w.safetensors", info=info)
    for call in (examine, load_foreign):
        said = refusal(lambda call=call: call(path), path)  # type: ignore[misc]
        assert "damaged" in said


@pytest.mark.parametrize(
    "changes", [{"classes": ("a",)}, {"mean": (0.5,)}, {"std": (0.25, 0.0)}, {"version": 2}, {"std": ()}]
)
def test_metadata_that_contradict_themselves_are_refused(tmp_path: Path, changes: dict[str, object]) -> None:
    path = own_file(tmp_path / "w.safetensors", info=msgspec.structs.replace(info_of(network()), **changes))
    for call in (examine, load_foreign):
        refusal(lambda call=call: call(path), path)  # type: ignore[misc]


@pytest.mark.parametrize("text", ["", "{}", "[]", "no JSON", '{"spec": {"block": "basic"}}', "é"])
def test_metadata_that_are_no_metadata_are_refused(tmp_path: Path, text: str) -> None:
    path = rewritten(tmp_path / "w.safetensors", dict(network().state_dict()), text)
    for call in (examine, load_foreign):
        refusal(lambda call=call: call(path), path)  # type: ignore[misc]


def test_metadata_with_an_impossible_design_are_refused(tmp_path: Path) -> None:
    model = network()
    text = msgspec.json.encode(info_of(model)).decode()
    assert '"widths":[8,16]' in text
    path = rewritten(
        tmp_path / "w.safetensors", dict(model.state_dict()), text.replace('"widths":[8,16]', '"widths":[0,16]')
    )
    for call in (examine, load_foreign):
        refusal(lambda call=call: call(path), path)  # type: ignore[misc]


def test_an_own_file_with_one_tensor_more_or_less_is_refused_by_its_name(tmp_path: Path) -> None:
    model = network()
    text = msgspec.json.encode(info_of(model)).decode()
    state = dict(model.state_dict())
    path = rewritten(tmp_path / "w.safetensors", {**state, "stranger": torch.ones(2)}, text)
    assert "'stranger'" in refusal(lambda: examine(path), path)
    state.pop("layer1.1.conv2.weight")
    rewritten(path, state, text)
    assert "'layer1.1.conv2.weight'" in refusal(lambda: examine(path), path)


# ---- others


def test_safetensors_of_others_with_metadata_of_their_own_are_identified(tmp_path: Path) -> None:
    path = tmp_path / "w.safetensors"
    model = network(PRESETS["digits-resnet"].spec)
    save_file(model.state_dict(), path, metadata={"format": "pt", "author": "x"})
    ours, found = load_foreign(path)
    assert found.undetermined
    assert found.preset == "digits-resnet"
    picture = torch.randn(2, 1, 9, 9)
    with torch.inference_mode():
        assert torch.equal(ours(picture), model(picture))


def test_what_lay_beside_the_weights_is_listed(tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    state = {"state_dict": network().state_dict(), "epoch": 3, "optimizer": {"state": {}}}
    path.write_bytes(torch_bytes(state))
    _, found = examine(path)
    assert sorted(line.partition(" ")[0] for line in found.unmatched) == ["epoch", "optimizer"]


def test_a_network_that_is_none_of_ours_is_refused_with_the_file_and_the_tensor(tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    path.write_bytes(torch_bytes({f"l{number}.weight": torch.ones(3, 3) for number in range(4)} | {"x": torch.ones(1)}))
    for call in (examine, load_foreign):
        said = refusal(lambda call=call: call(path), path)  # type: ignore[misc]
        assert "tensor '" in said


def test_an_adopted_network_has_its_own_memory_in_fp32_and_trains() -> None:
    state = {name: value.to(torch.float16) if value.is_floating_point() else value
             for name, value in network().state_dict().items()}  # fmt: skip
    found = identify(shapes_of(state))
    ours = adopt(state, found)
    assert {value.dtype for value in ours.parameters()} == {torch.float32}
    assert all(value.requires_grad for value in ours.parameters())
    assert not any(value.is_meta for value in ours.state_dict().values())
    before = {name: value.clone() for name, value in state.items()}
    for value in ours.state_dict().values():
        value.zero_()
    assert all(torch.equal(value, before[name]) for name, value in state.items())
    ours = adopt(state, found).train()
    ours(torch.randn(2, 2, 17, 17)).sum().backward()
    assert all(value.grad is not None for value in ours.parameters())


def test_adopting_leaves_the_given_tensors_alone() -> None:
    state = {name: value.clone() for name, value in network().state_dict().items()}
    before = {name: value.clone() for name, value in state.items()}
    ours = adopt(state, identify(shapes_of(state)))
    with torch.no_grad():
        for value in ours.state_dict().values():
            value.zero_()
    assert all(torch.equal(value, before[name]) for name, value in state.items())


@pytest.mark.parametrize("dtype", [torch.complex64, torch.int8, torch.bool])
def test_weights_of_other_kinds_of_number_are_refused(tmp_path: Path, dtype: torch.dtype) -> None:
    state = dict(network().state_dict())
    state["layer1.0.conv1.weight"] = state["layer1.0.conv1.weight"].to(dtype)
    path = tmp_path / "w.pt"
    path.write_bytes(torch_bytes(state))
    assert "'layer1.0.conv1.weight'" in refusal(lambda: load_foreign(path), path)


def test_a_number_too_large_for_fp32_is_refused_by_name(tmp_path: Path) -> None:
    state = {name: value.double() for name, value in network().state_dict().items()}
    state["fc.weight"][0, 0] = 1e300
    path = tmp_path / "w.pt"
    path.write_bytes(torch_bytes(state))
    with pytest.raises(InputError, match=r"'fc\.weight'"):
        load_foreign(path)


def test_aligned_and_unaligned_tensors_give_the_same_bits(tmp_path: Path) -> None:
    """A safetensors file puts tensors at addresses that torch would never choose, and kernels sum by address."""
    model = network(evolve(PRESETS["seresnet18"].spec, classes=5))
    save_file(model.state_dict(), tmp_path / "w.safetensors")
    ours, _ = load_foreign(tmp_path / "w.safetensors")
    assert {value.data_ptr() % 64 for value in ours.state_dict().values() if value.numel() > 1} == {0}
    picture = torch.randn(2, 3, 33, 65)
    with torch.inference_mode():
        assert torch.equal(ours(picture), model(picture))


@pytest.mark.parametrize("tensor", ["bn1.running_var", "fc.bias", "layer1.0.bn2.weight", "conv1.weight", "fc.weight"])
@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_weights_that_are_not_finite_are_named_when_a_file_is_identified(
    tmp_path: Path, tensor: str, value: float
) -> None:
    state = network().state_dict()
    assert tensor in state
    state[tensor][:1] = value
    torch.save(state, tmp_path / "w.pt")
    _, found = examine(tmp_path / "w.pt")
    assert found.notices[0].startswith(f"Tensor '{tensor}' holds values that are not finite numbers")
    assert "not finite" in refusal(lambda: load_foreign(tmp_path / "w.pt"), tmp_path / "w.pt")


def test_large_halves_are_finite_though_their_sum_is_not(tmp_path: Path) -> None:
    state = {
        name: value.half() if value.is_floating_point() else value for name, value in network().state_dict().items()
    }
    state["bn1.bias"][:] = 60_000
    torch.save(state, tmp_path / "w.pt")
    assert examine(tmp_path / "w.pt")[1].notices == ()


def test_a_network_is_made_ready_for_weights_without_drawing_others(monkeypatch: pytest.MonkeyPatch) -> None:
    model = network()
    state, found = model.state_dict(), identify(shapes_of(model.state_dict()))

    def draw(*_words: object, **_options: object) -> None:
        raise AssertionError("convolutions are drawn that are read")

    monkeypatch.setattr(torch.nn.init, "kaiming_normal_", draw)
    adopted = adopt(state, found)
    assert not any(value.is_meta for value in adopted.state_dict().values())
    with pytest.raises(AssertionError, match="are drawn"):
        network()
