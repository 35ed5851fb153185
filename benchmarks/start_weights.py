"""Begin from weights: a linear probe and the last stage of ResNet-18 at 224×224, beside the usual scripts.

The part of train.py about starts, which runs it with nothing said; alone it takes options of its own.

Usage: python benchmarks/start_weights.py [--count N] [--epochs N] [--script-epochs N] [--steps N] [--rounds N]
       python benchmarks/start_weights.py --pictures FOLDER [--seeds N] [--each N] [--classes A,B,...] [--final N]

Without pictures, JPEGs of 500×375 are made; what is in them, and the weights, which are drawn, change no time.
Contenders run in processes of their own, by turns; medians are compared, from the first look at the folder to the end.
 probe, script: a frozen torchvision network in eval mode, a DataLoader with two workers, a forward pass of all
    pictures in every epoch; all epochs cost the same, so some of them stand for all.
 probe, ours: the recipe linear-probe with run folder, events, tests and checkpoints, nothing kept from before.
 last stage, script: requires_grad=False below the last stage, and the network in training mode as always.
 last stage, ours: the recipe fine-tune with the first parts frozen.
 last stage, cached: the same in a cached phase, as neither the script nor it augments; a step has its share of the time
    in which the maps of the frozen parts are computed, once in as many epochs as the probe has.

With pictures (folders train and test, each of class folders), accuracies: the network inside is begun from on some of
its classes, with few pictures of each, by four recipes; each seed draws pictures, order and head. The best weights by
validation pictures are tested once.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import resource
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

SIZE, BATCH, WORKERS = 224, 32, 2
CLASSES = 5
WARM = 2
"""Steps at the start that are not counted: kernels are chosen in them."""


def make_pictures(folder: Path, count: int) -> None:
    """Smooth JPEGs, four of five in the part train and one in val."""
    import numpy as np
    from PIL import Image

    generator = np.random.default_rng(0)
    for number in range(count):
        part = "val" if number % 5 == 4 else "train"
        place = folder / part / f"class{number // 5 % CLASSES}"
        place.mkdir(parents=True, exist_ok=True)
        small = generator.integers(0, 256, (12, 16, 3), dtype=np.uint8)
        Image.fromarray(small).resize((500, 375)).save(place / f"{number:05}.jpg", quality=90)


# ---- the usual scripts


def script_loader(folder: Path, part: str, *, shuffle: bool) -> Any:
    from torch.utils.data import DataLoader
    from torchvision import datasets, transforms

    steps = [transforms.Resize(256), transforms.CenterCrop(SIZE), transforms.ToTensor()]
    normal = transforms.Normalize((0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
    data = datasets.ImageFolder(str(folder / part), transforms.Compose([*steps, normal]))
    return DataLoader(data, BATCH, shuffle=shuffle, num_workers=WORKERS, drop_last=shuffle)


def script_network(trained: tuple[str, ...]) -> tuple[Any, Any]:
    import torch
    from torchvision.models import resnet18

    model = resnet18(weights=None)
    model.fc = torch.nn.Linear(model.fc.in_features, CLASSES)
    for name, value in model.named_parameters():
        value.requires_grad = name.startswith(trained)
    learning = [value for value in model.parameters() if value.requires_grad]
    return model, torch.optim.SGD(learning, lr=0.01, momentum=0.9, weight_decay=1e-4)


def probe_script(options: argparse.Namespace) -> dict[str, float]:
    import torch
    from torch.nn import functional

    model, optimiser = script_network(("fc.",))
    model.eval()
    begun = time.perf_counter()
    train, test = (script_loader(options.made, part, shuffle=part == "train") for part in ("train", "val"))
    for _ in range(options.script_epochs):
        for images, labels in train:
            loss = functional.cross_entropy(model(images), labels)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
        with torch.no_grad():
            sum(int((model(images).argmax(1) == labels).sum()) for images, labels in test)
    return {"seconds": (time.perf_counter() - begun) * options.epochs / options.script_epochs}


def stage_script(options: argparse.Namespace) -> dict[str, float]:
    from torch.nn import functional

    model, optimiser = script_network(("layer4.", "fc."))
    model.train()
    done, begun = 0, 0.0
    while done < options.steps + WARM:
        for images, labels in script_loader(options.made, "train", shuffle=True):
            if done == WARM:
                begun = time.perf_counter()
            if done == options.steps + WARM:
                break
            loss = functional.cross_entropy(model(images), labels)
            optimiser.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call]
            optimiser.step()
            done += 1
    return {"seconds": (time.perf_counter() - begun) / options.steps}


# ---- ours


def ours(recipe: Any, options: argparse.Namespace) -> list[Any]:
    """The events of a run of ResNet-18 on the made pictures."""
    from resnet_gui.design.presets import PRESETS
    from resnet_gui.engine.train.control import Control
    from resnet_gui.engine.train.run import train
    from resnet_gui.protocol.jobs import Train
    from resnet_gui.runs.events import RunEvent

    events: list[RunEvent] = []
    with tempfile.TemporaryDirectory() as folder:
        job = Train(1, f"{folder}/run", "bench", PRESETS["resnet18"].spec, recipe, "cpu")
        ended = train(job, events.append, Control())
    if ended.status != "finished":
        raise SystemExit(f"the run failed: {ended}")
    return events


def probe_ours(options: argparse.Namespace) -> dict[str, float]:
    import msgspec

    from resnet_gui.training.named_recipes import RECIPES

    recipe = RECIPES["linear-probe"].recipe
    recipe = msgspec.structs.replace(recipe, data=str(options.made), batch_size=BATCH, epochs=options.epochs)
    begun = time.perf_counter()
    ours(recipe, options)
    return {"seconds": time.perf_counter() - begun}


def stage_ours(options: argparse.Namespace, *, cached: bool = False) -> dict[str, float]:
    import msgspec

    from resnet_gui.runs.events import RunStarted, StepDone
    from resnet_gui.training.named_recipes import RECIPES
    from resnet_gui.training.phases import Phase

    recipe = msgspec.structs.replace(
        RECIPES["fine-tune"].recipe, data=str(options.made), batch_size=BATCH, epochs=10_000, augment="none",
        steps=options.steps + WARM, phases=(Phase(frozen="stage3", cached=cached),),
    )  # fmt: skip
    events = ours(recipe, options)
    steps = [event for event in events if isinstance(event, StepDone)]
    # Tests between epochs are left out: the script has none.
    taken = [after.seconds - before.seconds for before, after in zip(steps[WARM:], steps[WARM + 1 :], strict=False)]
    step = statistics.median(taken)
    (started,) = (event for event in events if isinstance(event, RunStarted))
    once = steps[0].seconds - step if cached else 0.0
    return {"seconds": step + once / (options.epochs * started.steps_per_epoch)}


def stage_cached(options: argparse.Namespace) -> dict[str, float]:
    return stage_ours(options, cached=True)


CONTENDERS = {
    "probe, script": probe_script, "probe, ours": probe_ours,
    "last stage, script": stage_script, "last stage, ours": stage_ours, "last stage, cached": stage_cached,
}  # fmt: skip


def child(name: str, options: argparse.Namespace) -> dict[str, float]:
    """Run a contender in a process of its own, with an empty folder for the program's files."""
    words = [f"--{word.replace('_', '-')}={getattr(options, word)}" for word in ("epochs", "script_epochs", "steps")]
    command = [sys.executable, __file__, "--child", name, "--made", str(options.made), *words]
    with tempfile.TemporaryDirectory() as home:
        done = subprocess.run(
            command, env={**os.environ, "RESNET_GUI_HOME": home}, stdout=subprocess.PIPE, text=True, check=True
        )
    found: dict[str, float] = json.loads(done.stdout.splitlines()[-1])
    return found


