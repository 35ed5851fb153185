#!/usr/bin/env bash
# zennit 0.5.1 (SequentialMergeBatchNorm, and with it ResNetCanonizer), torch 2.15.0.
#
# One would guess: a batch norm that the canonizer has merged into the convolution before it is the identity from then
# on, so that the network computes what it did before.
# Seen: the canonizer sets mean, variance, weight and bias to 0, 1, 1 and 0 and leaves eps, so the merged norm still
# divides by sqrt(1 + eps): each one makes its map 5e-6 smaller at the usual eps, and 0.05 % at the 1e-3 of networks from
# TensorFlow. Relevances, which go through it by autograd, shrink by the same factor at each norm.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet torch==2.15.0 torchvision==0.29.2 zennit==0.5.1
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import sys

import torch
from torch import nn
from zennit.canonizers import SequentialMergeBatchNorm

torch.manual_seed(0)
model = nn.Sequential(nn.Conv2d(3, 4, 1), nn.BatchNorm2d(4, eps=1e-3)).eval().double()
x = torch.randn(2, 3, 5, 5).double()
before = model(x)
canonizer = SequentialMergeBatchNorm()
handles = canonizer.apply(model)
ratio = (model(x) / before).detach()
for handle in handles:
    handle.remove()
print("after / before:", float(ratio.min()), float(ratio.max()), "1 / sqrt(1 + eps):", (1 + 1e-3) ** -0.5)
same = bool(((ratio - (1 + 1e-3) ** -0.5).abs() < 1e-9).all())
print("PASS" if same else "FAIL: a merged norm is the identity now")
sys.exit(not same)
END
