"""The script of a step computes what autograd computes, to the bit, and in less memory."""

from __future__ import annotations

import gc
import json
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn
from torch.nn import functional
from torch.profiler import ProfilerActivity, profile

from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine import malloc
from resnet_gui.engine.malloc import settled_memory
from resnet_gui.engine.train.distributed import RankGroup
from resnet_gui.engine.train.script import scripted_step
from resnet_gui.engine.train.script.scripted_step import LossTarget, ScriptedStep
from resnet_gui.engine.train.script.writer import NotWrittenError
from resnet_gui.engine.train.step import TrainingStep
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.sampled import SampledConv, laid_out
from tests.conftest import daily, examples
from tests.designs import designs
from tests.engine.train.test_step import COUNT, IDENTITY, SPEC, TOTAL, data, net, vary

LAYOUTS = (torch.contiguous_format, torch.channels_last)


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Sums of several threads may be cut elsewhere while the machine is busy."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def drawn(spec: ResNetSpec, layout: torch.memory_format) -> ResNet:
    torch.manual_seed(1)
    return laid_out(ResNet(plan(spec)).train(), layout)


def check_bits(spec: ResNetSpec, layout: torch.memory_format, *, renews: bool, forks: bool) -> bool:
    """Whether a design has a script; its bits are those of autograd, of a second batch too."""
    expected, found = drawn(spec, layout), drawn(spec, layout)
    try:
        script = ScriptedStep(found.children(), 0.1, renews=renews, forks=forks)
    except NotWrittenError:
        return False
    for seed, count in enumerate((4, 3)):
        generator = torch.Generator().manual_seed(seed)
        images = torch.randn(count, *spec.input, generator=generator).clone(memory_format=layout)
        labels = torch.randint(0, spec.classes, (count,), generator=generator)
        loss, logits = script(images, LossTarget(labels, labels, 1.0, None), 0.5)
        answers = expected(images)
        entropy = functional.cross_entropy(answers, labels, reduction="sum", label_smoothing=0.1)
        torch.autograd.backward(entropy * 0.5)
        assert torch.equal(loss, entropy.detach())
        assert torch.equal(logits, answers.detach())
    for (name, value), own in zip(expected.named_parameters(), found.parameters(), strict=True):
        assert value.grad is not None
        assert own.grad is not None
        assert torch.equal(own.grad, value.grad), name
    for (name, buffer), own_buffer in zip(expected.named_buffers(), found.buffers(), strict=True):
        assert torch.equal(own_buffer, buffer), name
    return True


@given(spec=designs(), renews=st.booleans(), forks=st.booleans(), last=st.booleans())
@examples(12)
def test_a_script_has_the_bits_of_autograd(spec: ResNetSpec, renews: bool, forks: bool, last: bool) -> None:
    if min(spec.input[1:]) >= 8:
        check_bits(spec, LAYOUTS[last], renews=renews, forks=forks)


SIZES = {
    "digits-resnet": 8, "resnet20": 8, "plain20": 8, "preact_resnet164": 8, "resnet18": 33, "resnet50": 33,
    "resnet34_c": 33, "wrn_16_8": 8, "resnet50d": 33, "biased_resnet50": 33,
    "unnormalised_resnet18": 33, "resnet110_bn_after_addition": 8, "resnet110_relu_before_addition": 8,
    "resnet110_relu_only_preact": 8,
}  # fmt: skip


KINDS = [(name, LAYOUTS[(number + turn) % 2]) for turn in (0, 1) for number, name in enumerate(SIZES)]
"""Every preset in one layout by turns, then in the other; designs are drawn in both."""


