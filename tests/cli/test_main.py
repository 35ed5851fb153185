"""``resnet-gui`` as scripts use it: exact JSON keys, exit codes, one line on stderr for bad input."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
from torch import nn

from resnet_gui import __version__
from resnet_gui.analysis.costs import rows, totals
from resnet_gui.base.files import assets
from resnet_gui.cli.main import main
from resnet_gui.design.choices import KINDS
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, ResNetSpec, save_design
from resnet_gui.engine.checkpoint import load_checkpoint
from resnet_gui.network.weights import load_model, weights_sha256
from resnet_gui.runs.folder import BEST_FILE, RUN_FILE, summarise
from resnet_gui.runs.history import replay
from tests.conftest import FIGURES
from tests.forks import Forks
from tests.waiting import PATIENCE

SMALL = ResNetSpec(block="basic", blocks=(1,), widths=(16,), stem="cifar", classes=10, input=(1, 8, 8))
SAMPLES = [str(assets() / "samples" / f"digit-{digit}.png") for digit in range(10)]
TRAIN_KEYS = [
    "run", "epochs", "train_loss", "test_loss", "top1", "best_top1", "seconds", "images_per_second", "weights_sha256",
    "final_top1", "final_images", "final_count", "description",
]  # fmt: skip


def call(*arguments: object, cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run the command in a process of its own, which loads what it needs."""
    return subprocess.run(
        [sys.executable, "-m", "resnet_gui", *map(str, arguments)],
        capture_output=True, text=True, check=False, cwd=cwd, stdin=subprocess.DEVNULL,
    )  # fmt: skip


def fork(forks: Forks, *arguments: object) -> subprocess.CompletedProcess[str]:
    """The same of a command that needs torch, which its process has loaded already."""
    return forks.run("-m", "resnet_gui", *map(str, arguments))


def call_here(captured: pytest.CaptureFixture[str], *arguments: object) -> subprocess.CompletedProcess[str]:
    """The same in this process, where torch is loaded already: for what a process of its own would show no better."""
    words = list(map(str, arguments))
    try:
        code = main(words)
    except SystemExit as ended:  # argparse's way to refuse
        code = int(str(ended.code))
    return subprocess.CompletedProcess(words, code, *captured.readouterr())


def document(done: subprocess.CompletedProcess[str]) -> Any:
    """The JSON document on stdout; that it is one, and nothing else is there, is part of the contract."""
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("\n") == 1
    return json.loads(done.stdout)


