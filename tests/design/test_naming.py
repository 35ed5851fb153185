"""Every design has the name of the preset that it is, or of the nearest one with what differs."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.base.errors import SpecError
from resnet_gui.design.choices import CHOICES
from resnet_gui.design.depth import change_depth
from resnet_gui.design.naming import design_name, differences, given_name, kept_name, nearest_preset
from resnet_gui.design.nearest import effective
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, ResNetSpec, evolve
from tests.conftest import examples
from tests.designs import designs

R18, R50 = PRESETS["resnet18"], PRESETS["resnet50"]
TITLES = {preset.title: preset for preset in PRESETS.values()}


def test_every_preset_is_called_by_its_title_whatever_it_was_made_from() -> None:
    for preset in PRESETS.values():
        assert design_name(preset.spec, R18) == preset.title
        assert nearest_preset(preset.spec, R18) == (preset, ())


def test_a_design_that_becomes_another_preset_takes_its_name() -> None:
    spec = evolve(R18.spec, **change_depth(R18.spec, 50))
    assert kept_name("ResNet-18", R18.spec, spec, R18) == "ResNet-50"


@pytest.mark.parametrize(
    ("began", "changes", "name"),
    [
        ("resnet50", {"shortcut": "C"}, "ResNet-50, option C"),
        ("resnet50", {"shortcut": "none"}, "ResNet-50, plain"),
        ("resnet18", {"classes": 10}, "ResNet-18, 10 classes"),
        ("resnet18", {"classes": 10, "input": (3, 32, 32)}, "ResNet-18, 10 classes, input 3×32×32"),
        (
            "resnet18",
            {"classes": 10, "input": (3, 32, 32), "activation": "gelu"},
            "ResNet-18, GELU, 10 classes, input 3×32×32",
        ),
        ("resnet18", {"classes": 3, "input": (3, 32, 32), "stem": "cifar"}, "ResNet-18, CIFAR stem, 3 classes"),
        ("resnet18", {"classes": 3, "input": (3, 96, 96), "stem": "cifar", "norm": "group"}, "ResNet-18, edited"),
        ("resnet18", {"activation": "gelu"}, "ResNet-18, GELU"),
        ("resnet18", {"norm": "none"}, "ResNet-18, no norm"),
        ("resnet18", {"final_activation": False}, "ResNet-18"),
        ("resnet18", {"zero_init": True}, "ResNet-18, branches begin at zero"),
        ("preact_resnet110", {"final_activation": False}, "Pre-activation ResNet-110, without final activation"),
        ("resnet18", {"order": "full_preact"}, "ResNet-18, full pre-activation"),
        ("resnet18", {"stem_stride": 1}, "ResNet-18, stride of the stem 1"),
        ("resnet18", {"stem_stride": 2}, "ResNet-18"),
        ("resnet18", {"blocks": (2, 2, 2, 3)}, "ResNet-18, blocks 2-2-2-3"),
        ("resnet18", {"se_ratio": 16}, "SE-ResNet-18"),
        ("resnet34_c", {"classes": 10}, "ResNet-34 C, 10 classes"),
        ("resnext50_32x4d", {"blocks": (3, 8, 36, 3)}, "ResNet-152, 32 groups, width per group 4"),
        ("resnet20", {"blocks": (4, 4, 4)}, "ResNet-26 (CIFAR)"),
        ("resnet20", {"blocks": (4, 4, 4), "classes": 100}, "ResNet-26 (CIFAR), 100 classes"),
    ],
)
def test_an_edited_preset_is_named_by_what_differs(began: str, changes: dict[str, object], name: str) -> None:
    preset = PRESETS[began]
    assert kept_name(preset.title, preset.spec, evolve(preset.spec, **changes), preset) == name


def test_a_network_of_a_family_that_is_in_no_list_can_still_be_reset_to_where_it_began() -> None:
    spec = evolve(PRESETS["resnet20"].spec, blocks=(4, 4, 4))
    assert nearest_preset(spec, PRESETS["resnet20"]) == (PRESETS["resnet20"], ("blocks",))


def test_a_name_that_somebody_chose_stays_also_where_the_design_becomes_another_preset() -> None:
    plain = evolve(R18.spec, classes=10)
    assert kept_name("mine", R18.spec, plain, R18) == "mine"
    assert kept_name("mine", plain, R18.spec, R18) == "mine"
    assert kept_name("mine", plain, R50.spec, R18) == "mine"


def test_a_presets_title_is_no_name_for_another_design() -> None:
    assert given_name(Design(name="ResNet-18", spec=R50.spec), R18) == "ResNet-50"
    assert given_name(Design(name="ResNet-18", spec=evolve(R18.spec, classes=3)), R18) == "ResNet-18, 3 classes"
    assert given_name(Design(name="mine", spec=R50.spec), R18) == "mine"


def test_every_choice_has_words_for_a_name() -> None:
    for field, known in CHOICES.items():
        for key in known:
            try:
                spec = evolve(R50.spec, **{field: key})
            except SpecError:
                continue
            for words in differences(spec, R50):
                assert words
                assert words == words.strip()
                assert "_" not in words


@given(spec=designs(), began=st.sampled_from(sorted(PRESETS)))
@examples(40)
def test_a_presets_title_alone_is_the_name_of_that_preset_only(spec: ResNetSpec, began: str) -> None:
    name = design_name(spec, PRESETS[began])
    assert 0 < len(name) < 120
    if name in TITLES:
        assert effective(spec) == effective(TITLES[name].spec)


@given(data=st.data(), began=st.sampled_from(sorted(PRESETS)))
@examples(40)
def test_an_edit_and_its_opposite_give_the_name_back(data: st.DataObject, began: str) -> None:
    preset = PRESETS[began]
    field = data.draw(st.sampled_from(sorted(CHOICES)))
    try:
        edited = evolve(preset.spec, **{field: data.draw(st.sampled_from(sorted(CHOICES[field])))})
    except SpecError:
        return
    there = kept_name(preset.title, preset.spec, edited, preset)
    assert kept_name(there, edited, preset.spec, nearest_preset(edited, preset).preset) == preset.title
