"""Which published design a design is or nearly is."""

from __future__ import annotations

import pytest
from hypothesis import given

from resnet_gui.design.nearest import effective, resemblance
from resnet_gui.design.papers import PUBLISHED
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.torchvision import torchvision_name
from tests.conftest import FIGURES, examples
from tests.designs import designs

PAPERS = [name for name, preset in PRESETS.items() if preset.family not in {"Small", "Tutorials"}]


@pytest.mark.parametrize("name", PAPERS)
def test_every_published_preset_is_recognised_as_itself(name: str) -> None:
    found = resemblance(PRESETS[name].spec)
    assert found is not None
    assert found.preset == name
    assert found.exact


def test_a_design_of_nobody_is_one_of_its_own() -> None:
    assert resemblance(PRESETS["digits-resnet"].spec) is None
    assert resemblance(evolve(PRESETS["resnet18"].spec, blocks=(2, 2, 2, 3))) is None


@given(spec=designs())
@examples(75)
def test_effective_choices_make_the_same_network(spec: ResNetSpec) -> None:
    mine, its = plan(spec), plan(effective(spec))
    assert list(mine.layers()) == list(its.layers())
    assert [block.shortcut for _, block in mine.groups()] == [block.shortcut for _, block in its.groups()]
    assert effective(effective(spec)) == effective(spec)


def test_an_imagenet_stem_on_small_pictures_is_told() -> None:
    found = resemblance(evolve(PRESETS["resnet18"].spec, input=(3, 32, 32), classes=10))
    assert found is not None
    assert (found.preset, found.exact) == ("resnet18", False)
    assert found.differences == ("10 classes, not 1,000", "input 3×32×32, not 3×224×224")
    assert any("papers take the 3×3" in remark for remark in found.remarks)


def test_a_cifar_stem_on_large_pictures_is_told() -> None:
    found = resemblance(evolve(PRESETS["resnet20"].spec, input=(3, 224, 224)))
    assert found is not None
    assert any("papers take the 7×7" in remark for remark in found.remarks)


def test_the_stride_of_version_1_5_is_told() -> None:
    v15, v1 = resemblance(PRESETS["resnet50"].spec), resemblance(PRESETS["resnet50_v1"].spec)
    assert v15 is not None
    assert v1 is not None
    assert any("v1.5" in remark for remark in v15.remarks)
    assert v1.remarks == ()
    other = resemblance(evolve(PRESETS["resnet200"].spec, stride_on="3x3"))
    assert other is not None
    assert other.differences == ("stride on 3×3 (v1.5), not first 1×1 (v1)",)


def test_another_shortcut_option_is_the_only_difference() -> None:
    found = resemblance(evolve(PRESETS["resnet20"].spec, shortcut="B"))
    assert found is not None
    assert found.preset == "resnet20"
    assert found.differences == ("shortcut B, not A",)


def test_a_design_of_a_library_alone_is_not_called_published() -> None:
    origins = {}
    for name in ("resnet50", "resnet110", "resnet50d", "seresnet50", "wide_resnet50_2"):
        found = resemblance(PRESETS[name].spec)
        assert found is not None
        origins[name] = found.origin
    assert origins["resnet110"] == "published"
    for name, origin in origins.items():
        source = PRESETS[name].source
        assert (origin == "published") == (not any(library in source for library in ("torchvision", "timm")))
    assert origins["resnet50"] == "from torchvision"  # v1.5 is its own
    found = resemblance(PRESETS["resnetv2_50"].spec)
    assert found is not None
    assert found.origin == "from timm"


def test_what_only_a_tutorial_has_is_nobodys() -> None:
    for name, preset in PRESETS.items():
        if preset.family == "Tutorials":
            found = resemblance(preset.spec)
            assert found is None or found.preset != name


def test_too_many_differences_are_no_resemblance() -> None:
    spec = evolve(PRESETS["resnet50"].spec, activation="gelu", stem="cifar", norm="none", conv_bias=True, classes=7)
    assert resemblance(spec) is None


@pytest.mark.parametrize(
    ("table", "names"),
    [
        ("imagenet", {"plain18": "plain18", "plain34": "plain34", "resnet18_a": "resnet18", "resnet34_a": "resnet34_A",
                      "resnet34": "resnet34_B", "resnet34_c": "resnet34_C", "resnet50": "resnet50",
                      "resnet101": "resnet101", "resnet152": "resnet152"}),
        ("cifar10", {f"resnet{depth}": f"resnet{depth}" for depth in (20, 32, 44, 56, 110, 1202)}),
    ],
)  # fmt: skip
def test_reported_errors_are_the_papers(table: str, names: dict[str, str]) -> None:
    for name, key in names.items():
        assert float(PUBLISHED[name].error) == FIGURES["paper"][table][key]
        found = resemblance(PRESETS[name].spec)
        assert found is not None
        assert found.reports[0].startswith(f"{PUBLISHED[name].error} % ")


def test_reported_errors_of_the_orders_are_the_papers() -> None:
    for order, (at_110, at_164) in FIGURES["paper"]["cifar10_orders"].items():
        names = {"original": ("", "resnet164"), "full_preact": ("preact_resnet110", "preact_resnet164")}
        first, second = names.get(order, (f"resnet110_{order}", f"resnet164_{order}"))
        if first:
            assert float(PUBLISHED[first].error) == at_110
        assert float(PUBLISHED[second].error) == at_164
    assert float(PUBLISHED["resnet110_conv1x1"].error) == FIGURES["paper"]["cifar10_shortcuts"]["conv_1x1"]


def test_torchvisions_networks_are_known_with_any_classes_and_pictures_and_others_are_not() -> None:
    spec = PRESETS["resnet50"].spec
    assert torchvision_name(spec) == "resnet50"
    assert torchvision_name(evolve(spec, classes=7, input=(3, 97, 65), zero_init=True)) == "resnet50"
    assert torchvision_name(evolve(spec, projection_norm=True)) == "resnet50"
    for changes in ({"input": (1, 224, 224)}, {"stride_on": "1x1"}, {"se_ratio": 16}, {"stem": "cifar"}):
        assert torchvision_name(evolve(spec, **changes)) == ""
    assert torchvision_name(PRESETS["resnet20"].spec) == ""
