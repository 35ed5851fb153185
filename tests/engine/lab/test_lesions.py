"""Lesions against networks that are built without the block, in another order, or written by hand."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Callable, Mapping

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from resnet_gui.base.errors import InputError
from resnet_gui.design.plan import plan
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.lab import block_row
from resnet_gui.engine.lab.block_row import BlockRow, KeptMaps, PlacedBlock
from resnet_gui.engine.lab.finished_run import LabelledPictures, MeasuredNetwork
from resnet_gui.engine.lab.lesions import LesionBench, study_lesions
from resnet_gui.lab.measured.lesions import Lesions, LesionSetup
from resnet_gui.network.resnet import ResNet
from tests.engine.lab.measured_case import SPEC, drawn_network, drawn_pictures, logits_of

COUNT = 150
PLAIN = evolve(SPEC, shortcut="none")
PRE_ACTIVATION = evolve(SPEC, order="full_preact")
SMOOTH = evolve(SPEC, activation="silu")


def moved(state: Mapping[str, Tensor], where: Callable[[str], str | None]) -> dict[str, Tensor]:
    """A state_dict whose blocks have other paths; those without one are left out."""
    found = {}
    for name, value in state.items():
        stage, _, rest = name.partition(".")
        number, _, layer = rest.partition(".")
        path = where(f"{stage}.{number}") if stage.startswith("layer") else ""
        if path is not None:
            found[f"{path}.{layer}" if path else name] = value
    return found


def without(network: MeasuredNetwork, stage: int, block: int) -> ResNet:
    """A network that is built with one block less, and has the weights of the others."""
    spec = network.model.plan.spec
    blocks = tuple(count - (number == stage) for number, count in enumerate(spec.blocks))
    made = ResNet(plan(evolve(spec, blocks=blocks)))

    def where(path: str) -> str | None:
        name, number = path.split(".")
        if name != f"layer{stage + 1}" or int(number) < block:
            return path
        return None if int(number) == block else f"{name}.{int(number) - 1}"

    made.load_state_dict(moved(network.model.state_dict(), where))
    return made.eval()


def bench_of(
    network: MeasuredNetwork, expected: Tensor, images: Tensor, statistics: LabelledPictures | None = None
) -> LesionBench:
    """A bench whose labels are the answers that are expected: with the right lesions its error is zero."""
    return LesionBench(network, LabelledPictures(images, expected.argmax(1)), statistics)


@pytest.mark.parametrize("spec", [SPEC, PLAIN, PRE_ACTIVATION], ids=["residual", "plain", "pre-act"])
def test_a_network_without_a_block_is_one_that_is_built_without_it(spec: ResNetSpec) -> None:
    network, images = drawn_network(spec), drawn_pictures(COUNT).images
    for stage, block in ((0, 1), (0, 2), (1, 2)):
        expected = logits_of(without(network, stage, block), network, images)
        row = BlockRow(network.model)
        changed = list(row.whole)
        number = 3 * stage + block
        changed[number] = PlacedBlock(number, deleted=True)
        with torch.inference_mode():
            found = torch.cat(
                [row.rest(changed, row.stem(network.input(each))) for each in torch.split(images, network.batch)]
            )
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-6 * float(expected.abs().max()))
        assert bench_of(network, expected, images).test(Lesions((f"layer{stage + 1}.{block}",))).error == 0
        intact = logits_of(network.model, network, images)
        assert bench_of(network, intact, images).test(Lesions((f"layer{stage + 1}.{block}",))).error > 0.1


def test_a_block_of_option_a_that_changes_the_shape_becomes_every_other_pixel_and_zeros() -> None:
    network, images = drawn_network(), drawn_pictures(COUNT).images
    model = network.model

    class ByHand(nn.Module):
        """Stem, first stage, the shortcut alone, the rest of the second stage, head."""

        def forward(self, x: Tensor) -> Tensor:
            x = model.layer1(functional.relu(model.bn1(model.conv1(x))))  # type: ignore[operator]
            # Two new channels: one in front, one behind.
            x = functional.pad(x[:, :, ::2, ::2], (0, 0, 0, 0, 1, 1))
            x = model.layer2[2](model.layer2[1](x))  # type: ignore[index, operator]
            y: Tensor = model.fc(x.mean((2, 3)))  # type: ignore[operator]
            return y

    expected = logits_of(ByHand(), network, images)
    assert bench_of(network, expected, images).test(Lesions(("layer2.0",))).error == 0


def test_several_blocks_are_deleted_together_in_whatever_order_they_are_named() -> None:
    network, images = drawn_network(), drawn_pictures(COUNT).images
    fewer = without(network._replace(model=without(network, 1, 2)), 0, 1)
    bench = bench_of(network, logits_of(fewer, network, images), images)
    for names in (("layer1.1", "layer2.2"), ("layer2.2", "layer1.1")):
        assert bench.test(Lesions(names)).error == 0
    assert bench.test(Lesions()).error == bench.intact > 0.1


@pytest.mark.parametrize("spec", [SPEC, PLAIN], ids=["residual", "plain"])
def test_blocks_that_change_places_are_a_network_with_their_weights_exchanged(spec: ResNetSpec) -> None:
    network, images = drawn_network(spec), drawn_pictures(COUNT).images
    exchanged = copy.deepcopy(network.model)
    places = {"layer1.0": "layer1.2", "layer1.2": "layer1.1", "layer1.1": "layer1.0"}
    exchanged.load_state_dict(moved(network.model.state_dict(), lambda path: places.get(path, path)))
    bench = bench_of(network, logits_of(exchanged, network, images), images)
    # 0 1 2 becomes 2 1 0, and then 1 2 0: what stands in a place by then moves.
    found = bench.test(Lesions(swapped=(("layer1.0", "layer1.2"), ("layer1.0", "layer1.1"))))
    assert found.error == 0
    assert found.tau == pytest.approx(1 - 2 * 2 / 15)
    assert bench.intact > 0.1
    # A deleted block has moved with its place: the others stand in their order.
    both = bench.test(Lesions(("layer1.0",), (("layer1.0", "layer1.1"),)))
    assert both.error == bench.test(Lesions(("layer1.0",))).error
    assert both.tau == pytest.approx(1 - 2 / 15)


def test_only_blocks_of_one_stage_that_keep_its_shape_change_places() -> None:
    bench = LesionBench(drawn_network(), drawn_pictures(8))
    pairs = [("layer1.0", "layer1.1"), ("layer1.0", "layer1.2"), ("layer1.1", "layer1.2"), ("layer2.1", "layer2.2")]
    assert list(bench.swappable()) == pairs
    for pair in (("layer2.0", "layer2.1"), ("layer1.1", "layer2.1"), ("layer1.0", "layer9.0")):
        with pytest.raises(InputError, match="cannot change places: choose two blocks of one stage"):
            bench.test(Lesions(swapped=(pair,)))


def test_a_plain_block_that_changes_the_shape_cannot_be_deleted() -> None:
    bench = LesionBench(drawn_network(PLAIN), drawn_pictures(40))
    found = {deletion.block: deletion for deletion in bench.delete_each()}
    assert [name for name, each in found.items() if each.error is None] == ["layer2.0"]
    assert (found["layer2.0"].kind, found["layer2.0"].reason) == ("none", "shape changes")
    assert (found["layer1.0"].kind, found["layer1.0"].reason) == ("bypass", "")
    assert "layer2.0" not in bench.deletable()
    with pytest.raises(InputError, match=r"'layer2.0' has no shortcut and turns a map of 6×8×8 into 8×4×4"):
        bench.test(Lesions(("layer1.1", "layer2.0")))
    with pytest.raises(InputError, match=r"'layer3.0' is no block of this network"):
        bench.test(Lesions(("layer3.0",)))


def test_statistics_are_measured_again_as_a_training_pass_over_all_pictures_would_have_them() -> None:
    network, images, seen = drawn_network(), drawn_pictures(COUNT).images, drawn_pictures(60, seed=5)
    expected = without(network, 0, 1)
    norms = [module for module in expected.modules() if isinstance(module, nn.BatchNorm2d)]
    counts = dict.fromkeys(norms, 0)
    for norm in norms:
        norm.momentum = 1.0
        norm.register_forward_hook(
            lambda module, inputs, _output: counts.update({module: inputs[0].numel() // inputs[0].shape[1]})
        )
    expected.train()
    with torch.no_grad():
        expected((seen.images.float() / 255 - 0.4) / 0.3)
    for norm in norms:  # torch keeps the variance over n - 1
        norm.get_buffer("running_var").mul_((counts[norm] - 1) / counts[norm])
    answers = logits_of(expected.eval(), network, images)
    # The answers shall be of all classes again.
    network.model.get_parameter("fc.bias").sub_(answers.mean(0))
    before = copy.deepcopy(network.model.state_dict())
    bench = bench_of(network, answers - answers.mean(0), images, seen)
    assert bench.measured_over == 60
    for _ in range(2):  # what was measured for one change is no other's
        assert bench.test(Lesions(("layer1.1",))).error == 0
        assert bench.test(Lesions(("layer1.2",))).error > 0.05
    assert all(torch.equal(value, before[name]) for name, value in network.model.state_dict().items())


def test_maps_that_are_not_kept_are_computed_again_to_the_same_bits(monkeypatch: pytest.MonkeyPatch) -> None:
    network, images = drawn_network(SMOOTH), drawn_pictures(40).images
    row = BlockRow(network.model)
    inputs = [network.input(images[:30]), network.input(images[30:])]

    def maps() -> list[Tensor]:
        kept = KeptMaps(row, inputs)
        return [torch.cat(list(kept.before(number))) for number in range(len(row.names) + 1)]

    with torch.inference_mode():
        kept = maps()
        for most in (0, 4 * 40 * 6 * 8 * 8):
            monkeypatch.setattr(block_row, "KEPT_BYTES", max(1, most))
            assert all(itertools.starmap(torch.equal, zip(kept, maps(), strict=True)))


def test_a_lesion_leaves_no_trace_in_the_next_answer() -> None:
    # SiLU works in place, and where a branch is turned off, on what its shortcut hands on.
    network, pictures = drawn_network(SMOOTH), drawn_pictures(COUNT)
    bench = LesionBench(network, pictures)
    first = [bench.test(Lesions((name,))).error for name in bench.deletable()]
    assert [bench.test(Lesions((name,))).error for name in bench.deletable()] == first
    assert bench.test(Lesions()).error == bench.intact


def test_a_study_is_the_same_for_the_same_seed_and_a_draw_whatever_else_is_drawn() -> None:
    network, pictures, seen = drawn_network(), drawn_pictures(40), drawn_pictures(20, seed=2)
    shares: list[float] = []
    setup = LesionSetup(counts=(2, 3, 7), swap_counts=(1, 2), draws=2, seed=4)
    study = study_lesions(network, pictures, seen, setup, shares.append)
    assert (study.pictures, study.measured_over, study.chance) == (40, 0, 0.8)
    assert len(study.deletions) == 6
    assert shares == sorted(shares)
    assert shares[-1] == 1
    assert [each.count for each in study.at_random] == [2, 3], "seven of six blocks cannot be deleted"
    again = study_lesions(network, pictures, seen, LesionSetup(counts=(3,), swap_counts=(2,), draws=1, seed=4))
    assert again.at_random[0].blocks == study.at_random[1].blocks[:1]
    assert again.at_random[0].errors == study.at_random[1].errors[:1]
    assert again.swaps[0].draws == study.swaps[1].draws[:1]
    other = study_lesions(network, pictures, seen, LesionSetup(counts=(3,), swap_counts=(2,), draws=1, seed=5))
    assert (other.at_random, other.swaps) != (again.at_random, again.swaps)
    bench = LesionBench(network, pictures)
    for each in study.at_random:
        assert all(len(set(names)) == each.count for names in each.blocks)
        assert [bench.test(Lesions(names)).error for names in each.blocks] == list(each.errors)
    measured = study_lesions(
        network, pictures, seen, LesionSetup(statistics="remeasured", counts=(), swap_counts=(), draws=1)
    )
    assert measured.measured_over == 20


def test_a_report_that_raises_gives_a_study_up_and_no_pictures_are_refused() -> None:
    network, pictures = drawn_network(), drawn_pictures(8)

    def stop(_fraction: float) -> None:
        raise InterruptedError

    with pytest.raises(InterruptedError):
        study_lesions(network, pictures, pictures, LesionSetup(), stop)
    with pytest.raises(InputError, match="There are no pictures to test the network with"):
        LesionBench(network, LabelledPictures(pictures.images[:0], pictures.labels[:0]))
    with pytest.raises(InputError, match="Statistics cannot be measured again without training pictures"):
        study_lesions(network, pictures, None, LesionSetup(statistics="remeasured"))
