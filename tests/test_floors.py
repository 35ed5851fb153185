"""The floors of the house: who may import what, as the README's table says, and how large a file may grow."""

from __future__ import annotations

import pytest

from tests.rooms import FILES, PACKAGE, ROOT, House, read_house, too_full, too_large, wrong_imports


def source_of(file: str) -> str:
    return (ROOT / PACKAGE / file).read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def house() -> House:
    return read_house((ROOT / "README.md").read_text(encoding="utf-8"))


def test_every_file_imports_only_what_its_room_may(house: House) -> None:
    faults = [fault for file in FILES for fault in wrong_imports(file, source_of(file), house)]
    assert house.judge(faults, "imports ") == []
    assert house.empty_rooms(FILES) == []


def test_no_folder_file_class_or_function_is_larger_than_the_house_allows(house: House) -> None:
    faults = [*too_full(FILES), *(fault for file in FILES for fault in too_large(file, source_of(file)))]
    assert house.judge(faults, "lines|parameters|files") == []


# ---- the test tests itself

README = """
**The plain rooms** (`base`, `design`, `runs`) know neither torch nor Qt.

| room | what it is | may import |
|---|---|---|
| `base/` | files | standard library, msgspec |
| `design/` | plain data | base |
| `design/choices/` | a choice a file | design, base; torch only inside functions or for types |
| `design/plan.py` | the plan | design; torch only for types |
| `runs/` | the run folder | design, base |
| `network/` | the network | design, base, torch, safetensors |
| `engine/*.py` | processes | the plain rooms, network, engine, torch, psutil |
| `engine/train/`, `engine/predict/` | computes | the plain rooms, network, engine/devices, torch, numpy, PIL |
| `gui/kit/` | parts | base, PySide6, pyqtgraph |
| `gui/client/` | processes | the plain rooms, gui/kit, PySide6.QtCore |
| `gui/session.py` | the state | the plain rooms, gui/kit, PySide6 |
| `cli/` | the command | the plain rooms; gui or engine only inside functions |
| `__init__.py` | the version | standard library |
| `__main__.py` | python -m | cli |

Exceptions:

| where | exception | why |
|---|---|---|
| `runs/folder.py` | imports `network/weights` | it reads the size of the weights |
| `runs/folder.py` | up to 450 lines | the folder is one idea |
| `runs/folder.py` `Folder` | up to 320 lines | the folder is one idea |
| `runs/folder.py` `Folder.open` | up to 60 lines | a table of cases |
| `runs/folder.py` `make` | up to 8 parameters | they are the columns of a file |
| `runs/` | up to 22 files | one file a version of the format |

more text
"""


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("base/a.py", "import torch"),
        ("base/a.py", "from resnet_gui.design import spec"),
        ("design/a.py", "def f():\n    import numpy as np"),
        ("design/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from torch import Tensor"),
        ("design/a.py", "def f():\n    import torch"),
        ("design/a.py", "from resnet_gui.network.resnet import ResNet"),
        ("design/a.py", "from resnet_gui import network"),
        ("design/a.py", "from ..network import resnet"),
        ("design/a.py", "import importlib\nimportlib.import_module('torch')"),
        ("design/a.py", "__import__(name)"),
        ("design/choices/a.py", "import torch"),
        ("design/choices/a.py", "class A:\n    import torch"),
        ("design/plan.py", "def f():\n    import torch"),
        ("runs/a.py", "from resnet_gui.network.weights import load"),
        ("runs/folder.py", "from resnet_gui.network.resnet import ResNet"),
        ("network/a.py", "import numpy"),
        ("network/a.py", "from resnet_gui.engine import train"),
        ("engine/train/a.py", "from resnet_gui.engine.predict import models"),
        ("engine/train/a.py", "from resnet_gui.engine import process"),
        ("engine/train/a.py", "from PySide6.QtCore import QObject"),
        ("engine/new/a.py", "import os"),
        ("new.py", ""),
        ("gui/new/a.py", ""),
        ("gui/kit/a.py", "from resnet_gui.design.spec import ResNetSpec"),
        ("gui/client/a.py", "from PySide6.QtWidgets import QWidget"),
        ("gui/client/a.py", "class A:\n    async def f(self):\n        import torch.nn"),
        ("gui/session.py", "from .client import engines"),
        ("cli/a.py", "from resnet_gui.engine.train.run import train"),
        ("cli/a.py", "from resnet_gui import gui"),
        ("cli/a.py", "def f():\n    from resnet_gui.network.resnet import ResNet"),
        ("cli/a.py", "def f():\n    import torch"),
        ("__init__.py", "from resnet_gui.design import spec"),
        ("__main__.py", "import msgspec"),
    ],
)
def test_an_import_of_another_room_or_of_a_strange_package_is_found(file: str, source: str) -> None:
    house = read_house(README)
    assert len(house.judge(wrong_imports(file, source, house), "nothing")) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("base/a.py", "import os.path\nimport msgspec.json\nfrom . import text\nfrom resnet_gui import __version__"),
        ("design/a.py", "import msgspec\nfrom resnet_gui.base import text\nfrom . import plan"),
        ("design/choices/a.py", "from resnet_gui.design import spec\ndef module():\n    from torch import nn"),
        ("design/choices/deep/a.py", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    import torch"),
        ("design/plan.py", "import typing\nif typing.TYPE_CHECKING:\n    from torch import nn"),
        ("runs/folder.py", "from resnet_gui.network.weights import load"),
        ("network/a.py", "import msgspec\nfrom torch.nn import functional\nfrom safetensors.torch import save_file"),
        ("engine/a.py", "from .train import run\nfrom resnet_gui.engine.predict import models\nimport psutil"),
        ("engine/train/a.py", "from PIL import Image\nfrom .. import devices\nfrom resnet_gui.runs.folder import x"),
        ("gui/client/a.py", "from ..kit import theme\nfrom ...design.plan import plan\nimport PySide6.QtCore"),
        ("cli/a.py", "def f():\n    from resnet_gui.gui.app import run\n    from resnet_gui.engine import train"),
        ("__main__.py", "import sys\nfrom resnet_gui.cli.main import main"),
    ],
)
def test_an_import_that_the_longest_row_or_an_exception_allows_is_no_fault(file: str, source: str) -> None:
    house = read_house(README)
    assert house.judge(wrong_imports(file, source, house), "nothing") == []


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("base/a.py", "\n" * 401),
        ("base/a.py", "def f():\n" + "    x = 1\n" * 50),
        ("base/a.py", "class A:\n" + "    x = 1\n" * 300),
        ("base/a.py", "class A:\n    def f(self, a, b, c, d, e, f, g): ..."),
        ("base/a.py", "async def f(a, b, c, *, d, e, f, g): ..."),
        ("runs/folder.py", "\n" * 451),
        ("runs/folder.py", "class Folders:\n" + "    x = 1\n" * 301),
        ("runs/folder.py", "class Folder:\n    def open(self):\n" + "        x = 1\n" * 60),
        ("runs/folder.py", "def make(a, b, c, d, e, f, g, h, i): ..."),
    ],
)
def test_what_is_too_large_is_found(file: str, source: str) -> None:
    assert len(read_house(README).judge(too_large(file, source), "nothing")) == 1


