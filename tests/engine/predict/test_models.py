"""Networks by name: torchvision's catalogue, run folders, files of any origin, and what is suggested for them."""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

import msgspec
import pytest
import torch
from torch import Tensor
from torchvision import models
from torchvision.models import WeightsEnum

from resnet_gui.analysis.costs import totals
from resnet_gui.base.errors import InputError
from resnet_gui.data import weights_catalogue
from resnet_gui.data.labels import CIFAR10, known_labels
from resnet_gui.data.preprocessing import PREPROCESSES, Changes, Preprocess
from resnet_gui.data.weights_catalogue import SHIPPED, WEIGHTS, published_by_name, published_file
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.data.download import weights_archive
from resnet_gui.engine.predict.models import KEPT, LoadedModel, ModelCache, adjusted, open_network, weights_file
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import load_model
from resnet_gui.protocol.jobs import ModelRequest
from resnet_gui.runs.folder import BEST_FILE

FAMILIES = ("resnet", "wide_resnet", "resnext")
OFFERED: dict[str, WeightsEnum] = {
    f"{function}-{weights.name.removeprefix('IMAGENET1K_').lower()}": weights
    for function in models.list_models(module=models)
    if function.startswith(FAMILIES)
    for weights in models.get_model_weights(function)
}


# ---- the catalogue


def test_every_network_of_these_families_that_torchvision_offers_is_listed_and_no_other() -> None:
    assert len(OFFERED) == 17
    assert set(WEIGHTS) == set(OFFERED)


@pytest.mark.parametrize("name", WEIGHTS)
def test_the_catalogue_says_what_torchvision_says(name: str) -> None:
    listed, offered = WEIGHTS[name], OFFERED[name]
    meta, theirs = offered.meta, offered.transforms()
    assert listed.name == name
    assert listed.top1 == meta["_metrics"]["ImageNet-1K"]["acc@1"]
    assert listed.megabytes == meta["_file_size"]
    assert listed.file == Path(offered.url).name
    assert listed.resize == theirs.resize_size[0]
    assert theirs.crop_size == [224]
    assert theirs.interpolation.value == "bilinear"
    how = listed.preprocess
    assert (how.mean, how.std, how.resize) == (tuple(theirs.mean), tuple(theirs.std), theirs.resize_size[0])
    assert how.interpolation == "bilinear"
    preset = PRESETS[listed.function].spec
    assert totals(plan(preset)).cost.params == meta["num_params"]
    assert (preset.input, preset.classes) == ((3, 224, 224), len(meta["categories"]))


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_are_fetched_from_torchvisions_address_and_checked_by_the_digits_in_it(name: str) -> None:
    archive = weights_archive(name)
    assert archive.addresses == (OFFERED[name].url,)
    assert archive.name == Path(OFFERED[name].url).name
    assert archive.name.endswith(f"-{archive.sha256}.pth")
    assert len(archive.sha256) == 8
    int(archive.sha256, 16)


# ---- what names a model


def test_a_run_folder_and_its_weights_file_name_the_same_model(trained_run: Path) -> None:
    assert weights_file(str(trained_run)) == weights_file(str(trained_run / BEST_FILE)) == trained_run / BEST_FILE


def test_what_is_no_model_is_refused_with_the_reason(tmp_path: Path, trained_run: Path) -> None:
    with pytest.raises(InputError, match=r"There is no run folder or weights file '.*gone', and no network of that"):
        weights_file(str(tmp_path / "gone"))
    with pytest.raises(InputError, match=r"is not a run folder: it has no run\.json"):
        weights_file(str(tmp_path))
    shutil.copy(trained_run / "run.json", tmp_path)
    with pytest.raises(InputError, match="has no weights yet"):
        weights_file(str(tmp_path))


def test_the_names_that_can_be_used_are_said_with_a_name_that_cannot() -> None:
    with pytest.raises(InputError) as refused:
        weights_file("resnet18-v2")
    for name in (SHIPPED, *WEIGHTS):
        assert name in str(refused.value)


@pytest.mark.parametrize("name", WEIGHTS)
def test_weights_that_are_not_here_say_how_to_get_them_and_how_large_they_are(name: str, home: Path) -> None:
    with pytest.raises(
        InputError, match=rf"'resnet-gui download {name}' fetches them \({WEIGHTS[name].megabytes:.1f} MB"
    ):
        weights_file(name)
    place = published_file(name)
    assert home in place.parents
    place.parent.mkdir(parents=True)
    place.touch()
    assert weights_file(name) == place


