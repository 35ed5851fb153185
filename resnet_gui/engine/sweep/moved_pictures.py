"""Whether the runs of a sweep that are still to begin learn from the same pictures as those before them."""

from __future__ import annotations

from resnet_gui.engine.train.run_pictures import check_would_read_same
from resnet_gui.runs.folder import RUN_FILE, read_run_info
from resnet_gui.sweeps.state import SweepState


def check_pictures(state: SweepState) -> None:
    """Refuse a sweep that names other pictures by now than its runs have.

    Pictures are read here only where their place has changed, once for each configuration that is to have more runs.

    Raises:
        InputError: they are others; the sentence says what differs.
    """
    to_begin = {cell.configuration.number for cell in state.cells if not (cell.folder / RUN_FILE).is_file()}
    for cell in state.cells:
        number = cell.configuration.number
        if number in to_begin and (cell.folder / RUN_FILE).is_file():
            to_begin.discard(number)
            check_would_read_same(read_run_info(cell.folder), cell.configuration.recipe)
