"""A training as a line for torchrun and as a script for Slurm, to be run on other machines."""

from __future__ import annotations

import shlex

import msgspec

from resnet_gui.training.named_recipes import FINE_TUNE, find_recipe
from resnet_gui.training.phases import Phase, phases_text
from resnet_gui.training.rates import USUAL_RATES
from resnet_gui.training.recipe import Recipe
from resnet_gui.training.start import AUTO, BEST, StartRequest

_STANDARD = Recipe()


def train_words(
    design: str, recipe: Recipe, run: str, device: str = "auto", start: StartRequest | None = None
) -> list[str]:
    """The words of the ``train`` command that trains a design by a recipe.

    Args:
        design: name of a preset, or path of a design file.
        recipe: what differs from the recipe that the command takes by itself is named.
        run: new folder for the run.
        device: as the command line names it.
        start: what its weights begin from; None to draw them.
    """
    before = _STANDARD if start is None else find_recipe(FINE_TUNE).recipe
    # torchrun takes --run for the beginning of an option of its own.
    words = ["train", design, *_option("--data", recipe.data), "--run-folder", run]
    own = {"epochs": "--epochs", "batch_size": "--batch-size", "lr": "--lr", "seed": "--seed"}
    for field, option in (own | {"precision": "--precision"}).items():
        value = getattr(recipe, field)
        usual = getattr(before, field)
        if field == "lr" and recipe.optimizer != before.optimizer:
            usual = USUAL_RATES[recipe.optimizer].usual
        if value != usual:
            words += [option, _text(value)]
    if device != "auto":
        words += ["--device", device]
    for field in recipe.__struct_fields__:
        value = getattr(recipe, field)
        if field not in {*own, "precision", "data"} and value != getattr(before, field):
            words += ["--set", f"{field}={_text(value)}"]
    return words + _start_words(start)


def _start_words(start: StartRequest | None) -> list[str]:
    """What says on the command line what a training begins from."""
    if start is None:
        return []
    words = _option("--init", start.model)
    if start.key:
        words += _option("--key", start.key)
    if start.weights != BEST:
        words += ["--init-weights", start.weights]
    if start.head != AUTO:
        words += ["--init-head", start.head]
    return words + [word for assignment in start.assigned for word in ("--set", assignment)]


def _option(name: str, value: str) -> list[str]:
    """An option with its value; in one word where the value looks like an option itself."""
    return [f"{name}={value}"] if value.startswith("-") else [name, value]


def _text(value: object) -> str:
    if isinstance(value, tuple) and value and isinstance(value[0], Phase):
        return phases_text(value)
    if isinstance(value, tuple):
        return ",".join(repr(part) for part in value)
    return msgspec.json.encode(value).decode().strip('"')


def torchrun_line(words: list[str], processes: int) -> str:
    """One line for a shell: as many processes on this machine."""
    return shlex.join(["torchrun", "--standalone", "--nproc-per-node", str(processes), "-m", "resnet_gui", *words])


def slurm_script(words: list[str], *, nodes: int, processes: int, name: str, hours: int = 24) -> str:
    """A script for ``sbatch``; every node must see the run folder, the design and the data under the same paths.

    Args:
        words: of the ``train`` command.
        nodes: computers.
        processes: on each; as many GPUs are asked for.
        name: of the job.
        hours: after which Slurm ends it; five minutes before, the run saves and stops, and can be resumed.
    """
    label = "".join(letter if letter.isalnum() or letter in "-_." else "-" for letter in name) or "resnet"
    command = shlex.join(words)
    run = shlex.quote(words[words.index("--run-folder") + 1])
    return f"""#!/bin/bash
#SBATCH --job-name={label}
#SBATCH --nodes={nodes}
#SBATCH --ntasks-per-node=1
#SBATCH --gpus-per-node={processes}
#SBATCH --time={hours}:00:00
#SBATCH --signal=TERM@300
#SBATCH --output=%x-%j.txt

# Run it again to go on with the run after it was stopped or killed.
run={run}
head=$(scontrol show hostnames "$SLURM_JOB_NODELIST" | head -n 1)
if [ -f "$run/run.json" ]; then
  set -- train --resume "$run"
else
  set -- {command}
fi
exec srun torchrun --nnodes {nodes} --nproc-per-node {processes} \\
  --rdzv-backend c10d --rdzv-endpoint "$head:29500" --rdzv-id "$SLURM_JOB_ID" \\
  -m resnet_gui "$@"
"""
