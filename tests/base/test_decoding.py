"""What cannot be decoded is said in plain words, and nowhere in those of the decoder."""

from __future__ import annotations

import ast
from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError
from resnet_gui.training.recipe import Recipe
from tests.conftest import examples
from tests.rooms import FILES, PACKAGE, ROOT
from tests.sources import nodes_of

HANDLED = {"MsgspecError", "ValidationError", "DecodeError"}


class Step(msgspec.Struct, forbid_unknown_fields=True):
    count: Annotated[int, msgspec.Meta(ge=1)]
    how: Literal["fast", "slow"] = "fast"


class Document(msgspec.Struct, kw_only=True):
    name: str
    steps: tuple[Step, ...] = ()
    sizes: dict[str, int | None] = {}
    pair: tuple[int, int] = (0, 0)
    ratio: float = 0.0
    deep: bool = False

    def __post_init__(self) -> None:
        if self.ratio < 0:
            raise InputError("ratio is below 0; name one from 0 on.")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ('{"name": 5}', "name is 5; it must be a text"),
        ('{"name": "x", "deep": "yes"}', "deep is 'yes'; it must be true or false"),
        ('{"name": "x", "ratio": [1, 2]}', "ratio is a list of 2; it must be a number"),
        ('{"name": "x", "steps": {}}', "steps is a set of fields; it must be a list"),
        (
            '{"name": "x", "steps": [{"count": 1}, {"count": "y"}]}',
            "count of entry 2 of steps is 'y'; it must be a whole number",
        ),
        (
            '{"name": "x", "steps": [{"count": 0}]}',
            "count of entry 1 of steps is 0; it must be a whole number from 1 on",
        ),
        ('{"name": "x", "steps": [{}]}', "the field 'count' of entry 1 of steps is missing"),
        ('{"name": "x", "steps": [{"count": 1, "cuont": 2}]}', "there is no field 'cuont' of entry 1 of steps"),
        (
            '{"name": "x", "steps": [{"count": 1, "how": "quick"}]}',
            "how of entry 1 of steps is 'quick'; it must be one of 'fast', 'slow'",
        ),
        (
            '{"name": "x", "sizes": {"a": "b"}}',
            "an entry of sizes is of another kind; it must be a whole number or nothing (null)",
        ),
        ('{"name": "x", "pair": [1]}', "pair is a list of 1; it must be a list of 2 entries"),
        ('{"name": "x", "pair": [1, 1e400]}', "entry 2 of pair holds a number that is too large"),
        ('{"name": "x", "ratio": -1e400}', "ratio holds a number that is too large"),
        ('{"name": "x", "sizes": {"a": 1, "b": 1e400}}', "b of sizes holds a number that is too large"),
        ('{"name": "x", "ratio": -1}', "ratio is below 0; name one from 0 on"),
        (f'{{"name": {"[" * 3}"{"y" * 99}"{"]" * 3}}}', "name is a list of 1; it must be a text"),
        (f'{{"name": "x", "ratio": "{"y" * 99}"}}', f"ratio is '{'y' * 58}…; it must be a number"),
        ("{}", "the field 'name' is missing"),
        ("[]", "it is an empty list; it must be a set of fields"),
        ("", "it is not JSON (it is empty)"),
        ('{"name": "x"', "it is not JSON (it breaks off)"),
        ("{name}", "it is not JSON (object keys must be strings at byte 1)"),
        ('{"z": ' + "[" * 100_000, "its values lie too deep in each other"),
    ],
)  # fmt: skip
def test_the_field_its_value_and_what_is_wanted_are_named(text: str, fault: str) -> None:
    with pytest.raises((msgspec.MsgspecError, RecursionError)) as raised:
        msgspec.json.decode(text, type=Document)
    assert decoding_fault(raised.value, text, Document).startswith(fault)


@pytest.mark.parametrize(
    ("text", "where"),
    [('{"lr": 1e400}', "lr"), ("1e400", "it"), ('{"a": 1, "b": [2, {"c": 1e400}]}', "c of entry 2 of b"),
     ('{"a": 1e400, "b": "' + '\\ud800"}', "a")],
)  # fmt: skip
def test_a_number_that_is_too_large_is_named_where_no_kind_is_known(text: str, where: str) -> None:
    with pytest.raises(msgspec.MsgspecError) as raised:
        msgspec.json.decode(text)
    assert decoding_fault(raised.value, text) == f"{where} holds a number that is too large"


def test_bytes_that_are_no_text_are_said_to_be_none() -> None:
    with pytest.raises((msgspec.MsgspecError, UnicodeDecodeError)) as raised:
        msgspec.json.decode(b'{"name": "\xff"}', type=Document)
    assert decoding_fault(raised.value, b'{"name": "\xff"}', Document).startswith("it is not")


FIELDS = [field.name for field in msgspec.structs.fields(Recipe)]
VALUES = (
    st.none()
    | st.booleans()
    | st.integers(-5, 2**70)
    | st.floats()
    | st.text("ab 1", max_size=5)
    | st.lists(st.integers(0, 3))
)


@given(
    st.dictionaries(st.sampled_from(FIELDS), VALUES | st.dictionaries(st.text("xy", max_size=3), VALUES), min_size=1)
)
@examples(200)
def test_no_fault_of_any_recipe_is_told_in_the_decoder_s_words(fields: dict[str, Any]) -> None:
    try:
        msgspec.convert(fields, Recipe)
    except msgspec.ValidationError as error:
        said = decoding_fault(error, fields, Recipe)
        assert not {"`", "$"} & set(said)
        assert "Expected" not in said
        assert any(field in said for field in fields)


def told(handler: ast.ExceptHandler) -> list[int]:
    """Lines of a handler of the decoder's errors in which the error itself becomes text."""
    name = handler.name
    plain = {
        id(inner)
        for node in ast.walk(handler)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "decoding_fault"
        for inner in ast.walk(node)
    }
    return [
        node.lineno
        for node in ast.walk(handler)
        if id(node) not in plain
        and (
            (isinstance(node, ast.FormattedValue) and isinstance(node.value, ast.Name) and node.value.id == name)
            or (
                isinstance(node, ast.Call)
                and isinstance(node.func, ast.Name)
                and node.func.id == "str"
                and any(isinstance(each, ast.Name) and each.id == name for each in node.args)
            )
        )
    ]


def test_no_sentence_repeats_what_the_decoder_says() -> None:
    found = []
    for file in FILES:
        source = (ROOT / PACKAGE / file).read_text(encoding="utf-8")
        if not any(f".{error}" in source for error in HANDLED) or file == "base/jsonl.py":
            continue
        for node in nodes_of(source):
            if isinstance(node, ast.ExceptHandler) and node.type is not None:
                names = {each.attr for each in ast.walk(node.type) if isinstance(each, ast.Attribute)}
                found += [f"{file}:{line}" for line in told(node) if names & HANDLED]
    assert found == []
