"""The sanity check: weights that are random from the head down, and what is left of a map."""

from __future__ import annotations

import copy
from pathlib import Path

import msgspec
import numpy as np
import pytest
import torch

from resnet_gui.design.plan import plan
from resnet_gui.design.spec import evolve
from resnet_gui.design.structure import Plan
from resnet_gui.engine.explain.attribution import randomised as randomised_module
from resnet_gui.engine.explain.attribution.attribution import METHODS, AttributionWatch, attribute
from resnet_gui.engine.explain.attribution.randomised import randomised, rank_correlation
from resnet_gui.network.fresh import fresh_network
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.attribution_messages import Attribute
from resnet_gui.protocol.attribution_settings import AttributionSettings
from resnet_gui.protocol.explain_events import Attribution
from tests.engine.explain.explain_case import ExplainCase, make_case, preset, seasoned

SMALL = evolve(preset("resnet20", 12, 10, classes=4), blocks=(1, 1), widths=(4, 6))
SETTINGS = AttributionSettings(steps=3, samples=2, window=6, sanity_seed=5, location="layer1")


def test_weights_become_random_a_section_at_a_time_from_the_head_down() -> None:
    model, fresh = seasoned(SMALL, 6), fresh_network(plan(SMALL), 5)
    before, begun = copy.deepcopy(model.state_dict()), fresh.state_dict()
    expected = {"head": ("fc",), "layer2": ("fc", "layer2"), "layer1": ("fc", "layer2", "layer1")}
    sections = []
    for section, made in randomised(model, 5):
        sections.append(section)
        random = expected.get(section, ("",))
        for name, value in made.state_dict().items():
            assert torch.equal(value, (begun if name.startswith(random) else before)[name]), (section, name)
    assert sections == ["head", "layer2", "layer1", "stem"]
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items()), "a copy was changed"


@pytest.fixture(scope="module")
def cases(tmp_path_factory: pytest.TempPathFactory) -> tuple[ExplainCase, ExplainCase]:
    """A network, and one whose weights are those that its sanity check ends with."""
    own, random = (tmp_path_factory.mktemp(name) for name in ("own", "random"))
    return make_case(own, seasoned(SMALL, 6)), make_case(random, fresh_network(plan(SMALL), 5))


@pytest.mark.parametrize("method", METHODS)
def test_the_last_map_is_that_of_the_network_with_those_weights(
    cases: tuple[ExplainCase, ExplainCase], method: str
) -> None:
    own, random = cases
    grown: list[Attribution] = []
    job = Attribute(1, own.model_request, own.image, 2, method, SETTINGS, sanity=True)  # type: ignore[arg-type]
    made = attribute(own.explain_model(), job, AttributionWatch(grown=grown.append)).attribution
    last = made.randomised[-1]
    alone = Attribute(1, random.model_request, random.image, 2, method, SETTINGS)  # type: ignore[arg-type]
    expected = attribute(random.explain_model(), alone).attribution
    assert [step.section for step in made.randomised] == ["head", "layer2", "layer1", "stem"]
    assert last.score == pytest.approx(expected.score, rel=1e-5)
    assert last.map == expected.map
    assert last.map != made.map
    assert grown == [msgspec.structs.replace(made, randomised=made.randomised[:count]) for count in range(5)]


def test_correlations_are_scipys(tmp_path: Path, cases: tuple[ExplainCase, ExplainCase]) -> None:
    from scipy.stats import spearmanr

    generator = np.random.default_rng(0)
    first = generator.normal(size=(7, 9)).astype(np.float32)
    second = (first + generator.normal(size=(7, 9))).astype(np.float32)
    for one, other in ((first, second), (first.round(), second.round()), (first, -first)):
        assert rank_correlation(one, other) == pytest.approx(spearmanr(one.ravel(), other.ravel()).statistic)
    assert rank_correlation(first, np.zeros_like(first)) is None
    own, random = cases
    job = Attribute(1, own.model_request, own.image, 2, "lrp", SETTINGS, sanity=True)
    step = attribute(own.explain_model(), job).attribution.randomised[-1]
    maps = [
        attribute(case.explain_model(), Attribute(1, case.model_request, case.image, 2, "lrp", SETTINGS)).values
        for case in (own, random)
    ]
    signed = spearmanr(*(values.sum(axis=0).ravel() for values in maps)).statistic
    absolute = spearmanr(*(np.abs(values).sum(axis=0).ravel() for values in maps)).statistic
    assert step.correlation == pytest.approx(signed)
    assert step.absolute_correlation == pytest.approx(absolute)


def test_random_weights_that_leave_no_finite_number_are_said_and_end_nothing(
    cases: tuple[ExplainCase, ExplainCase], monkeypatch: pytest.MonkeyPatch
) -> None:
    def huge(planned: Plan, seed: int) -> ResNet:
        """As hundreds of blocks make it, whose norms have no statistics yet."""
        made = fresh_network(planned, seed)
        for name, value in made.named_parameters():
            if name.startswith("layer1"):
                value.mul_(1e30)
        return made

    monkeypatch.setattr(randomised_module, "fresh_network", huge)
    own = cases[0]
    job = Attribute(1, own.model_request, own.image, 2, "grad-cam", SETTINGS, sanity=True)
    steps = attribute(own.explain_model(), job).attribution.randomised
    assert [step.section for step in steps if step.map is None] == ["layer1", "stem"]
    assert [(step.score, step.correlation, step.absolute_correlation) for step in steps[2:]] == [(None, None, None)] * 2
    assert steps[1].correlation is not None
