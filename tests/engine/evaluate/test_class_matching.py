"""Which of a network's classes each class of the data is, and the sentence where nobody can say."""

from __future__ import annotations

import pytest
from timm.data import ImageNetInfo

from resnet_gui.base.errors import InputError
from resnet_gui.data.labels import CIFAR10, known_labels, unique_names
from resnet_gui.engine.evaluate.class_matching import (
    NOT_COUNTED,
    UnmatchedClassesError,
    match_classes,
    suggest,
    wnids,
)

IMAGENET = known_labels("imagenet", 1000)
NUMBERS = known_labels("numbers", 12)


def test_names_that_are_equal_match_in_any_order_and_any_number_of_them() -> None:
    found = match_classes(("ship", "bird"), CIFAR10)
    assert found == ((8, 2), "name", ())


def test_two_names_that_differ_in_case_alone_are_never_one() -> None:
    assert match_classes(("A", "a"), ("a", "b", "A")).numbers == (2, 0)
    with pytest.raises(UnmatchedClassesError, match="has no class 'A'"):
        match_classes(("A", "a"), ("a", "b"))
    assert match_classes(("A",), ("a", "b")) == (
        (0,),
        "name",
        ("Matched though their names differ in case: 'A' as 'a'.",),
    )
    with pytest.raises(UnmatchedClassesError, match="do not fit each other"):
        match_classes(("DOG",), ("dog", "Dog"))


def test_folders_with_wordnets_numbers_are_imagenets_classes_and_the_other_way_round() -> None:
    assert match_classes(("n02012849", "n03126707", "n15075141"), IMAGENET) == ((134, 517, 999), "wnid", ())
    assert match_classes(("crane", "tench"), wnids()) == ((517, 0), "wnid", ())
    with pytest.raises(UnmatchedClassesError, match="do not fit"):
        match_classes(("n02012849", "n99999999"), IMAGENET)
    with pytest.raises(UnmatchedClassesError, match="do not fit"):
        match_classes(("n02012849",), CIFAR10)


def test_wordnets_numbers_are_those_of_timm_beside_torchvisions_names() -> None:
    info = ImageNetInfo()
    assert wnids() == tuple(info.index_to_label_name(number) for number in range(1000))
    # torchvision shortens the lemmas, and tells the cranes and the maillots apart by what stands behind.
    alike = [
        name.split()[0].casefold() in info.index_to_description(number).casefold()
        for number, name in enumerate(IMAGENET)
    ]
    assert sum(alike) >= 990


def test_a_network_without_names_is_matched_by_place_which_is_said() -> None:
    found = match_classes(tuple("abcdefghijkl"), NUMBERS)
    assert (found.numbers, found.by) == (tuple(range(12)), "place")
    assert "matched by place" in found.notices[0]
    by_letters = match_classes(sorted(map(str, range(12))), NUMBERS)
    assert by_letters.numbers == tuple(range(12))
    assert "class 2 of the network is '10'" in by_letters.notices[1]
    assert match_classes(("3", "11"), NUMBERS).numbers == (3, 11)
    from_one = match_classes(("1", "2"), known_labels("numbers", 2))
    assert from_one.numbers == (0, 1)
    assert "class 0 of the network is '1'" in from_one.notices[1]
    with pytest.raises(UnmatchedClassesError):
        match_classes(("3", "12"), NUMBERS)
    with pytest.raises(UnmatchedClassesError):
        match_classes(("a", "b"), NUMBERS)


def test_a_users_mapping_counts_first_and_leaves_classes_out_aloud() -> None:
    found = match_classes(("cat", "kitty", "emu"), CIFAR10, {"kitty": "cat", "emu": ""})
    assert (found.numbers, found.by) == ((3, 3, NOT_COUNTED), "user")
    assert found.notices == (
        "Not counted, as the mapping says: emu.",
        "Counted as one class, 'cat' of the network: 2 classes of the data (cat, kitty).",
    )
    with pytest.raises(
        InputError, match="takes 'emu' for 'ostrich', which is no class of the network; it has airplane"
    ):
        match_classes(("emu",), CIFAR10, {"emu": "ostrich"})
    with pytest.raises(InputError, match="names a class 'moose', which the data does not have"):
        match_classes(("cat",), CIFAR10, {"moose": "deer"})
    with pytest.raises(InputError, match="counts no class"):
        match_classes(("emu",), CIFAR10, {"emu": ""})
    with pytest.raises(UnmatchedClassesError, match="no class 'gnu'"):
        match_classes(("cat", "emu", "gnu"), CIFAR10, {"emu": ""})


def test_what_a_mapping_does_not_name_is_matched_as_without_it() -> None:
    by_case = match_classes(("BIRD", "foo", "emu"), CIFAR10, {"foo": "cat", "emu": ""})
    assert by_case.numbers == (2, 3, NOT_COUNTED)
    assert by_case.notices[0] == "Matched though their names differ in case: 'BIRD' as 'bird'."
    wnid = match_classes(("n02012849", "unknown", "n03126707"), IMAGENET, {"unknown": "tench"})
    assert wnid.numbers == (134, 0, 517)
    assert match_classes(tuple("abcdefghijkl"), NUMBERS, {"b": "class 0"}).numbers == (0, 0, *range(2, 12))
    left_out = match_classes(("?", *"abcdefghijkl"), NUMBERS, {"?": ""})
    assert left_out.numbers == (NOT_COUNTED, *range(12))
    assert "matched by place" in left_out.notices[0]
    assert match_classes(("3", "x"), NUMBERS, {"x": "class 3"}).numbers == (3, 3)
    assert match_classes(("ship",), CIFAR10, {}) == match_classes(("ship",), CIFAR10)
    # As without it, too: no one can say which of the two is meant.
    with pytest.raises(UnmatchedClassesError, match="no class 'Dog'"):
        match_classes(("DOG", "Dog"), CIFAR10, {"DOG": ""})


def test_of_two_network_classes_of_one_name_a_mapping_names_one_by_its_number() -> None:
    network = ("crane", "tench", "crane")
    assert unique_names(network) == ("crane (0)", "tench", "crane (2)")
    with pytest.raises(UnmatchedClassesError, match="2 classes named 'crane'") as refused:
        match_classes(("crane",), network)
    assert refused.value.network_classes == unique_names(network)
    assert match_classes(("crane",), network, {"crane": "crane (2)"}).numbers == (2,)
    assert match_classes(("tench",), network).numbers == (1,)


def test_what_comes_near_is_suggested_and_else_nothing() -> None:
    found = suggest(("aeroplane", "Dog", "cats", "xyz"), CIFAR10)
    assert found == {"aeroplane": "airplane", "Dog": "dog", "cats": "cat", "xyz": ""}
    with pytest.raises(UnmatchedClassesError) as refused:
        match_classes(("aeroplane", "dog", "xyz"), CIFAR10)
    assert refused.value.suggested == {"aeroplane": "airplane", "dog": "dog", "xyz": ""}
    assert "no class 'aeroplane' (nor 1 more of the data's)" in str(refused.value)
