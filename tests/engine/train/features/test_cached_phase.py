"""A phase of cached features: the head learns as in a frozen network, from pictures that are computed once."""

from __future__ import annotations

import shutil
from pathlib import Path

import msgspec
import pytest
import torch
from torch import Tensor

from resnet_gui.base.errors import RecipeError
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import evolve
from resnet_gui.engine.checkpoint import load_checkpoint
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.data.loaders import IGNORED, Resident
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.features import sources
from resnet_gui.engine.train.features.cache import features_folder
from resnet_gui.engine.train.features.extractor import FeatureTable, backbone_of
from resnet_gui.engine.train.features.sources import FeatureSource, TrainingSources
from resnet_gui.engine.train.start.starting_weights import first_network
from resnet_gui.engine.train.step import TrainingStep
from resnet_gui.network.resnet import ResNet
from resnet_gui.runs.events import (
    FeaturesComputed,
    PhaseStarted,
    RunEvent,
    RunPaused,
    RunUnpaused,
    StepDone,
)
from resnet_gui.runs.folder import read_run_info
from resnet_gui.runs.history import RunState, replay
from resnet_gui.training import memory_fit
from resnet_gui.training.phases import BACKBONE, Phase
from resnet_gui.training.recipe import Recipe
from tests.engine.train.test_kills import same
from tests.engine.train.tiny_run import SPEC, Run, sha

