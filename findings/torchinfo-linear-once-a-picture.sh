#!/usr/bin/env bash
# torchinfo 1.8.0 with torch 2.15.0, torchvision 0.29.2 (Python 3.11), CPU. Needs no display.
#
# One would guess: the mult-adds of torchinfo are those of the pass, as for convolutions, where they are counted once for
# each place of the map.
# Seen: a linear layer is counted once for each picture of the batch, however many tokens or pixels it is applied to. Of
# ConvNeXt-Tiny, whose 1×1 convolutions are linear layers over 56×56 and less, it finds 0.32 G of 4.46 G; of
# ViT-B/16, with 197 tokens, 0.17 G, which is 101 times too few, where torch counts 17.56 G. A ResNet, whose only linear
# layer follows the pooling, is right to the last one: the tool looks exact until the architecture changes.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet torch==2.15.0 torchvision==0.29.2 torchinfo==1.8.0
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import sys

import torch
import torchinfo
import torchvision
from torch.utils.flop_counter import FlopCounterMode


class OverPixels(torch.nn.Module):
    """A linear layer over the channels of each pixel, and the 1×1 convolution that is the same."""

    def __init__(self, linear):
        super().__init__()
        self.layer = torch.nn.Linear(8, 4, bias=False) if linear else torch.nn.Conv2d(8, 4, 1, bias=False)

    def forward(self, x):
        return self.layer(x.permute(0, 2, 3, 1)) if isinstance(self.layer, torch.nn.Linear) else self.layer(x)


def both(model, size):
    model.eval()
    x = torch.zeros(size)
    # With gradients: in no_grad torch's own counter would miss the attention, whose fast path it does not know.
    with FlopCounterMode(display=False) as counter:
        model(x)
    return torchinfo.summary(model, input_data=x, verbose=0).total_mult_adds, counter.get_total_flops() // 2


found = {
    "linear over 16×16": both(OverPixels(True), (2, 8, 16, 16)),
    "1×1 over 16×16": both(OverPixels(False), (2, 8, 16, 16)),
    "resnet18": both(torchvision.models.resnet18(), (1, 3, 224, 224)),
    "convnext_tiny": both(torchvision.models.convnext_tiny(), (1, 3, 224, 224)),
    "vit_b_16": both(torchvision.models.vit_b_16(), (1, 3, 224, 224)),
}
for name, (told, real) in found.items():
    print(f"{name}: torchinfo {told:,}, torch {real:,}, ratio {real / told:.2f}")
same = (
    found["linear over 16×16"] == (2 * 32, 2 * 32 * 256)
    and found["1×1 over 16×16"] == (2 * 32 * 256, 2 * 32 * 256)
    and found["resnet18"][1] <= found["resnet18"][0] < found["resnet18"][1] * 1.0001
    and all(real > 10 * told for told, real in (found["convnext_tiny"], found["vit_b_16"]))
)
print("PASS" if same else "FAIL: it counts otherwise now")
sys.exit(not same)
END
