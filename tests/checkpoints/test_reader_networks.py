"""Several networks in one file: all are named, one is read by a rule that is said, and a key chooses another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import hypothesis.strategies as st
import pytest
import torch
from hypothesis import given
from safetensors.torch import save_file
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.checkpoints.networks import COMPANIONS, FOLLOWERS, words_of
from resnet_gui.checkpoints.reader import Checkpoint, read_checkpoint
from tests.checkpoints.public_checkpoints import refusal, safe, torch_bytes
from tests.conftest import examples


def network(seed: int = 0, *, blocks: int = 2, channels: int = 3) -> dict[str, Tensor]:
    """A small residual network's state_dict: a stem that reads the picture, blocks, a head."""
    generator = torch.Generator().manual_seed(seed)
    state = {"conv1.weight": torch.rand(6, channels, 3, 3, generator=generator), "bn1.weight": torch.rand(6)}
    for number in range(blocks):
        for layer in ("conv1", "conv2"):
            state[f"layer1.{number}.{layer}.weight"] = torch.rand(6, 6, 3, 3, generator=generator)
    return {**state, "fc.weight": torch.rand(5, 6, generator=generator), "fc.bias": torch.rand(5)}


def prefixed(prefix: str, state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    return {f"{prefix}.{name}": value for name, value in state.items()}


def read(path: Path, saved: Any, key: str = "") -> Checkpoint:
    if path.suffix == ".safetensors":
        save_file(saved, path)
    else:
        path.write_bytes(torch_bytes(saved))
    return read_checkpoint(path, key)


def same(found: Checkpoint, state: Mapping[str, Tensor]) -> bool:
    return found.state.keys() == state.keys() and all(torch.equal(found.state[name], state[name]) for name in state)


PAIRS = [
    ("model", "model_ema"), ("state_dict", "state_dict_ema"), ("model", "ema"), ("net", "ema_state_dict"),
    ("student", "teacher"), ("encoder_q", "encoder_k"), ("online_network", "target_network"), ("online", "target"),
    ("base_encoder", "momentum_encoder"), ("model_s", "model_t"), ("netG", "netD"), ("generator", "discriminator"),
    ("model", "swa_model"), ("actor", "critic"), ("state_dict", "shadow"), ("model", "averaged_model"),
    ("query_encoder", "key_encoder"), ("model", "teacherModel"), ("model", "EMA"),
]  # fmt: skip


@given(
    pair=st.sampled_from(PAIRS),
    trail=st.lists(st.sampled_from(["state", "checkpoint", "weights"]), max_size=3, unique=True),
    last=st.booleans(), larger=st.booleans(), companions=st.booleans(),
)  # fmt: skip
@examples(40)
def test_the_trained_one_of_two_is_read_wherever_they_lie_and_a_key_reads_the_other(
    tmp_path_factory: pytest.TempPathFactory, pair: tuple[str, str], trail: list[str], last: bool, larger: bool,
    companions: bool,
) -> None:  # fmt: skip
    """In either order, at any depth, also where the other has more tensors."""
    trained, follower = pair
    states = {trained: network(1), follower: network(2, blocks=4 if larger else 2)}
    saved: Any = {name: states[name] for name in sorted(states, key=lambda name: (name == trained) == last)}
    if companions:
        saved["optimizer"] = {"state": {0: {"exp_avg": torch.ones(3, 3, 3, 3), "step": 1}}, "param_groups": []}
        saved["epoch"] = 3
    for key in reversed(trail):
        saved = {key: saved, "version": 2}
    path = tmp_path_factory.mktemp("two") / "w.pt"
    found = read(path, saved)
    assert same(found, states[trained])
    assert found.key == "/".join((*trail, trained))
    assert {network.key: network.tensors for network in found.networks} == {
        "/".join((*trail, name)): len(state) for name, state in states.items()
    }
    (note,) = [note for note in found.notes if "2 networks" in note]
    assert all(network.key in note for network in found.networks)
    assert "--key" in note
    assert follower not in found.others
    for key in ("/".join((*trail, follower)), follower):
        other = read_checkpoint(path, key)
        assert same(other, states[follower])
        assert any("as asked" in note for note in other.notes)


@given(
    pair=st.sampled_from(PAIRS), prefix=st.sampled_from(["", "module.", "model.module.", "net._orig_mod."]),
    inside=st.booleans(), beside=st.booleans(), channels=st.sampled_from([1, 3, 4]), as_safetensors=st.booleans(),
)  # fmt: skip
@examples(40)
def test_two_networks_in_one_state_dict_are_told_apart_by_their_prefixes(
    tmp_path_factory: pytest.TempPathFactory, pair: tuple[str, str], prefix: str, inside: bool, beside: bool,
    channels: int, as_safetensors: bool,
) -> None:  # fmt: skip
    trained, follower = pair
    states = {
        name: prefixed(f"{prefix}{name}", prefixed("backbone", network(number, channels=channels)) if inside
                       else network(number, channels=channels))
        for number, name in enumerate((follower, trained))
    }  # fmt: skip
    saved = states[follower] | states[trained]
    if beside:
        saved |= {f"{prefix}queue": torch.rand(4, 9), f"{prefix}queue_ptr": torch.zeros(1)}
    path = tmp_path_factory.mktemp("flat") / ("w.safetensors" if as_safetensors else "w.pt")
    found = read(path, saved)
    assert same(found, states[trained])
    assert found.key == f"{prefix}{trained}"
    assert {network.key for network in found.networks} == {f"{prefix}{name}" for name in pair}
    assert same(read_checkpoint(path, follower), states[follower])
    assert set(found.others) == ({f"{prefix}queue", f"{prefix}queue_ptr"} if beside else set())


def test_a_head_beside_two_backbones_stays_with_the_one_whose_word_it_has(tmp_path: Path) -> None:
    """As self-supervised trainers name them: backbone, head, backbone_momentum, head_momentum."""
    state = network()
    head = {"0.weight": torch.rand(7, 4), "0.bias": torch.rand(7)}
    mine = prefixed("backbone", state) | prefixed("head", head)
    theirs = prefixed("backbone_momentum", network(3)) | prefixed("head_momentum", head)
    found = read(tmp_path / "w.pt", {"state_dict": theirs | mine})
    assert same(found, mine)
    assert same(read_checkpoint(tmp_path / "w.pt", "backbone_momentum"), theirs)


@pytest.mark.parametrize("prefix", ["", "module."])
def test_a_copy_under_a_prefix_beside_the_network_itself_is_told_apart(tmp_path: Path, prefix: str) -> None:
    own = {f"{prefix}{name}": value for name, value in network(1).items()}
    copied = {f"{prefix}ema.{name}": value for name, value in network(2).items()}
    found = read(tmp_path / "w.pt", {"state_dict": own | copied})
    assert same(found, own)
    assert len(found.networks) == 2
    assert same(read_checkpoint(tmp_path / "w.pt", "ema"), copied)


@pytest.mark.parametrize(
    "name",
    ["resnet18", "resnext50_32x4d", "densenet121", "mobilenet_v2", "googlenet", "inception_v3", "shufflenet_v2_x1_0"],
)
def test_one_network_is_never_taken_for_several(tmp_path: Path, name: str) -> None:
    import torchvision

    options = {"init_weights": False} if name in {"googlenet", "inception_v3"} else {}
    with torch.device("meta"):
        state = getattr(torchvision.models, name)(weights=None, **options).state_dict()
    small = {key: torch.zeros(()).expand(value.shape) for key, value in state.items()}
    from resnet_gui.checkpoints.networks import find_networks

    assert [found.key for found in find_networks({"model": small})] == ["model"]


def test_the_same_weights_under_two_keys_are_one_network(tmp_path: Path) -> None:
    state = network()
    model = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Conv2d(4, 4, 3), nn.Linear(4, 2))
    for saved in (
        {"net": state, "state_dict": state}, {"net": state, "copy": dict(state)},
        {"state_dict": model.state_dict(), "hyper_parameters": {"model": model}},
    ):  # fmt: skip
        found = read(tmp_path / "w.pt", saved)
        assert len(found.networks) == 1
        assert not any("networks" in note for note in found.notes)


