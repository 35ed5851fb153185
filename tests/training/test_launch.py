"""A training as words for other machines: read back they are the same training; the scripts run in a shell."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Any, get_args

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from resnet_gui.cli.main import build_parser
from resnet_gui.cli.train_options import train_job
from resnet_gui.design.presets import find_preset
from resnet_gui.protocol.jobs import Train
from resnet_gui.training.launch import slurm_script, torchrun_line, train_words
from resnet_gui.training.named_recipes import RECIPES
from resnet_gui.training.phases import Phase
from resnet_gui.training.recipe import (
    Augmentation,
    Balance,
    FrozenNorms,
    Layout,
    Optimizer,
    Precision,
    Recipe,
    Schedule,
)
from resnet_gui.training.start import StartHead, StartRequest, WhichWeights

DESIGN = "digits-resnet"
NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1).filter(str.strip)


PHASES = [
    (), (Phase(frozen="stage2", rates=(1.0, 0.1)),), (Phase(frozen="backbone", cached=True),),
    (Phase(epochs=3, frozen="backbone"), Phase(epochs=7, frozen="stem", rates=(1 / 3, 1e-5)), Phase(rates=(2.0,))),
]  # fmt: skip


@st.composite
def recipes(draw: st.DrawFn) -> Recipe:
    """Any legal recipe."""
    schedule = draw(st.sampled_from(get_args(Schedule)))
    momentum = draw(st.floats(0, 0.9999))
    batch = draw(st.integers(2, 65_536))
    part = st.floats(0, 0.9)
    phases = draw(st.sampled_from(PHASES))
    return Recipe(
        data=draw(NAMES),
        epochs=draw(st.integers(11, 100_000)),
        steps=draw(st.integers(0, 10**9)),
        batch_size=batch,
        accumulate=draw(st.integers(1, batch // 2)),
        lr=draw(st.floats(0, 100, exclude_min=True)),
        optimizer=draw(st.sampled_from(get_args(Optimizer))),
        momentum=momentum,
        nesterov=draw(st.booleans()) and momentum > 0,
        weight_decay=draw(st.floats(0, 1)),
        decay_norm=draw(st.booleans()),
        schedule=schedule,
        step_at=tuple(
            sorted(draw(st.sets(st.floats(0, 1, exclude_min=True, exclude_max=True), min_size=1, max_size=4)))
        ),
        warmup=0 if schedule == "one-cycle" else draw(st.integers(0, 10**7)),
        warmup_shape=draw(st.sampled_from(["linear", "constant"])),
        label_smoothing=draw(part),
        ema=draw(st.floats(0, 0.99999)),
        clip=draw(st.floats(0, 1e6)),
        augment=draw(st.sampled_from(get_args(Augmentation))),
        colour=draw(part),
        cutout=draw(part),
        mixup=draw(st.floats(0, 10)),
        cutmix=draw(st.floats(0, 10)),
        seed=draw(st.integers(0, 2**31 - 1)),
        precision=draw(st.sampled_from(get_args(Precision))),
        layout=draw(st.sampled_from(get_args(Layout))),
        compile=draw(st.booleans()),
        recompute=draw(st.booleans()),
        sync_bn=draw(st.booleans()),
        phases=phases,
        frozen_norms="keep" if any(phase.cached for phase in phases) else draw(st.sampled_from(get_args(FrozenNorms))),
        balance=draw(st.sampled_from(get_args(Balance))),
        patience=draw(st.integers(0, 100_000)),
    )


def job_of(words: list[str]) -> Train:
    """What the command line makes of words."""
    return train_job(vars(build_parser().parse_args(words)))


def job(recipe: Recipe, run: str = "/runs/a run", device: str = "auto") -> Train:
    design = find_preset(DESIGN).design
    return Train(0, run, design.name, design.spec, recipe, device)


@given(recipes(), NAMES.filter(lambda name: Path(name).name != ""), st.sampled_from(["auto", "cpu", "cuda:3"]))
def test_any_recipe_comes_back_from_its_words(recipe: Recipe, name: str, device: str) -> None:
    run = str(Path("/runs") / name.replace("/", "-"))
    if recipe.data.startswith("-"):  # a name of its own test below
        recipe = Recipe()
    assert job_of(train_words(DESIGN, recipe, run, device)) == job(recipe, run, device)


@pytest.mark.parametrize("name", RECIPES)
def test_the_named_recipes_come_back_from_their_words(name: str) -> None:
    recipe = RECIPES[name].recipe
    assert job_of(train_words(DESIGN, recipe, "/runs/x")) == job(recipe, "/runs/x")


@pytest.mark.parametrize("recipe", [Recipe(step_at=()), Recipe(data="-pictures"), Recipe(data="--lr")])
def test_recipes_with_odd_values_come_back_from_their_words(recipe: Recipe) -> None:
    assert job_of(train_words(DESIGN, recipe, "/runs/x")) == job(recipe, "/runs/x")


@given(
    recipes(),
    st.builds(
        StartRequest,
        model=NAMES,
        key=st.one_of(st.just(""), NAMES),
        weights=st.sampled_from(get_args(WhichWeights)),
        head=st.sampled_from(get_args(StartHead)),
        assigned=st.sampled_from([(), ("stem_pool=max_ceil", "order=full_preact")]),
    ),
)
def test_what_a_training_begins_from_comes_back_from_its_words(recipe: Recipe, start: StartRequest) -> None:
    recipe = msgspec.structs.replace(recipe, data="digits")
    expected = msgspec.structs.replace(job(recipe, "/runs/x"), start=start)
    assert job_of(train_words(DESIGN, recipe, "/runs/x", start=start)) == expected
    named = RECIPES["fine-tune"].recipe
    assert "--set" not in train_words(DESIGN, named, "/runs/x", start=StartRequest(model="x.pt"))


def test_the_standard_recipe_needs_no_words_but_its_data() -> None:
    assert train_words(DESIGN, Recipe(), "run") == ["train", DESIGN, "--data", "digits", "--run-folder", "run"]


@given(recipes(), st.integers(1, 64))
def test_a_line_for_torchrun_is_one_line_of_a_shell_that_torchrun_reads_as_it_was_meant(
    recipe: Recipe, processes: int
) -> None:
    words = train_words(DESIGN, recipe, "/runs/my run's", "cuda")
    line = shlex.split(torchrun_line(words, processes))
    assert line[0] == "torchrun"
    assert line[line.index("--nproc-per-node") + 1] == str(processes)
    assert line[line.index("-m") : line.index("-m") + 2] == ["-m", "resnet_gui"]
    assert line[line.index("resnet_gui") + 1 :] == words


def test_torchrun_itself_hands_all_words_on() -> None:
    from torch.distributed.run import get_args_parser

    # Every option that a recipe can need: torchrun looks for the beginnings of its own among all words.
    recipe = Recipe(data="/data", epochs=3, batch_size=8, lr=0.1234, seed=9, precision="fp32", ema=0.9, clip=1.0)
    words = train_words(DESIGN, recipe, "/runs/x", "cpu")
    parser: Any = get_args_parser()
    read = parser.parse_args(shlex.split(torchrun_line(words, 2))[1:])
    assert (read.training_script, read.training_script_args) == ("resnet_gui", words)
    assert (read.module, read.nproc_per_node, read.standalone) == (True, "2", True)


# ---- Slurm

BASH = shutil.which("bash")
STUBS = {
    "srun": '#!/bin/sh\nfor word; do printf "%s\\n" "$word"; done\n',
    "scontrol": "#!/bin/sh\necho first-node\necho second-node\n",
}


def run_script(folder: Path, script: str) -> list[str]:
    """The words that a script gives to srun."""
    assert BASH is not None
    for name, text in STUBS.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o755)
    environment = {"PATH": f"{folder}:{os.environ['PATH']}", "SLURM_JOB_NODELIST": "n[1-2]", "SLURM_JOB_ID": "77"}
    child = subprocess.run(
        [BASH, "-s"], input=script, env=environment, capture_output=True, text=True, check=True, cwd=folder
    )
    assert child.stderr == ""
    return child.stdout.splitlines()


@pytest.mark.skipif(BASH is None, reason="there is no bash")
@pytest.mark.parametrize("name", ["x", "Größe 1 (µ)", "a\nb; rm -rf /", "", "'\"$(touch evil)`"])
def test_a_script_for_slurm_is_one_that_bash_accepts_whatever_it_is_called(tmp_path: Path, name: str) -> None:
    assert BASH is not None
    words = train_words(DESIGN, Recipe(data=f"/data/{name}"), f"{tmp_path}/{name or 'run'}")
    script = slurm_script(words, nodes=2, processes=4, name=name)
    subprocess.run([BASH, "-n"], input=script, text=True, check=True, capture_output=True)
    head = [line for line in script.splitlines() if line.startswith("#SBATCH")]
    assert len(head) == 7
    assert all(" " not in line.removeprefix("#SBATCH ") for line in head)
    assert not (tmp_path / "evil").exists()


@pytest.mark.skipif(BASH is None, reason="there is no bash")
def test_a_script_for_slurm_begins_a_run_and_goes_on_with_one_that_has_begun(tmp_path: Path) -> None:
    run = tmp_path / "my run's $HOME"
    words = train_words(DESIGN, Recipe(data="/data/a b", lr=0.01), str(run))
    script = slurm_script(words, nodes=2, processes=4, name="x", hours=3)
    assert "#SBATCH --time=3:00:00\n" in script
    assert "#SBATCH --nodes=2\n" in script
    asked = run_script(tmp_path, script)
    assert asked[asked.index("resnet_gui") + 1 :] == words
    assert asked[asked.index("--rdzv-endpoint") + 1] == "first-node:29500"
    assert asked[asked.index("--rdzv-id") + 1] == "77"
    run.mkdir()
    (run / "run.json").write_text("{}", encoding="utf-8")
    (run / "last.pt").write_bytes(b"x")
    asked = run_script(tmp_path, script)
    assert asked[asked.index("resnet_gui") + 1 :] == ["train", "--resume", str(run)]


@pytest.mark.skipif(BASH is None, reason="there is no bash")
def test_a_script_for_slurm_goes_on_with_a_run_that_was_killed_before_its_first_checkpoint(tmp_path: Path) -> None:
    # ``train`` refuses a folder that holds a run, and ``train --resume`` begins such a run anew.
    run = tmp_path / "run"
    run.mkdir()
    (run / "run.json").write_text("{}", encoding="utf-8")
    asked = run_script(tmp_path, slurm_script(train_words(DESIGN, Recipe(), str(run)), nodes=1, processes=1, name="x"))
    assert asked[asked.index("resnet_gui") + 1 :] == ["train", "--resume", str(run)]
