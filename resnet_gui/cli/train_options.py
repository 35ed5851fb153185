"""From the options of a command to a training job: the words of the command line, read and checked."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, get_args

import msgspec

from resnet_gui.base.decoding import decoding_fault
from resnet_gui.base.errors import InputError, RecipeError, SpecError
from resnet_gui.base.files import read_text
from resnet_gui.cli.outputs import check_folder_to_make
from resnet_gui.design.choices import HEADS
from resnet_gui.design.presets import find_design
from resnet_gui.design.spec import Design, ResNetSpec, evolve
from resnet_gui.protocol.jobs import Extend, Resume, Train, Training
from resnet_gui.runs.folder import RUN_FILE, new_run_folder, read_run_info
from resnet_gui.training.named_recipes import FINE_TUNE, RECIPES, find_recipe
from resnet_gui.training.phases import (
    BACKBONE,
    NOTHING,
    WHOLE,
    WRITTEN,
    Phase,
    fitted_phases,
    frozen_rank,
    parse_phases,
    phases_text,
)
from resnet_gui.training.rates import USUAL_RATES, rate_warning, with_usual_rate
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import LAST, StartRequest

PHASE_OPTIONS: Final = ("freeze", "head_first")

FIELDS: Final = ("data", "epochs", "batch_size", "lr", "seed", "precision")
"""Fields of a recipe that have an option of their own."""


OF_START: Final = {"key": "key", "init_weights": "weights", "init_head": "head"}
"""Options that say more of the weights that a training begins from -> the fields that they are."""


def training_job(options: Mapping[str, Any]) -> Training:
    """What the options of ``train`` ask for.

    Raises:
        InputError: one is missing or wrong; the sentence names the option.
    """
    if options.get("resume") or options.get("extend"):
        return resume_job(options)
    if options["folder"]:
        check_folder_to_make("--run", Path(options["folder"]))
    return train_job(options)


def train_job(options: Mapping[str, Any]) -> Train:
    """A new run.

    Args:
        options: "design", "data", "init", "folder", "input", "recipe", "set", OF_START, FIELDS and
            PHASE_OPTIONS; None for what was not given.

    Raises:
        InputError: one is missing or wrong; the sentence names the option.
    """
    if (options["design"] is None and options["init"] is None) or options["data"] is None:
        raise InputError(
            "'train' needs a DESIGN or --init MODEL, and --data; or --resume FOLDER; or --extend FOLDER and --epochs."
        )
    for name in ("folder", "device", "recipe", "init"):
        if options[name] == "":
            raise InputError(f"{_option(name)} is empty; leave it out or say which.")
    pairs, assigned = _split(options["set"] or (), begins=bool(options["init"]))
    start = _start(options, assigned)
    design = find_design(options["design"]) if start is None or options["design"] is not None else _design_of(start)
    spec = _with_input(design.spec, options.get("input"))
    before = _before(options)
    changes = {name: options[name] for name in FIELDS if options[name] is not None}
    settings = _settings(pairs)
    changes |= settings
    if "epochs" in changes:
        changes.setdefault("phases", fitted_phases(before.phases, before.epochs, changes["epochs"]))
    asked = [_option(name) for name in PHASE_OPTIONS if options.get(name) is not None]
    if asked:
        if "phases" in settings:
            raise InputError(f"--set phases says what learns when; leave out {' and '.join(asked)}, or it.")
        changes["phases"] = _phases(
            changes.get("phases", before.phases), options.get("freeze"), options.get("head_first")
        )
    try:
        values = {name: getattr(before, name) for name in before.__struct_fields__}
        recipe = Recipe(**values | changes)
    except RecipeError as error:
        own = error.field in FIELDS and error.field not in settings
        option = f"--{error.field.replace('_', '-')}" if own else f"--set {error.field}"
        if asked and error.field == "phases":
            option = ", ".join(asked)
        raise InputError(f"{option}: {error}") from error
    if recipe.optimizer != before.optimizer and "lr" not in changes:
        recipe = with_usual_rate(recipe)  # the other one's rate says nothing about this one
    folder = Path(options["folder"]) if options["folder"] else new_run_folder(design.name)
    return Train(
        0, str(folder), design.name, spec, recipe, options["device"] or "auto",
        start=start,
    )  # fmt: skip


def _before(options: Mapping[str, Any]) -> Recipe:
    """The recipe that the options change."""
    if options["recipe"]:
        return _recipe_by_name(options["recipe"])
    return find_recipe(FINE_TUNE).recipe if options["init"] else Recipe()


def shortened_words(options: Mapping[str, Any], recipe: Recipe) -> Iterator[str]:
    """A sentence where the phases of a recipe were shortened for fewer epochs."""
    before, epochs = _before(options), recipe.epochs
    if recipe.phases != before.phases and recipe.phases == fitted_phases(before.phases, before.epochs, epochs):
        few = f"{epochs} epochs are" if epochs > 1 else "1 epoch is"
        yield f"{few} too few for the phases {phases_text(before.phases)}; they are {phases_text(recipe.phases)} now"


def phase_words(job: Train) -> Iterator[str]:
    """What is said of the phases of a new run: what learns when, and whether weights are frozen that nobody trained."""
    phases = job.recipe.phases
    if phases:
        yield f"phases: {phases_text(phases)} (epochs:frozen[:rates][:cached]; the last goes on to the end)"
    if job.start is None and any(phase.frozen != NOTHING for phase in phases):
        yield "frozen parts keep the random weights that they are drawn with; --init names trained ones"


def _phases(phases: tuple[Phase, ...], frozen: str | None, head_first: int | None) -> tuple[Phase, ...]:
    """The phases that ``--freeze`` and ``--head-first`` ask for; rates are those of the recipe's last phase.

    Without ``--head-first`` the phases before the last one stay, as far as they freeze no less than it does.
    """
    *first, last = phases or (WHOLE,)
    if frozen is not None:
        last = msgspec.structs.replace(last, frozen=frozen, cached=last.cached and frozen == last.frozen)
    if head_first:
        return Phase(epochs=head_first, frozen=BACKBONE), last
    with contextlib.suppress(ValueError):  # a word that says no part is refused with the recipe
        first = [phase for phase in first if frozen_rank(phase.frozen) >= frozen_rank(last.frozen)]
    if head_first == 0:
        first = []
    return (*first, last) if first or last != WHOLE else ()


def _split(pairs: Sequence[str], *, begins: bool) -> tuple[list[str], tuple[str, ...]]:
    """What ``--set`` says of the recipe, and of the design of weights that a training begins from."""
    recipe, design = ({field.name for field in msgspec.structs.fields(kind)} for kind in (Recipe, ResNetSpec))
    names = {pair: pair.partition("=")[0].strip().replace("-", "_") for pair in pairs}
    of_design = [pair for pair in pairs if begins and names[pair] in design - recipe]
    return [pair for pair in pairs if pair not in of_design], tuple(of_design)


def _start(options: Mapping[str, Any], assigned: tuple[str, ...]) -> StartRequest | None:
    """What a training begins from; None for drawn weights.

    Raises:
        InputError: something is said of weights that are not named.
    """
    said = {field: options[option] for option, field in OF_START.items() if options.get(option) is not None}
    if options["init"]:
        return StartRequest(model=options["init"], assigned=assigned, **said)
    if said:
        given = ", ".join(_option(option) for option in OF_START if options.get(option) is not None)
        raise InputError(f"{given} says something of the weights that --init names; name them, or leave it out.")
    return None


def _design_of(start: StartRequest) -> Design:
    """The design of the weights that a training begins from, with a head if they have none."""
    if start.weights == LAST:
        info = read_run_info(Path(start.model))
        return Design(name=info.name, spec=info.spec)
    from resnet_gui.engine.export.files import design_of

    design = design_of(start.model, start.key, start.assigned)
    if HEADS[design.spec.head].classifies:
        return design
    head = next(key for key, choice in HEADS.items() if choice.classifies)
    return Design(name=design.name, spec=evolve(design.spec, head=head))


def _with_input(spec: ResNetSpec, shape: tuple[int, int, int] | None) -> ResNetSpec:
    """A design that reads pictures of another shape.

    Raises:
        SpecError: it cannot; the sentence names the option.
    """
    if shape is None:
        return spec
    try:
        return evolve(spec, input=shape)
    except SpecError as error:
        raise SpecError(error.field, f"--input: {error}", error.stage) from error


def rate_words(recipe: Recipe) -> tuple[str, ...]:
    """What is said of the learning rate before a training: a warning, or the rate of an optimiser that is not SGD."""
    warning = rate_warning(recipe)
    if warning:
        return (warning,)
    if recipe.optimizer == Recipe().optimizer:
        return ()
    return (f"{USUAL_RATES[recipe.optimizer].title} learns with a learning rate of {recipe.lr:g} (--lr sets another).",)


def _option(name: str) -> str:
    """An option as it is typed."""
    return {"design": "DESIGN", "folder": "--run"}.get(name, f"--{name.replace('_', '-')}")


def resume_job(options: Mapping[str, Any]) -> Resume | Extend:
    """A run that goes on, or is given more epochs.

    Raises:
        InputError: something was given that the run itself decides, or is missing.
    """
    way = "extend" if options.get("extend") else "resume"
    own = {"data", "epochs"} if way == "extend" else {"data"}
    names = ("design", "init", *OF_START, "folder", "input", "recipe", "set", *FIELDS, *PHASE_OPTIONS)
    extra = [_option(name) for name in names if name not in own and options.get(name) is not None]
    if way == "extend" and options.get("resume"):
        extra.append("--resume")
    if extra:
        raise InputError(f"--{way} goes on with the run's own design and recipe; leave out {', '.join(extra)}.")
    if options["data"] == "":
        raise InputError("--data is empty; leave it out or say where the pictures of the run lie now.")
    run, device, data = str(Path(options[way])), options["device"], options["data"] or ""
    if way == "resume":
        return Resume(0, run, device, data)
    if options["epochs"] is None:
        raise InputError(f"--extend {run} needs --epochs N: how many epochs more.")
    return Extend(0, run, options["epochs"], device, data)


def _recipe_by_name(text: str) -> Recipe:
    """A recipe by its name, from a file, or that of a run."""
    if text in RECIPES:
        return find_recipe(text).recipe
    path = Path(text)
    if path.is_dir() or path.is_file() or path.suffix == ".json":
        return read_recipe(path / RUN_FILE if path.is_dir() else path)
    return find_recipe(text).recipe


def read_recipe(path: Path) -> Recipe:
    """A recipe from a file that holds one, or from a run's ``run.json``.

    Raises:
        InputError: the file is missing or holds none.
    """
    inner: Any = read_text(path, "recipe")
    try:
        document = msgspec.json.decode(inner)
        inner = document.get("recipe", document) if isinstance(document, dict) else document
        recipe = msgspec.convert(inner, Recipe)
        return recipe if "lr" in inner else with_usual_rate(recipe)
    except msgspec.MsgspecError as error:
        fault = decoding_fault(error, inner, Recipe)
        raise InputError(f"{path} holds no recipe that can be used: {fault}.") from error


def _kind(kind: Any) -> str:
    """What a field of this type takes, in words."""
    if "Phase" in str(kind):
        return WRITTEN
    if get_args(kind) and not str(kind).startswith("tuple"):
        return "one of " + ", ".join(map(str, get_args(kind)))
    return {bool: "true or false", int: "a whole number", float: "a number"}.get(kind, "numbers, such as 0.5,0.75")


def _settings(pairs: Sequence[str]) -> dict[str, Any]:
    """``field=value`` of ``--set`` as values of a recipe."""
    found: dict[str, Any] = {}
    types = {field.name: field.type for field in msgspec.structs.fields(Recipe)}
    for pair in pairs:
        name, sign, text = pair.partition("=")
        name = name.strip().replace("-", "_")
        if not sign or name not in types:
            names = ", ".join(sorted(types))
            raise InputError(f"--set {pair}: write field=value with one of the fields {names}.")
        try:
            if name == "phases":
                found[name] = parse_phases(text)
                continue
            value: Any = ([part for part in text.split(",") if part.strip()]) if name == "step_at" else text
            found[name] = msgspec.convert(value, types[name], strict=False)
        except (msgspec.ValidationError, ValueError) as error:
            raise InputError(f"--set {pair}: {name} must be {_kind(types[name])}.") from error
    return found
