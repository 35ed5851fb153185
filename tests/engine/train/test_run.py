"""Training in this process: exact repetition, failure, and what a run leaves behind."""

from __future__ import annotations

import itertools
import math
import os
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from resnet_gui.base.errors import InputError
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.engine.checkpoint import load_checkpoint
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.train.augment import draw, epoch_order, move
from resnet_gui.engine.train.run import train
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import load_model, weights_sha256
from resnet_gui.protocol.jobs import Train
from resnet_gui.runs.events import Answered, EpochDone, Probed, RunEnded, RunEvent, RunPaused, RunStarted, StepDone
from resnet_gui.runs.folder import BEST_FILE, LAST_FILE, RUN_FILE, is_being_written, read_run_info, summarise
from resnet_gui.runs.history import EVENTS_FILE, RunReader, pack
from resnet_gui.runs.lock import writing
from resnet_gui.training.recipe import Recipe, lr_at
from tests.engine.train.tiny_run import EPOCHS, SPEC, STEPS, Run, sha


def test_the_same_seed_gives_the_same_weights_and_events_and_another_seed_does_not(new_run: Callable[[], Run]) -> None:
    first, second, other = new_run(), new_run(), new_run()
    weights = sha(first.start())
    assert sha(second.start()) == weights
    assert sha(other.start(seed=2)) != weights

    def untimed(run: Run) -> list[tuple[int, float, float]]:
        return [(event.step, event.loss, event.error) for event in run.events if isinstance(event, StepDone)]

    assert untimed(first) == untimed(second)
    assert untimed(first) != untimed(other)


def test_a_run_tells_its_start_every_step_every_epoch_and_its_end(new_run: Callable[[], Run]) -> None:
    run = new_run()
    ended = run.start()
    kinds = [type(event) for event in run.events]
    assert kinds == [RunStarted, *([StepDone, Probed] * STEPS + [EpochDone, Answered]) * EPOCHS, RunEnded]
    labels = pack(bytes([0, 0] * 4 + [1, 0] * 4))
    assert run.events[0] == RunStarted(
        0, EPOCHS, STEPS, 32, 8, "cpu", "fp32", total_steps=STEPS * EPOCHS, labels=labels
    )
    steps = [event for event in run.events if isinstance(event, StepDone)]
    assert [event.step for event in steps] == list(range(1, STEPS * EPOCHS + 1))
    total = STEPS * EPOCHS
    assert [event.lr for event in steps] == [lr_at(run.recipe, done, total) for done in range(total)]
    assert all(early.seconds < late.seconds for early, late in itertools.pairwise(steps))
    assert run.events[-1] is ended
    reader = RunReader(run.folder)
    assert reader.read() == run.events
    assert reader.bad_lines == 0


