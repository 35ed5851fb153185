"""The curves of runs as TensorBoard event files, written by torch's own writer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from resnet_gui.base.errors import InputError
from resnet_gui.runs.folder import read_run_info
from resnet_gui.runs.history import replay

TAGS = {
    "train_loss": "loss/train",
    "test_loss": "loss/test",
    "train_error": "top-1 error/train",
    "test_error": "top-1 error/test",
    "lr": "learning rate",
    "pace": "images per second",
}


def write_tensorboard(runs: Sequence[str], target: Path) -> list[Path]:
    """Write one folder a run below ``target``; returns them.

    Raises:
        InputError: tensorboard is not installed, a run cannot be read, or the place cannot be written.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise InputError(
            "TensorBoard files need the package 'tensorboard': pip install 'resnet-gui[tensorboard]'."
        ) from error
    places = [target / Path(run).name for run in runs]
    for run, place in zip(runs, places, strict=True):
        read_run_info(Path(run))
        if place.exists():
            raise InputError(f"{place} exists already; choose another place.")
    if len(set(places)) < len(places):
        raise InputError(f"Two runs have folders of one name ({places[0].name}); save them one by one.")
    written = []
    for run, place in zip(runs, places, strict=True):
        state = replay(Path(run))
        try:
            with SummaryWriter(str(place)) as writer:
                for name, tag in TAGS.items():
                    curve = state.curves[name]
                    for x, y in zip(curve.x, curve.y, strict=True):
                        writer.add_scalar(tag, y, int(x))
            for number, file in enumerate(sorted(place.glob("events.out.tfevents.*"))):
                # The writer puts the computer's name into the file's, which nobody needs who reads the curves.
                file.rename(place / f"events.out.tfevents.{number}.resnet-explorer")
        except OSError as error:
            raise InputError(f"{place} cannot be written: {error.strerror or error}.") from error
        written.append(place)
    return written
