"""The report of a sweep: one static HTML file, which fetches nothing and runs nothing, and repeats itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import PurePath
from typing import Final

import msgspec

from resnet_gui import __version__
from resnet_gui.data.datasets import KNOWN
from resnet_gui.export.lab_charts import Chart, ChartLine, chart_svg
from resnet_gui.export.report.drawing import COLOURS
from resnet_gui.export.report.parts import badge, head, html_file, html_table
from resnet_gui.sweeps.state import RunCell, SweepState
from resnet_gui.sweeps.sweep import Configuration, Sweep, encode_sweep
from resnet_gui.sweeps.table import SweepRow, SweepTable, sweep_table
from resnet_gui.sweeps.table_text import shown, verdict_words
from resnet_gui.sweeps.words import recipe_words

BADGES: Final = {"differs": "run", "cannot tell": "warn", "running": "run", "baseline": ""}
BASIS: Final = (
    "Every configuration was trained with every seed; a seed gives all of them the same order of pictures, so "
    "differences are paired by seed and the spread between seeds cancels. Intervals are Student’s, 95 %; “differs” is "
    "said when the interval leaves out 0. What is “cannot tell” is no proof of equality."
)
MOST_CHARTS: Final = 8
CURVES: Final = "Test error % by epoch; mean ± sd over the seeds, single seeds thin"


def sweep_report(state: SweepState, written: str) -> str:
    """The report as the text of an HTML file; no path of this computer stands in it.

    Args:
        state: of the sweep, finished or not.
        written: date and time, as the report shows it.
    """
    table, title = sweep_table(state), f"{state.sweep.name}, sweep report, ResNet Explorer"
    parts = [*_head(state, table, written), *_charts(state), *_results(table), *_runs(state), *_repeat(state, written)]
    return html_file(title, f'<div class="sheet">{"".join(parts)}</div>')


def _head(state: SweepState, table: SweepTable, written: str) -> Iterator[str]:
    sweep = state.sweep
    counts = {word: sum(row.comparison == word for row in table.rows) for word in ("differs", "cannot tell")}
    badges = [badge(f"{count} {word}", BADGES[word]) for word, count in counts.items() if count]
    over = state.done + len(state.failed)
    if over < len(state.cells):
        badges.insert(0, badge(f"{over} of {len(state.cells)} runs", "run"))
    if state.failed:
        badges.append(badge(f"{len(state.failed)} failed", "err"))
    seeds = ", ".join(map(str, sweep.seeds))
    about = (
        f"{sweep.design.name} on {recipe_words(sweep)}; "
        f"{len(state.expansion.configurations)} configurations, seeds {seeds}; "
        f"written {written}"
    )
    yield (
        f'{head("Sweep report", sweep.name)}<p class="badges">{" ".join(badges)}</p>'
        f'<p class="t2 s11">{escape(about)}</p>'
    )
    varied = [(axis.name.replace("_", " "), ", ".join(axis.labels)) for axis in sweep.axes]
    yield "<h2>What is varied</h2>" + html_table(
        ("Field", "Values"), [(escape(name), escape(values)) for name, values in varied]
    )


def _charts(state: SweepState) -> Iterator[str]:
    """A chart for each group of configurations that differ in what is compared alone."""
    groups: dict[tuple[str, ...], list[Configuration]] = {}
    compared = _compared_axis(state)
    for each in state.expansion.configurations:
        key = tuple(label for number, label in enumerate(each.labels) if number != compared)
        groups.setdefault(key, []).append(each)
    charts = [(key, _chart(state, group, compared)) for key, group in groups.items()]
    yield f'<h2>Curves</h2><p class="t2 s11">{CURVES}</p><div class="cards">'
    for key, chart in charts[:MOST_CHARTS]:
        yield f'<div class="figure"><b>{escape(", ".join(key) or state.sweep.name)}</b>{chart_svg(chart)}</div>'
    yield "</div>"
    if len(charts) > MOST_CHARTS:
        yield f'<p class="t2">{len(charts) - MOST_CHARTS} more groups are in the table alone.</p>'


def _compared_axis(state: SweepState) -> int:
    """The number of the axis that lines differ by: the baseline's, or the last one."""
    names = [axis.name for axis in state.sweep.axes]
    return next((number for number, name in enumerate(names) if name in state.sweep.baseline), len(names) - 1)


