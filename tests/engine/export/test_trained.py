"""What leaves the program of a trained network: weights, classes, normalisation; nothing of the computer."""

from __future__ import annotations

import getpass
import importlib.util
import json
import os
import platform
import runpy
import shutil
import sys
from pathlib import Path

import msgspec
import pytest
import torch
from safetensors import safe_open
from torch import Tensor

import resnet_gui
from resnet_gui.base.errors import InputError
from resnet_gui.checkpoints.load import load_any
from resnet_gui.data.grey_range import GreyRange
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.data.preprocessing import IMAGENET_MEAN, IMAGENET_STD, Preprocess
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, evolve
from resnet_gui.engine.export import onnx_file
from resnet_gui.engine.export.files import Form, export_design, export_model
from resnet_gui.engine.export.onnx_file import OnnxComparison, compare_with_torch, sample_pictures, write_onnx
from resnet_gui.engine.predict.models import normalised, open_network
from resnet_gui.export.formats import TEXTS
from resnet_gui.gui.design.diagram.files import write_picture
from resnet_gui.gui.kit.figures.figure import FileForm
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import load_model, save_model
from resnet_gui.protocol.events import Exported
from resnet_gui.runs.folder import BEST_FILE
from tests.engine.export.conftest import DRAWN_DESIGN
from tests.forks import Forks, of_copy
from tests.waiting import PATIENCE

if importlib.util.find_spec("onnx") is None or importlib.util.find_spec("onnxscript") is None:
    pytest.skip("the extra [onnx] is not installed", allow_module_level=True)

pytestmark = pytest.mark.usefixtures("onnx_table")

ROOT = Path(__file__).resolve().parents[3]
TINY = evolve(PRESETS["digits-resnet"].spec, blocks=(1,), widths=(8,), input=(3, 16, 16), classes=4)
PICTURES: tuple[FileForm, ...] = ("svg", "png", "pdf")
ODD_NAMES = ('quo"te', "two  spaces", "line\nbreak", "back\\slash", "日本", "=1+1", "it's", "{x}", "class", "é")


@pytest.fixture(scope="module")
def odd_card(small_run: Path) -> ModelInfo:
    """Every field is another than usual; the names of classes are such as Python, JSON or a shell might take apart."""
    greys = GreyRange(whole=(0.0, 4095.0))
    info = load_model(small_run / BEST_FILE)[1]
    return msgspec.structs.replace(
        info, classes=ODD_NAMES, mean=(0.25,), std=(0.5,), resize=9, greys=greys, data="x", top1=0.5, fit="pad",
        interpolation="bicubic",
    )  # fmt: skip


