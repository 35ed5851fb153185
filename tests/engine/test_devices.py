"""Devices and number formats by the names of the command line."""

from __future__ import annotations

import pytest
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.engine.devices import list_devices, resolve_device, resolve_precision, why_no_cuda


@pytest.mark.parametrize(
    "name", ["", "gpu", "CPU", "cpu:0", "cuda:x", "cuda:-1", "cuda:1.5", "mps", "cuda 0", "auto:0"]
)
def test_an_unknown_device_is_refused_with_the_names_that_are_known(name: str) -> None:
    with pytest.raises(InputError, match=f"There is no device '{name}'; choose auto, cpu, cuda or cuda:N"):
        resolve_device(name)


def test_a_gpu_that_is_not_there_is_refused_with_the_reason() -> None:
    with pytest.raises(InputError, match=r"The device 'cuda:99' cannot be used: .*|There is no device 'cuda:99'"):
        resolve_device("cuda:99")


def test_the_cpu_is_always_there_and_first() -> None:
    assert resolve_device("cpu") == torch.device("cpu")
    devices = list_devices()
    assert devices[0].name == "cpu"
    assert len(devices) == 1 + (0 if why_no_cuda() else torch.cuda.device_count())
    assert {resolve_device(device.name).type for device in devices} <= {"cpu", "cuda"}


def test_auto_takes_the_gpu_exactly_when_there_is_no_reason_against_it() -> None:
    assert resolve_device("auto").type == ("cpu" if why_no_cuda() else "cuda")
    assert bool(why_no_cuda()) != torch.cuda.is_available()
    assert why_no_cuda() in {
        "",
        "This PyTorch was built without CUDA.",
        "No NVIDIA GPU with a working driver was found.",
    }


def test_auto_precision_is_fp32_on_a_cpu_and_a_named_one_is_kept() -> None:
    assert resolve_precision("auto", torch.device("cpu")) == "fp32"
    assert resolve_precision("bf16", torch.device("cpu")) == "bf16"
    assert resolve_precision("fp32", torch.device("cuda")) == "fp32"