def _chart(state: SweepState, group: Sequence[Configuration], compared: int) -> Chart:
    lines = []
    for each in group[: len(COLOURS)]:
        cells = [cell for cell in state.cells_of(each.number) if cell.epochs]
        longest = max((cell.epochs for cell in cells), key=len, default=())
        seeds = tuple(_errors(cell, len(longest)) for cell in cells)
        label = each.labels[compared] if each.labels else each.name
        lines.append(ChartLine(label, tuple(float(epoch.epoch) for epoch in longest), seeds))
    values = [value for line in lines for row in line.seeds for value in row if value]
    log = bool(values) and max(values) > 10 * min(values)
    return Chart(title="Test error %", axes="epoch, test error %", lines=tuple(lines), log=log)


def _errors(cell: RunCell, epochs: int) -> tuple[float | None, ...]:
    """The test errors of a run in percent; None for epochs that it has not come to."""
    found = [100 * epoch.test_error for epoch in cell.epochs]
    return (*found, *[None] * (epochs - len(found)))


def _results(table: SweepTable) -> Iterator[str]:
    heads = (
        *(escape(axis.replace("_", " ")) for axis in table.axes),
        "n",
        "each seed",
        "mean ± sd",
        "training",
        "difference",
        "",
    )
    yield '<h2>Results</h2><p class="t2 s11">Test error %, and differences in points</p>'
    yield html_table(heads, [_row(row, table) for row in table.rows])
    yield f'<p class="t3 s11">{BASIS}</p>'
    if table.compared > 1:
        chance = f"{table.by_chance:.1f}".removesuffix(".0")
        yield (
            f'<p class="t3 s11">Of {table.compared} comparisons about {chance} would say “differs” by chance where '
            "nothing does.</p>"
        )


def _row(row: SweepRow, table: SweepTable) -> tuple[str, ...]:
    measure, found, difference = table.measure, row.found, row.difference
    mean = "–" if found is None else f"<b>{shown(found.mean, measure)}</b>"
    if found is not None and found.sd is not None:
        mean += f" ± {shown(found.sd, measure)}"
    words = ""
    if difference is not None:
        words = f"<b>{shown(difference.mean, measure, sign=True)}</b>"
        if difference.sd is not None and row.comparison != "running":
            words += f" ({' … '.join(shown(end, measure, sign=True) for end in (difference.low, difference.high))})"
    return (
        *map(escape, row.configuration.labels),
        str(len(row.values)) + (f" ({row.left_out})" if row.left_out else ""),
        " ".join(shown(value, measure) for value in row.values.values()),
        mean,
        "–" if row.training is None else shown(row.training, "train_error"),
        words.replace("-", "−"),
        badge(verdict_words(row, measure) or "–", BADGES.get(row.comparison, "")),
    )


def _runs(state: SweepState) -> Iterator[str]:
    """What failed, and what could not be trained."""
    gone = [(f"{cell.configuration.name}, seed {cell.seed}", _reason(cell)) for cell in state.failed]
    gone += [(each.name, each.reason) for each in state.expansion.left_out]
    if gone:
        yield "<h2>Left out</h2>" + html_table(("Run", "Why"), [(escape(name), escape(why)) for name, why in gone])


def _reason(cell: RunCell) -> str:
    """Why a run failed, without the folders of this computer."""
    return " ".join(word.rpartition("/")[2] if word.count("/") > 1 else word for word in cell.message.split())


def _repeat(state: SweepState, written: str) -> Iterator[str]:
    text = encode_sweep(_portable(state.sweep)).decode()
    yield (
        "<h2>Repeat it</h2><p>Save these lines as <code>sweep.json</code>, then "
        f"<code>resnet-gui sweep sweep.json</code>; "
        f"ResNet Explorer {escape(__version__)}, {escape(written)}.</p><pre>{escape(text)}</pre>"
    )


def _portable(sweep: Sweep) -> Sweep:
    """The sweep without the folder that its pictures lie in on this computer: its last name is left."""
    data = sweep.recipe.data
    if data in KNOWN:
        return sweep
    name = PurePath(data.replace("\\", "/")).name
    return msgspec.structs.replace(sweep, recipe=msgspec.structs.replace(sweep.recipe, data=name))
