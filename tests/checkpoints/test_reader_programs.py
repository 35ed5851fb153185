"""Weights of programs are read and their code is not run; a weight that is kept in factors is their product."""

from __future__ import annotations

import copy
import re
import warnings
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from resnet_gui.checkpoints.reader import read_checkpoint
from tests.checkpoints.public_checkpoints import refusal, tensors, torch_bytes, zipped
from tests.checkpoints.stored_networks import Net, same, written

# ---- programs


def test_a_script_s_tensors_are_read_and_its_code_is_not_run(tmp_path: Path) -> None:
    model = Net().eval()
    model.opt = None  # type: ignore[assignment]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        traced: Any = torch.jit.trace
        for program in (traced(model, torch.zeros(1, 3, 8, 8)), torch.jit.script(model)):
            torch.jit.save(program, tmp_path / "script.pt")
            found = read_checkpoint(tmp_path / "script.pt")
            wanted = program.state_dict()
            assert all(torch.equal(found.state[name], value) for name, value in wanted.items())
            assert any("TorchScript" in note for note in found.notes)
        torch.jit.save(torch.jit.freeze(program), tmp_path / "script.pt")
    said = refusal(lambda: read_checkpoint(tmp_path / "script.pt"), tmp_path / "script.pt")
    assert "part of its code" in said


def test_an_exported_program_s_weights_are_read(tmp_path: Path) -> None:
    model = Net().eval()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.export.save(torch.export.export(model, (torch.zeros(2, 3, 8, 8),)), tmp_path / "net.pt2")
    found = read_checkpoint(tmp_path / "net.pt2")
    wanted = model.state_dict()
    assert {name for name in wanted if "again" not in name} <= found.state.keys() <= wanted.keys()
    assert all(torch.equal(value, wanted[name]) for name, value in found.state.items())
    assert any("torch.export" in note for note in found.notes)
    # Before torch 2.8 the archive held a file of torch.save.
    old = zipped({"serialized_exported_program.json": b"{}", "serialized_state_dict.pt": torch_bytes(tensors())})
    assert same(read_checkpoint(written(tmp_path / "old.pt2", old)), tensors())


# ---- factors of weights


def pruned(layer: nn.Module) -> None:
    from torch.nn.utils import prune

    mask: Any = prune.l1_unstructured
    mask(layer, "weight", amount=0.5)


old_weight_norm: Any = torch.nn.utils.weight_norm
FACTORS: dict[str, Callable[[nn.Module], Any]] = {
    "pruning": pruned, "weight": torch.nn.utils.parametrizations.weight_norm,
    "spectral": torch.nn.utils.parametrizations.spectral_norm,
    "old weight": old_weight_norm,
    "old spectral": torch.nn.utils.spectral_norm,
    "weight of one": lambda layer: old_weight_norm(layer, dim=None),
    "weight by columns": lambda layer: torch.nn.utils.parametrizations.weight_norm(layer, dim=1),
}  # fmt: skip


@pytest.mark.parametrize("kind", FACTORS)
@pytest.mark.filterwarnings("ignore:.*weight_norm.*:FutureWarning")
@pytest.mark.filterwarnings("ignore:.*spectral_norm.*:FutureWarning")
def test_a_weight_in_factors_is_what_the_module_computes(tmp_path: Path, kind: str) -> None:
    parts: Any = OrderedDict(conv=nn.Conv2d(3, 4, 3), fc=nn.Linear(4, 1), last=nn.Linear(1, 5))
    model: Any = nn.Sequential(parts)
    wanted = copy.deepcopy(model)
    for layer in (model.conv, model.fc):
        FACTORS[kind](layer)
    model.eval()
    assert isinstance(model.conv, nn.Conv2d)
    model.conv(torch.rand(1, 3, 4, 4))
    model.fc(torch.rand(1, 4))
    torch.save(model.state_dict(), tmp_path / "w.pt")
    found = read_checkpoint(tmp_path / "w.pt")
    assert set(found.state) == set(wanted.state_dict())
    for name, layer in (("conv", model.conv), ("fc", model.fc)):
        weight = layer.weight
        assert isinstance(weight, Tensor)
        assert torch.allclose(found.state[f"{name}.weight"], weight, rtol=1e-6, atol=1e-7)
    assert any(re.search(r"^2 of its weights are computed", note) for note in found.notes)


class Piece:
    """What torch.save makes of a distributed tensor: a subclass without values, and this process's piece."""

    def __init__(self, shape: tuple[int, ...], piece: object) -> None:
        self.shape, self.piece = shape, piece

    def __reduce__(self) -> tuple[Any, ...]:
        utils: Any = torch._utils
        arguments = (Net, torch.float32, torch.Size(self.shape), (1,), 0, None, "cpu", False)
        return torch._tensor._rebuild_from_type_v2, (
            utils._rebuild_wrapper_subclass, Net, arguments, {"_local_tensor": self.piece},
        )  # fmt: skip


def test_a_distributed_tensor_is_read_where_this_file_has_all_of_it(tmp_path: Path) -> None:
    state = tensors()
    whole = {name: Piece(tuple(value.shape), value) for name, value in state.items()}
    assert same(read_checkpoint(written(tmp_path / "w.pt", torch_bytes(whole))), state)
    for piece, words in ((torch.ones(1, 2), "one piece of a distributed tensor"), (None, "no plain values")):
        path = written(tmp_path / "w.pt", torch_bytes({**state, "x": Piece((4, 2), piece)}))
        assert f"'x' is {words}" in refusal(lambda path=path: read_checkpoint(path), path) or piece is None  # type: ignore[misc]


def test_factors_that_do_not_fit_each_other_are_named(tmp_path: Path) -> None:
    fits = torch.rand(4, 3)
    for extra in (
        {"x.weight_orig": fits, "x.weight_mask": torch.ones(4, 1)},
        {"x.weight_g": torch.rand(3, 1), "x.weight_v": fits},
        {"x.weight_orig": fits, "x.weight_u": torch.rand(4), "x.weight_v": torch.rand(9)},
    ):  # fmt: skip
        path = written(tmp_path / "w.pt", torch_bytes({**tensors(), **extra}))
        assert "'x.weight_" in refusal(lambda path=path: read_checkpoint(path), path)  # type: ignore[misc]


def test_a_part_that_is_no_factor_of_anything_stays(tmp_path: Path) -> None:
    state = {**tensors(), "x.weight_g": torch.rand(4, 1), "y.weight_orig": torch.rand(2)}
    assert same(read_checkpoint(written(tmp_path / "w.pt", torch_bytes(state))), state)
