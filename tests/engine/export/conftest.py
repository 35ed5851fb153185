"""A run of a small network: what is exported is written in half a second."""

from __future__ import annotations

from pathlib import Path

import pytest

from resnet_gui.design.spec import Design, ResNetSpec
from resnet_gui.engine.export.files import export_design, export_model
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.protocol.events import Exported
from resnet_gui.protocol.jobs import Train
from resnet_gui.training.recipe import Recipe

SMALL_DESIGN = Design(
    name="small",
    spec=ResNetSpec(
        block="basic", blocks=(1, 1), widths=(4, 8), shortcut="A", stem="cifar", classes=10, input=(1, 8, 8)
    ),
)  # fmt: skip

DRAWN_DESIGN = Design(
    name="it",
    spec=ResNetSpec(
        block="basic", blocks=(1,), widths=(4,), stem="cifar", classes=2, input=(1, 8, 8), norm="group", norm_groups=2
    ),
)


@pytest.fixture(scope="session")
def small_run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a finished run of ``SMALL_DESIGN`` that has learnt the digits for an epoch."""
    folder = tmp_path_factory.mktemp("small") / "run"
    job = Train(1, str(folder), SMALL_DESIGN.name, SMALL_DESIGN.spec, Recipe(epochs=1), "cpu")
    assert train(job, lambda _event: None, Control()).status == "finished"
    return folder


@pytest.fixture(scope="session")
def written_onnx(small_run: Path, onnx_table: None, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Exported]:
    """The ONNX file of the run, and what was said of it."""
    path = tmp_path_factory.mktemp("onnx") / "net.onnx"
    return path, export_model(str(small_run), "onnx", path)


@pytest.fixture(scope="session")
def design_onnx(onnx_table: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ONNX file of ``DRAWN_DESIGN``."""
    path = tmp_path_factory.mktemp("design") / "it.onnx"
    export_design(DRAWN_DESIGN, "onnx", path)
    return path
