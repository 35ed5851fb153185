"""The comparison of designs as tables with exact numbers."""

from __future__ import annotations

import csv
import io

from resnet_gui.analysis.comparison import align, runs
from resnet_gui.analysis.costs import totals
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.export.comparison import (
    ComparedColumn,
    ExactTable,
    comparison_table,
    difference_table,
    table_csv,
    table_latex,
    table_tsv,
)

NAMES = ("resnet34", "resnet50")


def columns() -> list[ComparedColumn]:
    plans = [plan(PRESETS[name].spec) for name in NAMES]
    return [
        ComparedColumn(PRESETS[name].title, PRESETS[name].spec, each, totals(each), (73.314, 91.42))
        for name, each in zip(NAMES, plans, strict=True)
    ]


def test_every_number_of_the_table_is_whole_and_its_unit_stands_in_the_heading() -> None:
    rows = list(csv.reader(io.StringIO(table_csv(comparison_table(columns())))))
    assert rows[0] == ["", "ResNet-34", "ResNet-50"]
    found = {row[0]: row[1:] for row in rows[1:]}
    cost = [each.totals.cost for each in columns()]
    assert found["Parameters"] == [str(each.params) for each in cost]
    assert found["MACs"] == [str(each.macs) for each in cost]
    assert found["Top-1 accuracy (%)"] == ["73.314", "73.314"]
    assert {"Weights, fp32 (bytes)", "Receptive field (px)"} <= set(found)
    sifted = {line[0] for line in comparison_table(columns(), only_differing=True).lines}
    assert "Parameters" in sifted
    assert not {"Order", "Top-1 accuracy (%)"} & sifted, "rows in which all agree are left out"


def test_the_blocks_of_a_difference_add_up_to_that_of_the_totals() -> None:
    one, other = (plan(PRESETS[name].spec) for name in NAMES)
    head, *lines = (
        line.split("\t") for line in table_tsv(difference_table(runs(align(one, other)), "a", "b")).split("\n")
    )
    sums = {title: sum(int(line[head.index(title)]) for line in lines) for title in ("Parameters", "MACs")}
    first, second = (totals(each).cost for each in (one, other))
    assert (sums["Parameters"], sums["MACs"]) == (second.params - first.params, second.macs - first.macs)


def test_latex_groups_digits_and_has_nothing_that_latex_does_not_know() -> None:
    one, other = (plan(PRESETS[name].spec) for name in NAMES)
    for table in (comparison_table(columns()), difference_table(runs(align(other, one)), "a_b", "c & d")):
        text = table_latex(table)
        assert text.isascii()
        assert text.count(r"\\") == len(table.lines)
        assert text.count("{") == text.count("}")
    assert r"$21\,797\,672$" in table_latex(comparison_table(columns()))
    assert r"c \& d has more than a\_b" in text
    assert r"$-" in text, "a minus is one"


def test_names_with_tabs_and_line_ends_stay_in_their_cells_and_only_digits_are_numbers() -> None:
    table = ExactTable((("", "my\tnet\r\nof\u2028mine"), ("Area", "1234²")), "Odd names.")
    assert table_tsv(table).split("\n") == ["\tmy net of mine", "Area\t1234²"]
    assert "1234²" in table_latex(table)