def test_the_network_inside_is_a_file_of_the_program() -> None:
    assert weights_file(SHIPPED).name == f"{SHIPPED}.safetensors"


# ---- what a file says of itself, and what is suggested


def saved(model: torch.nn.Module, path: Path) -> Path:
    torch.save(model.state_dict(), path)
    return path


def drawn(spec: ResNetSpec) -> ResNet:
    torch.manual_seed(3)
    return ResNet(plan(spec))


def same_weights(opened: LoadedModel, state: dict[str, Tensor]) -> bool:
    ours = opened.model.state_dict()
    return list(ours) == list(state) and all(torch.equal(ours[name], state[name]) for name in state)


@pytest.fixture(scope="module")
def resnet18() -> torch.nn.Module:
    torch.manual_seed(1)
    model: torch.nn.Module = models.resnet18()
    return model.eval()


def test_a_run_says_its_classes_and_its_normalisation_itself(trained_run: Path) -> None:
    model, info = load_model(trained_run / BEST_FILE)
    opened = open_network(trained_run / BEST_FILE)
    assert (opened.own, opened.labels, opened.notes) == (True, "", ())
    assert (opened.name, opened.spec, opened.data, opened.top1) == (info.name, info.spec, "digits", info.top1)
    assert (opened.classes, opened.preprocess) == (info.classes, Preprocess(mean=info.mean, std=info.std))
    assert same_weights(opened, dict(model.state_dict()))


