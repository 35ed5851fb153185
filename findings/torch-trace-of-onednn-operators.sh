#!/usr/bin/env bash
# torch 2.15.0 (Python 3.11), CPU. Needs no display.
#
# One would guess: torch.jit.trace records any operator of torch, and any tensor that a module has.
# Seen: it refuses oneDNN's fused convolution for its list of scalars, though that is empty ("Scalar?"), while a scripted
# function with the same call is recorded as a call. A weight in oneDNN's order is refused as an attribute ("Unsupported
# value kind: Tensor"), where a plain tensor is kept as a constant; as a buffer it is taken. And a module with one tensor
# under two names of buffers is refused for "parameter sharing between modules", which it has none of.

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
import warnings

import torch

warnings.simplefilter("ignore")
HOW = ([0, 0], [1, 1], [1, 1], 1)
WEIGHT = torch.rand(8, 8, 1, 1)
ORDERED = torch._C._nn.mkldnn_reorder_conv2d_weight(WEIGHT.to_mkldnn(), *HOW, [1, 8, 5, 5])
SCRIPT = torch.jit.CompilationUnit(
    """
def convolved(x: Tensor, w: Tensor) -> Tensor:
    return torch.ops.mkldnn._convolution_pointwise(x, w, None, [0, 0], [1, 1], [1, 1], 1, "relu", [], "")
"""
)


def direct(x, w):
    return torch.ops.mkldnn._convolution_pointwise(x, w, None, *HOW, "relu", [], "")


class Layer(torch.nn.Module):
    def __init__(self, call, weight, kind):
        super().__init__()
        self.call, self.weight = call, None
        if kind == "attribute":
            self.weight = weight
        else:
            del self.weight
            self.register_buffer("weight", weight, persistent=False)
        if kind == "two buffers":
            self.register_buffer("other", weight, persistent=False)

    def forward(self, x):
        return self.call(x, self.weight)


def traced(call, weight, kind):
    x = torch.rand(1, 8, 5, 5).contiguous(memory_format=torch.channels_last)
    with torch.inference_mode():
        layer = Layer(call, weight, kind)
        expected = layer(x)
        try:
            trace = torch.jit.trace(layer, x, check_trace=False)
        except (RuntimeError, ValueError) as error:
            return str(error).strip().splitlines()[0]
        return "same" if torch.equal(trace(x), expected) else "other"


plain = lambda x, w: torch.conv2d(x, w)  # noqa: E731
seen = [
    traced(direct, ORDERED, "buffer"),
    traced(SCRIPT.convolved, ORDERED, "buffer"),
    traced(SCRIPT.convolved, ORDERED, "attribute"),
    traced(plain, WEIGHT, "attribute"),
    traced(plain, WEIGHT, "two buffers"),
]
for line in seen:
    print(line)
wanted = [
    "unsupported input list type: Scalar?", "same", "Unsupported value kind: Tensor", "same",
    "TracedModules don't support parameter sharing between modules",
]
sys.exit(seen != wanted)
END
