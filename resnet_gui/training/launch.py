"""A training as a line for torchrun and as a script for Slurm, to be run on other machines."""

from __future__ import annotations

import shlex

import msgspec

from resnet_gui.training.phases import Phase, phases_text
from resnet_gui.training.rates import USUAL_RATES
from resnet_gui.training.recipe import Recipe

_STANDARD = Recipe()


def train_words(design: str, recipe: Recipe, run: str, device: str = "auto") -> list[str]:
    """The words of the ``train`` command that trains a design by a recipe.

    Args:
        design: name of a preset, or path of a design file.
        recipe: what differs from the standard recipe is named.
        run: new folder for the run.
        device: as the command line names it.
    """
    # torchrun takes --run for the beginning of an option of its own.
    words = ["train", design, *_option("--data", recipe.data), "--run-folder", run]
    own = {"epochs": "--epochs", "batch_size": "--batch-size", "lr": "--lr", "seed": "--seed"}
    for field, option in (own | {"precision": "--precision"}).items():
        value = getattr(recipe, field)
        usual = USUAL_RATES[recipe.optimizer].usual if field == "lr" else getattr(_STANDARD, field)
        if value != usual:
            words += [option, _text(value)]
    if device != "auto":
        words += ["--device", device]
    for field in recipe.__struct_fields__:
        value = getattr(recipe, field)
        if field not in {*own, "precision", "data"} and value != getattr(_STANDARD, field):
            words += ["--set", f"{field}={_text(value)}"]
    return words


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