def peak_mb() -> float:
    """Most memory that this process has had, and the largest of its own processes beside it."""
    return sum(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)) / 1024


def compare(options: argparse.Namespace) -> None:
    found: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
    for _ in range(options.rounds):
        for name in CONTENDERS:
            found[name].append(child(name, options))
    print(
        f"ResNet-18 at {SIZE}×{SIZE}, {options.count:,} JPEGs of 500×375, batches of {BATCH}, fp32; probe: "
        f"{options.epochs} epochs, of the script's {options.script_epochs} timed; medians of {options.rounds} rounds"
    )
    for what, unit, wanted in (("probe", "s in all", 15.0), ("last stage", "s a step", 1.6)):
        times = {
            who: statistics.median(each["seconds"] for each in found[f"{what}, {who}"])
            for who in ("script", "ours", "cached")
            if f"{what}, {who}" in found
        }
        for who, taken in times.items():
            memory = max(each["rss"] for each in found[f"{what}, {who}"])
            ratio = f"{times['script'] / taken:6.2f}×, wanted {wanted:g}×" if who != "script" else ""
            print(f"  {what + ', ' + who:20} {taken:10.3f} {unit:9} {memory:8,.0f} MB at most  {ratio}".rstrip())


# ---- accuracies


def recipes() -> dict[str, tuple[Any, bool]]:
    """Title -> a recipe, and whether it begins from weights."""
    import msgspec

    from resnet_gui.training.named_recipes import RECIPES

    fine, standard = RECIPES["fine-tune"].recipe, RECIPES["standard"].recipe
    scratch = msgspec.structs.replace(standard, epochs=3 * standard.epochs, batch_size=32, augment="shift-flip")
    return {
        "from scratch": (scratch, False),
        "linear probe": (RECIPES["linear-probe"].recipe, True),
        "head first, then all": (fine, True),
        "whole network": (msgspec.structs.replace(fine, phases=()), True),
    }


