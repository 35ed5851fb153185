"""``resnet-gui lab``: the experiments of the Lab, listed, and run in this terminal."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.cli.command import FAILED, OK, Command, Parser, complain, print_json, print_line
from resnet_gui.cli.figure_options import NAMES, add_figure_options, check_undrawn, form_of
from resnet_gui.cli.outputs import CARD, DRAWINGS, REPORT, SVG, OutputFile, check_outputs, input_paths, table
from resnet_gui.cli.sweep_options import parsed_seeds
from resnet_gui.export.lab_figures import Figure, figures
from resnet_gui.export.lab_report import ReportSource, lab_report
from resnet_gui.export.lab_svg import figures_svg
from resnet_gui.export.lab_text import (
    claim_lines,
    claims_csv,
    experiment_document,
    experiment_lines,
    experiments_document,
    kept_lines,
    left_out_lines,
    question_lines,
    scale_line,
)
from resnet_gui.export.report.parts import today_text
from resnet_gui.lab.card import CardControl, ExperimentCard, encode_card, new_card, read_card
from resnet_gui.lab.experiment import SCALES, Experiment
from resnet_gui.lab.experiments import EXPERIMENTS, find_experiment
from resnet_gui.lab.folder import ExperimentRecord, begun, sweep_folder
from resnet_gui.lab.outcomes import claim_outcomes, question_outcomes
from resnet_gui.lab.reader import ResultsReader
from resnet_gui.lab.requests import check_record, wanted_record
from resnet_gui.lab.results import Results, ScaleKey
from resnet_gui.lab.seeds import check_seeds
from resnet_gui.protocol.lab_messages import MeasureExperiment
from resnet_gui.sweeps.folder import SWEEP_FILE

QUICK: Final = SCALES[0]
CLAIMS: Final = b"claim,measured,"
"""With this a table of claims begins, see ``export.lab_text``."""


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    known = parser.add_subparsers(dest="action", metavar="list|run|card", parser_class=Parser, required=True)
    common = Parser(add_help=False)
    common.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print one JSON document")
    common.add_argument(
        "--debug", action="store_true", default=argparse.SUPPRESS, help="show the traceback of an error"
    )
    known.add_parser("list", parents=[common], help="the experiments, with what they ask and how long they take")
    run = known.add_parser("run", parents=[common], help="run an experiment as far as its folder lacks results")
    _add_run(run)
    card = known.add_parser("card", parents=[common], help="write a teacher's card of an experiment as it is set up")
    card.add_argument("name", metavar="NAME", help="of the experiment")
    card.add_argument("--scale", choices=get_args(ScaleKey), default=QUICK, help=f"({QUICK})")
    card.add_argument("--seeds", metavar="N", help="how many seeds, or which: 4,7 or 11-15")
    card.add_argument("--set", action="append", metavar="FIELD=VALUE", help="a field of how it is measured")
    card.add_argument("--lock", action="append", choices=get_args(CardControl), help="a control that stays as it is")
    card.add_argument("--question", default="", metavar="TEXT", help="asked beside the experiment's own")
    card.add_argument("--text", default="", metavar="TEXT", help="to the class")
    card.add_argument("-o", "--output", type=Path, required=True, metavar="FILE", help="the card, NAME.card.json")


def _add_run(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("name", metavar="NAME", nargs="?", help="of the experiment; 'lab list' has them")
    parser.add_argument("--scale", choices=get_args(ScaleKey), help=f"({QUICK})")
    parser.add_argument(
        "--seeds", metavar="N", help="how many seeds, or which: 4,7 or 11-15; they add to what there is"
    )
    parser.add_argument(
        "--run", action="append", metavar="RUN", dest="runs",
        help="a finished run to measure, several times for several; without it networks are trained for that",
    )  # fmt: skip
    parser.add_argument("--data", metavar="NAME|FOLDER", help="what networks learn from, instead of the scale's own")
    parser.add_argument("--set", action="append", metavar="FIELD=VALUE", help="a field of how it is measured")
    parser.add_argument("--answer", action="append", metavar="QUESTION=ANSWER", help="a prediction, before it runs")
    parser.add_argument("--card", type=Path, metavar="FILE", help="a teacher's card, or a report in which it lies")
    parser.add_argument("--again", action="store_true", help="begin anew with what is asked for here, networks too")
    parser.add_argument("--device", default="auto", metavar="auto|cpu|cuda[:N]", help="where to compute (auto)")
    parser.add_argument("--report", type=Path, metavar="FILE", help="write the report, one HTML file")
    parser.add_argument("--csv", type=Path, metavar="FILE", help="write the claims with every seed as a table")
    parser.add_argument("--svg", type=Path, metavar="FILE", help="write the figures, side by side in one SVG file")
    parser.add_argument(
        "--figure", type=Path, metavar="FILE", help="write them as one figure for a paper, .svg, .pdf or .png"
    )
    add_figure_options(parser, "two columns, 174")


def _run(options: argparse.Namespace) -> int:
    match options.action:
        case "list":
            if options.json:
                print_json(experiments_document(tuple(EXPERIMENTS.values())))
            else:
                for line in experiment_lines(tuple(EXPERIMENTS.values())):
                    print_line(line)
            return OK
        case "card":
            check_outputs((OutputFile("-o", options.output, kind=CARD),), ())
            experiment = find_experiment(options.name)
            record, controls = _carded(experiment, options), tuple(options.lock or ())
            card = new_card(experiment, record, controls, question=options.question, text=options.text)
            write_out(options.output, encode_card(card))
            if options.json:
                print_json({"file": str(options.output), "experiment": experiment.key})
            return OK
        case _:
            return _run_experiment(options)


def _carded(experiment: Experiment, options: argparse.Namespace) -> ExperimentRecord:
    """The record of a card: the experiment as it is set up, but for what the options say.

    Raises:
        InputError: a seed or a field of the set-up is wrong.
    """
    record = begun(experiment, options.scale)
    if options.seeds is not None:
        record = msgspec.structs.replace(record, seeds=_seeds(options.seeds))
    if options.set:
        record = msgspec.structs.replace(record, options=dict(map(_setting, options.set)))
    check_record(experiment, record)
    return record


def _seeds(text: str) -> tuple[int, ...]:
    """The seeds that ``--seeds`` names.

    Raises:
        InputError: they are written otherwise, or there is none.
    """
    seeds = parsed_seeds(text)
    if not seeds:
        raise InputError(f"--seeds {text}: at least one seed is run.")
    check_seeds(seeds)
    return seeds


def _run_experiment(options: argparse.Namespace) -> int:
    experiment, job = asked(vars(options))
    outputs = (
        OutputFile("--report", options.report, kind=REPORT),
        OutputFile("--csv", options.csv, CLAIMS, kind=table(CLAIMS)),
        OutputFile("--svg", options.svg, kind=SVG),
        OutputFile(
            "--figure", options.figure, binary=True,
            kind=None if options.figure is None else DRAWINGS[form_of("--figure", options.figure)],
        ),
    )  # fmt: skip
    if options.figure is None:
        check_undrawn(options, "name its file with --figure")
    else:
        _draw_figure(options, experiment, None)
    inputs = (
        *input_paths(*(("the run", run) for run in job.runs), ("the card", options.card)),
        *input_paths(("the data", options.data), labelled=True),
    )
    check_outputs(outputs, inputs)
    _tell(experiment, job)
    from resnet_gui.engine.lab.in_terminal import experiment_here

    experiment_here(job, complain)
    reader = ResultsReader(experiment, job.scale)
    results = reader.read()
    outcomes = claim_outcomes(experiment, results)
    if options.json:
        print_json(experiment_document(experiment, reader, results))
    else:
        for line in question_lines(question_outcomes(experiment, results, reader.record.answers)):
            print_line(line)
        for line in claim_lines(outcomes):
            print_line(line)
    for line in left_out_lines(results):
        complain(line)
    _write_files(options, experiment, reader, results)
    if results.all_failed:
        complain("nothing of it could be measured")
        return FAILED
    if not results.complete:
        complain(f"not all of it is there yet; go on with: resnet-gui lab run {experiment.key} --scale {job.scale}")
        return FAILED
    return OK


def _write_files(options: argparse.Namespace, experiment: Experiment, reader: ResultsReader, results: Results) -> None:
    if options.csv is not None:
        write_out(options.csv, claims_csv(claim_outcomes(experiment, results)).encode())
    if options.report is not None:
        source = ReportSource(
            experiment=experiment, record=reader.record, results=results, sweep=reader.sweep, written=today_text()
        )
        write_out(options.report, lab_report(source).encode())
    # Last, for there may be no figure yet.
    if options.svg is not None:
        drawn = figures(experiment, results, reader.sweep)
        if not drawn:
            raise InputError(f"{experiment.title} has no figure yet, so {options.svg} was not written.")
        write_out(options.svg, figures_svg(drawn).encode())
    if options.figure is not None:
        _draw_figure(options, experiment, figures(experiment, results, reader.sweep))


def _draw_figure(options: argparse.Namespace, experiment: Experiment, drawn: Sequence[Figure] | None) -> None:
    """Draw all charts as one figure, as the window does; without charts only the options are looked at.

    Raises:
        InputError: an option is wrong, there is no chart yet, or the file cannot be written.
    """
    from resnet_gui.gui.kit.figures.figure import TWO_COLUMNS
    from resnet_gui.gui.kit.figures.words import FigureWords, options_of

    words = FigureWords(**{name: getattr(options, name) for name in NAMES})
    choices = options_of(words, form_of("--figure", options.figure), TWO_COLUMNS)
    if drawn is None:
        return
    if not drawn:
        raise InputError(f"{experiment.title} has no figure yet, so {options.figure} was not written.")
    from resnet_gui.gui.kit.figures.panels import PanelsFigure
    from resnet_gui.gui.kit.figures.without_window import write_figure
    from resnet_gui.gui.lab.figures.chart_figures import chart_figure

    panels = PanelsFigure([chart_figure(chart) for chart in drawn], experiment.title)
    write_figure(panels, choices, options.figure)


def asked(options: dict[str, Any]) -> tuple[Experiment, MeasureExperiment]:
    """The experiment and the job that the options of ``lab run`` ask for.

    Raises:
        InputError: one is missing or wrong.
    """
    card = read_card(options["card"]) if options["card"] is not None else None
    if card is None and not options["name"]:
        raise InputError("Name an experiment ('resnet-gui lab list' has them), or a card with --card FILE.")
    experiment = find_experiment(options["name"] or (card.experiment if card else ""))
    if card is not None and card.experiment != experiment.key:
        raise InputError(f"The card is of {card.experiment}, not of {experiment.key}; leave out the name, or the card.")
    if card is not None:
        _check_locks(card, experiment, options)
    if options["runs"] and options["data"]:
        raise InputError("--run names networks that are trained already, so --data would do nothing; leave out one.")
    scale = experiment.scale(options["scale"] or (card.scale if card else QUICK))
    own_seeds = bool(options["runs"] and experiment.roles) and not (scale and scale.draws)
    seeds = _seeds(options["seeds"]) if options["seeds"] is not None else card.seeds if card and not own_seeds else ()
    settings = dict(map(_setting, options["set"])) if options["set"] else card.options if card else None
    return experiment, MeasureExperiment(
        job=0,
        experiment=experiment.key,
        scale=options["scale"] or (card.scale if card else QUICK),
        seeds=seeds,
        options=settings,
        runs=tuple(options["runs"] or ()),
        data=options["data"] or "",
        device=options["device"],
        answers=_answers(options["answer"] or ()),
        again=options["again"],
    )


LOCKABLE: Final[tuple[tuple[CardControl, tuple[str, ...]], ...]] = (
    ("scale", ("scale",)), ("seeds", ("seeds",)), ("options", ("set", "data")), ("runs", ("runs",)),
)  # fmt: skip
"""What a card may lock -> options that would change it."""


def _check_locks(card: ExperimentCard, experiment: Experiment, options: dict[str, Any]) -> None:
    """Refuse what a card keeps as it has it.

    Raises:
        InputError: an option changes what is locked, or a prediction that has to be made is not.
    """
    given = [
        f"--{name.removesuffix('s') if name == 'runs' else name}"
        for control, names in LOCKABLE
        for name in names
        if card.locks(control) and options[name]
    ]
    if given:
        raise InputError(f"The card keeps this as it has it; leave out {', '.join(given)}.")
    record = begun(experiment, options["scale"] or card.scale)
    if card.locks("prediction") and not record.locked:
        answers = record.answers | _answers(options["answer"] or ())
        for question in experiment.questions:
            if record.scale in question.scales and not answers.get(question.key):
                known = ", ".join(f"'{option}'" for option in question.options)
                raise InputError(
                    f"The card asks for a prediction first: “{question.text}”; add --answer {question.key}=ANSWER, one "
                    f"of {known}."
                )


def _setting(pair: str) -> tuple[str, Any]:
    """A field of a set-up and its value: as JSON has it, or else a word."""
    name, sign, text = pair.partition("=")
    if not sign or not name.strip():
        raise InputError(f"--set {pair}: write field=value.")
    try:
        return name.strip().replace("-", "_"), msgspec.json.decode(text)
    except msgspec.DecodeError:
        return name.strip().replace("-", "_"), text


def _answers(pairs: Sequence[str]) -> dict[str, str]:
    """Answers to an experiment's questions.

    Raises:
        InputError: one is not written as one.
    """
    answers: dict[str, str] = {}
    for pair in pairs:
        key, sign, answer = pair.partition("=")
        if not sign:
            raise InputError(f"--answer {pair}: write question=answer.")
        answers[key.strip()] = answer.strip()
    return answers


def _tell(experiment: Experiment, job: MeasureExperiment) -> None:
    """Say what is about to be done.

    Raises:
        InputError: it cannot be.
    """
    before = begun(experiment, job.scale)
    record = wanted_record(experiment, before, job)
    scale = experiment.scale(record.scale)
    if scale is None:
        raise InputError(f"{experiment.title} has no scale '{record.scale}'.")
    complain(f"{experiment.title}: {experiment.question}")
    for line in (scale_line(scale, record), *kept_lines(job, record)):
        complain(line)
    if experiment.roles and not record.runs and scale.sweep is not None:
        networks = ", ".join(value.label for value in scale.sweep.axes[0].values)
        there = (sweep_folder(experiment, record) / SWEEP_FILE).is_file()
        todo = "are measured, and trained where they are not yet" if there else "are trained first"
        complain(f"no finished run is named (--run), so these {todo}: {networks}")


COMMAND = Command("lab", "why residual networks work: experiments with claims and verdicts", _add_arguments, _run)
