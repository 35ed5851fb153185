"""The report of an experiment of the Lab: one static HTML file, A4, which fetches nothing and runs nothing."""

from __future__ import annotations

import hashlib
import platform
import re
import shlex
from collections.abc import Iterable, Iterator, Sequence
from html import escape
from pathlib import PureWindowsPath
from typing import Final

import msgspec

from resnet_gui.analysis.costs import totals
from resnet_gui.data.datasets import KNOWN
from resnet_gui.design.choices import BLOCKS
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.export.lab_charts import Chart, SurfaceChart, blocks_svg, chart_svg, strip_svg, surface_svg
from resnet_gui.export.lab_figures import figures
from resnet_gui.export.lab_text import scale_words
from resnet_gui.export.report.drawing import COLOURS
from resnet_gui.export.report.parts import WITHHELD, badge, head, html_file, html_table, sheets
from resnet_gui.lab.card import embedded_card, new_card
from resnet_gui.lab.experiment import Experiment, Scale
from resnet_gui.lab.folder import ExperimentRecord
from resnet_gui.lab.outcomes import ClaimOutcome, claim_outcomes, question_outcomes
from resnet_gui.lab.results import Results
from resnet_gui.lab.seeds import seeds_option
from resnet_gui.sweeps.state import SweepState
from resnet_gui.sweeps.statistics import estimate

VERDICTS: Final = {
    "reproduced": ("ok", "✓"),
    "holds here": ("ok", "✓"),
    "not reproduced": ("err", "✕"),
    "does not hold here": ("err", "✕"),
    "cannot tell": ("warn", "∼"),
    "running": ("run", "…"),
}
"""Verdict as it is shown -> class of its badge, and its mark."""


class ReportSource(msgspec.Struct, frozen=True, kw_only=True):
    """All that a report is made of.

    Attributes:
        experiment: of the registry.
        record: what was asked for and predicted.
        results: what was measured.
        sweep: the runs that were trained; None where none were.
        written: date and time, as the report shows it.
    """

    experiment: Experiment
    record: ExperimentRecord
    results: Results
    sweep: SweepState | None = None
    written: str = ""

    @property
    def scale(self) -> Scale:
        """The scale that it was run at."""
        found = self.experiment.scale(self.record.scale)
        return found if found is not None else self.experiment.scales[0]


def lab_report(source: ReportSource) -> str:
    """The report as the text of an HTML file; no path of this computer stands in it."""
    title = f"{source.experiment.title}, Lab report, ResNet Explorer"
    outcomes = claim_outcomes(source.experiment, source.results)
    pages = (
        [*_head(source, outcomes), *_prediction(source), *_designs(source), *_figures(source)],
        [*_claims(outcomes), *_every_seed(source), *_setup(source)],
        [*_versions(source, outcomes), *_rerun(source), *_limits(source)],
    )
    card = embedded_card(new_card(source.experiment, source.record))
    return html_file(title, sheets(pages, "Lab report", source.written), card)


def _said(sentence: str, record: ExperimentRecord) -> str:
    """A sentence of a failure, or that it is not printed: a path, and a name of somebody's data, stay private.

    Where a path ends in a sentence nobody can know, as names may hold anything, so no part of such a sentence is
    printed.
    """
    paths = [record.data if record.data not in KNOWN else "", *(run.folder for run in record.runs)]
    names = {name for path in paths for name in (path, PureWindowsPath(path).name) if name}
    private = re.search(r"[\\/~]", sentence) or any(name in sentence for name in names)
    return WITHHELD if private else escape(sentence)


def _badge(word: str, text: str = "") -> str:
    kind, mark = VERDICTS[word]
    return badge(f"{mark} {text or word}", kind)


def _head(source: ReportSource, outcomes: Sequence[ClaimOutcome]) -> Iterator[str]:
    counts = {word: sum(each.word == word for each in outcomes) for word in VERDICTS}
    badges = " ".join(_badge(word, f"{count} {word}") for word, count in counts.items() if count)
    done = len({seed for found in _seeds_there(source) for seed in found})
    count = len(source.record.seeds)
    if not source.results.complete:
        badges = f"{badge(f'… {done} of {count} seeds', 'run')} {badges}"
    yield (
        f"{head('Lab report', source.experiment.title)}"
        f'<p class="t2">{escape(source.experiment.question)}</p><p class="badges">{badges}</p>'
        f'<p class="t2 s11">{escape(source.scale.title)}: {escape(scale_words(source.scale, source.record))}; '
        f"{count} seed{'s' * (count != 1)}; written {escape(source.written)}</p>"
    )
    said = "".join(
        f"<li>{escape(each.claim.title)}: {escape(each.figure)}"
        f"{' ' + escape(each.claim.unit) if each.claim.unit else ''}, {each.word}"
        f"{' (' + escape(each.reason) + ')' if each.reason else ''}.</li>"
        for each in outcomes
    )
    yield f'<div class="note"><b>Answer.</b><ul>{said}</ul></div>'