@pytest.mark.parametrize(("name", "layout"), daily(KINDS[: len(SIZES)], KINDS[len(SIZES) :]))
def test_a_preset_has_a_script_with_the_bits_of_autograd(name: str, layout: torch.memory_format) -> None:
    spec = PRESETS[name].spec
    widths = tuple(max(4, width // 4) for width in spec.widths)
    blocks = tuple(min(count, 2) for count in spec.blocks)
    small = evolve(spec, blocks=blocks, widths=widths, input=(spec.input[0], SIZES[name], SIZES[name]), classes=3)
    for renews, forks in ((True, False), (False, True)):
        assert check_bits(small, layout, renews=renews, forks=forks)


def test_what_has_no_script_is_left_to_autograd() -> None:
    spec = evolve(SPEC, se_ratio=4)
    with pytest.raises(NotWrittenError):
        ScriptedStep(net(spec).children(), 0.0, renews=False, forks=False)
    learner = TrainingStep(net(spec), vary(), "fp32", torch.channels_last, RankGroup())
    learner.normalise_by(IDENTITY)
    assert learner.learn(data(0), 0, TOTAL, COUNT).loss.item() > 0


def test_a_network_of_hundreds_of_blocks_has_no_script(monkeypatch: pytest.MonkeyPatch) -> None:
    source = ScriptedStep(net(SPEC).children(), 0.0, renews=False, forks=False).source
    monkeypatch.setattr(scripted_step, "MOST_LINES", source.count("\n") - 1)
    with pytest.raises(NotWrittenError, match="lines"):
        ScriptedStep(net(SPEC).children(), 0.0, renews=False, forks=False)


@pytest.mark.parametrize(
    "changes",
    [{}, {"mixup": 0.4, "label_smoothing": 0.1}, {"accumulate": 3, "ema": 0.9, "clip": 0.5}, {"optimizer": "adamw"}],
)
def test_trainings_with_and_without_a_script_have_the_same_weights(
    changes: dict[str, object], monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = evolve(SPEC, shortcut="B")

    def learnt() -> TrainingStep:
        found = TrainingStep(net(spec), vary(**changes), "fp32", torch.channels_last, RankGroup())
        found.may_fork = True
        found.normalise_by(IDENTITY)
        found.weigh_classes(torch.tensor([0.5, 1.0, 1.5]))
        for step in range(TOTAL):
            found.probe.on = step == TOTAL - 1
            found.learn(data(step), step, TOTAL, COUNT)
        return found

    scripted = learnt()
    monkeypatch.setattr(TrainingStep, "_may_be_scripted", lambda _self: False)
    plain = learnt()
    for name, value in plain.tested.state_dict().items():
        assert torch.equal(scripted.tested.state_dict()[name], value), name
    assert scripted.gradients == plain.gradients
    assert scripted.probe.ratios() == pytest.approx(plain.probe.ratios(), rel=1e-3)


def peak_bytes(script: ScriptedStep, images: Tensor, folder: Path) -> int:
    """Most bytes that torch has given out in a step beyond those before it."""
    labels = torch.zeros(len(images), dtype=torch.int64)
    target = LossTarget(labels, labels, 1.0, None)
    script(images, target, 1.0)
    with profile(activities=[ProfilerActivity.CPU], profile_memory=True) as watched:
        script(images, target, 1.0)
    watched.export_chrome_trace(str(folder / "trace.json"))
    events = json.loads((folder / "trace.json").read_text(encoding="utf-8"))["traceEvents"]
    totals = [each["args"]["Total Allocated"] for each in events if each["name"] == "[memory]"]
    return int(max(totals) - totals[0])


def test_maps_that_a_norm_can_make_again_are_not_kept(tmp_path: Path) -> None:
    spec = evolve(PRESETS["resnet20"].spec, input=(3, 16, 16))
    images = torch.randn(16, *spec.input).clone(memory_format=torch.channels_last)
    kept, made_again = (
        peak_bytes(
            ScriptedStep(drawn(spec, torch.channels_last).children(), 0.0, renews=renews, forks=False), images, tmp_path
        )
        for renews in (False, True)
    )
    assert made_again < 0.85 * kept


def test_a_strided_convolution_of_single_pixels_picks_them_first() -> None:
    conv = nn.Sequential(nn.Conv2d(3, 5, 1, stride=2), nn.Conv2d(5, 5, 3, stride=2, padding=1))
    images = torch.randn(2, 3, 7, 7)
    expected = conv(images)
    made = laid_out(conv, torch.channels_last)
    assert [type(each) for each in made] == [SampledConv, nn.Conv2d]
    torch.testing.assert_close(made(images), expected)


class Cycle:
    """Something that only the collector can let go of."""

    def __init__(self) -> None:
        self.itself = self


def test_the_collector_passes_over_what_is_there_while_memory_is_settled(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(malloc, "gc", gc)  # tests/memory.py takes it from the trainings of all others
    gc.unfreeze()
    with settled_memory():
        assert gc.get_freeze_count() > 0
    assert gc.get_freeze_count() == 0
    gc.freeze()  # as an engine does when it begins
    held, left = gc.get_freeze_count(), weakref.ref(Cycle())
    with settled_memory():
        inside = weakref.ref(Cycle())
    assert gc.get_freeze_count() > held / 2, "what was passed over before still is"
    assert left() is None
    assert inside() is None