@pytest.mark.parametrize(
    ("file", "source"),
    [
        ("base/a.py", "\n" * 400),
        ("base/a.py", "def f():\n" + "    x = 1\n" * 49),
        ("base/a.py", "class A:\n" + "    x = 1\n" * 299),
        ("base/a.py", "class A:\n    def f(self, a, b, c, d, e, f): ..."),
        ("runs/folder.py", "\n" * 450),
        ("runs/folder.py", "class Folder:\n" + "    x = 1\n" * 319),
        ("runs/folder.py", "class Folder:\n    def open(self):\n" + "        x = 1\n" * 59),
        ("runs/folder.py", "def make(a, b, c, d, e, f, g, h): ..."),
    ],
)
def test_what_is_just_small_enough_or_excused_is_no_fault(file: str, source: str) -> None:
    assert read_house(README).judge(too_large(file, source), "nothing") == []


@pytest.mark.parametrize(
    ("room", "number", "found"), [("base", 20, 0), ("base", 21, 1), ("runs", 22, 0), ("runs", 23, 1)]
)
def test_a_folder_with_too_many_files_is_found(room: str, number: int, found: int) -> None:
    files = [f"{room}/__init__.py", *(f"{room}/a{index}.py" for index in range(number))]
    assert len(read_house(README).judge(too_full(files), "nothing")) == found


def test_a_row_whose_room_is_gone_is_found() -> None:
    house = read_house(README)
    files = ["base/a.py", "design/a.py", "design/choices/b/c.py", "engine/a.py", "engine/predict/a.py", "cli/a.py"]
    assert house.empty_rooms(files) == [
        *("design/plan.py", "runs/", "network/", "engine/train/", "gui/kit/", "gui/client/", "gui/session.py"),
        *("__init__.py", "__main__.py"),
    ]


def test_an_exception_that_is_not_needed_any_more_is_a_fault() -> None:
    house = read_house(README)
    wrong = house.judge(wrong_imports("runs/folder.py", "import os", house), "imports ")
    assert wrong == [
        "runs/folder.py: the exception 'imports resnet_gui.network.weights' is not needed any more",
    ]
    sizes = house.judge(too_large("runs/folder.py", "\n" * 450), "lines|parameters|files")
    assert len(sizes) == 4


@pytest.mark.parametrize(
    "row",
    [
        "| `runs/folder.py` | up to 450 lines | |",
        "| `runs/folder.py` | imports much | it has a long reason |",
        "| runs/folder.py | up to 450 lines | it has a long reason |",
        "| `runs/folder.py` | imports `runs/nowhere` | it has a long reason |",
    ],
)
def test_an_exception_without_a_reason_or_that_names_nothing_is_refused(row: str) -> None:
    with pytest.raises((AssertionError, ValueError)):
        read_house(README.replace("| `runs/` | up to 22 files | one file a version of the format |", row))
