"""Whatever names and shapes a file has: a network, or a sentence, and soon."""

from __future__ import annotations

import contextlib
import time

from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.base.errors import InputError
from resnet_gui.checkpoints.identify import identify
from resnet_gui.design.bounds import Shape
from tests.checkpoints.test_identify_strangers import R18
from tests.conftest import examples
from tests.waiting import stretched


def test_a_path_of_thousands_of_parts_does_no_harm() -> None:
    prefix = "a." * 3000
    network_or_sentence({prefix + name: shape for name, shape in sorted(R18.items())})


PARTS = st.sampled_from(["weight", "bias", "running_mean", "running_var", "num_batches_tracked", "gamma", ""])
NAMES = st.lists(st.sampled_from(["layer1", "0", "1", "conv", "bn", "fc", "é", ""]) | st.text(max_size=3), max_size=4)
SIZES = st.sampled_from([1, 2, 3, 3, 7, 4, 8, 16]) | st.integers(0, 2**63)
SHAPES = st.lists(SIZES, max_size=5).map(tuple) | st.sampled_from(
    [(4,), (4, 4, 3, 3), (8, 4, 3, 3), (4, 4), (4, 4, 1, 1)]
)


def network_or_sentence(shapes: dict[str, Shape]) -> None:
    begun = time.monotonic()
    with contextlib.suppress(InputError):
        found = identify(shapes)
        assert set(found.names.values()) <= set(shapes)
        assert all(str(line) for line in found.unmatched)
    assert time.monotonic() - begun < stretched(2)


@given(st.dictionaries(st.builds(lambda names, part: ".".join([*names, part]), NAMES, PARTS), SHAPES, max_size=24))
@examples(60)
def test_any_names_and_shapes_give_a_network_or_a_sentence(shapes: dict[str, Shape]) -> None:
    network_or_sentence(shapes)


LAYER = st.tuples(st.sampled_from(["conv", "norm", "linear"]), st.sampled_from([1, 2, 4]), st.sampled_from([1, 3]))


@given(st.lists(LAYER, min_size=3, max_size=40), st.booleans())
@examples(40)
def test_any_row_of_layers_gives_a_network_or_a_sentence(row: list[tuple[str, int, int]], nested: bool) -> None:
    shapes: dict[str, Shape] = {}
    inputs = 3
    for number, (kind, out, kernel) in enumerate(row):
        name = f"m.{number // 4}.{number % 4}" if nested else f"m{number}"
        weights = {"conv": (out, inputs, kernel, kernel), "linear": (out, inputs), "norm": (inputs,)}
        shapes |= {f"{name}.weight": weights[kind], f"{name}.bias": weights[kind][:1]}
        inputs = weights[kind][0]
    network_or_sentence(shapes)