CPU = torch.device("cpu")
CACHED = Phase(frozen=BACKBONE, cached=True)
PROBE = (CACHED,)
HEAD_FIRST = (msgspec.structs.replace(CACHED, epochs=2), Phase(rates=(1.0, 0.3)))


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four pictures at a time, and a word about each batch."""
    monkeypatch.setattr(memory_fit, "MOST_TOGETHER", 4)
    monkeypatch.setattr(sources, "SAID_SECONDS", 0.0)


def weights_of(run: Run) -> dict[str, Tensor]:
    model: dict[str, Tensor] = load_checkpoint(run.folder)["model"]
    return model


def test_the_head_learns_as_in_a_frozen_network_whose_pictures_are_not_augmented(
    tmp_path: Path, picture_folder: Path
) -> None:
    heads, curves = [], []
    for name, cached in (("cached", True), ("frozen", False)):
        run = Run(picture_folder, tmp_path / name)
        phases = (msgspec.structs.replace(CACHED, cached=cached),)
        assert run.start(phases=phases, augment="none", label_smoothing=0.1, clip=1.0).status == "finished"
        heads.append({key: value for key, value in weights_of(run).items() if key.startswith("fc.")})
        curves.append([event.loss for event in run.of(StepDone) if isinstance(event, StepDone)])
    assert curves[0] == pytest.approx(curves[1], rel=1e-4)
    for key, value in heads[0].items():
        torch.testing.assert_close(value, heads[1][key], rtol=1e-3, atol=1e-5)


def test_the_backbone_is_that_of_the_first_step_to_the_last_bit_and_only_the_head_has_learnt(
    tmp_path: Path, picture_folder: Path
) -> None:
    run = Run(picture_folder, tmp_path / "run")
    assert run.start(phases=PROBE, ema=0.9).status == "finished"
    first = first_network(read_run_info(run.folder), None).state_dict()
    state = load_checkpoint(run.folder)
    for name, value in state["model"].items():
        assert torch.equal(value, first[name]) == (not name.startswith("fc.")), name
        assert torch.equal(state["ema"][f"module.{name}"], first[name]) == (not name.startswith("fc.")), name


def test_nothing_of_the_recipe_changes_a_picture_in_a_cached_phase(tmp_path: Path, picture_folder: Path) -> None:
    plain, mixed = Run(picture_folder, tmp_path / "plain"), Run(picture_folder, tmp_path / "mixed")
    changes = {"augment": "resized-crop", "colour": 0.5, "cutout": 0.5, "mixup": 0.4, "cutmix": 1.0}
    assert sha(plain.start(phases=PROBE, augment="none")) == sha(mixed.start(phases=PROBE, **changes))


def test_the_phase_that_follows_learns_from_pictures_again(tmp_path: Path, picture_folder: Path) -> None:
    run = Run(picture_folder, tmp_path / "run")
    assert run.start(phases=HEAD_FIRST).status == "finished"
    assert [event.number for event in run.of(PhaseStarted) if isinstance(event, PhaseStarted)] == [0, 1]
    first = first_network(read_run_info(run.folder), None).state_dict()
    learnt = [name for name, value in weights_of(run).items() if not torch.equal(value, first[name])]
    assert set(learnt) == set(first)


def test_a_second_run_of_the_same_backbone_computes_nothing_and_learns_the_same(
    tmp_path: Path, picture_folder: Path
) -> None:
    runs = [Run(picture_folder, tmp_path / name) for name in ("first", "second", "third")]
    found = [sha(runs[0].start(phases=PROBE)), sha(runs[1].start(phases=PROBE))]
    assert len(runs[0].of(FeaturesComputed)) > 0
    assert runs[1].of(FeaturesComputed) == []
    for path in features_folder().iterdir():  # damaged: computed anew
        path.write_bytes(path.read_bytes()[:-7] + b"damaged")
    found.append(sha(runs[2].start(phases=PROBE)))
    assert len(runs[2].of(FeaturesComputed)) > 0
    assert len(set(found)) == 1


def test_another_start_of_the_backbone_finds_no_features_of_the_first(tmp_path: Path, picture_folder: Path) -> None:
    runs = [Run(picture_folder, tmp_path / str(seed)) for seed in (1, 2)]
    for seed, run in enumerate(runs):
        run.start(phases=PROBE, seed=seed)
        assert len(run.of(FeaturesComputed)) > 0


@pytest.mark.usefixtures("small_batches")
def test_how_far_the_features_are_is_said_before_the_first_step(tmp_path: Path, picture_folder: Path) -> None:
    run = Run(picture_folder, tmp_path / "run")
    run.start(phases=PROBE)
    said = [event for event in run.events if isinstance(event, FeaturesComputed)]
    assert [(event.step, event.done, event.total) for event in said] == [(0, done, 40) for done in range(4, 41, 4)]
    kinds = [type(event) for event in run.events]
    assert kinds.index(PhaseStarted) < kinds.index(FeaturesComputed)
    assert kinds.index(StepDone) > max(at for at, kind in enumerate(kinds) if kind is FeaturesComputed)
    state = RunState()
    seen = []
    for event in run.events:
        state.apply(event)
        seen.append(state.features.done if state.features is not None else None)
    assert [done for done in seen if done is not None] == [event.done for event in said[:-1]]
    assert state.features is None


@pytest.mark.usefixtures("small_batches")
def test_a_run_that_is_stopped_while_features_are_computed_goes_on_to_the_same_end(
    tmp_path: Path, picture_folder: Path
) -> None:
    whole, run = Run(picture_folder, tmp_path / "whole"), Run(picture_folder, tmp_path / "run")
    whole.start(phases=HEAD_FIRST)
    shutil.rmtree(features_folder())

    def stop(event: RunEvent) -> None:
        if isinstance(event, FeaturesComputed) and event.done == 36:
            run.control.stop()

    run.react = stop
    ended = run.start(phases=HEAD_FIRST)
    assert (ended.status, ended.step) == ("stopped", 0)
    assert run.of(StepDone) == []
    assert len(run.of(FeaturesComputed)) == 9
    run.react = lambda _event: None
    run.resume()
    same(run.folder, whole.folder)


@pytest.mark.usefixtures("small_batches")
def test_a_run_can_be_held_while_features_are_computed(tmp_path: Path, picture_folder: Path) -> None:
    run = Run(picture_folder, tmp_path / "run")

    def hold(event: RunEvent) -> None:
        if isinstance(event, FeaturesComputed) and event.done == 12:
            run.control.pause()
        elif isinstance(event, RunPaused):
            run.control.unpause()

    run.react = hold
    assert run.start(phases=PROBE).status == "finished"
    kinds = [type(event) for event in run.events]
    held = kinds.index(RunPaused)
    assert kinds[held - 1 : held + 3] == [FeaturesComputed, RunPaused, RunUnpaused, FeaturesComputed]


def test_a_run_that_is_stopped_in_a_cached_phase_and_loses_the_cache_ends_with_the_same_bits(
    tmp_path: Path, picture_folder: Path
) -> None:
    whole, run = Run(picture_folder, tmp_path / "whole"), Run(picture_folder, tmp_path / "run")
    whole.start(phases=HEAD_FIRST)

    def stop(event: RunEvent) -> None:
        if isinstance(event, StepDone) and event.step == 3:
            run.control.stop()

    run.react = stop
    assert run.start(phases=HEAD_FIRST).step == 3
    shutil.rmtree(features_folder())
    run.react = lambda _event: None
    run.resume()
    same(run.folder, whole.folder)


def test_the_maps_of_a_frozen_stage_can_be_cached_too_and_what_is_behind_learns_as_without_a_cache(
    tmp_path: Path, picture_folder: Path
) -> None:
    runs = {cached: Run(picture_folder, tmp_path / str(cached)) for cached in (True, False)}
    for cached, run in runs.items():
        run.start(phases=(Phase(frozen="stage1", cached=cached),), augment="none")
    first = first_network(read_run_info(runs[True].folder), None).state_dict()
    found, expected = weights_of(runs[True]), weights_of(runs[False])
    learnt = {name for name, value in found.items() if not torch.equal(value, first[name])}
    assert learnt == {name for name in first if name.startswith(("layer2", "fc"))}
    for name, value in expected.items():
        torch.testing.assert_close(found[name], value, rtol=1e-3, atol=1e-4, msg=name)


def test_phases_that_cache_one_part_after_another_have_the_features_of_each(
    tmp_path: Path, picture_folder: Path
) -> None:
    phases = (
        Phase(epochs=1, frozen=BACKBONE, cached=True), Phase(epochs=1, frozen="stage1", cached=True), Phase(),
    )  # fmt: skip
    whole, run = Run(picture_folder, tmp_path / "whole"), Run(picture_folder, tmp_path / "run")
    assert whole.start(phases=phases).status == "finished"
    run.react = lambda event: run.control.stop() if isinstance(event, StepDone) and event.step in {2, 6, 9} else None
    ended = run.start(phases=phases)
    while ended.status == "stopped":
        ended = run.resume()
    same(run.folder, whole.folder)
    ratios = replay(whole.folder).ratios
    rows = [ratios.values[at : at + ratios.width].tolist() for at in range(0, len(ratios.values), ratios.width)]
    # Of the backbone nothing was computed; then the second block, and then both.
    assert [[value > 0 for value in row] for row in rows] == [[False, True]] * 4 + [[True, True]] * 8


# ---- the pieces


def learner_of(recipe: Recipe, phase: Phase) -> TrainingStep:
    torch.manual_seed(3)
    found = TrainingStep(ResNet(plan(SPEC)), recipe, "fp32", torch.contiguous_format, RankGroup())
    found.begin_phase(phase)
    return found


def test_pictures_can_be_tested_in_a_cached_phase_too(picture_folder: Path) -> None:
    # The test at the end of a run, of pictures that no phase has seen.
    data = load(str(picture_folder), SPEC.input)
    learner = learner_of(Recipe(phases=PROBE), CACHED)
    learner.normalise_by(data.identity)
    raw, labels = data.test.images, data.test.labels
    loss, answers, _ = next(learner.test(iter([(raw, labels)])))
    with torch.inference_mode():
        images = (raw.float() / 255 - data.identity.mean[0]) / data.identity.std[0]
        logits = learner.model.eval()(images)
        features = backbone_of(learner.model)(images)
    torch.testing.assert_close(loss, torch.nn.functional.cross_entropy(logits, labels, reduction="sum"))
    assert torch.equal(answers, logits.argmax(1))
    of_features = next(learner.test(iter([(features, labels)])))
    torch.testing.assert_close(of_features[0], loss)
    assert torch.equal(of_features[1], answers)


def test_a_picture_that_could_not_be_read_is_left_out_of_loss_and_error() -> None:
    learner = learner_of(Recipe(phases=PROBE, weight_decay=0.0), CACHED)
    other = learner_of(Recipe(phases=PROBE, weight_decay=0.0), CACHED)
    features, labels = torch.randn(4, 16), torch.tensor([0, 1, IGNORED, 1])
    found = learner.learn((features, labels), 0, 10, 4)
    expected = other.learn((features[[0, 1, 3]], labels[[0, 1, 3]]), 0, 10, 4)
    assert int(found.seen) == 3
    torch.testing.assert_close(found.loss, expected.loss)
    torch.testing.assert_close(learner.model.get_parameter("fc.weight"), other.model.get_parameter("fc.weight"))


def test_features_are_drawn_by_number_and_keep_the_labels_of_their_set() -> None:
    table = FeatureTable(torch.arange(8.0).view(4, 2), torch.tensor([0, IGNORED, 1, 1]))
    source = FeatureSource(table, torch.tensor([0, 0, 1, 1]), CPU)
    assert source.labels.tolist() == [0, 0, 1, 1]
    [(features, labels)] = source.batches([torch.tensor([3, 1])])
    assert features.tolist() == [[6.0, 7.0], [2.0, 3.0]]
    assert labels.tolist() == [1, IGNORED]


def entered(found: TrainingSources, phase: Phase, model: ResNet) -> list[object]:
    return list(found.enter(phase, model, 0))


def test_a_phase_without_a_cache_has_pictures_and_whoever_breaks_off_keeps_what_was(
    tmp_path: Path, picture_folder: Path
) -> None:
    run = Run(picture_folder, tmp_path / "run")
    run.start(phases=PROBE, epochs=1)
    info = read_run_info(run.folder)
    data = load(str(picture_folder), SPEC.input)
    shutil.rmtree(features_folder())
    found = TrainingSources(info, data, CPU, RankGroup(), lambda _sentence: None)
    model = first_network(info, None)
    making = found.enter(CACHED, model, 0)
    next(making)
    del making
    assert isinstance(found.train, Resident)
    assert entered(found, CACHED, model) != []
    assert isinstance(found.train, FeatureSource)
    assert isinstance(found.test, FeatureSource)
    assert entered(found, CACHED, model) == []
    assert entered(found, Phase(), model) == []
    assert isinstance(found.train, Resident)


def test_norms_cannot_be_measured_from_features_that_are_computed_once() -> None:
    with pytest.raises(RecipeError, match="frozen_norms is 'measure'; it must be keep where a phase is cached"):
        Recipe(phases=PROBE, frozen_norms="measure")


def test_a_heads_own_layers_learn_together_from_the_features(tmp_path: Path, picture_folder: Path) -> None:
    from resnet_gui.engine.train.control import Control
    from resnet_gui.engine.train.run import train
    from resnet_gui.protocol.jobs import Train

    recipe = Recipe(data=str(picture_folder), epochs=2, batch_size=8, lr=0.05, phases=PROBE)
    job = Train(1, str(tmp_path / "run"), "x", evolve(SPEC, hidden=(6,)), recipe, "cpu")
    assert train(job, lambda _event: None, Control()).status == "finished"
    first = first_network(read_run_info(tmp_path / "run"), None).state_dict()
    state = load_checkpoint(tmp_path / "run")["model"]
    learnt = {name for name, value in state.items() if not torch.equal(value, first[name])}
    assert learnt == {"hidden.0.weight", "hidden.0.bias", "fc.weight", "fc.bias"}
