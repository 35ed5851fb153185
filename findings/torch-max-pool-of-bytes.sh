#!/usr/bin/env bash
# torch 2.15.0 (Python 3.11), CPU. Needs no display.
#
# One would guess: max_pool2d takes uint8 maps of any size, or none at all; a maximum needs no arithmetic.
# Seen: in channels-last layout it takes them up to 127 pixels and refuses 128 (8×16) and more, uint8 as well as int8: it
# keeps positions in a signed byte. In the contiguous layout the same map of any size is right, so a quantised network
# passes its tests on small maps and fails on real ones.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet torch==2.15.0 numpy
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import sys

import torch
from torch.nn.functional import max_pool2d


def works(dtype, height, width, layout):
    x = torch.arange(4 * height * width).remainder(100).view(1, 4, height, width).to(dtype)
    try:
        made = max_pool2d(x.contiguous(memory_format=layout), 3, 2, 1)
    except RuntimeError:
        return "refused"
    return "right" if torch.equal(made.float(), max_pool2d(x.float(), 3, 2, 1)) else "wrong"


seen = {
    f"{dtype} {height}x{width} {layout}": works(dtype, height, width, layout)
    for dtype, sizes in {torch.uint8: ((11, 11), (8, 16), (112, 112)), torch.int8: ((9, 14), (8, 16))}.items()
    for height, width in sizes
    for layout in (torch.channels_last, torch.contiguous_format)
}
for what, how in seen.items():
    print(what, how)
wanted = ["right", "right", "refused", "right", "refused", "right", "right", "right", "refused", "right"]
sys.exit(list(seen.values()) != wanted)
END
