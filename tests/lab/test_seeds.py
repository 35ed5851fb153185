"""Seeds: as sentences and the command line write them."""

from __future__ import annotations

import pytest

from resnet_gui.cli.sweep_options import parsed_seeds
from resnet_gui.lab.results import Results
from resnet_gui.lab.seeds import seeds_option, seeds_text


@pytest.mark.parametrize(
    ("seeds", "text"),
    [
        ((4,), "seed 4"),
        ((1, 2), "seeds 1 and 2"),
        ((7, 9, 11), "seeds 7, 9 and 11"),
        (tuple(range(1, 41)), "seeds 1 to 40"),
        ((7, 8, 9, *range(20, 115)), "seeds 7, 8, 9 and 95 others"),
        ((7, 8, 9, 20), "seeds 7, 8, 9 and 1 other"),
        ((), "no seeds"),
    ],
)
def test_a_sentence_names_a_few_seeds_and_counts_the_others(seeds: tuple[int, ...], text: str) -> None:
    assert seeds_text(seeds) == text


@pytest.mark.parametrize("seeds", [(1,), (5,), (1, 2, 3), (9, 4), (4, 7, 8, 9), (0,)])
def test_seeds_that_are_written_for_the_command_line_are_read_as_the_same(seeds: tuple[int, ...]) -> None:
    assert parsed_seeds(seeds_option(seeds)) == seeds


def test_nothing_that_was_run_is_not_complete() -> None:
    assert not Results(scale="quick", seeds=(1, 2, 3)).complete