def _seeds_there(source: ReportSource) -> Iterator[Iterable[int]]:
    results = source.results
    yield from (found for found in (*results.trained.values(), *results.measured.values()))


def _prediction(source: ReportSource) -> Iterator[str]:
    found = [
        each for each in question_outcomes(source.experiment, source.results, source.record.answers) if each.answer
    ]
    if not found:
        return
    yield "<h2>Prediction</h2>"
    words = {True: badge("✓ came true", "ok"), False: badge("✕ did not"), None: badge("… open", "run")}
    rows = [
        (escape(each.question.text), escape(each.answer),
         escape(each.outcome + (f" ({each.shown})" if each.shown else "")), words[each.right])
        for each in found
    ]  # fmt: skip
    yield html_table(("Asked before the first step", "Expected", "Came out", ""), rows)


def _networks(source: ReportSource) -> list[tuple[str, ResNetSpec]]:
    if source.scale.designs:
        return [(design.name, design.spec) for design in source.scale.designs]
    if source.sweep is not None:
        return [(one.labels[0], one.spec) for one in source.sweep.expansion.configurations]
    return []


def _designs(source: ReportSource) -> Iterator[str]:
    networks = _networks(source)
    if not networks:
        return
    yield "<h2>Designs</h2><div class=cards>"
    for number, (name, spec) in enumerate(networks):
        cost = totals(plan(spec)).cost
        blocks = " + ".join(map(str, spec.blocks))
        shortcut = f"shortcut {spec.shortcut}" if spec.adds else "no shortcut"
        words = f"{blocks} {BLOCKS[spec.block].title} blocks, {shortcut}"
        yield (
            f'<div class="dcard"><p><i style="background:{COLOURS[number % len(COLOURS)]}"></i><b>{escape(name)}</b> '
            f'<span class="t2 s11">{escape(words)}</span></p>{blocks_svg(spec)}'
            f'<p class="s11"><b>{cost.params:,}</b> parameters, <b>{cost.macs / 1e6:,.2f} M</b> MACs</p></div>'
        )
    yield "</div>"


def _figures(source: ReportSource) -> Iterator[str]:
    drawn = figures(source.experiment, source.results, source.sweep)
    if not drawn:
        return
    yield "<h2>Figures</h2><div class=cards>"
    for figure in drawn:
        match figure:
            case Chart():
                yield (
                    f'<div class="figure"><p><b>{escape(figure.title)}</b> <span class="t2 s11">{escape(figure.axes)}'
                    f"</span></p>{chart_svg(figure)}</div>"
                )
            case SurfaceChart():
                yield (
                    f'<div class="figure"><p><b>{escape(figure.title)}</b></p>{surface_svg(figure)}'
                    f'<p class="t2 s11">{escape(figure.caption)}</p></div>'
                )
    yield "</div>"
    count = len(source.record.seeds)
    yield (
        f'<p class="t2 s11">Thick: mean of {count} seed{"s" * (count > 1)}; band: ± one standard deviation; thin: each '
        "seed.</p>"
    )


def _claims(outcomes: Sequence[ClaimOutcome]) -> Iterator[str]:
    yield "<h2>Claims</h2>"
    rows = []
    for each in outcomes:
        claim = each.claim
        unit = f" {claim.unit}" if claim.unit else ""
        needs = f"needs {claim.needs}" + (f"; {each.reason}" if each.reason else "")
        rows.append(
            (
                f'<b>{escape(claim.title)}</b><br><span class="t2 s11">{escape(claim.measured)}</span>',
                f'<span class="s11">{escape(claim.paper)}<br><span class="t3">{escape(claim.source)}</span></span>',
                strip_svg(each),
                f'<b>{escape(each.figure + unit)}</b><br><span class="t2 s11">{escape(needs)}</span>',
                _badge(each.word),
            )
        )
    yield html_table(("Claim, how it is measured", "Paper says", "Every seed, mean ± sd", "", "Verdict"), rows)
    yield (
        '<p class="t2 s11">Differences are paired by seed: one seed gives every design the same order of pictures. '
        "Shaded: where the claim holds; ◇: the paper’s value. A verdict needs the whole 95 % interval (Student’s t) on "
        "one side; “cannot tell” is a result, too.</p>"
    )


def _every_seed(source: ReportSource) -> Iterator[str]:
    if not source.results.trained:
        return
    seeds = source.record.seeds
    yield "<h2>Every seed</h2>"
    for part, by_seed in (
        ("Training error %", source.results.train_percent),
        ("Test error %", source.results.test_percent),
    ):
        rows = []
        for name in source.results.trained:
            values = by_seed(name)
            cells = [f"{values[seed]:.1f}" if seed in values else "–" for seed in seeds]
            found = estimate(list(values.values())) if values else None
            middle = "–" if found is None else f"<b>{found.mean:.1f}</b>"
            middle += f" ± {found.sd:.1f}" if found is not None and found.sd is not None else ""
            rows.append((escape(name), *cells, middle))
        yield html_table((part, *(f"seed {seed}" for seed in seeds), "mean ± sd"), rows, numbers=1)


