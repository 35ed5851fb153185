#!/usr/bin/env bash
# torch 2.15.0, torch.utils.flop_counter.FlopCounterMode (Python 3.11; meta tensors, nothing is computed).
#
# One would guess: the backward pass of a convolution costs two forward passes, one for the input's gradient and one
# for the weight's, with groups as without: forward and backward 3 x forward.
# Seen: the weight's gradient of a grouped convolution is counted "groups" times over. The forward pass and the
# input's gradient are right. Forward and backward over forward alone, 64 channels, 3x3: 3 with 1 group, 6 with 4, 34
# with 32, 66 with 64 groups (2 + groups). The same layer with stride 2 and no groups: 3, as guessed. So a training
# step of ResNeXt (32 groups) or of a network with depthwise layers looks far dearer than it is, and a utilisation
# that is computed from this figure far too good.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet torch==2.15.0
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import sys

import torch
from torch import nn
from torch.utils.flop_counter import FlopCounterMode


def flops(layer: nn.Module, backward: bool) -> int:
    pictures = torch.zeros(1, 64, 8, 8, device="meta", requires_grad=True)
    with FlopCounterMode(display=False) as counter:
        out = layer(pictures)
        if backward:
            out.sum().backward()
    return counter.get_total_flops()


seen = {}
for groups in (1, 4, 32, 64):
    layer = nn.Conv2d(64, 64, 3, padding=1, groups=groups, bias=False, device="meta")
    forward = flops(layer, backward=False)
    assert forward == 2 * 64 * (64 // groups) * 9 * 64, "the forward pass is counted right"
    seen[groups] = flops(layer, backward=True) / forward
strided = nn.Conv2d(64, 64, 3, padding=1, stride=2, bias=False, device="meta")
seen["stride 2"] = flops(strided, backward=True) / flops(strided, backward=False)
print("forward and backward over forward, by groups:", seen)
same = seen == {1: 3, 4: 6, 32: 34, 64: 66, "stride 2": 3}
print("PASS" if same else "FAIL: it counts differently now")
sys.exit(not same)
END
