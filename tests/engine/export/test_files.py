"""Designs and models as files for other programs: from presets, runs, own and foreign weights; ONNX against torch."""

from __future__ import annotations

import errno
import importlib.util
import os
import runpy
import stat
from collections.abc import Callable
from importlib.machinery import ModuleSpec
from pathlib import Path
from typing import Any

import pytest
import torch
import torchvision
from safetensors.torch import save_file
from torch import Tensor

from resnet_gui.base.errors import InputError
from resnet_gui.checkpoints.load import load_foreign
from resnet_gui.data.model_card import ModelInfo
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve, load_design
from resnet_gui.engine.export import files
from resnet_gui.engine.export.files import Form, design_of, export_design, export_model, identify_file
from resnet_gui.engine.export.onnx_file import OPSET, write_onnx
from resnet_gui.export.latex import to_latex
from resnet_gui.export.layer_csv import to_csv
from resnet_gui.export.python import to_python
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import load_model
from resnet_gui.protocol.events import Exported
from resnet_gui.runs.folder import BEST_FILE
from tests.engine.export.conftest import DRAWN_DESIGN, SMALL_DESIGN

if importlib.util.find_spec("onnx") is None or importlib.util.find_spec("onnxscript") is None:
    pytest.skip("the extra [onnx] is not installed", allow_module_level=True)

pytestmark = pytest.mark.usefixtures("onnx_table")

TEXTS: tuple[Form, ...] = ("python", "latex", "csv", "json")
DIGITS = PRESETS["digits-resnet"]

SMALL: dict[str, ResNetSpec] = {
    "groups, group norm, squeeze-and-excitation, ResNet-D, GELU, shortcut gating, dropped branches": ResNetSpec(
        block="bottleneck", blocks=(1, 1), widths=(8, 16), groups=2, width_per_group=64, stem="deep", shortcut="C",
        projection="avg_pool", se_ratio=4, norm="group", norm_groups=2, activation="gelu", dropout=0.5,
        ablation="shortcut_gating", stochastic_depth=0.5, classes=3, input=(2, 17, 13),
    ),
    "zero-padding, exclusive gating, SiLU, dropout and dropped branches": ResNetSpec(
        block="basic", blocks=(1, 1), widths=(3, 6), shortcut="A", ablation="exclusive_gating", stem="cifar",
        activation="silu", dropout=0.5, stochastic_depth=0.5, classes=4, input=(1, 7, 9),
    ),
    "full pre-activation, flattened head, LeakyReLU": ResNetSpec(
        block="basic", blocks=(1, 1), widths=(4, 6), order="full_preact", activated_stem=True, activation="leaky_relu",
        head="flatten", hidden=(5,), raw_projection=True, conv_bias=True, stem="3x3", classes=2, input=(3, 16, 12),
    ),
    "ReLU before the addition, dropout shortcut, no norms": ResNetSpec(
        block="basic", blocks=(1, 1), widths=(4, 4), order="relu_before_addition", ablation="dropout", norm="none",
        stem="imagenet", conv_bias=True, classes=3, input=(1, 14, 14),
    ),
}  # fmt: skip


def shaken(model: ResNet) -> ResNet:
    """With statistics and scales of its own, so that nothing is equal by chance; gates are open."""
    torch.manual_seed(1)
    with torch.no_grad():
        for name, tensor in model.state_dict().items():
            if name.endswith("running_var"):
                tensor.uniform_(0.5, 2)
            elif tensor.is_floating_point():
                tensor.copy_(0.3 * torch.randn_like(tensor) + (0.5 if tensor.dim() == 1 else 0))
    return model.eval()


