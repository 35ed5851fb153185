"""Design files come back as they were written; anything else is refused by the file's name."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.base.errors import InputError, SpecError
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, ResNetSpec, decode_design, encode_design, load_design, save_design
from tests.designs import designs


@given(spec=designs(stages=8, deepest=1000), name=st.text(st.characters(exclude_categories=["Cs"])))
def test_a_design_file_gives_back_the_design(
    tmp_path_factory: pytest.TempPathFactory, spec: ResNetSpec, name: str
) -> None:
    path = tmp_path_factory.getbasetemp() / "round-trip.json"
    save_design(Design(name=name, spec=spec), path)
    assert load_design(path) == Design(name=name, spec=spec)


def good() -> dict[str, Any]:
    spec = PRESETS["resnet20"].spec
    return {
        "name": "mine",
        "spec": {field: getattr(spec, field) for field in spec.__struct_fields__},
        "format": "resnet-explorer-design",
        "version": 1,
    }


def without(field: str) -> Callable[[dict[str, Any]], object]:
    return lambda design: {name: value for name, value in design.items() if name != field}


def spec_with(**changes: object) -> Callable[[dict[str, Any]], object]:
    return lambda design: design | {"spec": design["spec"] | changes}


def text(design: dict[str, Any]) -> bytes:
    return json.dumps(design).encode()


NOT_DESIGNS: dict[str, bytes] = {
    "nothing": b"",
    "prose": "Это не файл".encode(),
    "a torn file": text(good())[:-20],
    "two documents": text(good()) * 2,
    "a list": b"[]",
    "a number": b"7",
    "null": b"null",
    "no name": text(without("name")(good())),  # type: ignore[arg-type]
    "no spec": text(without("spec")(good())),  # type: ignore[arg-type]
    "a name that is a number": text(good() | {"name": 5}),
    "an unknown field": text(good() | {"colour": "red"}),
    "an unknown field of the spec": text(spec_with(group=32)(good())),  # type: ignore[arg-type]
    "another version": text(good() | {"version": 2}),
    "another format": text(good() | {"format": "gears"}),
    "text for a number": text(spec_with(classes="10")(good())),  # type: ignore[arg-type]
    "a fraction for a number": text(spec_with(classes=10.5)(good())),  # type: ignore[arg-type]
    "two numbers for the input": text(spec_with(input=[3, 32])(good())),  # type: ignore[arg-type]
    "a truth value for a number": text(spec_with(groups=True)(good())),  # type: ignore[arg-type]
    "a number for a truth value": text(spec_with(zero_init=1)(good())),  # type: ignore[arg-type]
    "text for a probability": text(spec_with(dropout="0.3")(good())),  # type: ignore[arg-type]
    "null for a switch": text(spec_with(conv_bias=None)(good())),  # type: ignore[arg-type]
    "a number for the hidden layers": text(spec_with(hidden=128)(good())),  # type: ignore[arg-type]
    "text among the strides": text(spec_with(strides=[1, "2", 2])(good())),  # type: ignore[arg-type]
    "an unknown order": text(spec_with(order="v2")(good())),  # type: ignore[arg-type]
    "an unknown block": text(spec_with(block="inverted")(good())),  # type: ignore[arg-type]
    "NaN": text(good()).replace(b'"classes": 10', b'"classes": NaN'),
    "Infinity": text(good()).replace(b'"classes": 10', b'"classes": Infinity'),
    "a number of sixty digits": text(good()).replace(b'"classes": 10', b'"classes": 1' + b"0" * 60),
    "a number of six thousand digits": text(good()).replace(b'"classes": 10', b'"classes": 1' + b"0" * 6000),
    "a float of a great exponent": text(good()).replace(b'"classes": 10', b'"classes": 1e400'),
    "a hundred thousand brackets": b"[" * 100_000,
    "a deep spec": b'{"name": "x", "spec": ' + b'{"block":' * 100_000,
    "binary": bytes(range(256)),
    "a picture": b"\x89PNG\r\n\x1a\n" + b"\0" * 100,
    "zeros": b"\0" * 4096,
    "text that is not UTF-8": b'{"name": "\xff\xfe", "spec": {}}',
    "UTF-16": json.dumps(good()).encode("utf-16"),
}


def test_the_file_that_the_bad_ones_are_made_from_is_a_design() -> None:
    assert decode_design(text(good()), "good").spec == PRESETS["resnet20"].spec
    assert b'"classes": 10' in text(good())


@pytest.mark.parametrize("content", NOT_DESIGNS.values(), ids=NOT_DESIGNS)
def test_what_is_no_design_file_is_refused_by_its_name(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "broken.json"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"broken\.json") as caught:
        load_design(path)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("widths", [16, 0, 64]),
        ("input", [3, 2, 2]),
        ("classes", -3),
        ("strides", [1, 2]),
        ("dropout", 1),
        ("stem_width", 0),
        ("groups", 2),
        ("hidden", [0]),
        ("se_ratio", -1),
    ],
)
def test_a_design_that_cannot_be_is_refused_by_file_and_field(tmp_path: Path, field: str, value: object) -> None:
    path = tmp_path / "cannot-be.json"
    path.write_bytes(text(spec_with(**{field: value})(good())))  # type: ignore[arg-type]
    with pytest.raises(SpecError, match=r"cannot-be\.json") as caught:
        load_design(path)
    assert caught.value.field == field


def test_a_missing_design_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"There is no design file .*gone\.json"):
        load_design(tmp_path / "gone.json")


def test_a_folder_is_no_design_file(tmp_path: Path) -> None:
    (tmp_path / "folder.json").mkdir()
    with pytest.raises(InputError, match=r"folder\.json is a folder"):
        load_design(tmp_path / "folder.json")


def test_a_file_of_more_than_64_mib_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "huge.json"
    with path.open("wb") as file:
        file.truncate(64 * 2**20 + 1)
    with pytest.raises(InputError, match=r"huge\.json is larger than 64 MiB"):
        load_design(path)


def test_a_design_that_cannot_be_written_is_refused_by_its_path_and_leaves_nothing(tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file where a folder is needed")
    with pytest.raises(InputError, match=r"taken.*cannot be written"):
        save_design(PRESETS["resnet20"].design, tmp_path / "taken" / "design.json")
    assert [path.name for path in tmp_path.iterdir()] == ["taken"]


@given(st.binary(max_size=64))
def test_random_bytes_are_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(InputError, match="some-file"):
        decode_design(data, "some-file")


@given(at=st.integers(0, 10_000), bit=st.integers(0, 7))
def test_a_flipped_bit_gives_a_design_or_a_sentence(at: int, bit: int) -> None:
    data = bytearray(text(good()))
    data[at % len(data)] ^= 1 << bit
    said = "flipped"
    try:
        decode_design(bytes(data), "flipped")
    except InputError as error:
        said = str(error)
    assert "flipped" in said


def test_json_that_is_no_design_is_not_blamed_for_fields_of_one(tmp_path: Path) -> None:
    path = tmp_path / "other.json"
    path.write_text('{"a": 1}', encoding="utf-8")
    with pytest.raises(InputError, match=r"^other.json is not a design file") as found:
        load_design(path)
    assert "'a'" not in str(found.value)
    path.write_bytes(text(good() | {"colour": "red"}))
    with pytest.raises(InputError, match=r"not a design of this version: there is no field 'colour'\."):
        load_design(path)


def test_a_design_of_a_newer_version_is_told_as_that() -> None:
    newer = encode_design(PRESETS["resnet18"].design).replace(b'"version": 1', b'"version": 9')
    with pytest.raises(InputError, match=r"^a\.json was written by a newer version of the program, in version 9 "):
        decode_design(newer, "a.json")
