"""Checkpoints as wrappers and trainers lay them out: torch's own wrappers, FSDP, DeepSpeed, Composer and their kin."""

from __future__ import annotations

import argparse
import re
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.distributed.algorithms._checkpoint.checkpoint_wrapper import checkpoint_wrapper
from torch.optim.swa_utils import AveragedModel

from resnet_gui.checkpoints.load import load_any
from tests.checkpoints import public_networks as nets
from tests.checkpoints.public_checkpoints import refusal

State = dict[str, Tensor]
FSDP = "_fsdp_wrapped_module."


def inside_each(state: State, wrapper: str) -> State:
    """Names with a wrapper around the network, and one around each block: ``W.layer1.0.W.conv1.weight``."""
    return {wrapper + re.sub(r"^(layer\d+\.\d+\.)", rf"\1{wrapper}", name): value for name, value in state.items()}


def deepspeed(state: State, *, partitioned: bool = False) -> dict[str, Any]:
    """``mp_rank_00_model_states.pt``; of stage 3 it has no values, which lie in files of their own."""
    shapes = OrderedDict((name, value.shape) for name, value in state.items() if "running" not in name)
    kept = {name: value.new_empty(0) if partitioned and name in shapes else value for name, value in state.items()}
    return {
        "module": kept, "buffer_names": [name for name in state if "running" in name], "optimizer": None,
        "param_shapes": [shapes], "frozen_param_shapes": None, "shared_params": {}, "lr_scheduler": None,
        "data_sampler": None, "random_ltd": None, "sparse_tensor_module_names": set(), "skipped_steps": 0,
        "global_steps": 10, "dp_world_size": 2, "mp_world_size": 1, "ds_config": {"zero_optimization": {"stage": 2}},
        "ds_version": "0.14.0",
    }  # fmt: skip


def composer(state: State) -> dict[str, Any]:
    """``ep1-ba10-rank0.pt``: the state of a whole trainer."""
    moments = {"exp_avg": torch.rand(3), "step": torch.tensor(4.0)}
    inner = {"model": {f"model.{name}": value for name, value in state.items()},
             "optimizers": {"DecoupledSGDW": {"state": {"model.conv1.weight": moments}, "param_groups": [{"lr": 0.1}]}},
             "schedulers": {}, "algorithms": [], "callbacks": [], "timestamp": {"Timestamp": {"epoch": 1}},
             "train_metrics": {}, "eval_metrics": {}, "run_name": "run"}  # fmt: skip
    return {"state": inner, "rng": [{"python": (3, tuple(range(20)), None), "torch": torch.get_rng_state()}]}


def compiled(network: nn.Module) -> nn.Module:
    """The module that ``torch.compile`` gives; nothing is compiled before it is called."""
    made: Any = torch.compile(network)
    assert isinstance(made, nn.Module)
    return made


WRAPPERS: dict[str, Callable[[nn.Module], object]] = {
    "DataParallel": lambda net: nn.DataParallel(net).state_dict(),
    "compiled": lambda net: compiled(net).state_dict(),
    "compiled in DataParallel": lambda net: nn.DataParallel(compiled(net)).state_dict(),
    "averaged": lambda net: AveragedModel(net).state_dict(),
    "recomputed": lambda net: checkpoint_wrapper(net).state_dict(),
    "recomputed by name": lambda net: inside_each(net.state_dict(), "_checkpoint_wrapped_module."),
    "FSDP": lambda net: inside_each(net.state_dict(), FSDP),
    "FSDP and compiled": lambda net: inside_each(net.state_dict(), f"{FSDP}_orig_mod."),
    "DeepSpeed": lambda net: deepspeed(net.state_dict()),
    "DeepSpeed of DDP": lambda net: deepspeed(nn.DataParallel(net).state_dict()),
    "Composer": lambda net: composer(net.state_dict()),
    "Composer with FSDP": lambda net: composer(inside_each(net.state_dict(), FSDP)),
    "Lightning": lambda net: {"state_dict": {f"model.{name}": value for name, value in net.state_dict().items()},
                              "pytorch-lightning_version": "2.6.6", "loops": {"fit_loop": {"state_dict": {}}}},
    "fairseq": lambda net: {"model": net.state_dict(), "args": argparse.Namespace(arch="resnet", lr=[0.1]),
                            "optimizer_history": [{"num_updates": 3}]},
}  # fmt: skip


@pytest.mark.parametrize("name", WRAPPERS)
def test_what_a_wrapper_or_a_trainer_saves_gives_its_own_logits(name: str, tmp_path: Path) -> None:
    network = nets.randomised(nets.cifar_net([8, 16], [1, 2]))
    torch.save(WRAPPERS[name](network), tmp_path / "w.pt")
    loaded = load_any(tmp_path / "w.pt")
    picture = torch.randn(2, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert torch.allclose(loaded.model(picture), network(picture), rtol=1e-5, atol=1e-6)
    assert loaded.found.spec.blocks == (1, 2)
    assert not any("networks" in notice for notice in loaded.found.notices), "there is one"


def test_deepspeeds_third_stage_whose_values_lie_elsewhere_is_refused_by_a_tensor(tmp_path: Path) -> None:
    network = nets.randomised(nets.cifar_net([8, 16], [1, 2]))
    torch.save(deepspeed(network.state_dict(), partitioned=True), tmp_path / "w.pt")
    assert "is empty" in refusal(lambda: load_any(tmp_path / "w.pt"), tmp_path / "w.pt")
