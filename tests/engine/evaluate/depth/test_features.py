"""Features that hooks keep, against a forward pass by hand; they change no answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.evaluate.depth.features import FeatureCollector, location_channels, most_pictures
from resnet_gui.engine.predict.classifier import Classifier
from resnet_gui.engine.predict.models import LoadedModel
from tests.engine.lab.measured_case import SPEC, drawn_network

PICTURES = 12
PIXELS: NDArray[np.uint8] = np.random.default_rng(3).integers(0, 256, (PICTURES, 2, 8, 8), dtype=np.uint8)


def classifier_of(spec: ResNetSpec, views: int = 1) -> Classifier:
    """A drawn network as it is measured: folded, and fused where this computer can."""
    loaded = LoadedModel(
        model=drawn_network(spec).model, name="drawn", spec=spec, classes=tuple("abcde"), own=True,
        preprocess=Preprocess(resize=8, mean=(0.4, 0.4), std=(0.3, 0.3)),
    )  # fmt: skip
    return Classifier(loaded, torch.device("cpu"), views=views)


@pytest.fixture(scope="module")
def classifier() -> Classifier:
    return classifier_of(SPEC)


@torch.inference_mode()
def by_hand(classifier: Classifier) -> dict[str, NDArray[np.float64]]:
    """Pooled features of all pictures, by the network as it was drawn, a block after the other."""
    model = classifier.loaded.model
    x = (torch.from_numpy(PIXELS).double() / 255 - 0.4) / 0.3
    blocks = dict(model.double().named_modules())
    for name, module in model.named_children():
        if name == "layer1":
            break
        x = module(x)
    found = {"stem": x.numpy().reshape(PICTURES, x.shape[1], -1).mean(-1)}
    for location, _ in model.plan.blocks():
        x = blocks[location.path](x)
        found[location.path] = x.numpy().reshape(PICTURES, x.shape[1], -1).mean(-1)
    model.float()
    return found


def collect(
    classifier: Classifier, sample: list[int], order: list[int], crops: int = 1
) -> tuple[FeatureCollector, NDArray[np.float32]]:
    """The collector after some pictures in batches of five, and their scores."""
    with FeatureCollector(classifier.network, classifier.loaded.model.plan, np.array(sample), crops) as collector:
        scores = []
        for start in range(0, len(order), 5):
            numbers = np.array(order[start : start + 5])
            scores.append(classifier.scores(PIXELS[numbers][:, None].repeat(crops, axis=1)))
            collector.keep(numbers)
    return collector, np.concatenate(scores)


@pytest.mark.parametrize(
    "changes", [{}, {"norm": "group", "norm_groups": 2}, {"order": "full_preact"}, {"shortcut": "none"}], ids=str
)
def test_features_of_the_computing_network_are_those_of_a_pass_by_hand(changes: dict[str, Any]) -> None:
    classifier = classifier_of(evolve(SPEC, **changes))
    expected = by_hand(classifier)
    order = np.random.default_rng(0).permutation(PICTURES).tolist()
    found = collect(classifier, list(range(PICTURES)), order)[0].collected()
    assert found.numbers.tolist() == list(range(PICTURES))
    assert list(found.by_location) == list(expected) == list(location_channels(classifier.loaded.model.plan))
    for path, values in found.by_location.items():
        assert values.dtype == np.float32
        np.testing.assert_allclose(values, expected[path], rtol=1e-4, atol=1e-5)


def test_hooks_change_no_answer_to_the_bit_and_are_gone_afterwards(classifier: Classifier) -> None:
    order = list(range(PICTURES))
    plain = np.concatenate([classifier.scores(PIXELS[start : start + 5, None]) for start in range(0, PICTURES, 5)])
    _, hooked = collect(classifier, order, order)
    assert hooked.tobytes() == plain.tobytes()
    for module in classifier.network.modules():
        assert not module._forward_hooks
        assert not module._forward_pre_hooks


def test_only_the_sample_is_kept_in_the_order_of_its_numbers_and_only_what_was_answered(classifier: Classifier) -> None:
    whole = collect(classifier, list(range(PICTURES)), list(range(PICTURES)))[0].collected()
    part = collect(classifier, [9, 2, 11], [11, 3, 2, 1])[0].collected()
    assert part.numbers.tolist() == [2, 11]
    for path, values in part.by_location.items():
        np.testing.assert_allclose(values, whole.by_location[path][[2, 11]], rtol=1e-5, atol=1e-6)


def test_features_of_several_crops_are_their_mean(classifier: Classifier) -> None:
    crops = np.stack([PIXELS[:4], PIXELS[4:8]], axis=1)
    with FeatureCollector(classifier.network, classifier.loaded.model.plan, np.arange(4), crops=2) as collector:
        classifier.scores(crops)
        collector.keep(np.arange(4))
    whole = collect(classifier, list(range(8)), list(range(8)))[0].collected().by_location
    for path, values in collector.collected().by_location.items():
        np.testing.assert_allclose(values, (whole[path][:4] + whole[path][4:]) / 2, rtol=1e-4, atol=1e-5)


def test_a_pass_that_failed_and_a_picture_without_an_answer_leave_nothing(classifier: Classifier) -> None:
    network, planned = classifier.network, classifier.loaded.model.plan

    def fail(*_: object) -> None:
        raise RuntimeError

    def with_collector(spoil: Callable[[], object], numbers: list[int]) -> dict[str, NDArray[np.float32]]:
        with FeatureCollector(network, planned, np.arange(4)) as collector:
            spoil()
            collector.keep(np.array(numbers))
        found = collector.collected()
        assert found.numbers.tolist() == numbers
        return dict(found.by_location)

    def fail_and_repeat() -> None:
        handle = network.get_submodule("layer2.0").register_forward_hook(fail)
        with pytest.raises(RuntimeError):
            classifier.logits(PIXELS[:4])
        handle.remove()
        for number in range(4):
            classifier.logits(PIXELS[number : number + 1])

    def answer_one_with_no_number() -> None:
        # From the last layer: a fused activation makes 0 of what is no number.
        spoilt = torch.tensor([[1.0], [torch.nan], [1.0]])
        handle = network.get_submodule("fc").register_forward_hook(lambda _module, _inputs, logits: logits * spoilt)
        assert np.isnan(classifier.scores(PIXELS[:3, None])).any(1).tolist() == [False, True, False]
        handle.remove()

    whole = with_collector(fail_and_repeat, [0, 1, 2, 3])
    for path, values in with_collector(answer_one_with_no_number, [0, 2]).items():
        np.testing.assert_allclose(values, whole[path][[0, 2]], rtol=1e-4, atol=1e-5)
    with pytest.raises(ValueError, match="1 pictures were answered, and 2 are named"):
        with_collector(lambda: classifier.logits(PIXELS[:1]), [0, 1])


def test_as_many_pictures_are_kept_as_fit_into_the_memory_for_features() -> None:
    planned = drawn_network().model.plan
    # The stem and six blocks of 6, 6, 6, 6, 8, 8 and 8 channels, four bytes each.
    assert most_pictures(planned) == 2**28 // (4 * 48)