def evaluated(path: Path, pictures: Tensor) -> Tensor:
    """What onnx's own evaluator makes of a file that its checker accepts."""
    import onnx
    from onnx.reference import ReferenceEvaluator

    model = onnx.load(path)
    onnx.checker.check_model(model, full_check=True)
    assert [(entry.domain, entry.version) for entry in model.opset_import if entry.domain == ""] == [
        ("", OPSET)
    ]  # fmt: skip
    (entered,), (left,) = model.graph.input, model.graph.output
    assert (entered.name, left.name) == ("pictures", "logits")
    batch, *shape = entered.type.tensor_type.shape.dim
    assert batch.dim_param
    assert [edge.dim_value for edge in shape] == list(pictures.shape[1:])
    (logits,) = ReferenceEvaluator(model).run(None, {"pictures": pictures.numpy()})
    return torch.from_numpy(logits)


def check_onnx(path: Path, model: ResNet) -> None:
    torch.manual_seed(2)
    for batch in (1, 3):
        pictures = torch.randn(batch, *model.plan.spec.input)
        with torch.no_grad():
            expected = model(pictures)
        assert expected.std() > 1e-3, "a network whose outputs are all equal shows nothing"
        torch.testing.assert_close(evaluated(path, pictures), expected, rtol=1e-4, atol=1e-4)


# ---- designs


@pytest.mark.parametrize("form", TEXTS)
def test_a_design_is_written_as_its_text(tmp_path: Path, form: Form) -> None:
    design = PRESETS["resnet50"].design
    path = tmp_path / "out"
    path.write_text("what was there before")
    export_design(design, form, path)
    if form == "json":
        assert load_design(path) == design
    else:
        text = {"python": to_python(design), "latex": to_latex(design), "csv": to_csv(plan(design.spec))}[form]
        assert path.read_bytes() == text.encode()
    assert list(tmp_path.glob("*")) == [path, *tmp_path.glob("home")]


@pytest.mark.parametrize("name", ["seresnet18", "resnet18d", "preact_resnet22"])
def test_an_exported_design_file_exports_to_the_same_texts(tmp_path: Path, name: str) -> None:
    design = PRESETS[name].design
    export_design(design, "json", tmp_path / "design.json")
    again = load_design(tmp_path / "design.json")
    for form in TEXTS:
        for number, each in enumerate((design, again)):
            export_design(each, form, tmp_path / f"{form}{number}")
        assert (tmp_path / f"{form}0").read_bytes() == (tmp_path / f"{form}1").read_bytes()


@pytest.mark.parametrize("title", SMALL)
def test_an_onnx_file_computes_what_torch_computes(tmp_path: Path, title: str) -> None:
    model = shaken(ResNet(plan(SMALL[title])))
    write_onnx(model, tmp_path / "net.onnx")
    check_onnx(tmp_path / "net.onnx", model)
    assert [path.name for path in tmp_path.glob("*.onnx*")] == ["net.onnx"], "the weights are inside the file"


def test_a_design_as_onnx_has_weights_that_are_drawn_the_same_each_time(design_onnx: Path, tmp_path: Path) -> None:
    torch.manual_seed(7)
    export_design(DRAWN_DESIGN, "onnx", tmp_path / "again.onnx")
    assert (tmp_path / "again.onnx").read_bytes() == design_onnx.read_bytes()
    check_onnx(design_onnx, _drawn(DRAWN_DESIGN.spec))


def _drawn(spec: ResNetSpec) -> ResNet:
    torch.manual_seed(0)
    return ResNet(plan(spec)).eval()


# ---- models


def test_a_run_and_its_weights_file_are_identified_by_what_they_say_themselves(trained_run: Path) -> None:
    for model in (trained_run, trained_run / BEST_FILE):
        found = identify_file(str(model))
        assert (found.spec, found.preset, found.params) == (DIGITS.spec, "digits-resnet", 174_970)
        assert (found.unmatched, found.undetermined) == ((), ())
        assert design_of(str(model)) == DIGITS.design