def test_a_file_with_torchvisions_name_and_digits_is_torchvisions(
    tmp_path: Path, resnet18: torch.nn.Module, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = saved(resnet18, tmp_path / "weights.pth")
    digits = hashlib.sha256(path.read_bytes()).hexdigest()[:8]
    named = path.rename(tmp_path / f"resnet18-{digits}.pth")
    listed = msgspec.structs.replace(WEIGHTS["resnet18-v1"], file=named.name)
    monkeypatch.setattr(weights_catalogue, "_ALL", (listed,))
    opened = open_network(named)
    assert (opened.own, opened.name, opened.data, opened.top1) == (True, "resnet18-v1", "ImageNet", 0.69758)
    assert opened.classes == tuple(models.ResNet18_Weights.IMAGENET1K_V1.meta["categories"])
    assert opened.preprocess == PREPROCESSES["imagenet"].preprocess
    assert opened.spec == PRESETS["resnet18"].spec
    assert "published SHA-256" in opened.notes[0]
    assert same_weights(opened, resnet18.state_dict())


def test_a_file_of_torchvisions_name_with_other_content_is_not_taken_for_it(
    tmp_path: Path, resnet18: torch.nn.Module
) -> None:
    path = saved(resnet18, tmp_path / WEIGHTS["resnet18-v1"].file)
    assert published_by_name(path) == WEIGHTS["resnet18-v1"]
    opened = open_network(path)
    assert (opened.own, opened.name, opened.data, opened.top1) == (False, "resnet18", "", 0.0)
    assert (opened.labels, opened.classes) == ("imagenet", known_labels("imagenet", 1000))
    assert opened.preprocess == PREPROCESSES["imagenet"].preprocess
    assert "not its SHA-256" in opened.notes[0]
    assert "all 122 tensors matched" in opened.notes[1]
    assert any(note.startswith("normalisation: ") for note in opened.notes)


@pytest.mark.parametrize(
    ("changes", "labels", "preprocess"),
    [
        ({}, "cifar10", "cifar10"),
        ({"classes": 100}, "cifar100", "cifar100"),
        ({"classes": 7}, "numbers", "cifar10"),
        ({"classes": 1000}, "imagenet", "imagenet-fit"),
    ],
)
def test_a_foreign_file_gets_suggestions_that_fit_it(
    tmp_path: Path, changes: dict[str, int], labels: str, preprocess: str
) -> None:
    model = drawn(evolve(PRESETS["resnet20"].spec, **changes))
    path = tmp_path / "mine.pt"
    torch.save({"state_dict": {f"module.{key}": tensor for key, tensor in model.state_dict().items()}}, path)
    opened = open_network(path)
    assert (opened.own, opened.labels, opened.name) == (False, labels, "resnet20")
    assert opened.classes == known_labels(labels, changes.get("classes", 10))
    assert opened.preprocess == PREPROCESSES[preprocess].preprocess
    assert opened.notes[0].endswith("prefix “module.” removed")
    assert same_weights(opened, dict(model.state_dict()))


def test_a_grey_foreign_network_gets_one_mean_and_what_does_not_belong_to_it_is_said(tmp_path: Path) -> None:
    state = drawn(evolve(PRESETS["resnet20"].spec, input=(1, 32, 32), widths=(8, 16, 24))).state_dict()
    torch.save(state | {"aux.weight": torch.zeros(3)}, tmp_path / "grey.pt")
    opened = open_network(tmp_path / "grey.pt")
    assert (opened.name, opened.spec.input, len(opened.preprocess.mean)) == ("grey", (1, 32, 32), 1)
    assert opened.classes == CIFAR10
    assert opened.preprocess.mean[0] == pytest.approx(sum(PREPROCESSES["cifar10"].preprocess.mean) / 3)
    assert not opened.notes[0].startswith("all ")
    assert any("aux.weight" in note for note in opened.notes)


@pytest.mark.parametrize("value", [float("nan"), float("inf")])
def test_a_foreign_file_whose_weights_are_no_numbers_is_refused_by_its_name(tmp_path: Path, value: float) -> None:
    state = drawn(PRESETS["resnet20"].spec).state_dict()
    state["layer1.0.conv1.weight"][0] = value
    torch.save(state, tmp_path / "bad.pt")
    with pytest.raises(InputError, match=r"bad\.pt: tensor 'layer1\.0\.conv1\.weight' holds values that are not"):
        open_network(tmp_path / "bad.pt")


# ---- what is asked for instead


@pytest.fixture
def opened(trained_run: Path) -> LoadedModel:
    return open_network(trained_run / BEST_FILE)


def test_what_is_asked_for_is_used_and_the_rest_stays(opened: LoadedModel) -> None:
    assert adjusted(opened, ModelRequest(model="x")) == opened
    whole = Preprocess(mean=(0.5,) * 3, std=(0.25,) * 3, resize=12)
    changed = adjusted(opened, ModelRequest(model="x", preprocess=whole, changes=Changes(resize=9), labels="cifar10"))
    assert changed.preprocess == Preprocess(mean=(0.5,), std=(0.25,), resize=9)
    assert (changed.classes, changed.labels, changed.spec) == (CIFAR10, "cifar10", opened.spec)
    assert changed.model is opened.model
    larger = adjusted(opened, ModelRequest(model="x", input=(1, 32, 48)))
    assert (larger.spec.input, larger.preprocess, larger.classes) == ((1, 32, 48), opened.preprocess, opened.classes)


@pytest.mark.parametrize("lines", [9, 11, 1, 0])
def test_a_file_of_labels_of_another_length_is_refused_with_both_lengths(
    opened: LoadedModel, tmp_path: Path, lines: int
) -> None:
    (tmp_path / "labels.txt").write_text("".join(f"label {number}\n" for number in range(lines)))
    with pytest.raises(InputError, match=rf"labels\.txt names {lines} class(es)?, but the network has 10"):
        adjusted(opened, ModelRequest(model="x", labels=str(tmp_path / "labels.txt")))


# ---- kept in memory


def test_a_file_is_read_once_and_again_when_it_has_changed_or_others_pushed_it_out(tmp_path: Path) -> None:
    spec = evolve(PRESETS["resnet20"].spec, blocks=(1, 1, 1))
    files = [saved(drawn(spec), tmp_path / f"{number}.pt") for number in range(KEPT + 1)]
    library = ModelCache()
    key, first = library.get(str(files[0]))
    assert library.get(str(files[0])) == (key, first)
    assert library.get(str(files[0]))[1] is first
    os.utime(files[0], ns=(1, 1))
    changed_key, changed = library.get(str(files[0]))
    assert changed_key != key
    assert changed is not first
    others = [library.get(str(path))[1] for path in files[1:]]
    assert all(library.get(str(path))[1] is other for path, other in zip(files[1:], others, strict=True))
    assert library.get(str(files[0]))[1] is not changed