def _setup(source: ReportSource) -> Iterator[str]:
    yield "<h2>Set-up</h2>"
    record = source.record
    rows = [("Data", escape(scale_words(source.scale, record)))]
    recipe = source.sweep.sweep.recipe if source.sweep is not None else None
    if recipe is not None:
        decay = f"weight decay {recipe.weight_decay:g}"
        rows += [
            ("Recipe", f"{recipe.epochs} epochs, batch {recipe.batch_size}, {recipe.optimizer.upper()}, {decay}"),
            ("Learning rate", f"{recipe.lr:g}, warm-up over {recipe.warmup} steps, {recipe.schedule}"),
            ("Augmentation", escape(recipe.augment)),
        ]
    rows.append(("Seeds", ", ".join(map(str, record.seeds))))
    left_out = [
        f"{escape(name)}, seed {seed}: {_said(sentence, record)}"
        for group in (source.results.failed, source.results.absent)
        for name, seeds in group.items()
        for seed, sentence in seeds.items()
    ]
    rows.append(("Left out", "<br>".join(left_out) or "nothing"))
    yield html_table(("", ""), rows)


def fingerprint(outcomes: Sequence[ClaimOutcome]) -> str:
    """Sixteen hexadecimal digits that change with any value of any claim."""
    values = [(each.claim.key, sorted(each.values.items())) for each in outcomes]
    digest = hashlib.sha256(repr(values).encode()).hexdigest()
    return " ".join(digest[start : start + 4] for start in range(0, 16, 4))


def _versions(source: ReportSource, outcomes: Sequence[ClaimOutcome]) -> Iterator[str]:
    record = source.record
    yield "<h2>Versions and machine</h2>"
    rows = [
        ("ResNet Explorer", f"{escape(record.program)}, card “{escape(record.experiment)}” version {record.card}"),
        ("Python, torch", escape(", ".join(record.versions.values()) or "–")),
        ("System", f"{escape(platform.system())} {escape(platform.machine())}, {escape(record.device or '–')}"),
        ("Fingerprint of the results", f"<code>{fingerprint(outcomes)}</code>"),
    ]
    yield html_table(("", ""), rows)


def rerun_words(source: ReportSource) -> tuple[list[str], str]:
    """The options that repeat a result, and what has to be put into them; no path stands there.

    Returns:
        Words of the command line; and names in capital letters with what they stand for, a sentence or nothing.
    """
    record, scale = source.record, source.scale
    words: list[str] = []
    own: list[str] = []
    if record.data in KNOWN:
        words += ["--data", record.data]
    elif record.data:
        words += ["--data", "DATA"]
        own.append("your own DATA")
    runs = len(dict.fromkeys(run.folder for run in record.runs))
    names = ["RUN"] if runs == 1 else [f"RUN{number}" for number in range(1, runs + 1)]
    for name in names:
        words += ["--run", name]
    if names:
        own.append(f"your own {' '.join(names)}")
    if not (record.runs and source.experiment.roles and not scale.draws):
        words += ["--seeds", seeds_option(record.seeds)]
    for name, value in record.options.items():
        words += ["--set", f"{name}={msgspec.json.encode(value).decode()}"]
    return words, f"With {' and '.join(own)}." if own else ""


def _rerun(source: ReportSource) -> Iterator[str]:
    record = source.record
    words, own = rerun_words(source)
    start = ["resnet-gui", "lab", "run", record.experiment, "--scale", record.scale, "--again"]
    # The card has the seeds and the set-up.
    more = [word for at, word in enumerate(words) if {*words[max(0, at - 1) : at + 1]} & {"--data", "--run"}]
    card = ["resnet-gui", "lab", "run", "--card", "REPORT.html", "--again", *more]
    yield (
        "<h2>Rerun it</h2><p>In the program: drop this file on the window; the card inside it opens in the Lab. On the "
        f"command line, the second line with the name of this file: {own}</p>"
        f"<pre>{escape(shlex.join([*start, *words]))}\n{escape(shlex.join(card))}</pre>"
    )


def _limits(source: ReportSource) -> Iterator[str]:
    experiment = source.experiment
    for title, sentences in (
        ("How it is done", experiment.protocol), ("What this does not show", experiment.differences),
        ("Sources", (experiment.citation,)),
    ):  # fmt: skip
        yield f"<h2>{title}</h2>" + "".join(f"<p>{escape(sentence)}</p>" for sentence in sentences)
