"""A sweep by the words of its options: what ``--set depth=20,56 --seeds 3`` means."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import is_json, read_text
from resnet_gui.cli.argument_types import shape
from resnet_gui.cli.train_options import FIELDS, train_job
from resnet_gui.design.presets import find_design
from resnet_gui.design.spec import Design
from resnet_gui.sweeps.settings import Settings, configured, converted, locate
from resnet_gui.sweeps.sweep import MOST_RUNS, Axis, AxisValue, Sweep, load_sweep
from resnet_gui.training.phases import parse_phases

DEFAULT_SEEDS: Final = (1, 2, 3)
OF_NEW: Final = ("data", "epochs", "batch_size", "lr", "precision", "recipe", "input", "set", "baseline", "name")
"""Options that say what a new sweep is, and so cannot be given with one that is there."""


def is_sweep_file(text: str) -> bool:
    """Whether a word of the command line names a sweep file, not a design."""
    path = Path(text)
    if not is_json(path):
        return False
    try:
        document = msgspec.json.decode(read_text(path, "sweep file"))
    except msgspec.MsgspecError:
        return False
    return isinstance(document, dict) and ("axes" in document or document.get("format") == "resnet-explorer-sweep")


def new_sweep(options: Mapping[str, Any]) -> Sweep:
    """The sweep that options ask for.

    Args:
        options: "source", the sweep file or design; OF_NEW; "seeds", "device", "threads". None for what is not given.

    Raises:
        InputError: one is missing or wrong; the sentence names it.
    """
    source = options["source"]
    if source is None:
        raise InputError("'sweep' needs a sweep FILE; or a DESIGN and --data; or --resume FOLDER.")
    if is_sweep_file(source):
        given = [f"--{name.replace('_', '-')}" for name in OF_NEW if options.get(name) is not None]
        if given:
            raise InputError(f"The sweep file {source} says what is trained; leave out {', '.join(given)}.")
        sweep = load_sweep(Path(source))
    else:
        sweep = _described(options)
    changes: dict[str, Any] = {name: options[name] for name in ("device", "threads") if options.get(name) is not None}
    if options["seeds"] is not None:
        changes["seeds"] = parsed_seeds(options["seeds"])
    return msgspec.structs.replace(sweep, **changes) if changes else sweep


def _described(options: Mapping[str, Any]) -> Sweep:
    if options.get("data") is None:
        raise InputError("A new sweep needs --data: what every run learns from, such as --data digits.")
    fixed, axes = split_settings(options["set"] or ())
    _refuse_twice(options, (*fixed, *(axis.name for axis in axes)))
    words: dict[str, Any] = dict.fromkeys(
        ("init", "key", "init_weights", "init_head", "freeze", "head_first", "set", "device", "seed")
    )
    words |= {name: options.get(name) for name in (*FIELDS, "recipe", "input") if name != "seed"}
    design = find_design(options["source"])
    job = train_job(words | {"design": options["source"], "folder": "."})
    spec, recipe = configured(job.spec, job.recipe, fixed) if fixed else (job.spec, job.recipe)
    return Sweep(
        name=options.get("name") or _name_of(design, axes),
        design=Design(name=design.name, spec=spec),
        recipe=recipe,
        axes=axes,
        seeds=DEFAULT_SEEDS,
        baseline=_baseline(options.get("baseline") or (), axes),
    )


def _refuse_twice(options: Mapping[str, Any], settings: Sequence[str]) -> None:
    """Refuse a field that has an option of its own and is set too: one of them would be ignored.

    Raises:
        InputError: there is one.
    """
    for name in settings:
        field = locate(name).name
        if field in {*FIELDS, "input"} and options.get(field) is not None:
            option = f"--{field.replace('_', '-')}"
            raise InputError(f"{option} and --set {name} both say what {field} is; leave one of them out.")


def _name_of(design: Design, axes: Sequence[Axis]) -> str:
    varied = " × ".join(axis.name.replace("_", " ") for axis in axes)
    return f"{varied}, {design.name}" if varied else design.name


def split_settings(pairs: Sequence[str]) -> tuple[Settings, tuple[Axis, ...]]:
    """What ``--set`` fixes, with one value each, and what it varies, with several.

    Values are separated by commas; those of a field that holds several values itself, such as blocks, by semicolons.

    Raises:
        InputError: a field or a value is wrong; the sentence names the pair.
    """
    fixed: Settings = {}
    axes: list[Axis] = []
    for pair in pairs:
        name, sign, text = pair.partition("=")
        name = name.strip().replace("-", "_")
        if not sign or not text.strip():
            raise InputError(f"--set {pair}: write field=value or field=value,value,...")
        try:
            several = locate(name).several
            parts = [part.strip() for part in text.split(";" if several or ";" in text else ",")]
            values = {part: _value(name, part) for part in parts if part}
        except InputError as error:
            raise InputError(f"--set {pair}: {error}") from error
        if name in fixed or any(axis.name == name for axis in axes):
            raise InputError(f"--set {pair}: {name} is set twice; write all its values together.")
        if len(values) < len([part for part in parts if part]):
            raise InputError(f"--set {pair}: a value stands twice.")
        if len(values) == 1:
            fixed[name] = next(iter(values.values()))
        else:
            axes.append(Axis(name, tuple(AxisValue(part, {name: value}) for part, value in values.items())))
    return fixed, tuple(axes)


def _value(name: str, text: str) -> Any:
    """A value as JSON has it, from how it is written.

    Raises:
        InputError: the field holds no such value.
    """
    field = locate(name)
    written: Any = None if text == "none" and type(None) in getattr(field.type, "__args__", ()) else text
    try:
        if field.name == "phases":
            return msgspec.json.decode(msgspec.json.encode(parse_phases(text)))
        if field.name == "input" and "," not in text:
            written = shape(text)
        elif field.several and written is not None:
            written = [part for part in text.split(",") if part.strip()]
    except Exception as error:
        raise InputError(f"{name} is {text}; that is not how its values are written.") from error
    return msgspec.json.decode(msgspec.json.encode(converted(name, written, text=True)))


def parsed_seeds(text: str, option: str = "--seeds") -> tuple[int, ...]:
    """Seeds as they are written: "3" is 1, 2 and 3; "4,7" are those; "11-15" is 11 to 15.

    Args:
        text: as written.
        option: that it was written for.

    Raises:
        InputError: they are written otherwise, or are more than a sweep may have runs.
    """
    written = text.strip()
    if written == "0":
        return ()
    found: list[range] = []
    for part in (f"1-{written}" if written.isdecimal() else written).split(","):
        match = re.fullmatch(r"([0-9]{1,19})(?:-([0-9]{1,19}))?", part.strip())
        seeds = range(int(match[1]), int(match[2] or match[1]) + 1) if match else range(0)
        if not seeds:
            raise InputError(
                f"{option} {text}: write a number of seeds, such as 3, or the seeds themselves: 4,7 or 11-15."
            )
        found.append(seeds)
    # A range may be longer than len() can say.
    count = sum(part.stop - part.start for part in found)
    if count > MOST_RUNS:
        raise InputError(f"{option} {text}: these are {count:,} seeds; {MOST_RUNS:,} are the most.")
    return tuple(seed for part in found for seed in part)


def _baseline(pairs: Sequence[str], axes: Sequence[Axis]) -> dict[str, str]:
    """What each configuration is compared with; the first value of the first field that is varied, if nobody says.

    Raises:
        InputError: a pair is not written as one.
    """
    if not pairs:
        return {axes[0].name: axes[0].values[0].label} if axes else {}
    if list(pairs) == ["none"]:
        return {}
    found: dict[str, str] = {}
    for pair in pairs:
        name, sign, label = pair.partition("=")
        if not sign:
            raise InputError(f"--baseline {pair}: write field=value, or none.")
        found[name.strip().replace("-", "_")] = label.strip()
    return found
