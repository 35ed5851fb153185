"""Depth algebra: which depths are legal, and what is said of those that are not."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.base.errors import SpecError
from resnet_gui.design.choices import BLOCKS
from resnet_gui.design.depth import IMAGENET_BLOCKS, block_for_depth, blocks_for_depth, depth_arithmetic, usual_depths
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS, find_preset
from resnet_gui.design.spec import ResNetSpec
from tests.designs import designs

STEP = {"basic": 6, "bottleneck": 9, "half_bottleneck": 9}


def legal_depths(stem: str, block: str) -> list[int]:
    if stem == "imagenet":
        return list(IMAGENET_BLOCKS[block])
    return [STEP[block] * n + 2 for n in range(1, 10_001)]


@given(block=st.sampled_from(list(BLOCKS)), n=st.integers(1, 10_000))
def test_every_legal_cifar_depth_gives_blocks_of_that_depth(block: str, n: int) -> None:
    depth = STEP[block] * n + 2
    blocks = blocks_for_depth("cifar", block, depth)
    assert blocks == (n, n, n)
    spec = ResNetSpec(block=block, blocks=blocks, widths=(16, 32, 64), stem="cifar", classes=10, input=(3, 32, 32))
    assert spec.depth == depth


@pytest.mark.parametrize(
    ("block", "depth", "blocks"),
    [
        # He et al. 2015, Table 1; He et al. 2016, Table 5.
        ("basic", 18, (2, 2, 2, 2)),
        ("basic", 34, (3, 4, 6, 3)),
        ("bottleneck", 50, (3, 4, 6, 3)),
        ("bottleneck", 101, (3, 4, 23, 3)),
        ("bottleneck", 152, (3, 8, 36, 3)),
        ("bottleneck", 200, (3, 24, 36, 3)),
    ],
)
def test_every_depth_of_the_papers_tables_gives_their_blocks(block: str, depth: int, blocks: tuple[int, ...]) -> None:
    assert blocks_for_depth("imagenet", block, depth) == blocks
    assert ResNetSpec(block=block, blocks=blocks, widths=(64, 128, 256, 512)).depth == depth
    assert block_for_depth("imagenet", block, depth) == block
    # 200 layers are of the second paper and can be typed.
    assert depth in usual_depths("imagenet", block) or depth == 200


def test_the_imagenet_family_has_no_other_depth() -> None:
    assert {block: list(table) for block, table in IMAGENET_BLOCKS.items()} == {
        "basic": [18, 34],
        "bottleneck": [50, 101, 152, 200],
        # SENet-154 has 152 by the same rule: it counts the three convolutions of its stem.
        "half_bottleneck": [50, 101, 152, 200],
    }


def test_depth_176_of_an_imagenet_net_is_refused_with_152_and_200() -> None:
    with pytest.raises(SpecError, match=r"no bottleneck ImageNet ResNet of depth 176; the nearest are 152 and 200\."):
        blocks_for_depth("imagenet", "bottleneck", 176)


@pytest.mark.parametrize("stem", ["deep", "7x7"])
def test_other_stems_of_imagenet_networks_have_the_same_depths(stem: str) -> None:
    # ResNet-50-D is a ResNet-50 with another stem.
    assert blocks_for_depth(stem, "bottleneck", 101) == (3, 4, 23, 3)
    assert 50 in usual_depths(stem, "bottleneck")


@given(spec=designs(stages=5, deepest=9))
def test_the_depth_of_a_design_counts_the_stem_the_convolutions_of_its_branches_and_the_last_layer(
    spec: ResNetSpec,
) -> None:
    convolutions = sum(bool(re.fullmatch(r"layer\d+\.\d+\.conv\d", path)) for path, _ in plan(spec).layers())
    assert spec.depth == convolutions + 1 + (spec.head != "none")


@given(
    stem=st.sampled_from(["imagenet", "cifar"]), block=st.sampled_from(list(BLOCKS)), depth=st.integers(-50, 100_000)
)
def test_an_illegal_depth_is_refused_with_the_two_nearest_legal_ones(stem: str, block: str, depth: int) -> None:
    legal = legal_depths(stem, block)
    if depth in legal:
        return
    with pytest.raises(SpecError) as caught:
        blocks_for_depth(stem, block, depth)
    assert caught.value.field == "depth"
    named = re.search(r"the nearest are (\d+) and (\d+)\.", str(caught.value))
    assert named is not None, str(caught.value)
    nearest = sorted(legal, key=lambda known: abs(known - depth))[:2]
    assert [int(named[1]), int(named[2])] == sorted(nearest)


def test_depth_21_of_a_cifar_net_is_refused_with_the_rule_and_20_and_26() -> None:
    with pytest.raises(SpecError, match=r"depth 6n\+2, so 21 cannot be; the nearest are 20 and 26"):
        find_preset("resnet21")


@pytest.mark.parametrize("stem", ["imagenet", "cifar"])
@pytest.mark.parametrize("block", BLOCKS)
def test_every_depth_that_is_offered_is_legal_for_the_block_that_comes_with_it(stem: str, block: str) -> None:
    for depth in usual_depths(stem, block):
        assert depth in legal_depths(stem, block_for_depth(stem, block, depth))


def test_imagenet_depths_below_50_come_with_basic_blocks_and_the_others_with_bottlenecks() -> None:
    for block in BLOCKS:
        blocks = [block_for_depth("imagenet", block, depth) for depth in (18, 34, 50, 101, 152, 200)]
        assert blocks == ["basic"] * 2 + ["half_bottleneck" if block == "half_bottleneck" else "bottleneck"] * 4
        assert block_for_depth("imagenet", block, 77) == block
        assert block_for_depth("cifar", block, 50) == block


def test_the_sum_that_is_shown_gives_the_depth() -> None:
    for preset in PRESETS.values():
        first, factor, inner = re.fullmatch(r"(\d+) \+ (\d+) × \(([\d +]+)\)", depth_arithmetic(preset.spec)).groups()  # type: ignore[union-attr]
        assert int(first) + int(factor) * sum(map(int, inner.split("+"))) == preset.spec.depth


def test_an_unknown_preset_is_refused_with_names_that_are_near() -> None:
    with pytest.raises(SpecError, match=r"'digits-resnt'; did you mean digits-resnet") as caught:
        find_preset("digits-resnt")
    assert caught.value.field == "preset"
