"""What training scripts keep beside the weights does not hinder reading them."""

from __future__ import annotations

import argparse
from pathlib import Path

import pytest
import torch

from resnet_gui.checkpoints.reader import read_checkpoint


@pytest.mark.parametrize("legacy", [False, True])
def test_a_script_s_options_beside_the_weights_are_no_tensors_of_the_network(tmp_path: Path, *, legacy: bool) -> None:
    weights = {f"layer{number}.weight": torch.randn(3) for number in range(4)}
    saved = {"model": weights, "args": argparse.Namespace(lr=0.1, data="somewhere"), "epoch": 90}
    path = tmp_path / "model_90.pth"
    torch.save(saved, path, _use_new_zipfile_serialization=not legacy)
    found = read_checkpoint(path)
    assert found.wrapper == ("model",)
    assert list(found.state) == list(weights)
    assert set(found.others) == {"args", "epoch"}
