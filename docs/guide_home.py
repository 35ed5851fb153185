"""What somebody has before the guide's pictures are taken: pictures of their own, runs with names, weights of another.

``make_guide_pictures`` asks for it.
"""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Final

import numpy as np
from PIL import Image

from resnet_gui.base.files import assets
from resnet_gui.design.presets import PRESETS
from resnet_gui.runs.notes import change_notes, change_tags

OPTIONS: Final = ("--data", "digits", "--lr", "0.05", "--device", "cpu")
CLASSES: Final = ("zero", "one", "two", "three", "four")
EACH: Final = 24
"""Pictures of a class in the folder that stands for a user's own."""

RUNS: Final = (
    ("digits-resnet", 8, 1, "Digits ResNet, seed 1", "final"),
    ("digits-resnet", 8, 2, "Digits ResNet, seed 2", "final"),
    ("digits-resnet", 3, 1, "First try", "trial"),
    ("digits-resnet-plain", 8, 1, "Without shortcuts", "ablation"),
    ("digits-resnet-c", 4, 1, "Projections everywhere", "ablation"),
)
"""Preset or design, epochs, seed, name and tag of the runs that somebody has made before the pictures are taken."""


def write_class_folders(root: Path) -> Path:
    """Digits as somebody would bring pictures: a folder for each class."""
    with np.load(assets() / "digits" / "digits.npz") as file:
        images, labels = file["images"], file["labels"]
    for number, name in enumerate(CLASSES):
        (root / name).mkdir(parents=True)
        for place, index in enumerate(np.flatnonzero(labels == number)[:EACH]):
            pixels = np.squeeze(images[index]).astype(np.float64)
            grey = (255 * pixels / pixels.max()).astype(np.uint8)
            Image.fromarray(grey).resize((64, 64), Image.Resampling.NEAREST).save(root / name / f"{place}.png")
    return root


def command(*arguments: str | Path) -> None:
    """Run a command of the program."""
    subprocess.run([sys.executable, "-m", "resnet_gui", *map(str, arguments)], check=True, capture_output=True)


def train_runs(home: Path) -> list[Path]:
    """Train a handful of small networks, with names and tags; the program does not find them there yet."""
    import msgspec

    from resnet_gui.design.spec import Design, save_design

    digits = PRESETS["digits-resnet"].spec
    designs = {}
    for key, shortcut in (("digits-resnet-plain", "none"), ("digits-resnet-c", "C")):
        spec = msgspec.json.decode(json.dumps({**msgspec.to_builtins(digits), "shortcut": shortcut}), type=type(digits))
        designs[key] = home / f"{key}.json"
        save_design(Design(name=key, spec=spec), designs[key])
    folders = []
    for number, (design, epochs, seed, name, tag) in enumerate(RUNS):
        folder = home / "made" / f"2026010{number + 1}-120000-digits"
        options = (*OPTIONS, "--epochs", str(epochs), "--seed", str(seed))
        command("train", designs.get(design, design), *options, "--run", folder)
        change_notes(folder, name=name)
        change_tags(folder, add=(tag,))
        folders.append(folder)
    return folders


def save_strange_weights(path: Path) -> Path:
    """Weights as somebody hands them on: a state dict of torch, of a network that says nothing about itself."""
    code = "import sys, torch; from resnet_gui import build; torch.save(build(sys.argv[1]).state_dict(), sys.argv[2])"
    subprocess.run([sys.executable, "-c", code, "unnormalised_resnet18", str(path)], check=True)
    return path
