#!/usr/bin/env bash
# torch 2.15.0, torchvision 0.29.2 (Python 3.11), CPU. Needs no display.
#
# One would guess: FlopCounterMode counts every product of a forward pass, whether or not gradients are kept; to count
# in eval() under no_grad() is what one does for inference.
# Seen: there torch takes the fast path of its attention, one operator that the counter has no formula for, and what it
# does counts nothing, without a word: ViT-B/16 has 11.27 G instead of 17.56 G, a layer of attention alone has 0. With
# gradients, in train(), or with the fast path switched off the same network has 17.56 G.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet torch==2.15.0 torchvision==0.29.2
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import sys

import torch
import torchvision
from torch.utils.flop_counter import FlopCounterMode


def counted(model, inputs, gradients, fast):
    torch.backends.mha.set_fastpath_enabled(fast)
    with torch.set_grad_enabled(gradients), FlopCounterMode(display=False) as counter:
        model(*inputs)
    torch.backends.mha.set_fastpath_enabled(True)
    return counter.get_total_flops() // 2


tokens = torch.zeros(1, 10, 64)
attention = torch.nn.MultiheadAttention(64, 4, batch_first=True).eval()
vit = torchvision.models.vit_b_16().eval()
image = torch.zeros(1, 3, 224, 224)
ways = {"with gradients": (True, True), "no_grad": (False, True), "no_grad, no fast path": (False, False)}
seen = {
    way: (counted(attention, (tokens,) * 3, *how), counted(vit, (image,), *how)) for way, how in ways.items()
}
for way, (layer, network) in seen.items():
    print(f"{way}: attention {layer:,}, ViT-B/16 {network:,}")
# Projections of queries, keys, values and of what comes out, and the two products of all tokens with all.
of_attention = 4 * 10 * 64 * 64 + 2 * 10 * 10 * 64
of_vit = seen["with gradients"][1]
of_its_attention = 12 * (4 * 197 * 768 * 768 + 2 * 197 * 197 * 768)
same = (
    seen["with gradients"][0] == seen["no_grad, no fast path"][0] == of_attention
    and seen["no_grad, no fast path"][1] == of_vit == 17_563_828_224
    and seen["no_grad"] == (0, of_vit - of_its_attention)
)
print("PASS" if same else "FAIL: it counts otherwise now")
sys.exit(not same)
END