def test_a_run_is_exported_with_its_own_weights(
    small_run: Path, written_onnx: tuple[Path, Exported], tmp_path: Path
) -> None:
    check_onnx(written_onnx[0], load_model(small_run / BEST_FILE)[0])
    for form in ("latex", "csv", "json"):
        export_model(str(small_run), form, tmp_path / f"run.{form}")
        export_design(SMALL_DESIGN, form, tmp_path / f"design.{form}")
        assert (tmp_path / f"run.{form}").read_bytes() == (tmp_path / f"design.{form}").read_bytes()


def test_a_file_of_torchvision_is_identified_and_its_code_takes_its_weights(tmp_path: Path) -> None:
    theirs = torchvision.models.ResNet(torchvision.models.resnet.BasicBlock, [1, 1, 1, 1], num_classes=7).eval()
    path = tmp_path / "my net.pth"
    torch.save({"model": {f"module.{name}": tensor for name, tensor in theirs.state_dict().items()}}, path)
    found = identify_file(str(path))
    assert found.spec == evolve(PRESETS["resnet18"].spec, blocks=(1, 1, 1, 1), classes=7)
    assert len(found.names) == len(theirs.state_dict())
    assert found.undetermined
    written = export_model(str(path), "python", tmp_path / "net.py")
    assert "do not tell their classes and normalisation" in written.notes[0]
    names = runpy.run_path(str(tmp_path / "net.py"))
    ours = names["ResNet"]().eval()
    ours.load_state_dict(theirs.state_dict())
    pictures = torch.randn(1, 3, 64, 64)
    with torch.no_grad():
        assert torch.equal(ours(pictures), theirs(pictures))
        assert torch.equal(names["load"]()(pictures), theirs(pictures))


def test_a_file_of_timm_is_exported_with_its_weights(tmp_path: Path) -> None:
    import timm

    theirs = timm.create_model("resnet18d", num_classes=4, layers=[1, 1, 1, 1]).eval()
    path = tmp_path / "d.safetensors"
    save_file(theirs.state_dict(), str(path))
    found = identify_file(str(path))
    assert (found.spec.stem, found.spec.projection, found.spec.classes) == ("deep", "avg_pool", 4)
    assert found.params == sum(value.numel() for value in theirs.parameters())
    model, _ = load_foreign(path)
    export_model(str(path), "json", tmp_path / "design.json")
    assert load_design(tmp_path / "design.json").spec == found.spec == model.plan.spec
    export_model(str(path), "csv", tmp_path / "table.csv")
    assert (tmp_path / "table.csv").read_bytes() == to_csv(plan(found.spec)).encode()


def test_a_design_is_named_after_the_preset_or_else_the_file(tmp_path: Path) -> None:
    for name, spec in (("a", PRESETS["resnet20"].spec), ("my.net", evolve(PRESETS["resnet20"].spec, blocks=(1, 1, 2)))):
        torch.save(ResNet(plan(spec)).state_dict(), tmp_path / f"{name}.pt")
    assert design_of(str(tmp_path / "a.pt")).name == "ResNet-20 (CIFAR)"
    assert design_of(str(tmp_path / "my.net.pt")).name == "my.net"


@pytest.mark.parametrize("form", ["python", "onnx"])
def test_a_model_that_is_none_is_refused_and_nothing_is_written(tmp_path: Path, form: Form) -> None:
    (tmp_path / "empty").mkdir()
    (tmp_path / "note.txt").write_text("a note")
    torch.save({"weight": torch.zeros(3, 3)}, tmp_path / "linear.pt")
    before = sorted(tmp_path.iterdir())
    for name, says in (("gone", "no run folder or weights file"), ("empty", "is not a run folder"),
                       ("note.txt", "note.txt"), ("linear.pt", "weight")):  # fmt: skip
        with pytest.raises(InputError, match=says):
            export_model(str(tmp_path / name), form, tmp_path / "out")
        with pytest.raises(InputError, match=says):
            identify_file(str(tmp_path / name))
    assert sorted(tmp_path.iterdir()) == before


# ---- what goes wrong in writing


