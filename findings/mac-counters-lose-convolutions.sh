#!/usr/bin/env bash
# fvcore 0.1.5.post20221221, torchprofile 0.1.0, thop 0.1.1.post2209072238, ptflops 0.7.5, torchinfo 1.8.0,
# torch 2.15.0 (Python 3.11), CPU. Needs no display.
#
# One would guess: tools that count multiply-adds agree on a 3×3 convolution, and differ in norms and activations only.
# Seen: with padding="same" in place of 1, which is the same convolution, fvcore and torchprofile count 0: it is recorded
# as another operator, for which they have no rule. With weight_norm, or any other parametrisation of the weight,
# torchinfo, thop and ptflops count 0: they look at the module, whose own weight is gone. torch's FlopCounterMode alone
# counts all of them.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet torch==2.15.0 torchvision==0.29.2 torchinfo==1.8.0 fvcore==0.1.5.post20221221 \
        torchprofile==0.1.0 thop==0.1.1.post2209072238 ptflops==0.7.5
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - 2>/dev/null <<'END'
import sys

import ptflops
import thop
import torch
import torchinfo
import torchprofile
from fvcore.nn import FlopCountAnalysis
from torch.nn.utils.parametrizations import weight_norm
from torch.utils.flop_counter import FlopCounterMode

X = torch.zeros(1, 8, 16, 16)


def by_torch(model):
    with FlopCounterMode(display=False) as counter:
        model(X)
    return counter.get_total_flops() // 2


def by_ptflops(model):
    return ptflops.get_model_complexity_info(
        model, (8, 16, 16), as_strings=False, print_per_layer_stat=False, backend="pytorch"
    )[0]


COUNTERS = {
    "torch": by_torch,
    "fvcore": lambda model: FlopCountAnalysis(model, X).total(),
    "torchprofile": lambda model: torchprofile.profile_macs(model, X),
    "torchinfo": lambda model: torchinfo.summary(model, input_data=X, verbose=0).total_mult_adds,
    "thop": lambda model: thop.profile(model, inputs=(X,), verbose=False)[0],
    "ptflops": by_ptflops,
}
MODELS = {
    "padding=1": lambda: torch.nn.Conv2d(8, 8, 3, padding=1, bias=False),
    'padding="same"': lambda: torch.nn.Conv2d(8, 8, 3, padding="same", bias=False),
    "weight_norm": lambda: weight_norm(torch.nn.Conv2d(8, 8, 3, padding=1, bias=False)),
}
seen = {
    name: {tool: int(count(torch.nn.Sequential(make()))) for tool, count in COUNTERS.items()}
    for name, make in MODELS.items()
}
for name, counts in seen.items():
    print(name, counts)
real = 8 * 8 * 9 * 16 * 16
lost = {"padding=1": set(), 'padding="same"': {"fvcore", "torchprofile"}, "weight_norm": {"torchinfo", "thop", "ptflops"}}
same = all(
    count == (0 if tool in lost[name] else real) for name, counts in seen.items() for tool, count in counts.items()
)
print("PASS" if same else "FAIL: they count otherwise now")
sys.exit(not same)
END
