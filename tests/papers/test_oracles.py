"""Whatever is registered is written here a second time, and what is written is what a network is compared with."""

from __future__ import annotations

from typing import Any

import pytest
from torch import Tensor, nn

from resnet_gui.design.choice import HeadChoice, NormChoice
from resnet_gui.design.choices import CHOICES, KINDS
from resnet_gui.design.layer_kind import LayerKind
from resnet_gui.design.spec import ResNetSpec, evolve
from tests.choice_checks import design_with, every_choice
from tests.papers import ALL_ORACLES, EPS, Written, assert_written

SHOWN_BY: dict[str, dict[str, object]] = {
    "stem_pool": {"activation": "gelu"}, "order": {"shortcut": "B"}, "projection": {"stem_width": 4},
}  # fmt: skip
"""What else a design needs so that choices of a field differ: an edge of zeros, or a ReLU behind the addition, shows
only where there are values below zero; projections differ where some stride and some do not."""

LAYER_NORM = LayerKind(
    key="layer_norm",
    title="LayerNorm",
    is_norm=True,
    tensors=lambda layer: {"weight": layer.output[:1], "bias": layer.output[:1]},
    working=lambda layer: f"2 · {layer.output[0]}",
    working_note="scale and shift",
    module=lambda layer: nn.GroupNorm(1, layer.output[0]),
    code=lambda layer: f"nn.GroupNorm(1, {layer.outputs})",
)
LAYER = NormChoice(key="layer", title="layer normalisation", help="Over all channels.", kind=LAYER_NORM)


@pytest.fixture
def layer(monkeypatch: pytest.MonkeyPatch) -> ResNetSpec:
    """A design with a norm that is registered for one test."""
    monkeypatch.setitem(CHOICES["norm"], "layer", LAYER)
    monkeypatch.setitem(KINDS, "layer_norm", LAYER_NORM)
    return design_with("norm", "layer")


def layer_norm(network: Written, x: Tensor, name: str) -> Tensor:
    mean, variance = x.mean((1, 2, 3), keepdim=True), x.var((1, 2, 3), correction=0, keepdim=True)
    weight, bias = (network.values[f"{name}.{part}"].view(-1, 1, 1) for part in ("weight", "bias"))
    return (x - mean) / (variance + EPS).sqrt() * weight + bias


def without_oracle() -> list[str]:
    """What is registered and written in no file of ``tests/papers``, as "field=key"."""
    return [choice for choice in map("=".join, every_choice()) if choice not in ALL_ORACLES]


@pytest.mark.parametrize(("field", "key"), every_choice())
def test_every_registered_choice_has_an_oracle_that_a_network_with_it_is_compared_with(
    field: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert f"{field}={key}" not in without_oracle()
    asked: set[str] = set()

    class Listening(Written):
        def oracle(self, field: str) -> Any:
            asked.add(field)
            return super().oracle(field)

    monkeypatch.setattr("tests.papers.Written", Listening)
    assert_written(design_with(field, key))
    assert field in asked


def test_no_oracle_is_left_of_a_choice_that_is_gone() -> None:
    assert set(ALL_ORACLES) == set(map("=".join, every_choice()))


def test_a_choice_without_an_oracle_is_reported_by_name(layer: ResNetSpec) -> None:
    assert without_oracle() == ["norm=layer"]
    with pytest.raises(AssertionError, match="no oracle of norm=layer"):
        assert_written(layer)


def test_a_norm_is_compared_with_the_oracle_that_its_file_brings(
    layer: ResNetSpec, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ALL_ORACLES, "norm=layer", layer_norm)
    assert without_oracle() == []
    assert_written(layer)
    monkeypatch.setitem(ALL_ORACLES, "norm=layer", lambda network, x, name: 1.001 * layer_norm(network, x, name))
    with pytest.raises(AssertionError, match="not close"):
        assert_written(layer)


def test_a_head_is_compared_with_the_oracle_that_its_file_brings(monkeypatch: pytest.MonkeyPatch) -> None:
    head = HeadChoice(key="mean", title="mean", help="The mean of every channel.", pools=True)
    monkeypatch.setitem(CHOICES["head"], "mean", head)
    assert without_oracle() == ["head=mean"]
    monkeypatch.setitem(ALL_ORACLES, "head=mean", lambda network, x: network.classify(x.flatten(2).mean(2)))
    assert_written(design_with("head", "mean"))
    monkeypatch.setitem(ALL_ORACLES, "head=mean", lambda network, x: network.classify(x.flatten(1)))
    with pytest.raises((AssertionError, RuntimeError)):
        assert_written(design_with("head", "mean"))


@pytest.mark.parametrize(("field", "key"), every_choice())
def test_a_network_differs_from_what_the_papers_write_of_any_other_choice(
    field: str, key: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    others = {other: ALL_ORACLES[f"{field}={other}"] for other in CHOICES[field] if other != key}
    if (field, key) == ("ablation", "dropout"):
        # What is dropped is drawn in training; in evaluation nothing is, as if there were no ablation.
        del others["none"]
    for other in others.values():
        monkeypatch.setitem(ALL_ORACLES, f"{field}={key}", other)
        with pytest.raises((AssertionError, KeyError, RuntimeError)):
            assert_written(evolve(design_with(field, key), **SHOWN_BY.get(field, {})))