@pytest.mark.parametrize("missing", [("onnxscript",), ("onnx",), ("onnx", "onnxscript")], ids=" ".join)
def test_without_the_packages_onnx_is_refused_with_the_command_that_installs_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, trained_run: Path, missing: tuple[str, ...]
) -> None:
    find = importlib.util.find_spec

    def without(name: str, package: str | None = None) -> ModuleSpec | None:
        return None if name in missing else find(name, package)

    monkeypatch.setattr(importlib.util, "find_spec", without)
    calls: tuple[Callable[[], object], ...] = (
        lambda: export_design(DIGITS.design, "onnx", tmp_path / "net.onnx"),
        lambda: export_model(str(trained_run), "onnx", tmp_path / "net.onnx"),
    )
    for call in calls:
        with pytest.raises(InputError) as caught:
            call()
        assert str(caught.value).startswith(f"Writing ONNX needs {' and '.join(missing)}, which ")
        assert "pip install 'resnet-gui[onnx]'" in str(caught.value)
    assert list(tmp_path.glob("net*")) == []


def refused(call: Any, path: Path, reason: str) -> None:
    """The call ends with one sentence that names the file; the old file is intact and no other is there."""
    before = {each: each.read_bytes() for each in path.parent.glob("*") if each.is_file()}
    with pytest.raises(InputError) as caught:
        call()
    assert str(caught.value) == f"{path} cannot be written: {reason}; choose another place."
    assert {each: each.read_bytes() for each in path.parent.glob("*") if each.is_file()} == before


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EACCES, errno.EROFS])
@pytest.mark.parametrize("form", [*TEXTS, "onnx"])
def test_a_full_disk_or_a_locked_folder_is_said_and_the_old_file_is_intact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: Form, number: int
) -> None:
    path = tmp_path / "out"
    path.write_text("old")

    def half(self: Path, _data: bytes) -> int:
        with self.open("wb") as file:
            file.write(b"half of it")
        raise OSError(number, os.strerror(number), str(self))

    def half_onnx(_model: ResNet, temporary: Path, _info: ModelInfo | None) -> str:
        half(temporary, b"")
        return ""

    monkeypatch.setattr(Path, "write_bytes", half)
    monkeypatch.setattr(files, "write_onnx", half_onnx)
    refused(lambda: export_design(DIGITS.design, form, path), path, os.strerror(number))


def test_a_crash_while_writing_leaves_no_temporary_file_and_the_old_file_intact(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "out.onnx"
    path.write_text("old")

    def crash(_model: ResNet, temporary: Path, _info: ModelInfo | None) -> str:
        temporary.write_text("half")
        raise RuntimeError("inside torch")

    monkeypatch.setattr(files, "write_onnx", crash)
    with pytest.raises(RuntimeError):
        export_design(DIGITS.design, "onnx", path)
    assert path.read_text() == "old"
    assert list(tmp_path.glob("out*")) == [path]


def test_a_place_that_cannot_be_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    for path in (tmp_path / "file" / "out.py", tmp_path / "gone" / "out.py", tmp_path / ("n" * 300)):
        with pytest.raises(InputError, match=r"cannot be written: .+; choose another place\."):
            export_design(DIGITS.design, "python", path)
    if os.geteuid() != 0:
        (tmp_path / "locked").mkdir()
        (tmp_path / "locked").chmod(stat.S_IRUSR | stat.S_IXUSR)
        with pytest.raises(InputError, match="Permission denied"):
            export_design(DIGITS.design, "python", tmp_path / "locked" / "out.py")


@pytest.mark.parametrize("form", [*TEXTS, "onnx"])
def test_a_folder_is_no_file_to_write(tmp_path: Path, form: Form) -> None:
    with pytest.raises(InputError) as caught:
        export_design(DIGITS.design, form, tmp_path)
    assert str(caught.value) == f"{tmp_path} is a folder; name the file to write."
