"""The functions for people who write code: what they give, and that importing the package loads nothing heavy."""

from __future__ import annotations

import doctest
import json
import os
import shutil
import socket
import subprocess
import sys
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import msgspec
import pytest
import torch
from safetensors.torch import load_file

import resnet_gui
from resnet_gui.analysis.costs import totals
from resnet_gui.api import DesignLike
from resnet_gui.base.errors import InputError
from resnet_gui.checkpoints.load import load_any
from resnet_gui.cli.main import main
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.data.weights_catalogue import SHIPPED, published_file, shipped_file
from resnet_gui.design.spec import Design, evolve, save_design
from resnet_gui.engine.checkpoint import save_checkpoint
from resnet_gui.engine.predict.models import weights_file
from resnet_gui.network.resnet import ResNet
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE
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


# ---- designs


def test_a_design_is_named_by_a_preset_a_spec_a_design_or_a_file_as_on_the_command_line(tmp_path: Path) -> None:
    design = resnet_gui.preset("resnet20")
    saved, exported = tmp_path / "saved.json", tmp_path / "exported.json"
    save_design(design, saved)
    assert main(["export", "resnet20", "--to", "json", "-o", str(exported)]) == 0
    sources: list[DesignLike] = ["resnet20", "ResNet_20", design, design.spec, saved, str(saved), exported]
    for source in sources:
        assert resnet_gui.plan(source).spec == design.spec
        assert resnet_gui.summary(source).plan.spec == design.spec
        assert resnet_gui.build(source).plan.spec == design.spec


def test_what_names_no_design_is_refused_with_a_sentence(tmp_path: Path) -> None:
    for source, sentence in (
        ("resnet51", "resnet51"),
        (tmp_path / "gone.json", "There is no design file"),
        (str(tmp_path / "gone.json"), "There is no design file"),
        (Path("resnet50"), "There is no design file resnet50"),
        (tmp_path, "is a folder, not a design file"),
    ):
        for function in (resnet_gui.plan, resnet_gui.summary, resnet_gui.build):
            with pytest.raises(InputError, match=sentence):
                function(source)
    with pytest.raises(InputError, match="not int"):
        resnet_gui.plan(50)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", ["resnet50", "preact_resnet164"])
