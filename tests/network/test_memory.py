"""The memory model against torch: what autograd keeps, what is alive in a forward pass, what an optimiser holds."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from resnet_gui.analysis.memory import Precision, inference_memory, training_memory
from resnet_gui.base.errors import InputError
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.structure import Plan
from resnet_gui.network.parts import first_parts
from resnet_gui.network.resnet import ResNet
from tests.conftest import FACTOR, examples
from tests.designs import designs

PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16")
PRESET_SIZES = {
    "digits-resnet": 8, "resnet18": 33, "resnet50": 33, "resnet50_v1": 35, "resnet34_c": 33, "resnet20": 32,
    "plain20": 17, "resnet50d": 65, "seresnet50": 33, "resnetv2_50": 33, "unnormalised_resnet18": 37,
    "biased_resnet50": 33, "preact_resnet22": 256, "resnext50_32x4d": 33, "resnet110_exclusive_gating": 9,
    "resnet110_shortcut_gating": 9, "resnet110_dropout": 9, "resnet110_scaling_both": 9, "wrn_16_8": 9,
    "resnet110_bn_after_addition": 9, "resnet110_relu_only_preact": 9, "resnet110_relu_before_addition": 9,
}  # fmt: skip


def small(name: str) -> ResNetSpec:
    """A preset for pictures that a test can afford."""
    size = PRESET_SIZES[name]
    spec = PRESETS[name].spec
    return spec if spec.head == "flatten" else evolve(spec, input=(spec.input[0], size, size))


def own(model: ResNet) -> set[int]:
    """Storages of weights and running statistics."""
    return {tensor.untyped_storage()._cdata for tensor in (*model.parameters(), *model.buffers())}


def kept(model: ResNet, pictures: Tensor) -> list[Tensor]:
    """What autograd keeps for the backward pass, one tensor a storage, weights left out."""
    weights = own(model)
    found: dict[int, Tensor] = {}

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()._cdata
        if storage not in weights:
            found[storage] = tensor.detach()
        # Not the tensor itself: an output that its own node keeps is a cycle that nothing ever frees.
        return tensor.detach()

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(pictures)
    return list(found.values())


def storage_bytes(tensors: Sequence[Tensor]) -> int:
    return sum(tensor.untyped_storage().nbytes() for tensor in tensors)


class Alive(TorchDispatchMode):  # type: ignore[no-untyped-call]
    """Follows the storages that operations make; ``peak`` is the largest sum of those alive at once."""

    def __init__(self, weights: set[int]) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self._weights = weights
        self._alive: dict[int, tuple[StorageWeakRef, int]] = {}
        self.peak = 0

    def __torch_dispatch__(self, func: Any, _types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        for tensor in tree_leaves(out):
            if isinstance(tensor, Tensor) and tensor.untyped_storage()._cdata not in self._weights:
                storage = tensor.untyped_storage()
                self._alive[storage._cdata] = (StorageWeakRef(storage), storage.nbytes())  # type: ignore[no-untyped-call]
        gone = [key for key, (ref, _) in self._alive.items() if ref.expired()]  # type: ignore[no-untyped-call]
        for key in gone:
            del self._alive[key]
        self.peak = max(self.peak, sum(size for _, size in self._alive.values()))
        return out


def peak(model: ResNet, pictures: Tensor) -> int:
    """Most bytes of feature maps alive at once in evaluation; the pictures live all the time."""
    with torch.no_grad(), Alive(own(model)) as alive:
        model.eval()(pictures)
    peak: int = alive.peak + pictures.nbytes
    return peak


def can_train(spec: ResNetSpec, batch: int) -> bool:
    """Whether batch normalisation has two values of each channel at least."""
    return not any(
        layer.kind == "bn" and batch * prod(layer.output[1:]) == 1 for _, layer in plan(spec).layers()
    )  # fmt: skip


def of_zeros(planned: Plan) -> ResNet:
    """A network whose weights are 0: drawing millions of them takes longer than a pass."""
    with torch.device("meta"):
        model = ResNet(planned)
    model.to_empty(device="cpu")
    for value in model.state_dict().values():
        value.zero_()
    return model


def peak_of_first(model: ResNet, parts: int, pictures: Tensor) -> int:
    with torch.no_grad(), Alive(own(model)) as alive:
        first_parts(model, parts).eval()(pictures)
    peak: int = alive.peak + pictures.nbytes
    return peak


def check_frozen(spec: ResNetSpec, frozen: int, batch: int) -> None:
    """What is kept behind frozen parts, or is alive while they compute: the pictures live all the time."""
    planned = plan(spec)
    model = of_zeros(planned).train()
    first_parts(model, frozen).eval().requires_grad_(requires_grad=False)
    pictures = torch.randn(batch, *spec.input)
    found = storage_bytes(kept(model, pictures)) + pictures.nbytes
    expected = max(found, peak_of_first(model, frozen, pictures))
    memory = training_memory(planned, batch, frozen=frozen)
    assert memory.activations == expected
    learning = sum(value.nbytes for value in model.parameters() if value.requires_grad)
    assert (memory.gradients, memory.optimizer) == (learning, learning)


def check_activations(spec: ResNetSpec, batch: int) -> None:
    planned = plan(spec)
    model = of_zeros(planned).train()
    pictures = torch.randn(batch, *spec.input)
    if can_train(spec, batch):
        assert storage_bytes(kept(model, pictures)) == training_memory(planned, batch).activations
    assert peak(model, pictures) == inference_memory(planned, batch).activations


@given(spec=designs())
@examples(8)
def test_what_autograd_keeps_and_what_is_alive_at_once_are_the_planned_bytes(spec: ResNetSpec) -> None:
    for batch in (1, 2, 3):
        check_activations(spec, batch)


@given(spec=designs(shortcut="C", ablation="dropout", dropout=0.3, stochastic_depth=0.5, se_ratio=2))
@examples(8)
def test_dropout_dropped_branches_and_squeezing_are_planned_to_the_byte(spec: ResNetSpec) -> None:
    check_activations(spec, 2)


@given(spec=designs(), share=st.floats(0, 1))
@examples(16)
def test_behind_frozen_parts_autograd_keeps_the_planned_bytes(spec: ResNetSpec, share: float) -> None:
    frozen = 1 + round(share * len(spec.blocks))
    if can_train(spec, 2):
        check_frozen(spec, frozen, 2)


@pytest.mark.parametrize("name", ["digits-resnet", "resnet18", "resnet20"])
def test_a_preset_with_frozen_parts_needs_the_planned_bytes(name: str) -> None:
    for frozen in range(1, len(PRESETS[name].spec.blocks) + 2):
        check_frozen(small(name), frozen, 2)


@pytest.mark.parametrize("activation", ["relu", "gelu"])
@pytest.mark.parametrize("shortcut", ["A", "none"])
def test_the_sum_lives_until_norm_and_activation_behind_it_are_done(shortcut: str, activation: str) -> None:
    design = ResNetSpec(
        block="basic", blocks=(1,), widths=(1,), stem="7x7", order="bn_after_addition", shortcut=shortcut,
        activation=activation, classes=1, input=(1, 2, 2),
    )  # fmt: skip
    check_activations(design, 1)


def narrow(spec: ResNetSpec) -> ResNetSpec:
    """The same kinds of blocks: two in a stage, of which the second keeps the shape, and a quarter of 512 channels."""
    widths = tuple(width // 4 for width in spec.widths) if max(spec.widths) >= 512 else spec.widths
    return evolve(spec, blocks=tuple(min(count, 2) for count in spec.blocks), widths=widths)


@pytest.mark.parametrize("name", PRESET_SIZES)
def test_a_preset_needs_the_planned_bytes(name: str) -> None:
    check_activations(narrow(small(name)) if FACTOR == 1 else small(name), 2)


@pytest.mark.parametrize("name", ["digits-resnet", "unnormalised_resnet18", "seresnet18", "resnet18d"])
def test_weights_gradients_and_optimisers_hold_the_planned_bytes_after_a_step(name: str) -> None:
    spec = narrow(evolve(PRESETS[name].spec, classes=3))
    model = ResNet(plan(spec)).train()
    pictures = torch.randn(2, spec.input[0], 33, 33)
    weights = sum(tensor.nbytes for tensor in model.state_dict().values())
    assert inference_memory(plan(spec)).weights == weights
    optimizers: dict[str, torch.optim.Optimizer] = {
        "sgd": torch.optim.SGD(model.parameters(), lr=0.0),
        "momentum": torch.optim.SGD(model.parameters(), lr=0.0, momentum=0.9),
        "adamw": torch.optim.AdamW(model.parameters(), lr=0.0),
    }
    model(pictures).sum().backward()
    for kind, optimizer in optimizers.items():
        optimizer.step()
        planned = training_memory(plan(spec), 2, "fp32", kind)  # type: ignore[arg-type]
        state = [
            value for entry in optimizer.state.values() for key, value in entry.items()
            if isinstance(value, Tensor) and key != "step"
        ]  # fmt: skip
        assert sum(value.nbytes for value in state) == planned.optimizer
        assert sum(value.grad.nbytes for value in model.parameters() if value.grad is not None) == planned.gradients
        assert planned.weights == weights


def test_a_total_is_the_sum_of_its_parts_and_inference_has_neither_gradients_nor_optimiser() -> None:
    planned = plan(PRESETS["resnet20"].spec)
    training = training_memory(planned, 7, "bf16", "adamw")
    assert training.total == training.weights + training.activations + training.gradients + training.optimizer
    inference = inference_memory(planned, 7)
    assert (inference.gradients, inference.optimizer) == (0, 0)
    assert inference.total == inference.weights + inference.activations


@pytest.mark.parametrize("precision", ["bf16", "fp16"])
@given(spec=designs(stochastic_depth=0.0, norm="batch"))
@examples(8)
def test_sixteen_bits_halve_the_maps_and_leave_statistics_and_places_of_maxima(
    spec: ResNetSpec, precision: Precision
) -> None:
    planned = plan(spec)
    expected = 0
    for tensor in kept(ResNet(planned).train(), torch.randn(2, *spec.input)):
        # Statistics have one dimension; places of maxima are int64.
        whole = tensor.dim() == 1 or tensor.dtype == torch.int64
        expected += tensor.untyped_storage().nbytes() // (1 if whole else 2)
    assert training_memory(planned, 2, precision).activations == expected


@pytest.mark.parametrize("name", ["digits-resnet", "seresnet18", "resnet18d", "unnormalised_resnet18"])
def test_sixteen_bit_inference_is_a_network_cast_to_sixteen_bits(name: str) -> None:
    spec = evolve(PRESETS[name].spec, input=(PRESETS[name].spec.input[0], 33, 33))
    model = of_zeros(plan(spec)).bfloat16()
    planned = inference_memory(plan(spec), 2, "bf16")
    assert planned.weights == sum(tensor.nbytes for tensor in model.state_dict().values())
    assert planned.activations == peak(model, torch.randn(2, *spec.input).bfloat16())
    assert inference_memory(plan(spec), 2, "fp16") == planned


@pytest.mark.parametrize("name", ["resnet18", "seresnet50", "preact_resnet22"])
def test_sixteen_bit_training_keeps_fp32_weights_and_copies_of_those_that_autocast_casts(name: str) -> None:
    planned = plan(PRESETS[name].spec)
    with torch.device("meta"):
        model = ResNet(planned)
    casts = sum(
        module.weight.numel() for module in model.modules() if isinstance(module, torch.nn.Conv2d | torch.nn.Linear)
    )  # fmt: skip
    fp32, bf16 = (training_memory(planned, 4, precision) for precision in PRECISIONS)
    assert bf16.weights == fp32.weights + 2 * casts
    assert (bf16.gradients, bf16.optimizer) == (fp32.gradients, fp32.optimizer)
    assert training_memory(planned, 4, "fp16") == bf16


@pytest.mark.parametrize("batch", [0, -1, 1.5, True, "2", None, float("nan")])
def test_a_batch_that_is_no_whole_number_above_0_is_refused(batch: Any) -> None:
    planned = plan(PRESETS["resnet20"].spec)
    for call in (inference_memory, training_memory):
        with pytest.raises(InputError, match=r"The batch is .*; it must be a whole number from 1\."):
            call(planned, batch)
