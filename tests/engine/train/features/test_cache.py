"""Kept features: those that would be computed now, and nobody's as soon as anything that they depend on has changed."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from resnet_gui.data.grey_range import GreyRange
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import evolve
from resnet_gui.engine.data import datasets
from resnet_gui.engine.data.datasets import DataSet, load
from resnet_gui.engine.train.features import cache
from resnet_gui.engine.train.features.cache import (
    FeatureKey,
    feature_key,
    features_folder,
    read_features,
    write_features,
)
from resnet_gui.engine.train.features.extractor import backbone_of
from resnet_gui.network.resnet import ResNet
from resnet_gui.runs.folder import RunInfo
from resnet_gui.training.recipe import Recipe

SPEC = evolve(PRESETS["digits-resnet"].spec, classes=2)
SHAPE = (4, 3)
VALUES = torch.arange(12, dtype=torch.float32).view(SHAPE) - 5


def info_of(data: DataSet, **changes: Any) -> RunInfo:
    recipe = Recipe(data="x", **{name: changes.pop(name) for name in ("fit", "lr") if name in changes})
    info = RunInfo(
        name="x", spec=SPEC, recipe=recipe, data=data.identity, device="cpu", precision="fp32", threads=1, versions={},
        created="",
    )  # fmt: skip
    return msgspec.structs.replace(info, **changes)


def network(spec: Any = SPEC) -> ResNet:
    torch.manual_seed(1)
    return ResNet(plan(spec))


def key_of(data: DataSet, model: ResNet | None = None, way: str = "fused", **changes: Any) -> FeatureKey:
    parts = len(SPEC.blocks) + 1
    return feature_key(info_of(data, **changes), model or network(), (way, parts), data.train, "train")


def test_what_was_kept_is_read_again_bit_for_bit_and_only_under_its_own_key(picture_folder: Path) -> None:
    key = key_of(load(str(picture_folder), SPEC.input))
    assert read_features(key, SHAPE) is None
    write_features(key, VALUES)
    found = read_features(key, SHAPE)
    assert found is not None
    assert torch.equal(found, VALUES)
    assert read_features(msgspec.structs.replace(key, part="test"), SHAPE) is None
    assert read_features(key, (4, 4)) is None


def test_a_changed_picture_is_another_key(picture_folder: Path) -> None:
    first = key_of(load(str(picture_folder), SPEC.input))
    assert key_of(load(str(picture_folder), SPEC.input)).digest == first.digest
    path = next(iter(sorted(picture_folder.rglob("*.png"))))
    pixels = np.asarray(Image.open(path)).copy()
    pixels[0, 0] ^= 1
    Image.fromarray(pixels).save(path)
    assert key_of(load(str(picture_folder), SPEC.input)).digest != first.digest


def test_a_changed_picture_of_a_streamed_set_is_another_key_also_when_its_size_is_the_same(
    picture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(datasets, "MAX_BYTES", 0)
    data = load(str(picture_folder), SPEC.input)
    assert data.train.streamed
    first = key_of(data)
    assert key_of(load(str(picture_folder), SPEC.input)).digest == first.digest
    path, state = data.train.files[0], data.train.files[0].stat()
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    os.utime(path, ns=(state.st_atime_ns, state.st_mtime_ns + 1))
    again = load(str(picture_folder), SPEC.input)
    assert again.identity.sha256 == data.identity.sha256
    assert key_of(again).digest != first.digest
    path.unlink()
    assert key_of(data).digest != first.digest


def _changed(name: str) -> ResNet:
    model = network()
    with torch.no_grad():
        tensor = model.state_dict()[name]
        tensor.view(-1)[0] += 1
    return model


def test_every_weight_and_statistic_of_the_backbone_is_in_the_key_and_none_of_the_head(picture_folder: Path) -> None:
    data = load(str(picture_folder), SPEC.input)
    first = key_of(data).digest
    for name in network().state_dict():
        assert (key_of(data, _changed(name)).digest == first) == name.startswith("fc."), name


@pytest.mark.parametrize(
    "changes",
    [
        {"mean": (0.1,)}, {"std": (0.7,)}, {"greys": GreyRange(whole=(0, 4095))}, {"fit": "squeeze"},
        {"precision": "bf16"}, {"way": "plain"}, {"spec": evolve(SPEC, input=(1, 16, 16))},
        {"spec": evolve(SPEC, head="flatten")},
    ],
    ids=str,
)  # fmt: skip
def test_another_preprocessing_precision_or_design_is_another_key(picture_folder: Path, changes: Any) -> None:
    data = load(str(picture_folder), SPEC.input)
    first = key_of(data).digest
    figures = {name: changes.pop(name) for name in ("mean", "std", "greys") if name in changes}
    other = msgspec.structs.replace(data, identity=msgspec.structs.replace(data.identity, **figures))
    assert key_of(other, **changes).digest != first


def test_threads_are_in_the_key_for_they_round_otherwise(picture_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    data = load(str(picture_folder), SPEC.input)
    first = key_of(data).digest
    monkeypatch.setattr(torch, "get_num_threads", lambda: 77)
    assert key_of(data).digest != first


def test_another_head_recipe_or_description_keeps_the_features(picture_folder: Path) -> None:
    data = load(str(picture_folder), SPEC.input)
    first = key_of(data).digest
    assert key_of(data, lr=0.7).digest == first
    other = evolve(SPEC, classes=7, hidden=(5,))
    deeper = network(other)
    backbone_of(deeper).load_state_dict(backbone_of(network()).state_dict())
    assert key_of(data, deeper, spec=other).digest == first
    silent = msgspec.structs.replace(data, identity=msgspec.structs.replace(data.identity, description=None))
    assert key_of(silent).digest == first


def kept(key: FeatureKey) -> Path:
    return features_folder() / f"{key.digest[:32]}.safetensors"


@pytest.mark.parametrize("damage", ["a flipped bit", "cut off", "empty", "nonsense", "another's", "other numbers"])
def test_a_damaged_file_is_as_good_as_none_and_is_written_anew(picture_folder: Path, damage: str) -> None:
    key = key_of(load(str(picture_folder), SPEC.input))
    write_features(key, VALUES)
    path = kept(key)
    content = bytearray(path.read_bytes())
    match damage:
        case "a flipped bit":
            content[content.find(VALUES.numpy().tobytes()) + 5] ^= 1
        case "cut off":
            del content[-4:]
        case "empty":
            content.clear()
        case "nonsense":
            content[:] = b"\xff" * 200
        case "another's":
            other = msgspec.structs.replace(key, part="test")
            write_features(other, VALUES)
            content[:] = kept(other).read_bytes()
        case _:
            write_features(key, VALUES.double())
            content[:] = path.read_bytes()
    path.write_bytes(bytes(content))
    assert read_features(key, SHAPE) is None
    write_features(key, VALUES)
    found = read_features(key, SHAPE)
    assert found is not None
    assert torch.equal(found, VALUES)


def test_what_was_used_longest_ago_goes_first_where_there_is_too_much(
    picture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = key_of(load(str(picture_folder), SPEC.input))
    keys = [msgspec.structs.replace(first, part=str(number)) for number in range(4)]
    for number, key in enumerate(keys[:3]):
        write_features(key, VALUES)
        os.utime(kept(key), ns=(0, 10**9 * (number + 1)))
    left = kept(first).with_name("x.safetensors.tmp-0123abcd")
    left.write_bytes(b"half")
    os.utime(left, ns=(0, 0))
    assert read_features(keys[0], SHAPE) is not None  # used just now
    size = kept(keys[0]).stat().st_size
    monkeypatch.setattr(cache, "MAX_TOTAL", 3 * size)
    write_features(keys[3], VALUES)
    assert [read_features(key, SHAPE) is not None for key in keys] == [True, False, True, True]
    assert not left.exists()


def test_features_that_are_too_many_for_the_folder_or_a_full_disk_are_no_error(
    picture_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    key = key_of(load(str(picture_folder), SPEC.input))

    def full(_tensors: dict[str, Tensor], _path: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(cache, "MAX_TOTAL", 47)
        write_features(key, VALUES)
    with monkeypatch.context() as patch:
        patch.setattr(cache, "save_file", full)
        write_features(key, VALUES)
    assert not features_folder().is_dir() or list(features_folder().iterdir()) == []
    assert read_features(key, SHAPE) is None