def complaint(done: subprocess.CompletedProcess[str], code: int = 2) -> str:
    """The one line on stderr of a command that failed; stdout is empty."""
    assert (done.returncode, done.stdout) == (code, ""), done
    assert re.fullmatch(r"resnet-gui: .+\n", done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    return done.stderr


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A design file of a small network for the digits."""
    save_design(Design(name="Small one", spec=SMALL), tmp_path / "small.json")
    return tmp_path / "small.json"


# ---- presets and summary


def test_presets_lists_every_preset_with_its_figures() -> None:
    listed = document(call("presets", "--json"))
    assert [entry["name"] for entry in listed] == list(PRESETS)
    keys = ["name", "title", "family", "source", "params", "macs", "depth", "spec"]
    assert all(list(entry) == keys for entry in listed)
    by_name = {entry["name"]: entry for entry in listed}
    assert by_name["resnet34"]["params"] == 21_797_672
    assert by_name["resnet34"]["macs"] == 3_663_761_408
    assert by_name["resnet1202"]["depth"] == 1202
    assert by_name["plain20"]["spec"]["shortcut"] == "none"


def test_presets_for_people_has_a_line_for_each() -> None:
    done = call("presets")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines] == list(PRESETS)
    assert "21,797,672 parameters" in lines[1]


def test_a_summary_has_exactly_the_keys_of_the_contract_and_a_row_for_each_layer() -> None:
    summary = document(call("summary", "resnet34", "--json"))
    assert list(summary) == [
        "name", "params", "macs", "depth", "receptive_field", "activations", "layers", "verified",
    ]  # fmt: skip
    assert {key: value for key, value in summary.items() if key not in {"layers", "activations"}} == {
        "name": "resnet34", "params": 21_797_672, "macs": 3_663_761_408, "depth": 34, "receptive_field": 899,
        "verified": None,
    }  # fmt: skip
    planned = list(rows(plan(PRESETS["resnet34"].spec)))
    assert summary["layers"] == [
        {
            "path": row.path, "kind": row.layer.kind, "output": list(row.layer.output), "params": row.cost.params,
            "macs": row.cost.macs, "receptive_field": row.receptive_field,
        }
        for row in planned
    ]  # fmt: skip
    assert summary["activations"] == totals(plan(PRESETS["resnet34"].spec)).cost.activations


def test_a_verified_summary_says_true(capsys: pytest.CaptureFixture[str]) -> None:
    summary = document(call_here(capsys, "summary", "resnet18", "--json", "--verify"))
    row = FIGURES["imagenet"]["resnet18"]
    assert (summary["params"], summary["macs"], summary["receptive_field"]) == (row["params"], row["macs"], row["rf"])
    assert summary["verified"] is True


def test_a_summary_that_the_built_network_contradicts_says_false_and_names_the_row(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    other = msgspec.structs.replace(KINDS["bn"], module=lambda layer: nn.Sequential(nn.BatchNorm2d(layer.output[0])))
    monkeypatch.setitem(KINDS, "bn", other)
    assert main(["summary", "resnet20", "--json", "--verify"]) == 1
    printed = capsys.readouterr()
    assert json.loads(printed.out)["verified"] is False
    assert printed.err == (
        "resnet-gui: the built network differs from the plan at bn1: layer planned bn, built missing\n"
    )


def test_a_summary_for_people_shows_rows_totals_and_the_convention() -> None:
    done = call("summary", "ResNet-20")
    assert (done.returncode, done.stderr) == (0, "")
    lines = done.stdout.splitlines()
    assert lines[0] == "ResNet-20 (CIFAR), input 3×32×32"
    assert lines[1].startswith("20 layers = 2 + 2 × (3 + 3 + 3): ")
    assert lines[2].startswith("MACs: multiply-accumulates of convolutions and linear layers")
    pad = next(line for line in lines if line.startswith("layer2.0.downsample.0"))
    assert lines[3].split() == ["layer", "kind", "output", "parameters", "MACs", "field", "stride", "centre"]
    assert re.fullmatch(r"layer2\.0\.downsample\.0 +zero_pad +32×16×16 +0 +0 +15 +2 +0", pad)
    assert re.fullmatch(r"total +269,722 +40,551,040 +81", lines[-1])
    assert len(lines) == 3 + 1 + 71 + 1


def test_a_design_file_its_input_and_its_classes_can_be_summarised(small: Path) -> None:
    summary = document(call("summary", small, "--input", "3x20x24", "--classes", 7, "--json"))
    assert (summary["name"], summary["depth"]) == ("Small one", 4)
    assert summary["layers"][0]["output"] == [16, 20, 24]
    assert summary["layers"][-1]["output"] == [7]


# ---- bad input that is found before torch is loaded


def bad_file(folder: Path, text: str) -> Path:
    (folder / "bad.json").write_text(text, encoding="utf-8")
    return folder / "bad.json"


DESIGN = '{"name": "x", "spec": {"block": "basic", "blocks": [2], "widths": [0], "input": [3, 32, 32]}}'

WRONG: list[tuple[list[str], str]] = [
    (["bogus"], "invalid choice: 'bogus'"),
    (["summary"], "DESIGN"),
    (["summary", "resnet50", "--colour"], "--colour"),
    (["summary", "resnet5O"], "There is no preset or design file 'resnet5O'; did you mean resnet56 or resnet50"),
    (["summary", "resnet21"], "the nearest are 20 and 26"),
    (["summary", "gone.json"], "There is no design file gone.json"),
    (["summary", "."], "no preset or design file '.'"),
    (["summary", "{file}"], "bad.json: widths, stage 1: 0 is not a whole number"),
    (["summary", "{text}"], "bad.json is not a design file: it is not JSON"),
    (["summary", "resnet18", "--input", "224"], "'224' is not CxHxW, such as 3x224x224"),
    (["summary", "resnet18", "--input", "3x224x-1"], "is not CxHxW"),
    (["summary", "resnet18", "--input", "3x16x16"], "Input 16×16 is too small"),
    (["summary", "resnet18", "--input", "3x0x16"], "input height is 0"),
    (["summary", "resnet18", "--classes", "0"], "classes is 0"),
    (["summary", "resnet18", "--classes", "ten"], "--classes: 'ten' is no whole number"),
    (["train"], "'train' needs a DESIGN or --init MODEL, and --data; or --resume FOLDER"),
    (["train", "resnet20"], "'train' needs a DESIGN or --init MODEL, and --data"),
    (["train", "resnet99", "--data", "digits"], "the nearest are 98 and 104"),
    (["train", "resnet20", "--data", "digits", "--epochs", "0"], "--epochs: epochs is 0; it must be a whole number"),
    (["train", "resnet20", "--data", "digits", "--batch-size", "1"], "--batch-size: batch_size is 1"),
    (["train", "resnet20", "--data", "digits", "--lr", "nan"], "--lr: lr is nan"),
    (["train", "resnet20", "--data", "digits", "--seed", "-1"], "--seed: seed is -1"),
    (["train", "resnet20", "--data", ""], "--data: data is ''"),
    (["train", "resnet20", "--data", "digits", "--precision", "fp8"], "--precision: invalid choice: 'fp8'"),
    (["train", "resnet20", "--resume", "runs/1"], "leave out DESIGN"),
    (["train", "--resume", "runs/1", "--epochs", "3"], "leave out --epochs"),
    (["predict", "model"], "IMAGE|FOLDER"),
    (["predict", "model", "a.png", "--top", "0"], "--top is 0; it must be 1 or more"),
    (["predict", "model", "a.png", "--views", "5"], "--views: invalid choice: 5"),
    (["predict", "model", "a.png", "--mode", "slow"], "--mode: invalid choice: 'slow'"),
    (["evaluate", "model"], "the following arguments are required: --data"),
    (["predict", "model", "a.png", "--mean", "a,b"], "'a,b' is not a list of numbers"),
]


@pytest.mark.parametrize(("arguments", "says"), WRONG, ids=[" ".join(arguments) for arguments, _ in WRONG])
def test_wrong_usage_and_bad_input_exit_with_2_and_one_line_that_names_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], arguments: list[str], says: str
) -> None:
    files = {"{file}": DESIGN, "{text}": "a letter"}
    given = [str(bad_file(tmp_path, files[word])) if word in files else word for word in arguments]
    monkeypatch.chdir(tmp_path)
    assert says in complaint(call_here(capsys, *given))


def test_bad_input_is_one_line_of_the_process_and_its_exit_code_is_2(tmp_path: Path) -> None:
    assert "'bogus'" in complaint(call("bogus", cwd=tmp_path))
    assert "bad.json is not a design file" in complaint(call("summary", bad_file(tmp_path, "a letter"), cwd=tmp_path))


def test_debug_shows_the_traceback_before_the_line() -> None:
    done = call("summary", "resnet18", "--classes", "0", "--debug")
    assert done.returncode == 2
    assert done.stderr.startswith("Traceback")
    assert done.stderr.splitlines()[-1].startswith("resnet-gui: classes is 0")


# ---- bad input that the engine finds; in this process, where torch is loaded already


@pytest.fixture
def keep_ctrl_c() -> Any:
    """``train`` takes Ctrl+C for itself; pytest gets it back."""
    before = signal.getsignal(signal.SIGINT)
    yield
    signal.signal(signal.SIGINT, before)


NEEDS_TORCH: list[tuple[list[str], str]] = [
    (["train", "{small}", "--data", "no-such-folder", "--run", "new"], "There is no data set 'no-such-folder'"),
    (["train", "{small}", "--data", "empty", "--run", "new"], "empty has no folder inside"),
    (["train", "{small}", "--data", "digits", "--run", "full"], "full exists already and is not empty"),
    (["train", "{small}", "--data", "digits", "--run", "new", "--device", "gpu"], "There is no device 'gpu'"),
    (["train", "--resume", "no-run"], "There is no run no-run"),
    (["train", "--resume", "empty"], "empty is not a run folder: it has no run.json"),
    (["predict", "no-model", "a.png"], "There is no run folder or weights file 'no-model'"),
    (["predict", "empty", "a.png"], "empty is not a run folder"),
    (
        ["predict", "full/note.txt", "a.png"],
        "note.txt is no weights file: it is neither safetensors nor what torch.save",
    ),
    (["predict", "{run}", "empty"], "The folder empty holds no pictures"),
    (["predict", "{run}", "a.png", "--device", "tpu"], "There is no device 'tpu'"),
    (["predict", "{run}", "a.png", "--classes", "full/note.txt"], "note.txt names 1 class, but the network has 10"),
    (["predict", "{run}", "a.png", "--classes", "no-labels"], "There is no file of class labels no-labels"),
    (["predict", "{run}", "a.png", "--input", "3x8x8"], "--input has 3 channels"),
    (["predict", "{run}", "a.png", "--std", "0"], "--std must be above 0"),
    (["predict", "{run}", "a.png", "--mean", "1,2"], "--mean has 2 values"),
    (["predict", "{run}", "a.png", "--resize", "5000"], "--resize is 5000; it must be from 0 to 4096"),
    (["predict", "resnet18-v2", "a.png"], "no network of that name: cifar10-resnet20, resnet18-v1, "),
    (["predict", "resnet18-v1", "a.png"], "'resnet-gui download resnet18-v1' fetches them (44.7 MB)"),
    (["evaluate", "{run}", "--data", "empty"], "empty has no folder inside"),
    (["evaluate", "{run}", "--data", "no-such-folder"], "There is no data set 'no-such-folder'"),
]


@pytest.mark.usefixtures("keep_ctrl_c")
@pytest.mark.parametrize(("arguments", "says"), NEEDS_TORCH, ids=[" ".join(arguments) for arguments, _ in NEEDS_TORCH])
def test_bad_input_that_the_engine_finds_returns_2_and_says_it_in_one_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], small: Path,
    trained_run: Path, arguments: list[str], says: str,
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty").mkdir()
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "note.txt").write_text("a note")
    before = sorted(path.name for path in tmp_path.iterdir())
    words = {"{small}": str(small), "{run}": str(trained_run)}
    assert main([words.get(word, word) for word in arguments]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert re.fullmatch(r"resnet-gui: .+\n", printed.err)
    assert says in printed.err
    assert sorted(path.name for path in tmp_path.iterdir()) == before, "a refused run leaves no folder"


# ---- train


def test_train_prints_one_document_of_the_contract_and_leaves_a_run(small: Path, tmp_path: Path, forks: Forks) -> None:
    run = tmp_path / "run"
    options = ["--epochs", 2, "--batch-size", 100, "--lr", 0.05, "--seed", 3, "--device", "cpu", "--precision", "fp32"]
    done = fork(forks, "train", small, "--data", "digits", "--run", run, *options, "--json")
    result = document(done)
    assert list(result) == TRAIN_KEYS
    assert (result["run"], result["epochs"]) == (str(run), 2)
    assert 0 < result["top1"] <= result["best_top1"] <= 1
    assert result["top1"] * 359 == pytest.approx(round(result["top1"] * 359)), "a fraction of the 359 test digits"
    assert result["train_loss"] > 0
    assert result["seconds"] > 0
    assert result["images_per_second"] > 0
    assert result["weights_sha256"] == weights_sha256(load_checkpoint(run)["model"])
    assert load_model(run / BEST_FILE)[1].top1 == pytest.approx(result["best_top1"])
    recipe = json.loads((run / RUN_FILE).read_text())["recipe"]
    asked = {"data": "digits", "epochs": 2, "batch_size": 100, "lr": 0.05, "seed": 3, "precision": "fp32"}
    assert {name: recipe[name] for name in asked} == asked
    assert summarise(run).info.name == "Small one"
    assert "epoch    2/2" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.usefixtures("keep_ctrl_c")
def test_ctrl_c_ends_a_training_with_a_checkpoint_and_resume_goes_on_from_there_to_the_end(
    small: Path, picture_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], forks: Forks
) -> None:
    run, epochs = tmp_path / "run", 25  # a second of steps, which Ctrl+C must not come behind
    command = ["train", str(small), "--data", str(picture_folder), "--run", str(run), "--epochs", str(epochs)]
    with forks.popen(
        [sys.executable, "-m", "resnet_gui", *command, "--batch-size", "2", "--json"],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True,
    ) as child:  # fmt: skip
        assert child.stderr is not None
        while not (line := child.stderr.readline()).startswith("epoch "):
            assert line
        child.send_signal(signal.SIGINT)
        out, errors = child.communicate(timeout=PATIENCE)
    assert child.returncode == 1
    assert out, errors
    assert list(json.loads(out)) == TRAIN_KEYS
    assert errors.splitlines()[-1] == f"resnet-gui: stopped; go on with: resnet-gui train --resume {run}"
    assert summarise(run).status == "stopped"
    step = load_checkpoint(run)["step"]
    assert step == replay(run).step < epochs * 16
    assert main(["train", "--resume", str(run), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["epochs"] == epochs
    assert summarise(run).status == "finished"
    assert list(replay(run).curves["train_loss"].x) == list(range(1, epochs * 16 + 1))


# ---- what is not loaded

LIGHT = """
import sys
from resnet_gui.cli.main import main
try:
    main(sys.argv[1:])
except SystemExit as ended:
    assert ended.code in (0, None), ended.code
heavy = {"torch", "torchvision", "torchinfo", "PySide6", "pyqtgraph", "numpy", "PIL"}
sys.exit(", ".join(sorted(heavy & set(sys.modules))) or None)
"""


@pytest.mark.parametrize(
    "arguments",
    [
        ["--help"],
        ["--version"],
        ["train", "--help"],
        ["predict", "--help"],
        ["evaluate", "--help"],
        ["presets"],
        ["summary", "resnet50"],
    ],
    ids=" ".join,
)
def test_help_version_presets_and_summary_load_neither_torch_nor_qt(arguments: list[str]) -> None:
    done = subprocess.run([sys.executable, "-c", LIGHT, *arguments], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout


def test_version_and_help_say_the_version_and_the_commands() -> None:
    done = call("--version")
    assert (done.returncode, done.stdout) == (0, f"ResNet Explorer {__version__}\n")
    helped = call("--help")
    assert helped.returncode == 0
    for command in ("presets", "summary", "train", "predict", "evaluate", "download"):
        assert re.search(rf"^ +{command} ", helped.stdout, re.MULTILINE)
