#!/usr/bin/env bash
# pytorchcv 0.0.74 beside torchvision 0.29.2 (Python 3.11, torch 2.15.0).
#
# One would guess: resnet50 is the same network in both: 25,557,032 parameters, the same shapes in the same order. And
# the "d" of resnetd50b is that of ResNet-D (timm's resnet50d).
# Seen: torchvision's resnet50 is what pytorchcv calls resnet50b (stride in the 3x3), its resnet50 has the stride in
# the first 1x1: 3.86 instead of 4.09 G multiply-adds. No parameter has a stride, so all of torchvision's tensors fit
# by order and shape (projections apart), load without complaint, and the network answers something else; in resnet50b
# they answer the same. resnetd50b is a DILATED network (output stride 8, as for segmentation), 20.4 G multiply-adds
# for a picture of 224.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet pytorchcv==0.0.74 torch==2.15.0 torchvision==0.29.2
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import sys

import torch
import torchvision
from pytorchcv.model_provider import get_model
from torch.utils.flop_counter import FlopCounterMode

torch.manual_seed(0)
pictures = torch.rand(1, 3, 224, 224)
theirs = torchvision.models.resnet50().eval()


def macs(network: torch.nn.Module) -> int:
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        network(pictures)
    return counter.get_total_flops() // 2


counted, off = {"torchvision": macs(theirs)}, {}
for name in ("resnet50", "resnet50b"):
    network = get_model(name).eval()
    mine, given = network.state_dict(), theirs.state_dict()
    # A unit with a projection lists it first in one and last in the other: put it last in both.
    order = [n for n in mine if "identity_conv" not in n] + [n for n in mine if "identity_conv" in n]
    other = [n for n in given if "downsample" not in n] + [n for n in given if "downsample" in n]
    assert [mine[n].shape for n in order] == [given[n].shape for n in other], "the same shapes in the same order"
    network.load_state_dict({n: given[o] for n, o in zip(order, other, strict=True)})
    with torch.no_grad():
        off[name] = (network(pictures) - theirs(pictures)).abs().max().item()
    counted[name] = macs(network)
counted["resnetd50b"] = macs(get_model("resnetd50b").eval())
print("multiply-adds:", counted, "off by:", off)
same = counted == {
    "torchvision": 4_089_184_256, "resnet50": 3_857_973_248, "resnet50b": 4_089_184_256, "resnetd50b": 20_434_518_016,
}  # fmt: skip
same &= off["resnet50b"] < 1e-4 < 1e-2 < off["resnet50"]
print("PASS" if same else "FAIL: the networks are others now")
sys.exit(not same)
END
