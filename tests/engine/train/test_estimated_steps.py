"""What a training will take, and what its pictures are, as it is said before it begins."""

from __future__ import annotations

import zipfile
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import nn

from resnet_gui.base.errors import InputError
from resnet_gui.data.archives import is_unpacked
from resnet_gui.design.presets import find_preset
from resnet_gui.design.spec import evolve
from resnet_gui.design.structure import Plan
from resnet_gui.engine.processor_load import Load
from resnet_gui.engine.train import estimate
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.events import Fit
from resnet_gui.protocol.jobs import Estimate
from resnet_gui.training.recipe import Recipe

GREY, COLOUR = (1, 28, 28), (3, 32, 32)


class Clock:
    """A clock that goes on by what the network computes, and by nothing else."""

    def __init__(self, step: float, picture: float) -> None:
        self.now, self.step, self.picture = 0.0, step, picture
        self.sizes: list[int] = []

    def __call__(self) -> float:
        return self.now

    def network(self, planned: Plan) -> ResNet:
        """The network, whose every forward pass takes its time."""
        network = ResNet(planned)
        network.register_forward_pre_hook(self._count)
        return network

    def _count(self, _module: nn.Module, args: tuple[torch.Tensor, ...]) -> None:
        self.sizes.append(len(args[0]))
        self.now += self.step + self.picture * len(args[0])


class Meter:
    """A meter of a computer that gives a process so large a share of one core, and has no core idle."""

    share = 1.0

    def restart(self) -> None:
        pass

    def read(self) -> Load:
        return Load(1.0, self.share * torch.get_num_threads(), 0.0)


@pytest.mark.parametrize("share", [1.0, 0.25])
@pytest.mark.parametrize("picture", [1e-6, 0.002, 0.1])
def test_an_estimate_is_what_steps_take_that_cost_the_same_beside_their_pictures(
    monkeypatch: pytest.MonkeyPatch, picture: float, share: float
) -> None:
    clock = Clock(0.01, picture)
    monkeypatch.setattr(Meter, "share", share)
    monkeypatch.setattr(estimate, "LoadMeter", Meter)
    monkeypatch.setattr(estimate, "ResNet", clock.network)
    # Recomputed steps are none that a script takes, which would pass the network by.
    recipe = Recipe(batch_size=64, steps=30, recompute=True)
    small = evolve(find_preset("digits-resnet").spec, blocks=(1, 1, 1))
    found = estimate.estimate(Estimate(1, small, recipe, "cpu"), clock=clock)
    assert (max(clock.sizes) == 64) == (picture < 0.1), "slow steps are worked out from smaller batches"
    step = clock.step + 64 * picture
    # Of a single size nothing is known of what a step costs beside its pictures.
    lone = len(set(clock.sizes)) == 1
    wanted = 32 * (clock.step + 2 * picture) if lone else step
    # On a busy computer it is what the steps would take alone.
    assert found.busy is (share < 1)
    assert found.step_seconds == pytest.approx(share * wanted)
    tests = 30 * 64 / 1438 * 359 / 64 * estimate.TEST_SHARE
    assert found.seconds == pytest.approx(share * wanted * (30 + tests))


class UnequalMeter(Meter):
    """A meter of a computer on which the quickest steps are those with the whole of a core."""

    def __init__(self, clock: Clock) -> None:
        self._clock, self._begun = clock, 0.0

    def restart(self) -> None:
        self._begun = self._clock.now

    def read(self) -> Load:
        return Load(1.0, 0.01 / max(0.01, self._clock.now - self._begun), 0.0)


def test_on_a_busy_computer_a_step_takes_what_it_computes_however_long_it_waits_meanwhile(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    clock = Clock(0.2, 0.0)
    monkeypatch.setattr(estimate, "LoadMeter", lambda: UnequalMeter(clock))
    monkeypatch.setattr(estimate, "ResNet", clock.network)
    recipe = Recipe(batch_size=64, steps=30, recompute=True)
    small = evolve(find_preset("digits-resnet").spec, blocks=(1, 1, 1))
    found = estimate.estimate(Estimate(1, small, recipe, "cpu"), clock=clock)
    assert found.busy
    assert len(set(clock.sizes)) > 1, "one small batch is no measure of a large one"
    assert found.step_seconds == pytest.approx(0.01), "not 32 steps of two pictures"


def test_an_estimate_unpacks_no_archive(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "set.zip", "w") as archive:
        archive.writestr("a/0.png", b"no picture")
    job = Estimate(1, find_preset("digits-resnet").spec, Recipe(data=str(tmp_path / "set.zip")), "cpu")
    with pytest.raises(InputError, match=r"set\.zip is not unpacked yet"):
        estimate.estimate(job)
    assert not is_unpacked(tmp_path / "set.zip")


def test_an_estimate_of_what_does_not_fit_says_so_without_trying(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(estimate, "free_memory", lambda _device: (10**8, 10**9))
    found = estimate.estimate(Estimate(1, find_preset("resnet50").spec, Recipe(data="cifar10"), "cpu"))
    assert (found.seconds, found.step_seconds, found.capacity) == (None, None, 10**8)
    assert found.needed > found.capacity


@pytest.mark.parametrize(
    ("mode", "size", "shape"),
    [("L", (50, 40), (1, 32, 32)), ("RGB", (224, 300), (3, 224, 224)), ("P", (5, 5), (3, 8, 8)), ("L", (28, 28), GREY)],
)
def test_a_folder_asks_for_the_size_of_its_pictures(
    tmp_path: Path, mode: str, size: tuple[int, int], shape: tuple[int, int, int]
) -> None:
    for name in ("a", "b", "c"):
        (tmp_path / name).mkdir()
        for number in range(6):
            Image.new("RGB", size, (50 * number,) * 3).convert(mode).save(tmp_path / name / f"{number}.png")
    (tmp_path / "a" / "0.png").write_bytes(b"no picture")
    assert estimate.fit_of(str(tmp_path)) == Fit(shape, 3, 15, 3)
    assert estimate.fit_of("cifar100") == Fit(COLOUR, 100, 50_000, 10_000, known=True)