def draw_pictures(options: argparse.Namespace, seed: int, place: Path) -> None:
    """Copy drawn pictures of each class: some to learn from, a third as many for validation, others for the test."""
    generator = random.Random(seed)  # noqa: S311 (no secret)
    for name in options.classes.split(","):
        known = sorted((options.pictures / "train" / name).iterdir())
        drawn = generator.sample(known, options.each + options.each // 3)
        final = sorted((options.pictures / "test" / name).iterdir())[: options.final]
        for part, files in (("train", drawn[: options.each]), ("val", drawn[options.each :]), ("test", final)):
            folder = place / part / name
            folder.mkdir(parents=True)
            for path in files:
                shutil.copy(path, folder / path.name)


def accuracies(options: argparse.Namespace, seed: int) -> Iterator[tuple[str, float]]:
    import msgspec

    from resnet_gui.data.weights_catalogue import SHIPPED
    from resnet_gui.design.presets import PRESETS
    from resnet_gui.engine.train.control import Control
    from resnet_gui.engine.train.run import train
    from resnet_gui.protocol.jobs import Train
    from resnet_gui.training.start import StartRequest

    with tempfile.TemporaryDirectory() as folder:
        draw_pictures(options, seed, Path(folder) / "pictures")
        for number, (title, (recipe, begins)) in enumerate(recipes().items()):
            mine = msgspec.structs.replace(recipe, data=f"{folder}/pictures", seed=seed)
            start = StartRequest(model=SHIPPED, head="new") if begins else None
            job = Train(1, f"{folder}/{number}", title, PRESETS["resnet20"].spec, mine, "cpu", start)
            ended = train(job, lambda _event: None, Control())
            if ended.result is None or ended.result.final_top1 is None:
                raise SystemExit(f"{title} failed: {ended}")
            yield title, ended.result.final_top1


def compare_accuracies(options: argparse.Namespace) -> None:
    found: dict[str, list[float]] = {}
    with tempfile.TemporaryDirectory() as home:
        os.environ["RESNET_GUI_HOME"] = home
        for seed in range(1, options.seeds + 1):
            for title, accuracy in accuracies(options, seed):
                found.setdefault(title, []).append(accuracy)
                print(f"  seed {seed}  {title:22} {accuracy:7.2%}", flush=True)
    count = len(options.classes.split(","))
    print(
        f"cifar10-resnet20 on {count} of its classes, {options.each} pictures of each to learn from, "
        f"{options.final * count:,} test pictures; mean ± sd over {options.seeds} seeds"
    )
    scratch = found["from scratch"]
    for title, values in found.items():
        deviation = statistics.stdev(values) if len(values) > 1 else 0.0
        margin = f"  {min(values) - max(scratch):+.1%} of the worst over the best from scratch" * (
            values is not scratch
        )
        print(f"  {title:22} {statistics.mean(values):7.2%} ± {deviation:.2%}{margin}")


def main(arguments: Sequence[str]) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--count", type=int, default=1000, help="pictures that are made")
    parser.add_argument("--epochs", type=int, default=20, help="of the probe")
    parser.add_argument("--script-epochs", type=int, default=2, help="of those, timed of the script")
    parser.add_argument("--steps", type=int, default=20, help="of the last stage")
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--pictures", type=Path, help="folder of train and test with class folders, for accuracies")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--each", type=int, default=100, help="pictures of a class to learn from")
    parser.add_argument("--final", type=int, default=500, help="test pictures of a class")
    parser.add_argument("--classes", default="airplane,cat,frog,horse,truck")
    parser.add_argument("--child", help=argparse.SUPPRESS)
    parser.add_argument("--made", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.child:
        found = CONTENDERS[options.child](options)
        print(json.dumps(found | {"rss": peak_mb()}))
    elif options.pictures is not None:
        compare_accuracies(options)
    else:
        with tempfile.TemporaryDirectory() as folder:
            options.made = Path(folder)
            make_pictures(options.made, options.count)
            compare(options)


if __name__ == "__main__":
    main(sys.argv[1:])