@pytest.fixture(scope="module")
def odd_files(small_run: Path, odd_card: ModelInfo, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder of weights with that card, and of what they are exported as: ``net`` with the form as its ending."""
    folder = tmp_path_factory.mktemp("odd")
    save_model(folder / "in.safetensors", load_model(small_run / BEST_FILE)[0].state_dict(), odd_card)
    forms: tuple[Form, ...] = ("python", "onnx", "safetensors")
    for form in forms:
        export_model(str(folder / "in.safetensors"), form, folder / f"net.{form}")
    return folder


def digits() -> Tensor:
    return sample_pictures((1, 8, 8), None, 8)


# ---- Python


def test_the_python_file_of_a_run_loads_its_weights_and_prepares_pictures_to_the_bit(
    small_run: Path, tmp_path: Path
) -> None:
    written = export_model(str(small_run), "python", tmp_path / "net.py")
    assert written.files == ("net.py", "net.safetensors")
    assert written.notes == ("the weights are in net.safetensors beside it",)
    names = runpy.run_path(str(tmp_path / "net.py"))
    model, info = load_model(small_run / BEST_FILE)
    assert (names["NAMES"], names["MEAN"], names["STD"]) == (info.classes, info.mean, info.std)
    pictures = digits()
    as_bytes = (pictures * 255).round().byte().numpy()
    with torch.inference_mode():
        wanted = model(normalised(as_bytes, info.preprocess, torch.device("cpu")))
        assert torch.equal(names["load"]()(names["prepare"](pictures)), wanted)


OTHERS = {"resnet_gui", "tests", "safetensors", "PIL", "torchvision"}


def test_it_runs_alone_with_nothing_but_torch(odd_files: Path, tmp_path: Path, forks: Forks) -> None:
    export_model(str(odd_files / "in.safetensors"), "python", tmp_path / "net.py")
    program = (
        "import runpy, sys\n"
        f"others = lambda: [name for name in sys.modules if name.partition('.')[0] in {OTHERS}]\n"
        "for name in others(): del sys.modules[name]\n"
        "runpy.run_path('net.py', run_name='__main__')\n"
        "assert not others(), others()"
    )
    done = forks.run(
        "-c", program, cwd=tmp_path, timeout=PATIENCE,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "trained parameters; grey is most like " in done.stdout


def test_names_of_classes_come_through_every_form_as_they_are(odd_files: Path) -> None:
    import onnx

    assert runpy.run_path(str(odd_files / "net.python"))["NAMES"] == ODD_NAMES
    metadata = {entry.key: entry.value for entry in onnx.load(odd_files / "net.onnx").metadata_props}
    assert tuple(json.loads(metadata["classes"])) == ODD_NAMES
    assert json.loads(metadata["mean"]) == [0.25]
    assert json.loads(metadata["std"]) == [0.5]
    assert json.loads(metadata["input"]) == [1, 8, 8]
    assert open_network(odd_files / "net.safetensors").classes == ODD_NAMES


def test_the_name_of_its_own_weights_is_no_name_for_the_file(small_run: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"name the file with the ending \.py"):
        export_model(str(small_run), "python", tmp_path / "net.safetensors")
    assert list(tmp_path.glob("net*")) == []


def test_the_weights_beside_it_replace_an_earlier_export_and_nothing_else(small_run: Path, tmp_path: Path) -> None:
    for _ in range(2):
        export_model(str(small_run), "python", tmp_path / "net.py")
    before = (tmp_path / "net.safetensors").read_bytes()
    with pytest.raises(InputError, match=r"is the file that is exported; name the Python file otherwise\."):
        export_model(str(tmp_path / "net.safetensors"), "python", tmp_path / "net.py")
    assert (tmp_path / "net.safetensors").read_bytes() == before
    (tmp_path / "my.safetensors").write_bytes(b"somebody's")
    with pytest.raises(InputError, match="is there already and not of an export"):
        export_model(str(small_run), "python", tmp_path / "my.py")
    assert (tmp_path / "my.safetensors").read_bytes() == b"somebody's"
    assert not (tmp_path / "my.py").exists()


def test_a_card_leaves_as_it_is_in_every_field(odd_files: Path, odd_card: ModelInfo) -> None:
    import onnx

    assert load_model(odd_files / "net.safetensors")[1] == odd_card
    assert "4,095" in (odd_files / "net.python").read_text(encoding="utf-8")
    code = runpy.run_path(str(odd_files / "net.python"))
    assert (code["FIT"], code["RESIZE"], code["INTERPOLATION"]) == ("pad", 9, "bicubic")
    metadata = {entry.key: entry.value for entry in onnx.load(odd_files / "net.onnx").metadata_props}
    assert "4,095" in metadata["greys"]
    assert (metadata["fit"], metadata["resize"], metadata["interpolation"]) == ("pad", "9", "bicubic")
    assert set(Preprocess.__struct_fields__) <= set(metadata), "every step from a picture to the input is in the file"


def test_foreign_weights_become_ours_as_safetensors_and_what_is_a_suggestion_is_said(tmp_path: Path) -> None:
    torch.save({"net": ResNet(plan(TINY)).eval().state_dict()}, tmp_path / "theirs.pth")
    written = export_model(str(tmp_path / "theirs.pth"), "safetensors", tmp_path / "ours.safetensors")
    assert "do not tell their classes and normalisation" in written.notes[0]
    theirs, ours = load_any(tmp_path / "theirs.pth"), load_any(tmp_path / "ours.safetensors")
    for name, tensor in theirs.model.state_dict().items():
        assert torch.equal(ours.model.state_dict()[name], tensor)
    with pytest.raises(InputError, match="A design has no weights"):
        export_design(Design(name="tiny", spec=TINY), "safetensors", tmp_path / "none.safetensors")


# ---- ONNX beside torch


def test_a_written_onnx_file_was_run_beside_torch_on_real_pictures(written_onnx: tuple[Path, Exported]) -> None:
    (sentence,) = written_onnx[1].notes
    assert sentence.startswith("equal to 1e-5 on 8 pictures by ")


def test_a_network_of_other_weights_is_found_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "net.onnx"

    def other(model: ResNet, temporary: Path, info: None) -> str:
        with torch.no_grad():
            next(model.parameters()).mul_(1.001)
        name = write_onnx(model, temporary, info)
        with torch.no_grad():
            next(model.parameters()).div_(1.001)
        return name

    monkeypatch.setattr("resnet_gui.engine.export.files.write_onnx", other)
    with pytest.raises(InputError, match="answers otherwise than in torch"):
        export_design(Design(name="tiny", spec=evolve(TINY, norm="none", order="original")), "onnx", path)
    assert list(tmp_path.glob("net*")) == []


def test_logits_that_are_almost_equal_are_compared_by_their_size(tmp_path: Path) -> None:
    model = ResNet(plan(evolve(TINY, classes=1))).eval()
    with torch.no_grad():
        model.get_parameter("fc.weight").mul_(0.01)
        model.get_parameter("fc.bias").fill_(-4.0)
    write_onnx(model, tmp_path / "net.onnx")
    assert compare_with_torch(tmp_path / "net.onnx", model, None).difference < 1e-5


def test_the_pictures_are_real_and_normalised_as_the_network_asks() -> None:
    grey, colour, five = (sample_pictures((channels, 32, 24), None, 5) for channels in (1, 3, 5))
    assert (grey.shape, colour.shape, five.shape) == ((5, 1, 32, 24), (5, 3, 32, 24), (5, 5, 32, 24))
    assert torch.equal(five[:, 3:], five[:, :2])
    assert all(one.std() > 0.05 for one in colour)
    assert len({one.numpy().tobytes() for one in colour}) == 5
    made = sample_pictures((3, 32, 24), Preprocess(mean=IMAGENET_MEAN, std=IMAGENET_STD), 5)
    back = made * torch.tensor(IMAGENET_STD).view(-1, 1, 1) + torch.tensor(IMAGENET_MEAN).view(-1, 1, 1)
    torch.testing.assert_close(back, colour)


def test_a_network_too_large_for_the_reference_evaluator_is_compared_on_fewer_pictures(
    small_run: Path, written_onnx: tuple[Path, Exported]
) -> None:
    model, info = load_model(small_run / BEST_FILE)
    whole = compare_with_torch(written_onnx[0], model, info.preprocess)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(onnx_file, "REFERENCE_MACS", 1.0)
        few = compare_with_torch(written_onnx[0], model, info.preprocess)
    assert whole.pictures == 8
    assert few.pictures == (8 if whole.evaluator == "onnxruntime" else 1)
    assert OnnxComparison("it", 1, 2.34e-7).sentence == "equal to 1e-5 on 1 picture by it (largest difference 2.3e-7)"


def test_weights_that_no_protobuf_holds_lie_in_one_file_beside_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(onnx_file, "LARGEST_BYTES", 1000)
    written = export_design(Design(name="tiny", spec=TINY), "onnx", tmp_path / "net.onnx")
    assert written.files == ("net.onnx", "net.onnx.data")
    assert any("beside it" in note for note in written.notes)
    assert {path.name for path in tmp_path.glob("net*")} == {"net.onnx", "net.onnx.data"}
    (tmp_path / "moved").mkdir()
    for name in written.files:
        (tmp_path / name).replace(tmp_path / "moved" / name)
    torch.manual_seed(0)
    assert compare_with_torch(tmp_path / "moved" / "net.onnx", ResNet(plan(TINY)).eval(), None).difference < 1e-5


# ---- nothing of the computer


def traces(folder: Path) -> list[bytes]:
    """What would tell whose computer it was."""
    words = [
        str(ROOT), str(Path.home()), sys.prefix, str(Path(torch.__file__).parent), str(folder), folder.name,
        platform.node(), f"/{getpass.getuser()}/", "site-packages", "Traceback", "resnet_gui/",
    ]  # fmt: skip
    return [word.encode() for word in words if len(word) > 3]


@pytest.mark.usefixtures("qapp")
def test_no_exported_file_holds_a_path_a_user_or_a_host(small_run: Path, tmp_path: Path) -> None:
    private = tmp_path / "annas private folder"
    private.mkdir()
    shutil.copytree(small_run, private / "run")
    forms: tuple[Form, ...] = ("python", "latex", "csv", "json", "onnx", "safetensors")
    assert set(TEXTS) < set(forms)
    for form in forms:
        export_model(str(private / "run"), form, private / f"run.{form}")
        if form != "safetensors":
            export_design(Design(name="tiny", spec=TINY), form, private / f"design.{form}")
    for picture in PICTURES:
        write_picture(Design(name="tiny", spec=TINY), picture, private / f"design.{picture}")
    shutil.copy(small_run / BEST_FILE, private / "card.safetensors")
    files = [path for path in private.iterdir() if path.is_file()]
    assert len(files) == len(forms) * 2 - 1 + len(PICTURES) + 1
    found = {(path.name, word) for path in files for word in traces(private) if word in path.read_bytes()}
    assert found == set()
    with safe_open(private / "run.safetensors", framework="pt") as file:
        assert set(file.metadata()) == {"format", "resnet-explorer"}


def test_two_computers_write_the_same_bytes(design_onnx: Path, tmp_path: Path, forks: Forks) -> None:
    """Another copy of the program, in another folder and for another user, is another computer to a file."""
    copy = tmp_path / "elsewhere"
    shutil.copytree(Path(resnet_gui.__file__).parent, copy / "resnet_gui")
    (copy / "assets").symlink_to(ROOT / "assets", target_is_directory=True)
    export_design(DRAWN_DESIGN, "json", copy / "it.json")
    program = "from resnet_gui.cli.main import main; sys.exit(main('export it.json --to onnx -o there.onnx'.split()))"
    done = forks.run(
        "-c", of_copy(copy, program), cwd=copy, env={**os.environ, "USER": "anna", "HOME": str(copy)}, timeout=PATIENCE
    )
    assert done.returncode == 0, done.stderr
    assert (copy / "there.onnx").read_bytes() == design_onnx.read_bytes()


@pytest.mark.usefixtures("qapp")
def test_pictures_of_a_design_have_the_same_bytes_whenever_they_are_written(tmp_path: Path) -> None:
    for form in PICTURES:
        for number in range(2):
            write_picture(Design(name="tiny", spec=TINY), form, tmp_path / f"{number}.{form}")
        assert (tmp_path / f"0.{form}").read_bytes() == (tmp_path / f"1.{form}").read_bytes()