def test_an_optimiser_s_moments_are_no_network(tmp_path: Path) -> None:
    """By parameter, by name, or flattened, as FSDP and DeepSpeed keep them."""
    state = network()
    moments = {
        name: {"exp_avg": value, "exp_avg_sq": value.clone(), "step": torch.ones(1)} for name, value in state.items()
    }
    flat = {f"state.{name}.exp_avg": value.clone() for name, value in state.items()}
    flat |= {f"state.{name}.exp_avg_sq": value.clone() for name, value in state.items()}
    for optimiser in (
        {"state": moments},
        flat,
        {"state": dict(enumerate(moments.values()))},
    ):
        found = read(tmp_path / "w.pt", {"optimizer": optimiser, "net": state})
        assert [network.key for network in found.networks] == ["net"]
        assert found.others == ("optimizer",)


def test_among_equals_the_largest_is_read_then_the_first(tmp_path: Path) -> None:
    found = read(tmp_path / "w.pt", {"a": network(1), "b": network(2, blocks=3), "c": network(3, blocks=3)})
    assert found.key == "b"
    assert [network.key for network in found.networks] == ["a", "b", "c"]


def test_a_key_that_no_network_has_or_several_is_refused_with_the_keys_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "w.pt"
    read(path, {"a": {"net": network(1)}, "b": {"net": network(2)}})
    for key, word in (("gone", "no network of the key 'gone'"), ("net", "several networks of the key 'net'")):
        said = refusal(lambda key=key: read_checkpoint(path, key), path)  # type: ignore[misc]
        assert word in said
        assert "a/net (8 tensors), b/net (8 tensors)" in said
    assert read_checkpoint(path, "b/net").wrapper == ("b", "net")


def test_the_key_of_the_only_network_reads_it_and_a_dot_is_the_file_itself(tmp_path: Path) -> None:
    state = network()
    assert read(tmp_path / "w.pt", {"state_dict": state}, "state_dict").key == "state_dict"
    assert read(tmp_path / "w.pt", {**state, "ema": network(2)}, ".").key == "."
    assert same(read_checkpoint(tmp_path / "w.pt"), state)
    path = tmp_path / "w.safetensors"
    path.write_bytes(safe(state))
    assert read_checkpoint(path, ".").key == "."
    with pytest.raises(InputError, match="no network of the key"):
        read_checkpoint(path, "model")


def test_the_words_of_the_rule_stand_in_no_name_of_a_plain_key() -> None:
    plain = "model state_dict net network student online encoder_q generator weights params module backbone trunk"
    plain += " model_state_dict best_model netG model_s classy_state_dict"
    assert not [key for key in plain.split() if set(words_of(key)) & (FOLLOWERS | COMPANIONS)]