def test_a_summary_shows_itself_as_the_command_prints_it(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", name]) == 0
    assert f"{resnet_gui.summary(name)!r}\n" == f"{resnet_gui.summary(name)}\n" == capsys.readouterr().out


def test_the_figures_of_a_summary_are_those_of_the_commands_document(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", "resnet50", "--json", "--memory"]) == 0
    document, found = json.loads(capsys.readouterr().out), resnet_gui.summary("resnet50")
    for figure in ("params", "macs", "activations", "depth", "receptive_field"):
        assert getattr(found, figure) == document[figure]
    assert found.inference_memory.total == document["memory"]["inference"]["total"]
    assert found.training_memory.total == document["memory"]["training"]["momentum"]["total"]
    told = [(row["path"], row["params"], row["macs"], row["receptive_field"]) for row in document["layers"]]
    assert told == [(row.path, row.cost.params, row.cost.macs, row.receptive_field) for row in found.layers]
    assert found.name == "ResNet-50"


def test_a_notebook_shows_a_summary_as_a_table_whose_words_cannot_be_markup() -> None:
    design = Design(name="<b>mine & yours</b>", spec=resnet_gui.preset("digits-resnet").spec)
    found = resnet_gui.summary(design)
    root = ET.fromstring(found._repr_html_())  # noqa: S314 (our own text)
    cells = [[cell.text or "" for cell in row] for row in root.iter("tr")]
    assert [caption.text for caption in root.iter("caption")] == [f"{design.name}, input 1×8×8, {found.depth} layers"]
    # The text's rows, but for its first three lines, have the same words in the same order.
    assert [[cell for cell in row if cell] for row in cells] == [line.split() for line in repr(found).splitlines()[3:]]


# ---- models


def test_a_run_folder_its_best_and_its_last_weights_are_loaded(trained_run: Path, tmp_path: Path) -> None:
    best, last = resnet_gui.load_model(trained_run), resnet_gui.load_model(str(trained_run), weights="last")
    own = torch.load(trained_run / LAST_FILE, weights_only=True)
    assert same(best.state_dict(), load_file(trained_run / BEST_FILE))
    assert same(last.state_dict(), own["model"])
    assert (best.training, last.training) == (False, False)
    assert best.plan.spec == last.plan.spec == resnet_gui.preset("digits-resnet").spec
    # Of a run that has got worse since its best, the two differ.
    worse = shutil.copytree(trained_run, tmp_path / "run")
    moved = {name: value + 1 for name, value in own["model"].items()}
    save_checkpoint(worse, {name: own[name] for name in own if name not in {"format", "digest"}} | {"model": moved})
    assert same(resnet_gui.load_model(worse, weights="last").state_dict(), moved)
    assert same(resnet_gui.load_model(worse).state_dict(), best.state_dict())


def test_a_run_folder_and_known_names_are_identified(trained_run: Path) -> None:
    assert resnet_gui.identify(trained_run).preset == "digits-resnet"
    assert resnet_gui.identify(SHIPPED).preset == "resnet20"


def test_the_network_inside_and_fetched_weights_are_loaded_by_their_names() -> None:
    assert same(resnet_gui.load_model(SHIPPED).state_dict(), load_file(shipped_file()))
    place = published_file("resnet18-v1")
    place.parent.mkdir(parents=True)
    weights = resnet_gui.build("resnet18").state_dict()
    torch.save(weights, place)
    assert same(resnet_gui.load_model("resnet18-v1").state_dict(), weights)
    assert resnet_gui.identify("resnet18-v1").preset == "resnet18"


def test_weights_that_are_not_here_are_not_fetched_and_the_command_that_does_is_named(
    monkeypatch: pytest.MonkeyPatch, home: Path
) -> None:
    def connect(*_arguments: object) -> None:
        raise AssertionError("nothing may be fetched unasked")

    monkeypatch.setattr(socket.socket, "connect", connect)
    for function in (resnet_gui.load_model, resnet_gui.identify):
        with pytest.raises(InputError, match=r"'resnet-gui download resnet50-v2' fetches them \(97\.8 MB\)"):
            function("resnet50-v2")
    assert not home.exists()


def test_what_is_no_model_or_has_no_such_weights_is_refused_with_a_sentence(trained_run: Path, tmp_path: Path) -> None:
    for source, weights, sentence in (
        (tmp_path / "gone", "best", "There is no run folder or weights file"),
        (tmp_path, "best", r"is not a run folder: it has no run\.json"),
        (tmp_path, "last", r"is not a run folder: it has no run\.json"),
        (SHIPPED, "last", f"There is no run {SHIPPED}"),
        (trained_run / BEST_FILE, "last", "is not a run folder"),
        (trained_run, "first", "weights is 'first'; it must be 'best' or 'last'"),
    ):
        with pytest.raises(InputError, match=sentence):
            resnet_gui.load_model(source, weights=weights)  # type: ignore[arg-type]


def same(found: dict[str, torch.Tensor], expected: dict[str, torch.Tensor]) -> bool:
    """Whether two state_dicts are equal to the bit."""
    return found.keys() == expected.keys() and all(torch.equal(found[name], expected[name]) for name in found)


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
    assert same(back.state_dict(), model.state_dict())
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


def test_a_name_that_the_package_has_not_is_an_error() -> None:
    with pytest.raises(AttributeError, match="has no attribute 'nonsense'"):
        resnet_gui.nonsense  # type: ignore[attr-defined]  # noqa: B018


# ---- what is none of the arguments


def shipped_card() -> ModelInfo:
    """The card of the network inside."""
    info = load_any(weights_file("cifar10-resnet20")).info
    assert info is not None
    return info


@pytest.mark.parametrize("name", [3, None, b"resnet18", ["resnet18"], Path("resnet18")])
def test_a_preset_that_is_no_text_is_refused_in_a_sentence(name: Any) -> None:
    with pytest.raises(InputError, match=r"^A preset has a name, a text, not \w+\.$"):
        resnet_gui.preset(name)


@pytest.mark.parametrize("what", ["plan", "summary", "build"])
@pytest.mark.parametrize(
    "design", ["x" * 5000, "a\0b", Path("a\0b"), Path("x" * 5000), "", 3, None, Path()], ids=lambda d: repr(d)[:20]
)
def test_what_is_no_design_is_refused_in_a_sentence(what: str, design: Any) -> None:
    with pytest.raises(InputError) as caught:
        getattr(resnet_gui, what)(design)
    assert len(str(caught.value)) < 400


@pytest.mark.parametrize("what", ["identify", "load_model"])
@pytest.mark.parametrize("model", ["x" * 5000, "a\0b", Path("x" * 5000), 3, None], ids=lambda m: repr(m)[:20])
def test_what_is_no_model_is_refused_in_a_sentence(what: str, model: Any) -> None:
    with pytest.raises(InputError) as caught:
        getattr(resnet_gui, what)(model)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize(
    ("field", "value"),
    [("top1", float("nan")), ("top1", 5.0), ("classes", tuple(range(10))), ("name", 3), ("mean", ("x",)),
     ("classes", None)],
)  # fmt: skip
def test_a_card_that_could_not_be_read_again_is_not_written(field: str, value: Any, tmp_path: Path) -> None:
    model = resnet_gui.load_model("cifar10-resnet20")
    info = msgspec.structs.replace(shipped_card(), **{field: value})
    with pytest.raises(InputError, match="card"):
        resnet_gui.save_model(model, tmp_path / "a.safetensors", info)
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_network_or_no_card_is_not_written(tmp_path: Path) -> None:
    model = resnet_gui.build("resnet20")
    wrong: Any
    for wrong in (None, model.fc):
        with pytest.raises(InputError, match="build or load_model has made"):
            resnet_gui.save_model(wrong, tmp_path / "a.safetensors", shipped_card())
    none: Any = None
    with pytest.raises(InputError, match="must be a ModelInfo, not NoneType"):
        resnet_gui.save_model(model, tmp_path / "a.safetensors", none)


def test_weights_that_cannot_be_written_name_the_file_and_why(tmp_path: Path) -> None:
    model, path = resnet_gui.load_model("cifar10-resnet20"), tmp_path / "gone" / "a.safetensors"
    with pytest.raises(FileNotFoundError) as caught:
        resnet_gui.save_model(model, path, shipped_card())
    assert caught.value.filename == str(path)
    assert caught.value.strerror == "No such file or directory"
