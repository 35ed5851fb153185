"""Places in a network: every path is a place and back, of every design; names are the paper's; nobody else parses."""

from __future__ import annotations

import re
from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.design.location import TERMS, Location
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec
from tests.conftest import ROOT, examples
from tests.designs import designs

RESNET50D = plan(PRESETS["resnet50d"].spec)


@examples(50)
@given(spec=designs(stages=5))
def test_every_place_of_every_design_comes_back_from_its_path(spec: ResNetSpec) -> None:
    planned = plan(spec)
    blocks = [location for location, _ in planned.blocks()]
    layers = [location for location, _ in planned.places()]
    terms = [block.with_term(term) for block in blocks for term in TERMS]
    stages = [stage.location for stage in planned.stages]
    places = [*stages, *blocks, *layers, *terms]
    assert [Location.parse(place.path) for place in places] == places
    assert len({place.path for place in places}) == len(places)
    adds = {location for location, block in planned.blocks() if block.shortcut != "none"}
    assert all(planned.has(place) == (place.term is None or place.without_layer() in adds) for place in places)
    assert [place.path for place in layers] == [path for path, _ in planned.layers()]
    assert [stage.last_block for stage in planned.stages] == [
        [block for block in blocks if block.stage == stage.index][-1] for stage in planned.stages
    ]
    assert all(stage.last_layer in layers for stage in planned.stages)


@examples(50)
@given(spec=designs())
def test_a_layer_stands_where_the_plan_has_it(spec: ResNetSpec) -> None:
    planned = plan(spec)
    for group, section in ((planned.stem, "stem"), (planned.head, "head")):
        assert {Location.parse(layer.name).stage for layer in group.layers} == {section}
    for location, group in planned.sections():
        assert planned.find_section(location) is group
        for layer in group.layers:
            place = location.with_layer(layer.name)
            assert place.path == location.prefix + layer.name
            assert place.without_layer() == location
            assert planned.find_section(place) is group


@given(path=st.text(max_size=12) | st.from_regex(r"layer[0-3](\.[0-3](\.conv1)?)?(:sum)?", fullmatch=True))
def test_a_text_is_refused_or_is_the_path_of_its_place(path: str) -> None:
    try:
        place = Location.parse(path)
    except ValueError:
        return
    assert place.path == path


@pytest.mark.parametrize(
    "path",
    ["", ".", ":", "conv1.", ".conv1", "layer", "layer0", "layer01", "layer1.", "layer1.01", "layer1.x", "layer1.0.",
     "layer1.0:", "layer1.0:out", "layer1:sum", "layer1.0.conv1:sum", "conv1:sum", "layer1.0:sum:sum", "layer١"],
)  # fmt: skip
def test_what_is_no_path_is_refused(path: str) -> None:
    with pytest.raises(ValueError, match="no path"):
        Location.parse(path)


@pytest.mark.parametrize(
    "path",
    ["layer5", "layer1.3", "layer1.0.conv4", "layer1.0.conv", "conv1", "conv1.7", "conv2", "fc.0", "hidden.0", "norm"],
)
def test_a_plan_has_not_what_it_lacks(path: str) -> None:
    assert not RESNET50D.has(Location.parse(path))


def test_a_block_without_a_shortcut_adds_nothing() -> None:
    assert plan(PRESETS["resnet18"].spec).has(Location(0, 0, term="sum"))
    assert not plan(PRESETS["plain18"].spec).has(Location(0, 0, term="sum"))
    assert plan(PRESETS["plain18"].spec).has(Location(0, 0))


@pytest.mark.parametrize(
    "parts",
    [("stem", 0), ("head", 0, "fc"), (0, None, "conv1"), (0, None, "", "sum"), ("head", None, "", "sum"),
     (0, 0, "conv1", "sum")],
)  # fmt: skip
def test_parts_that_do_not_go_together_are_no_place(parts: tuple[object, ...]) -> None:
    with pytest.raises(ValueError, match="block"):
        Location(*parts)  # type: ignore[arg-type]


def test_places_are_named_as_the_paper_does() -> None:
    places = [Location("stem"), Location(0), Location(2, 1), Location(2, 1, "bn1"), Location("head")]
    assert [(place.paper_name, place.number, place.section_title) for place in places] == [
        ("conv1", "stem", "Stem"),
        ("conv2_x", "2", "Stage 1"),
        ("conv4_2", "4_2", "Stage 3"),
        ("conv4_2", "4_2", "Stage 3"),
        ("head", "head", "Head"),
    ]
    assert [place.prefix for place in places] == ["", "layer1.", "layer3.1.", "layer3.1.", ""]


# ---- the one place

WRITTEN = {
    "design/location.py",
    "checkpoints/identify.py",  # gives tensors of any file our names
    "export/python.py",  # the code that it writes names its modules
}
PARSING = re.compile(
    r"""f["']layer\{|["']layer["']\s*\+|startswith\(["']layer|f["']conv\{[^}"']*\}_|\}_x["']|\[5:?\]"""
)


def parsed(source: str) -> list[str]:
    """Lines that make or take apart the path or the paper's name of a place."""
    return [line.strip() for line in source.splitlines() if PARSING.search(line)]


def test_paths_of_places_are_made_and_parsed_in_one_module_only() -> None:
    package = ROOT / "resnet_gui"
    files = {path.relative_to(package).as_posix(): path for path in package.rglob("*.py")}
    found = {name: parsed(path.read_text(encoding="utf-8")) for name, path in files.items() if name not in WRITTEN}
    assert list(chain.from_iterable(found.values())) == [], {name: lines for name, lines in found.items() if lines}


@pytest.mark.parametrize(
    "line",
    ['path = f"layer{stage + 1}.{block}"', 'if name.startswith("layer"):', 'return f"conv{stage + 2}_x"',
     "stage = int(name[5]) - 1", 'name = f"conv{index + 2}_{number + 1}"'],
)  # fmt: skip
def test_a_line_that_parses_a_path_is_seen(line: str) -> None:
    assert parsed(line) == [line]
