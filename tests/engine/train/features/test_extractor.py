"""Features of a frozen backbone: what the head's own layers read, computed once, the same bits every time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from resnet_gui.base.errors import InputError
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.data.datasets import load
from resnet_gui.engine.data.loaders import IGNORED, WHOLE, Batch, Resident, Streamed
from resnet_gui.engine.data.splits import Split
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.features import extractor as features
from resnet_gui.engine.train.features.extractor import (
    EXACT,
    FeatureExtractor,
    FeatureTable,
    backbone_of,
    extracted,
    feature_count,
)
from resnet_gui.network.fusion import folded
from resnet_gui.network.parts import other_parts
from resnet_gui.network.resnet import ResNet
from resnet_gui.runs.folder import DataIdentity
from tests.engine.train.test_starting_weights import FAMILIES

DIGITS = PRESETS["digits-resnet"].spec
CPU = torch.device("cpu")


def identity_of(channels: int) -> DataIdentity:
    return DataIdentity(
        name="x", classes=("a", "b"), train_images=2, test_images=2, sha256="1", mean=(0.4,) * channels,
        std=(0.2,) * channels,
    )  # fmt: skip


def lively(spec: ResNetSpec) -> ResNet:
    """A network whose norms have statistics and factors of their own."""
    torch.manual_seed(5)
    model = ResNet(plan(spec))
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for tensor, low, high in (
                (module.running_mean, -0.5, 0.5), (module.running_var, 0.5, 2.0),
                (module.weight, 0.5, 1.5), (module.bias, -0.3, 0.3),
            ):  # fmt: skip
                assert tensor is not None
                nn.init.uniform_(tensor, low, high)
    return model


def pictures(count: int, spec: ResNetSpec) -> Tensor:
    generator = torch.Generator().manual_seed(1)
    return torch.randint(0, 256, (count, *spec.input), generator=generator, dtype=torch.uint8)


def head_of(model: ResNet) -> nn.Module:
    return other_parts(model, len(model.plan.stages) + 1)


def by_hand(model: ResNet, raw: Tensor) -> Tensor:
    """What the layer behind the flattening reads, seen by a hook of the whole network in evaluation mode."""
    seen: list[Tensor] = []
    first = next(iter(head_of(model).children()))
    hook = first.register_forward_pre_hook(lambda _module, inputs: seen.append(inputs[0]))
    identity = identity_of(raw.shape[1])
    mean, std = (torch.tensor(values).view(1, -1, 1, 1) for values in (identity.mean, identity.std))
    with torch.inference_mode():
        model.eval()((raw.float() / 255 - mean) / std)
    hook.remove()
    return seen[0]


def all_of(extractor: FeatureExtractor, source: object, numbers: int, ranks: RankGroup | None = None) -> FeatureTable:
    making = extracted(extractor, source, ranks or RankGroup(), numbers)  # type: ignore[arg-type]
    while True:
        try:
            next(making)
        except StopIteration as end:
            found: FeatureTable = end.value
            return found


@pytest.mark.parametrize("family", FAMILIES)
def test_features_are_what_the_heads_own_layers_read_in_evaluation(family: str) -> None:
    model, raw = lively(FAMILIES[family]).train(), pictures(3, FAMILIES[family])
    before = {name: value.clone() for name, value in model.state_dict().items()}
    found = FeatureExtractor(model, identity_of(3))(raw)
    expected = by_hand(model, raw)
    assert found.dtype == torch.float32
    assert found.shape == (3, feature_count(model.plan))
    assert float((found - expected).abs().max()) <= EXACT * float(expected.abs().max())
    assert all(torch.equal(value, before[name]) for name, value in model.state_dict().items())


def test_a_head_that_flattens_reads_every_position() -> None:
    spec = evolve(FAMILIES["basic"], head="flatten", input=(3, 16, 16), hidden=(5,))
    model, raw = lively(spec), pictures(2, spec)
    torch.testing.assert_close(FeatureExtractor(model, identity_of(3))(raw), by_hand(model, raw), rtol=0, atol=1e-5)
    assert feature_count(model.plan) == 8 * 8 * 8


@pytest.mark.parametrize(
    "spec", [DIGITS, FAMILIES["hidden layers"], FAMILIES["pre-activation"]], ids=lambda it: it.order
)
def test_the_halves_of_a_network_are_the_network(spec: ResNetSpec) -> None:
    model, raw = lively(spec).eval(), pictures(2, spec).float()
    assert torch.equal(head_of(model)(backbone_of(model)(raw)), model(raw))
    names = [*backbone_of(model).state_dict(), *head_of(model).state_dict()]
    assert names == list(model.state_dict())
    assert all(name.startswith(("fc", "hidden")) for name in head_of(model).state_dict())


def test_the_fused_network_is_used_where_it_is_exact_and_the_plain_one_in_half_precision() -> None:
    assert FeatureExtractor(lively(DIGITS), identity_of(1)).way.startswith(("fused", "folded"))
    assert FeatureExtractor(lively(DIGITS), identity_of(1), "bf16").way.startswith("plain, channels last")


def test_a_faster_way_that_is_not_exact_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    def rough(model: ResNet) -> ResNet:
        made = folded(model)
        with torch.no_grad():
            next(made.parameters()).mul_(1.001)
        return made

    monkeypatch.setattr(features, "folded", rough)
    model, raw = lively(DIGITS), pictures(3, DIGITS)
    extractor = FeatureExtractor(model, identity_of(1))
    assert extractor.way.startswith("plain, contiguous")
    assert torch.equal(extractor(raw), by_hand(model, raw))


def test_training_goes_on_in_the_network_and_not_in_its_features() -> None:
    model, raw = lively(DIGITS), pictures(2, DIGITS)
    extractor = FeatureExtractor(model, identity_of(1))
    before = extractor(raw)
    with torch.no_grad():
        next(model.parameters()).zero_()
    assert torch.equal(extractor(raw), before)


class _Ranks(RankGroup):
    """One of several processes, whose sums the test adds up by hand."""

    def sum(self, values: Tensor) -> Tensor:
        return values


@pytest.mark.parametrize("world", [2, 3])
def test_ranks_share_the_batches_and_add_up_to_the_bits_of_one(world: int) -> None:
    model, raw = lively(DIGITS), pictures(11, DIGITS)
    extractor = FeatureExtractor(model, identity_of(1))
    extractor.batch = 2
    labels = torch.arange(11) % 10
    whole = all_of(extractor, Resident(raw, labels, CPU), 64)
    parts, turns = [], []
    for rank in range(world):
        making = extracted(extractor, Resident(raw, labels, CPU), _Ranks(rank, world), 64)
        turns.append(0)
        while True:
            try:
                next(making)
                turns[-1] += 1
            except StopIteration as end:
                parts.append(end.value)
                break
    assert len(set(turns)) == 1
    assert torch.equal(whole.features, torch.stack([part.features for part in parts]).sum(0))
    assert torch.equal(whole.labels, torch.stack([part.labels for part in parts]).sum(0))
    assert torch.equal(whole.labels, labels)


def test_how_far_it_is_is_told_after_every_batch() -> None:
    extractor = FeatureExtractor(lively(DIGITS), identity_of(1))
    extractor.batch = 4
    source = Resident(pictures(10, DIGITS), torch.zeros(10, dtype=torch.int64), CPU)
    assert list(extracted(extractor, source, RankGroup(), 64)) == [(4, 10), (8, 10), (10, 10)]


def test_a_picture_that_cannot_be_read_keeps_the_label_that_the_loss_ignores(picture_folder: Path) -> None:
    paths = sorted(picture_folder.rglob("*.png"))[:6]
    told: list[str] = []
    spec = evolve(DIGITS, input=(1, 8, 8))
    data = load(str(picture_folder), spec.input)
    split = Split(torch.empty((0, *spec.input), dtype=torch.uint8), torch.ones(6, dtype=torch.int64), tuple(paths))
    paths[2].write_bytes(b"broken")
    source = data.source(split, spec.input, CPU, told.append)
    assert isinstance(source, Streamed)
    found = all_of(FeatureExtractor(lively(spec), data.identity), source, 64)
    assert found.labels.tolist() == [1, 1, IGNORED, 1, 1, 1]
    assert len(told) == 1
    assert torch.isfinite(found.features).all()


def test_a_set_whose_features_take_more_than_half_of_the_free_memory_is_refused() -> None:
    planned = plan(evolve(DIGITS, head="flatten"))
    features.check_room(1000, planned, 3, CPU)
    with pytest.raises(InputError, match=r"features of 900,000,000,000 pictures, .* train without cached features"):
        features.check_room(900_000_000_000, planned, 3, CPU)


class _Counting:
    """A source that counts what is asked of it."""

    cuts = False

    def __init__(self, inner: Resident) -> None:
        self.labels, self._inner, self.asked = inner.labels, inner, 0

    def batches(self, parts: Iterable[Tensor], _crops: Iterable[Tensor | None] = WHOLE, /) -> Iterator[Batch]:
        for batch in self._inner.batches(parts):
            self.asked += len(batch[1])
            yield batch


def test_whoever_stops_in_the_middle_reads_no_further() -> None:
    extractor = FeatureExtractor(lively(DIGITS), identity_of(1))
    extractor.batch = 2
    source = _Counting(Resident(pictures(10, DIGITS), torch.zeros(10, dtype=torch.int64), CPU))
    making = extracted(extractor, source, RankGroup(), 64)
    next(making)
    making.close()
    assert source.asked == 2
