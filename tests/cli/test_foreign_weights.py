"""Weights of other programs on the command line: what is said of them, and where."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor

from resnet_gui.checkpoints.load import load_foreign
from resnet_gui.cli.main import main
from resnet_gui.cli.train_options import FIELDS, train_job
from resnet_gui.data.preprocessing import PREPROCESSES
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import evolve
from resnet_gui.engine.train.start.starting_weights import read_starting_weights
from resnet_gui.network.resnet import ResNet
from resnet_gui.training.start import StartRequest
from tests.checkpoints import public_networks as nets
from tests.checkpoints.public_checkpoints import torch_bytes


def printed(capsys: pytest.CaptureFixture[str], *words: object, code: int = 0) -> tuple[str, str]:
    """What a command writes to standard output and standard error."""
    assert main([*map(str, words)]) == code
    told = capsys.readouterr()
    return told.out, told.err


def saved(path: Path, state: dict[str, Any]) -> Path:
    path.write_bytes(torch_bytes(state))
    return path


def pictures(folder: Path, count: int = 2) -> list[Path]:
    """Pictures of 32×32 pixels, all different."""
    folder.mkdir(exist_ok=True, parents=True)
    chance = np.random.default_rng(3)
    paths = [folder / f"{number}.png" for number in range(count)]
    for path in paths:
        Image.fromarray(chance.integers(0, 256, (32, 32, 3), dtype=np.uint8)).save(path)
    return paths


def pixels(path: Path) -> Tensor:
    return torch.from_numpy(np.asarray(Image.open(path)).copy()).permute(2, 0, 1).float() / 255


@pytest.fixture
def one_logit(tmp_path: Path) -> Path:
    return saved(tmp_path / "cat.pth", nets.randomised(nets.cifar_net([8, 16], [1, 1], classes=1)).state_dict())


def sigmoids(weights: Path, paths: list[Path]) -> list[float]:
    """Probabilities of the second class, from the logit in plain torch."""
    usual = PREPROCESSES["cifar10"].preprocess
    mean, std = (torch.tensor(values).view(3, 1, 1) for values in (usual.mean, usual.std))
    network = load_foreign(weights)[0]
    with torch.inference_mode():
        return [float(network(((pixels(path) - mean) / std)[None]).sigmoid()) for path in paths]


def test_one_logit_is_answered_with_its_sigmoid_and_with_what_is_left(
    one_logit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = pictures(tmp_path / "in")
    wanted = sigmoids(one_logit, paths)
    table = tmp_path / "t.csv"
    out, err = printed(capsys, "predict", one_logit, *paths, "--device", "cpu", "--json", "--csv", table)
    document = json.loads(out)
    for probability, result in zip(wanted, document["results"], strict=True):
        found = {score["label"]: score["probability"] for score in result["top"]}
        assert found == pytest.approx({"class 0": 1 - probability, "class 1": probability}, abs=1e-5)
    assert len({round(probability, 3) for probability in wanted}) == 2
    assert "sigmoid" in err
    assert document["notices"] == [line.removeprefix("resnet-gui: ") for line in err.splitlines()]
    assert "sigmoid" in document["notices"][0]
    assert document["notices"][1].startswith("The file leaves open, taken here: ")
    with table.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [set(row) for row in rows] == [{"image", "error", "label1", "probability1", "label2", "probability2"}] * 2


def test_explain_says_of_a_file_what_predict_says(
    one_logit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (picture,) = pictures(tmp_path / "in", 1)
    words = (one_logit, picture, "--device", "cpu", "--json")
    predicted, said = printed(capsys, "predict", *words)
    explained, same = printed(capsys, "explain", *words, "--method", "grad-cam", "-o", tmp_path / "maps")
    assert said == same
    documents = json.loads(predicted), json.loads(explained)
    for key in ("notices", "undetermined"):
        assert documents[0][key] == documents[1][key]


def test_the_answers_of_one_logit_may_have_two_names_or_the_name_of_what_it_is_sure_of(
    one_logit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = pictures(tmp_path / "in", 1)
    for text, names in (("no\nyes", {"no", "yes"}), ("cat", {"not cat", "cat"})):
        (tmp_path / "labels.txt").write_text(text)
        out, _ = printed(capsys, "predict", one_logit, *paths, "--classes", tmp_path / "labels.txt", "--json")
        assert {score["label"] for score in json.loads(out)["results"][0]["top"]} == names
    (tmp_path / "labels.txt").write_text("a\nb\nc")
    _, err = printed(capsys, "predict", one_logit, *paths, "--classes", tmp_path / "labels.txt", code=2)
    assert "names 3 classes, but the network has 2" in err


def test_one_logit_is_evaluated_on_a_folder_of_two_classes(
    one_logit: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    right = 0
    for name in ("cats", "dogs"):
        paths = pictures(tmp_path / "data" / "train" / name) and pictures(tmp_path / "data" / "test" / name, 3)
        if name == "dogs":
            for path in paths:
                Image.fromarray(255 - np.asarray(Image.open(path))).save(path)
        right += sum((probability > 0.5) == (name == "dogs") for probability in sigmoids(one_logit, paths))
    out, _ = printed(capsys, "evaluate", one_logit, "--data", tmp_path / "data", "--device", "cpu", "--json")
    document = json.loads(out)
    assert (document["pictures"], document["correct"]) == (6, right)
    assert "sigmoid" in document["notices"][0]


def test_the_normalisation_in_a_file_is_used_unless_another_is_asked_for(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = nets.randomised(nets.cifar_net([8, 16], [1, 1])).state_dict()
    plain = saved(tmp_path / "plain.pth", dict(state))
    pair = {"mu": torch.tensor([0.1, 0.2, 0.3]).view(1, 3, 1, 1), "sigma": torch.full((1, 3, 1, 1), 0.05)}
    robust = saved(tmp_path / "robust.pth", pair | {f"model.{name}": value for name, value in state.items()})
    (path,) = pictures(tmp_path / "in", 1)
    given = ("--mean", "0.1,0.2,0.3", "--std", "0.05,0.05,0.05")
    out, err = printed(capsys, "predict", robust, path, "--json")
    assert "'mu' and 'sigma', is used: mean 0.1, 0.2, 0.3; std 0.05" in err
    wanted, _ = printed(capsys, "predict", plain, path, "--json", *given)
    assert json.loads(out)["results"] == json.loads(wanted)["results"]
    out, err = printed(capsys, "predict", robust, path, "--json", "--mean", "0,0,0", "--std", "1,1,1")
    assert [notice.partition(":")[0] for notice in json.loads(out)["notices"]] == ["The file leaves open, taken here"]
    assert err.count("\n") == 1


def test_norms_without_statistics_are_warned_of_before_the_answer_and_in_the_second_line_of_identify(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = nets.randomised(nets.cifar_net([8, 16], [1, 1]))
    weights = saved(tmp_path / "params.pth", dict(network.named_parameters()))
    _, err = printed(capsys, "predict", weights, *pictures(tmp_path / "in", 1))
    assert "no running statistics" in err
    out, _ = printed(capsys, "identify", weights)
    assert "no running statistics" in out.splitlines()[1]
    out, _ = printed(capsys, "identify", weights, "--json")
    assert "no running statistics" in json.loads(out)["notices"][0]


def test_a_network_without_a_head_is_identified_and_exported_and_what_it_lacks_to_predict_is_said(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    network = nets.randomised(nets.cifar_net([8, 16], [1, 1]))
    state = {name: value for name, value in network.state_dict().items() if not name.startswith("linear.")}
    weights = saved(tmp_path / "backbone.pth", state)
    out, _ = printed(capsys, "identify", weights)
    assert "no head" in out
    paths = pictures(tmp_path / "in", 1)
    for words in (("predict", weights, *paths), ("evaluate", weights, "--data", "digits")):
        out, err = printed(capsys, *words, code=2)
        assert out == ""
        assert "without a head" in err
        assert "linear layer" in err
    printed(capsys, "export", weights, "--to", "safetensors", "-o", tmp_path / "again.safetensors")
    again, found = load_foreign(tmp_path / "again.safetensors")
    assert found.spec.head == "none"
    picture = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert torch.equal(again(picture), load_foreign(weights)[0](picture))


def test_a_training_that_begins_from_a_network_without_a_head_gets_one(tmp_path: Path) -> None:
    network = nets.randomised(nets.cifar_net([8, 16], [1, 1]))
    state = {name: value for name, value in network.state_dict().items() if not name.startswith("linear.")}
    weights = saved(tmp_path / "backbone.pth", state)
    options = dict.fromkeys(("design", "recipe", "set", "device", *FIELDS))
    job = train_job({**options, "data": "digits", "init": str(weights), "folder": str(tmp_path / "run")})
    assert job.spec.head == "pool"
    begun = read_starting_weights(StartRequest(model=str(weights)), evolve(job.spec, classes=10), tuple("0123456789"))
    assert set(begun.state) == {name for name in ResNet(plan(job.spec)).state_dict() if not name.startswith("fc.")}
    assert begun.sentences[1].startswith("new: the head, 10 classes: the weights have none, ")


def test_a_design_without_a_head_is_summarised_and_not_trained(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    design = tmp_path / "d.json"
    design.write_text(
        '{"format":"resnet-explorer-design","version":1,"name":"b","spec":{"block":"basic","blocks":[1],"widths":[8],'
        '"stem":"cifar","head":"none","input":[1,8,8]}}'
    )
    out, _ = printed(capsys, "summary", design)
    assert "3 layers = 1 + 2 × (1): stem and blocks" in out
    _, err = printed(capsys, "train", design, "--data", "digits", "--run", tmp_path / "run", "--epochs", 1, code=2)
    assert "without a head" in err
    assert not (tmp_path / "run").exists()
