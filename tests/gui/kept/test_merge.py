"""Settings of two windows are brought together; nothing that either has done is lost."""

from __future__ import annotations

from typing import Any, get_origin

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.gui.kept.merge import GROUPS, LISTS, merge_items, merge_settings
from resnet_gui.gui.settings import LAYOUT, Settings
from tests.conftest import examples

ITEMS = st.lists(st.sampled_from("abcdefgh"), unique=True, max_size=6)
NUMBER = st.integers(0, 3)
FIELDS = st.fixed_dictionaries(
    {"theme": NUMBER, "design": NUMBER, "preset": NUMBER, "queue": ITEMS, "baseline": st.integers(-1, 5), "pins": ITEMS}
)


def item_changes(before: list[str], after: list[str]) -> tuple[set[str], set[str]]:
    return set(after) - set(before), set(before) - set(after)


@given(base=ITEMS, mine=ITEMS, theirs=ITEMS)
@examples(100)
def test_a_merged_list_has_what_either_added_and_nothing_that_either_took_out(
    base: list[str], mine: list[str], theirs: list[str]
) -> None:
    merged = merge_items(base, mine, theirs)
    gone = (set(base) - set(mine)) | (set(base) - set(theirs))
    assert set(merged) == (set(mine) | set(theirs)) - gone
    assert len(merged) == len(set(merged))
    assert merge_items(base, mine, base) == mine
    assert merge_items(base, base, theirs) == theirs


@given(base=ITEMS, mine=ITEMS, added=st.sampled_from("xyz"), place=st.integers(0, 6))
@examples(50)
def test_what_the_other_window_added_stands_in_front_of_what_it_stood_in_front_of(
    base: list[str], mine: list[str], added: str, place: int
) -> None:
    theirs = [*base[:place], added, *base[place:]]
    merged = merge_items(base, mine, theirs)
    after = [item for item in merged[merged.index(added) + 1 :] if item in base]
    follows = [item for item in base[place:] if item in merged]
    assert not follows or after[0] == follows[0]


def test_the_latest_of_both_windows_lead_and_the_longest_ago_goes() -> None:
    old = [f"{number}.json" for number in range(10)]
    assert merge_items(old, ["mine", *old[:-1]], ["theirs", *old[:-1]], most=10) == ["mine", "theirs", *old[:8]]


@given(base=FIELDS, mine=FIELDS, theirs=FIELDS)
@examples(100)
def test_a_field_is_this_windows_if_it_has_changed_it_and_else_the_files(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    merged = merge_settings(base, mine, theirs)
    assert merged["theme"] == (mine if mine["theme"] != base["theme"] else theirs)["theme"]
    whole = any(mine[name] != base[name] for name in ("design", "preset"))
    for name in ("design", "preset"):  # a design goes with the preset that it is
        assert merged[name] == (mine if whole else theirs)[name]
    assert merge_settings(base, mine, base) | {"baseline": 0} == mine | {"baseline": 0}
    assert merge_settings(theirs, theirs, mine) | {"baseline": 0} == mine | {"baseline": 0}


@given(base=FIELDS, mine=FIELDS, theirs=FIELDS)
@examples(100)
def test_the_baseline_is_the_same_pin_whatever_its_number(
    base: dict[str, Any], mine: dict[str, Any], theirs: dict[str, Any]
) -> None:
    def pin(fields: dict[str, Any]) -> str:
        return fields["pins"][fields["baseline"]] if 0 <= fields["baseline"] < len(fields["pins"]) else ""

    merged = merge_settings(base, mine, theirs)
    wanted = pin(mine) if pin(mine) != pin(base) else pin(theirs)
    assert pin(merged) == (wanted if wanted in merged["pins"] else "")


LIST_FIELDS = [field for field in msgspec.structs.fields(Settings) if get_origin(field.type) is list]


def test_every_list_of_things_that_come_and_go_is_merged_item_by_item() -> None:
    arrangements = {"columns", *LAYOUT}
    assert {field.name for field in LIST_FIELDS} - arrangements == set(LISTS)


@pytest.mark.parametrize("name", LISTS)
def test_what_both_windows_have_added_to_a_list_is_there(name: str) -> None:
    def item(text: str) -> object:
        recent = {"design": {"name": text}, "when": len(text)}
        made = {"lab_drafts": {"experiment": text, "scale": "s"}, "recent_designs": recent}
        return made.get(name, text)

    old, mine, theirs = map(item, ("old", "mine", "theirs"))
    merged = merge_settings({name: [old]}, {name: [old, mine]}, {name: [old, theirs]})
    assert sorted(map(str, merged[name])) == sorted(map(str, (old, mine, theirs)))


def test_a_draft_and_a_design_stay_the_same_one_when_they_change() -> None:
    def draft(experiment: str, answer: str, scale: str = "small") -> dict[str, Any]:
        return {"experiment": experiment, "scale": scale, "answers": {"deeper": answer}}

    base = [draft("a", "?"), draft("b", "?"), draft("c", "?"), draft("a", "?", "large"), draft("d", "?")]
    mine = [draft("a", "mine"), draft("b", "?"), draft("d", "mine"), draft("a", "?", "large")]
    theirs = [
        draft("a", "?"),
        draft("b", "theirs"),
        draft("c", "theirs"),
        draft("a", "theirs", "large"),
        draft("d", "theirs"),
    ]
    merged = merge_settings({"lab_drafts": base}, {"lab_drafts": mine}, {"lab_drafts": theirs})["lab_drafts"]
    assert sorted((each["experiment"], each["scale"], each["answers"]["deeper"]) for each in merged) == [
        ("a", "large", "theirs"), ("a", "small", "mine"), ("b", "small", "theirs"), ("c", "small", "theirs"),
        ("d", "small", "mine"),
    ]  # fmt: skip
    old, new = ({"design": {"name": "chip"}, "when": when} for when in (1, 2))
    merged = merge_settings({"recent_designs": [old]}, {"recent_designs": [old]}, {"recent_designs": [new]})
    assert merged["recent_designs"] == [new]


def test_equal_items_are_as_many_as_they_were() -> None:
    assert merge_items(["a"], ["a", "a"], ["a", "b"]) == ["a", "a", "b"]
    assert merge_items(["a", "a"], ["a"], ["a", "a", "b"]) == ["a", "b"]


def test_what_a_newer_version_has_written_stays() -> None:
    assert merge_settings({"theme": 1}, {"theme": 2}, {"theme": 1, "from tomorrow": [3]}) == {
        "theme": 2,
        "from tomorrow": [3],
    }


def test_the_fields_that_are_treated_specially_are_there() -> None:
    fields = set(Settings.__struct_fields__)
    assert {name for group in GROUPS for name in group} | set(LISTS) | {"baseline"} <= fields


def test_columns_that_two_windows_have_dragged_are_merged_one_by_one() -> None:
    base = {"column_widths": {"kind": 70, "pictures.size": 90}}
    mine = {"column_widths": {"kind": 80}}
    theirs = {"column_widths": {"kind": 60, "pictures.size": 90, "classes.f1": 50}}
    assert merge_settings(base, mine, theirs)["column_widths"] == {"kind": 80, "classes.f1": 50}
