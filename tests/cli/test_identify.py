"""``resnet-gui identify``, and what ``summary`` says of ledger and memory: the contract that scripts rely on."""

from __future__ import annotations

import json
import pickle
import shlex
import sys
from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch
from torch import nn

from resnet_gui.analysis.ledger import ledger
from resnet_gui.analysis.memory import inference_memory, training_memory
from resnet_gui.base.files import assets
from resnet_gui.cli.main import main
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, ResNetSpec, evolve, save_design
from resnet_gui.network.resnet import ResNet
from resnet_gui.runs.folder import BEST_FILE
from tests.cli.test_main import call, call_here, complaint, document, fork
from tests.forks import Forks

IDENTIFY_KEYS = ["spec", "params", "matched", "unmatched", "unknowable", "notices", "key", "networks"]
MEMORY_KEYS = ["weights", "activations", "gradients", "optimizer", "total"]
SPEC = evolve(PRESETS["resnet20"].spec, shortcut="B", classes=6)


class Evil:
    """Runs a command when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        import os

        return os.system, (f"{shlex.quote(sys.executable)} -c \"open({str(self.mark)!r}, 'w')\"",)


@pytest.fixture
def wild(tmp_path: Path) -> Path:
    """A network of our own, written as a stranger would."""
    state = ResNet(plan(SPEC)).state_dict()
    path = tmp_path / "checkpoint.pth.tar"
    torch.save({"epoch": 3, "state_dict": {f"module.{name}": value for name, value in state.items()}}, path)
    return path


def printed(capsys: pytest.CaptureFixture[str]) -> Any:
    """The one document on stdout."""
    text, errors = capsys.readouterr()
    assert errors == ""
    assert text.count("\n") == 1
    return json.loads(text)


def said(capsys: pytest.CaptureFixture[str]) -> str:
    """The one line on stderr; stdout is empty."""
    text, errors = capsys.readouterr()
    assert text == ""
    assert errors.startswith("resnet-gui: ")
    assert errors.count("\n") == 1
    assert errors.endswith(".\n")
    assert "Traceback" not in errors
    return errors


def spec_of(found: Any) -> ResNetSpec:
    return msgspec.json.decode(json.dumps(found["spec"]), type=ResNetSpec)


def test_identify_prints_one_document_of_the_contract(wild: Path, forks: Forks) -> None:
    found = document(fork(forks, "identify", wild, "--json"))
    assert list(found) == IDENTIFY_KEYS
    assert list(found["spec"]) == list(ResNetSpec.__struct_fields__)
    assert spec_of(found) == SPEC
    model = ResNet(plan(SPEC))
    assert found["params"] == sum(value.numel() for value in model.parameters())
    assert found["matched"] == len(model.state_dict())
    assert found["unmatched"] == ["epoch (no tensor of the network)"]
    assert found["key"] == "state_dict"
    assert found["networks"] == [{"key": "state_dict", "tensors": len(model.state_dict())}]
    assert found["notices"] == []
    assert found["unknowable"]
    assert all(isinstance(sentence, str) and sentence for sentence in found["unknowable"])


@pytest.fixture
def two(tmp_path: Path) -> Path:
    """A file with the network that was trained and its average, which has another number of classes here."""
    states = {
        name: ResNet(plan(evolve(SPEC, classes=count))).state_dict() for name, count in (("model", 6), ("ema", 7))
    }
    torch.save({"epoch": 3, **states}, tmp_path / "two.pt")
    return tmp_path / "two.pt"


def test_of_two_networks_both_are_named_and_a_key_chooses(two: Path, capsys: pytest.CaptureFixture[str]) -> None:
    for options, key, classes in (([], "model", 6), (["--key", "ema"], "ema", 7), (["--key", "model"], "model", 6)):
        assert main(["identify", str(two), "--json", *options]) == 0
        found = printed(capsys)
        assert (found["key"], found["spec"]["classes"]) == (key, classes)
        assert [network["key"] for network in found["networks"]] == ["model", "ema"]
        assert f"'{key}' was read" in found["notices"][0]
        assert main(["identify", str(two), *options]) == 0
        text, _ = capsys.readouterr()
        assert found["notices"][0] in text.splitlines()
    assert main(["identify", str(two), "--key", "gone"]) == 2
    assert "no network of the key 'gone'; it holds model" in said(capsys)


def test_a_key_chooses_for_predict_and_export_too_and_predict_says_it(
    two: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    picture = assets() / "samples" / "digit-0.png"
    for key, classes in (("model", 6), ("ema", 7)):
        assert main(["predict", str(two), str(picture), "--key", key, "--top", "9", "--json"]) == 0
        text, errors = capsys.readouterr()
        assert len(json.loads(text)["results"][0]["top"]) == classes
        assert f"'{key}' was read (as asked)" in errors
        assert main(["export", str(two), "--key", key, "--to", "json", "-o", str(tmp_path / "d.json")]) == 0
        assert json.loads((tmp_path / "d.json").read_text())["spec"]["classes"] == classes


def test_weights_in_several_files_are_identified_by_their_folder_and_their_index(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    state = ResNet(plan(SPEC)).state_dict()
    for number, place in enumerate((0, 1)):
        torch.save(dict(list(state.items())[place::2]), tmp_path / f"pytorch_model-{number + 1:05}-of-00002.bin")
    names = [f"pytorch_model-{place % 2 + 1:05}-of-00002.bin" for place in range(len(state))]
    index = tmp_path / "pytorch_model.bin.index.json"
    index.write_text(json.dumps({"weight_map": dict(zip(state, names, strict=True))}))
    for path in (index, tmp_path):
        assert main(["identify", str(path), "--json"]) == 0
        assert printed(capsys)["matched"] == len(state)
        assert main(["export", str(path), "--to", "json", "-o", str(tmp_path / "design.json")]) == 0
        assert json.loads((tmp_path / "design.json").read_text())["spec"]["classes"] == SPEC.classes


def test_a_run_and_its_weights_file_are_identified_without_doubt(
    trained_run: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for model in (trained_run, trained_run / BEST_FILE):
        assert main(["identify", str(model), "--json"]) == 0
        found = printed(capsys)
        assert list(found) == IDENTIFY_KEYS
        assert spec_of(found) == PRESETS["digits-resnet"].spec
        assert (found["params"], found["unmatched"], found["unknowable"]) == (174_970, [], [])


def test_a_bias_that_a_file_lacks_is_listed_as_unmatched(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    import timm

    state = timm.create_model("resnet18", num_classes=5).state_dict()
    del state["fc.bias"]
    torch.save({"model": state}, tmp_path / "net.pt")
    assert main(["identify", str(tmp_path / "net.pt"), "--json"]) == 0
    found = printed(capsys)
    assert spec_of(found) == evolve(PRESETS["resnet18"].spec, classes=5)
    assert found["matched"] == len(state)
    assert len(found["unmatched"]) == 1
    assert "fc.bias" in found["unmatched"][0]


def test_identify_for_people_names_the_network_and_what_no_file_can_tell(
    wild: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["identify", str(wild)]) == 0
    text, errors = capsys.readouterr()
    assert errors == ""
    lines = text.splitlines()
    assert all(line.strip() for line in lines)
    assert lines[0].startswith("no published design: 20 layers, ")
    assert lines[1] == "  blocks: basic, 3-3-3, widths 16-32-64"
    assert "no file can tell:" in lines
    assert lines[lines.index("not matched:") + 1] == "  epoch (no tensor of the network)"
    assert all(line.startswith("  ") for line in lines[lines.index("no file can tell:") + 1 :])


def test_a_checkpoint_that_is_none_is_refused_in_one_line_that_names_it(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files: dict[str, object] = {
        "linear.pt": nn.Linear(3, 2).state_dict(),
        "conv.pt": {"conv.weight": torch.zeros(4, 3, 7, 7), "query.weight": torch.zeros(9, 9)},
        "nothing.pt": {},
    }
    for name, content in files.items():
        torch.save(content, tmp_path / name)
    (tmp_path / "text.pt").write_text("hello")
    (tmp_path / "empty.pt").write_bytes(b"")
    (tmp_path / "cut.safetensors").write_bytes(b"\x40\x00\x00\x00\x00\x00\x00\x00{")
    (tmp_path / "folder").mkdir()
    for name in (*files, "text.pt", "empty.pt", "cut.safetensors", "folder", "gone.pt"):
        for options in ([], ["--json"]):
            assert main(["identify", str(tmp_path / name), *options]) == 2
            assert name in said(capsys)


def test_a_foreign_network_is_refused_with_the_first_tensor_that_cannot_belong(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    import timm

    torch.save(timm.create_model("vit_tiny_patch16_224", num_classes=2).state_dict(), tmp_path / "vit.pt")
    line = complaint(call_here(capsys, "identify", tmp_path / "vit.pt", "--json"))
    assert "vit.pt is not a residual network" in line
    assert "cls_token" in line or "pos_embed" in line or "patch_embed" in line


@pytest.mark.parametrize("command", [["identify"], ["export", "--to", "onnx", "-o", "out"]], ids=" ".join)
@pytest.mark.parametrize("how", ["torch", "legacy", "pickle", "inside"])
def test_a_malicious_pickle_is_refused_and_does_not_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], command: list[str], how: str
) -> None:
    monkeypatch.chdir(tmp_path)
    mark, path = tmp_path / "mark", tmp_path / "evil.pt"
    state = ResNet(plan(SPEC)).state_dict()
    content = {"state_dict": state, "args": Evil(mark)} if how == "inside" else Evil(mark)
    if how == "pickle":
        path.write_bytes(pickle.dumps(content))
    else:
        torch.save(content, path, _use_new_zipfile_serialization=how != "legacy")
    assert main([command[0], str(path), *command[1:]]) == 2
    assert "evil.pt" in said(capsys)
    assert not mark.exists()
    assert not (tmp_path / "out").exists()
    # The file is as dangerous as the test believes.
    if how == "pickle":
        pickle.loads(path.read_bytes())  # noqa: S301
        assert mark.exists()


@pytest.mark.prove
def test_a_malicious_pickle_does_not_run_in_a_process_of_its_own(tmp_path: Path) -> None:
    torch.save(Evil(tmp_path / "mark"), tmp_path / "evil.pth")
    assert "evil.pth" in complaint(call("identify", tmp_path / "evil.pth"))
    assert not (tmp_path / "mark").exists()


# ---- summary


def test_summary_adds_ledger_and_memory_only_where_they_are_asked_for(capsys: pytest.CaptureFixture[str]) -> None:
    for options, added in (([], []), (["--ledger"], ["ledger"]), (["--memory"], ["memory"]),
                           (["--memory", "--ledger"], ["ledger", "memory"])):  # fmt: skip
        assert main(["summary", "resnet50", "--json", *options]) == 0
        assert list(printed(capsys))[8:] == added


def test_the_ledger_of_a_summary_has_every_entry(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["summary", "resnet50", "--json", "--ledger"]) == 0
    found = printed(capsys)["ledger"]
    assert [list(entry) for entry in found] == [["source", "params", "operations", "unit", "why"]] * 5
    assert found == [msgspec.structs.asdict(entry) for entry in ledger(plan(PRESETS["resnet50"].spec))]
    assert main(["summary", "resnet50", "--ledger"]) == 0
    text = capsys.readouterr().out
    for entry in found:
        assert entry["source"] in text
        assert entry["why"] in text


def test_the_memory_of_a_summary_follows_batch_precision_and_input(capsys: pytest.CaptureFixture[str]) -> None:
    options = ["--input", "3x64x64", "--memory", "--batch-size", "6", "--precision", "bf16"]
    assert main(["summary", "resnet18", "--json", *options]) == 0
    found = printed(capsys)["memory"]
    planned = plan(evolve(PRESETS["resnet18"].spec, input=(3, 64, 64)))
    assert list(found) == ["batch", "precision", "inference", "training"]
    assert (found["batch"], found["precision"], list(found["training"])) == (6, "bf16", ["momentum", "adamw"])
    expected = [
        (found["inference"], inference_memory(planned, 6, "bf16")),
        (found["training"]["momentum"], training_memory(planned, 6, "bf16")),
        (found["training"]["adamw"], training_memory(planned, 6, "bf16", "adamw")),
    ]
    for written, memory in expected:
        assert list(written) == MEMORY_KEYS
        assert [written[key] for key in MEMORY_KEYS] == [getattr(memory, key) for key in MEMORY_KEYS]
    assert main(["summary", "resnet18", *options]) == 0
    text = capsys.readouterr().out
    assert f"{expected[2][1].total / 2**20:,.2f}" in text


@pytest.mark.parametrize(
    ("options", "says"),
    [(["--memory", "--batch-size", "0"], "The batch is 0"), (["--memory", "--batch-size", "-4", "--json"], "-4")],
    ids=" ".join,
)
def test_a_batch_that_cannot_be_is_refused(capsys: pytest.CaptureFixture[str], options: list[str], says: str) -> None:
    assert main(["summary", "resnet18", *options]) == 2
    assert says in said(capsys)


def test_a_design_files_name_does_not_break_the_document(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    save_design(Design(name='a "b"\n\u2028 ü', spec=SPEC), tmp_path / "odd.json")
    assert main(["summary", str(tmp_path / "odd.json"), "--json"]) == 0
    assert printed(capsys)["name"] == 'a "b"\n\u2028 ü'


def test_identify_says_of_values_what_whoever_uses_them_would_be_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    sound = ResNet(plan(SPEC)).state_dict()
    norm = next(name for name in sound if name.endswith("running_var"))
    kernel = next(name for name in sound if name.endswith("conv1.weight"))
    deep = sound[kernel].clone()
    deep[-1, -1, -1, -1] = float("nan")

    def notices(**changed: torch.Tensor) -> list[str]:
        torch.save(sound | {name.replace("__", "."): value for name, value in changed.items()}, tmp_path / "x.pth")
        assert main(["identify", str(tmp_path / "x.pth"), "--json"]) == 0
        found: list[str] = printed(capsys)["notices"]
        return found

    assert notices() == []
    dots = {name: name.replace(".", "__") for name in (norm, kernel)}
    ended = "such weights give no answers."
    assert notices(**{dots[norm]: -sound[norm]}) == [f"Tensor '{norm}' is a variance and below zero somewhere: {ended}"]
    for kind, word in ((torch.int8, "int8"), (torch.bool, "bool")):
        said = f"Tensor '{kernel}' is of {word}, not of floating-point numbers: {ended}"
        assert notices(**{dots[kernel]: sound[kernel].to(kind)}) == [said]
    rounded = f"2 tensors, the first '{kernel}', are of float64: the values are rounded to float32."
    assert notices(**{dots[name]: sound[name].double() for name in (norm, kernel)}) == [rounded]
    assert notices(**{dots[kernel]: deep}) == [f"Tensor '{kernel}' holds values that are not finite numbers: {ended}"]


def test_identify_says_that_a_checksum_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    state = ResNet(plan(SPEC)).state_dict()
    state["fc.weight"] = torch.full_like(state["fc.weight"], 0.123456)
    torch.save(state, tmp_path / "x.pth")
    data = (tmp_path / "x.pth").read_bytes()
    value = torch.tensor(0.123456).numpy().tobytes()
    (tmp_path / "x.pth").write_bytes(data.replace(value, b"\0\0\x80\x3f", 1))
    assert main(["identify", str(tmp_path / "x.pth"), "--json"]) == 0
    (notice,) = printed(capsys)["notices"]
    assert "tensor 'fc.weight' does not have the checksum that it was written with" in notice