def test_the_figures_of_an_epoch_are_means_over_its_pictures(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.start()
    steps = [event for event in run.events if isinstance(event, StepDone)]
    for number, epoch in enumerate(event for event in run.events if isinstance(event, EpochDone)):
        inside = steps[number * STEPS : (number + 1) * STEPS]
        assert (epoch.epoch, epoch.step) == (number + 1, inside[-1].step)
        assert epoch.train_loss == pytest.approx(sum(step.loss for step in inside) / STEPS, rel=1e-6)
        assert epoch.train_error == pytest.approx(sum(step.error for step in inside) / STEPS)
        assert 0 <= epoch.test_error <= 1
        assert epoch.images_per_second > 0


def test_the_last_word_says_what_the_run_came_to(new_run: Callable[[], Run]) -> None:
    run = new_run()
    ended = run.start()
    result = ended.result
    assert result is not None
    epochs = [event for event in run.events if isinstance(event, EpochDone)]
    assert (ended.status, ended.step, ended.message) == ("finished", STEPS * EPOCHS, "")
    assert (result.run, result.epochs) == (str(run.folder), EPOCHS)
    assert (result.train_loss, result.test_loss) == (epochs[-1].train_loss, epochs[-1].test_loss)
    assert result.top1 == 1 - epochs[-1].test_error
    assert result.best_top1 == 1 - min(epoch.test_error for epoch in epochs)
    assert result.weights_sha256 == weights_sha256(load_checkpoint(run.folder)["model"])


def test_the_steps_are_those_of_sgd_written_out_by_hand(new_run: Callable[[], Run]) -> None:
    run = new_run()
    recipe = Recipe(
        data=run.recipe.data, epochs=1, batch_size=8, lr=0.05, momentum=0.9, weight_decay=0.1,
        augment="shift", schedule="cosine", seed=11,
    )  # fmt: skip
    ended = train(Train(1, str(run.folder), "tiny", SPEC, recipe, "cpu"), run.emit, run.control)
    data = load(recipe.data, SPEC.input)
    torch.manual_seed(11)
    model = ResNet(plan(SPEC)).train()
    order = epoch_order(32, 11, 0)
    velocity = [torch.zeros_like(value) for value in model.parameters()]
    losses = []
    for step in range(STEPS):
        indices = order[step * 8 : step * 8 + 8]
        assert data.train.images is not None
        images = move(data.train.images[indices], draw(recipe, step, 8, 8, 8)).float() / 255
        images = (images - data.identity.mean[0]) / data.identity.std[0]
        loss = nn.functional.cross_entropy(model(images), data.train.labels[indices])
        losses.append(loss.item())
        gradients = torch.autograd.grad(loss, list(model.parameters()))
        lr = 0.05 * 0.5 * (1 + math.cos(math.pi * step / STEPS))
        with torch.no_grad():
            for value, gradient, speed in zip(model.parameters(), gradients, velocity, strict=True):
                speed.mul_(0.9).add_(gradient + 0.1 * value)
                value.sub_(lr * speed)
    assert [event.loss for event in run.events if isinstance(event, StepDone)] == pytest.approx(losses, rel=1e-4)
    trained = load_checkpoint(run.folder)["model"]
    for name, value in model.state_dict().items():
        torch.testing.assert_close(trained[name], value, rtol=1e-3, atol=1e-5, msg=name)
    assert ended.status == "finished"


def test_the_best_weights_are_those_of_the_first_of_the_best_epochs(
    new_run: Callable[[], Run], picture_folder: Path
) -> None:
    # Half of the pictures change sides: nothing can be learnt, so the test error goes up and down.
    for number in range(0, 20, 2):
        dark, light = (picture_folder / name / f"{number:02}.png" for name in ("dark", "light"))
        content = dark.read_bytes()
        dark.write_bytes(light.read_bytes())
        light.write_bytes(content)
    weights: list[str] = []
    for seed in range(5):
        run = new_run()
        weights.clear()

        def react(event: RunEvent, run: Run = run) -> None:
            if isinstance(event, EpochDone):
                run.control.pause()
            if isinstance(event, RunPaused):
                weights.append(weights_sha256(load_checkpoint(run.folder)["model"]))
                run.control.unpause()

        run.react = react
        assert run.start(epochs=8, schedule="constant", seed=seed).status == "finished"
        weights.append(weights_sha256(load_checkpoint(run.folder)["model"]))
        errors = [event.test_error for event in run.events if isinstance(event, EpochDone)]
        if errors.index(min(errors)) < 6:
            break
    assert len(weights) == len(errors) == 8
    assert errors[-1] > min(errors) or errors.index(min(errors)) < 7, "an epoch after the best, to tell them apart"
    assert load_model(run.folder / BEST_FILE)[1].sha256 == weights[errors.index(min(errors))]


def test_the_best_weights_are_enough_alone(new_run: Callable[[], Run]) -> None:
    run = new_run()
    ended = run.start()
    assert ended.result is not None
    model, info = load_model(run.folder / BEST_FILE)
    data = load(run.recipe.data, SPEC.input)
    assert info.classes == ("dark", "light")
    assert (info.mean, info.std) == (data.identity.mean, data.identity.std)
    images = (data.test.images.float() / 255 - info.mean[0]) / info.std[0]
    with torch.inference_mode():
        right = (model(images).argmax(1) == data.test.labels).double().mean().item()
    assert right == info.top1 == ended.result.best_top1


def test_a_design_gets_as_many_outputs_as_the_data_has_classes(new_run: Callable[[], Run]) -> None:
    run = new_run()
    spec = ResNetSpec(block="basic", blocks=(1,), widths=(16,), stem="cifar", classes=7, input=(1, 8, 8))
    recipe = Recipe(data=run.recipe.data, epochs=1, batch_size=32)
    assert train(Train(1, str(run.folder), "tiny", spec, recipe, "cpu"), run.emit, run.control).status == "finished"
    assert read_run_info(run.folder).spec.classes == 2


@pytest.mark.parametrize(("batch", "steps"), [(2, 16), (5, 7), (16, 2), (31, 1), (32, 1), (1000, 1)])
def test_a_rest_of_one_picture_is_left_out_and_a_larger_rest_is_not(
    new_run: Callable[[], Run], batch: int, steps: int
) -> None:
    run = new_run()
    ended = run.start(batch_size=batch, epochs=1)
    assert (ended.status, ended.step) == ("finished", steps)


# ---- refusals and failures


def test_a_run_that_is_being_trained_is_not_resumed(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.start()
    with writing(run.folder), pytest.raises(InputError, match="is being trained by another process"):
        run.resume()


def test_a_run_holds_its_lock_while_it_trains_and_not_after(new_run: Callable[[], Run]) -> None:
    run = new_run()
    alive: list[bool] = []
    run.react = lambda _event: alive.append(is_being_written(run.folder))
    run.start(epochs=1)
    assert set(alive) == {True}
    assert not is_being_written(run.folder)


@pytest.mark.parametrize("existing", [True, False])
def test_a_run_that_cannot_begin_leaves_no_folder_or_the_one_that_was_there(
    new_run: Callable[[], Run], existing: bool
) -> None:
    run = new_run()
    if existing:
        run.folder.mkdir()
    with pytest.raises(InputError, match="There is no data set"):
        run.start(data=str(run.folder / "nowhere"))
    assert run.events == []
    assert not run.folder.exists() or list(run.folder.iterdir()) == []


def test_a_folder_that_holds_something_is_not_trained_into(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.folder.mkdir()
    (run.folder / "thesis.tex").write_text("mine")
    with pytest.raises(InputError, match="is not empty"):
        run.start()
    assert [path.name for path in run.folder.iterdir()] == ["thesis.tex"]


def test_a_loss_that_is_no_number_ends_the_run_with_a_sentence_and_its_traceback(new_run: Callable[[], Run]) -> None:
    run = new_run()
    ended = run.start(lr=100, momentum=0.9999, weight_decay=1, epochs=100)
    assert ended.status == "failed"
    assert ended.message == ("The loss is no longer a finite number; start a new run with a learning rate below 100.")
    assert "FloatingPointError" in ended.details
    assert ended.result is None
    summary = summarise(run.folder)
    assert (summary.status, summary.message) == ("failed", ended.message)


def test_an_exception_in_the_middle_ends_the_run_as_failed_in_its_folder_too(new_run: Callable[[], Run]) -> None:
    run = new_run()

    def react(event: RunEvent) -> None:
        if isinstance(event, StepDone) and event.step == 3:
            raise MemoryError

    run.react = react
    ended = run.start()
    assert ended.status == "failed"
    assert ended.message.startswith("This computer has too little memory; try a batch below 8")
    assert (summarise(run.folder).status, summarise(run.folder).message) == ("failed", ended.message)


def test_a_run_keeps_what_it_was_asked_for_and_where_it_ran(new_run: Callable[[], Run]) -> None:
    run = new_run()
    run.start(epochs=1)
    info = read_run_info(run.folder)
    assert (info.name, info.spec, info.recipe.epochs) == ("tiny", SPEC, 1)
    assert (info.device, info.precision, info.threads) == ("cpu", "fp32", torch.get_num_threads())
    assert info.versions["torch"] == torch.__version__
    assert info.data.classes == ("dark", "light")
    assert sorted(path.name for path in run.folder.iterdir()) == sorted(
        [RUN_FILE, EVENTS_FILE, LAST_FILE, BEST_FILE, "lock"]
    )


def test_bf16_training_on_a_cpu_runs_and_learns(new_run: Callable[[], Run]) -> None:
    run = new_run()
    ended = run.start(precision="bf16")
    assert ended.status == "finished"
    assert read_run_info(run.folder).precision == "bf16"
    assert ended.result is not None
    assert ended.result.best_top1 > 0.9


def test_the_digits_are_learnt_and_the_run_is_in_its_folder(trained_run: Path) -> None:
    summary = summarise(trained_run)
    assert summary.status == "finished"
    assert summary.error is not None
    assert summary.error < 0.1
    assert summary.usable


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such permissions")
def test_every_file_of_a_run_has_the_permissions_that_the_umask_leaves(new_run: Callable[[], Run]) -> None:
    run = new_run()
    before = os.umask(0o002)
    try:
        run.start()
    finally:
        os.umask(before)
    modes = {path.name: path.stat().st_mode & 0o777 for path in run.folder.iterdir()}
    assert set(modes) >= {RUN_FILE, LAST_FILE, BEST_FILE, EVENTS_FILE}
    assert set(modes.values()) == {0o664}, modes
