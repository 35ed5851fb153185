from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from resnet_gui.base.errors import StoppedError
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.protocol.jobs import Resume, Train
from resnet_gui.runs.events import EpochDone, RunEvent, StepDone
from resnet_gui.runs.history import RunReader, replay
from resnet_gui.training.recipe import Recipe
from tests.engine.train.tiny_run import SPEC, STEPS, Run
from tests.forks import Forks
from tests.runs.test_runs import epoch, epochs, make_run, started


def test_a_loss_that_is_no_number_leaves_no_line_that_cannot_be_read(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.start(lr=100, momentum=0.9999, weight_decay=1, epochs=100)
    reader = RunReader(run.folder)
    assert len(reader.read()) == len(run.events)
    assert reader.bad_lines == 0


def test_after_a_resume_the_last_epoch_is_the_last_one_before_the_checkpoint(tmp_path: Path) -> None:
    # The run was killed in epoch 3; its checkpoint is that of the end of epoch 1.
    state = replay(make_run(tmp_path / "run", started(), *epochs(0.5, 0.4), started(STEPS)))
    assert state.last_epoch == epoch(1, 0.5)


def test_a_run_resumed_behind_its_last_epoch_and_stopped_at_once_still_has_a_result(
    new_run: Callable[[], Run],
    tmp_path: Path,
) -> None:
    run = new_run()
    checkpoint = b""

    def react(event: RunEvent) -> None:
        nonlocal checkpoint
        if isinstance(event, StepDone) and event.step == STEPS + 1:
            run.control.stop()

    run.react = react
    assert run.start().result is not None  # stopped in epoch 2, one epoch is over
    # Go on for an epoch, then lose the later checkpoint, as a kill before the next one would.
    last = (run.folder / "last.pt").read_bytes()
    run.react = lambda event: run.control.stop() if isinstance(event, EpochDone) and event.epoch == 2 else None
    run.resume()
    (run.folder / "last.pt").write_bytes(last)
    control = Control()
    control.stop()
    ended = train(Resume(3, str(run.folder)), lambda _event: None, control)
    assert ended.result is not None, ended.message
    assert ended.result.epochs == 1


def test_a_run_on_a_relative_folder_of_pictures_goes_on_from_another_folder(
    picture_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(picture_folder.parent)
    job = Train(1, str(tmp_path / "run"), "x", SPEC, Recipe(data=picture_folder.name, epochs=1, batch_size=8), "cpu")
    assert train(job, lambda _event: None, Control()).status == "finished"
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    assert train(Resume(1, str(tmp_path / "run")), lambda _event: None, Control()).status == "finished"


NARROW = """
import sys
from resnet_gui.engine.train.control import Control
from resnet_gui.engine.train.run import train
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.protocol.jobs import Train
from resnet_gui.training.recipe import Recipe
spec = ResNetSpec(block="basic", blocks=(1, 1), widths=(4, 8), stem="cifar", classes=2, input=(1, 8, 8))
job = Train(1, sys.argv[2], "narrow", spec, Recipe(data=sys.argv[1], epochs=5, batch_size=8, lr=0.05), "cpu")
print(train(job, lambda event: None, Control()).status)
"""


def test_a_network_of_four_channels_trains_without_breaking_the_process(
    picture_folder: Path, tmp_path: Path, forks: Forks
) -> None:
    # oneDNN issue 6035: the weight gradient of a 1×1 stride-2 convolution in channels_last with fewer than 8 (AVX2)
    # or 16 (AVX-512) input channels writes past its workspace: segmentation fault, hang or wrong gradients.
    child = forks.run("-c", NARROW, str(picture_folder), str(tmp_path / "run"))
    assert (child.returncode, child.stdout) == (0, "finished\n"), child.stderr


def test_a_run_whose_training_cannot_be_set_up_ends_as_failed_in_its_folder(
    new_run: Callable[[], Run],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import resnet_gui.engine.train.start.starting_weights as module

    def no_memory(*_: object) -> None:
        raise MemoryError

    monkeypatch.setattr(module, "ResNet", no_memory)
    run = new_run()
    assert run.start().status == "failed"


def test_a_stop_while_pictures_are_read_is_told_from_bad_input(
    new_run: Callable[[], Run], monkeypatch: pytest.MonkeyPatch
) -> None:
    from resnet_gui.engine.train import run as module

    def read(_data: str, _shape: object, watch: Callable[[int, int], None], _tell: object, **_: object) -> None:
        watch(1, 1000)  # of so many pictures as no test has

    monkeypatch.setattr(module, "load", read)
    run = new_run()
    run.control.stop()
    with pytest.raises(StoppedError, match="while the pictures were being read"):
        run.start()
    assert not run.folder.exists(), "it never became a run"
