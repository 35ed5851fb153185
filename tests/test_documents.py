"""README, CONTRIBUTING, CHANGELOG and docs/ name only what the tree has, and what they show runs."""

from __future__ import annotations

import shlex
import tomllib
from pathlib import Path

import pytest

from resnet_gui.cli.main import build_parser
from resnet_gui.data.weights_catalogue import WEIGHTS
from tests.documents import Tree, blocks, faults
from tests.rooms import PACKAGE, ROOT

DOCUMENTS = [
    "README.md",
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "docs/api.md",
    "docs/architecture.md",
    "docs/benchmarks.md",
    "docs/data.md",
    "docs/evaluate.md",
    "docs/lab.md",
    "docs/sweeps.md",
]


@pytest.fixture(scope="module")
def tree() -> Tree:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    extras = [f"{project['name']}[{extra}]" for extra in project["optional-dependencies"]]
    return Tree(ROOT, PACKAGE, [*WEIGHTS, *extras])


def read(document: str) -> str:
    return (ROOT / document).read_text(encoding="utf-8")


@pytest.mark.parametrize("document", DOCUMENTS)
def test_every_path_class_and_word_of_code_that_a_document_names_is_there(document: str, tree: Tree) -> None:
    assert faults(read(document), tree, (ROOT / document).parent) == []


def test_the_list_of_documents_is_whole() -> None:
    found = [path.relative_to(ROOT).as_posix() for folder in (ROOT, ROOT / "docs") for path in folder.glob("*.md")]
    assert sorted(found) == sorted(DOCUMENTS)


def test_the_commands_that_the_readme_shows_are_commands() -> None:
    lines = [line.partition("#")[0] for block in blocks(read("README.md")) for line in block.splitlines()]
    shown = [shlex.split(line)[1:] for line in lines if line.startswith("resnet-gui ") and "[" not in line]
    shown = [words for words in shown if not any(word.isupper() for word in words)]
    assert len(shown) >= 5
    for words in shown:
        if words != ["open", "the", "window"]:
            build_parser().parse_args(words)


def test_the_python_that_the_readme_shows_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (shown,) = blocks(read("README.md"), "python")
    names: dict[str, object] = {}
    exec(shown, names)  # noqa: S102 (our own text)
    assert "ResNet-50, input 3×224×224" in capsys.readouterr().out
    assert type(names["model"]).__name__ == "ResNet"


def test_how_to_add_a_choice_is_five_lines() -> None:
    _, _, rest = read("CONTRIBUTING.md").partition("- **a choice of the design space**:\n")
    steps = rest.partition("\n- **")[0].splitlines()
    assert [step.split(".")[0].strip() for step in steps] == ["1", "2", "3", "4", "5"]


# ---- the test tests itself


@pytest.mark.parametrize(
    "text",
    [
        "`gui/shell/nowhere.py`",
        "`gui/nowhere/`",
        "`nowhere.py`",
        "`gui/NAME/nowhere.py`",
        "`tests/papers/nowhere_NAME.py`",
        "`NOWHERE.md`",
        "`LayerKindOf`",
        "`Location.nowhere`",
        "`nowhere(spec)`",
        "`FORMS` of `gui/shell/menus.py`",
        "`READERS`\nof `torchvision_nowhere.py`",
        "`resnet-gui sumary`",
        "`make nowhere`",
        "`--nowhere`",
        "`nowhere=0.2`",
        "`from resnet_gui import biuld`",
        "`..._nowhere`",
        "`Mouth`",
        "[a page](docs/nowhere.md)",
    ],
)
def test_a_name_that_the_tree_has_not_is_found(text: str, tree: Tree) -> None:
    assert faults(f"See {text}, and so on.", tree, ROOT)


@pytest.mark.parametrize(
    "text",
    [
        "`gui/shell/menus.py`",
        "`resnet_gui/design/choices/FIELD/NAME.py`",
        "`tests/papers/test_NAME.py`",
        "`engine/*.py`",
        "`runs/`",
        "`run.json`",
        "`views.py`",
        "`Location(stage, block, layer)`",
        "`design.spec.ResNetSpec`",
        "`GROUPS` of `gui/shell/menus.py`",
        "`resnet-gui summary resnet50`",
        "[a page](docs/api.md)",
        "```\n`nowhere.py`\n```",
        "nowhere.py without backticks",
    ],
)
def test_a_name_that_the_tree_has_is_no_fault(text: str, tree: Tree) -> None:
    assert faults(f"See {text}, and so on." if "\n" not in text else text, tree, ROOT) == []


def test_a_file_of_the_tree_is_needed_and_not_only_its_name_in_a_docstring(tmp_path: Path) -> None:
    (tmp_path / "package").mkdir()
    (tmp_path / "dev.py").write_text("")
    (tmp_path / "package" / "a.py").write_text('class Kept:\n    """Stood in Gone."""\n')
    small = Tree(tmp_path, "package")
    assert faults("`Kept` of `a.py`", small, tmp_path) == []
    assert faults("`Gone`", small, tmp_path) == ["`Gone`"]
