#!/usr/bin/env bash
# torch 2.15.0, torch.onnx.export(dynamo=True), with onnx 1.23.2, onnxscript 0.7.2 and onnx-ir 1.1.0 (Python 3.11).
#
# One would guess: an ONNX file holds the graph and the weights; verbose=False writes nothing for debugging, and the
# same model gives the same bytes wherever it is exported.
# Seen: every node carries, as metadata "pkg.torch.onnx.stack_trace", the traceback of the line of Python that made it,
# with the absolute path of the source file and the text of the line. A model that is defined in a home folder tells the
# user's name in each node; exported from two folders the files differ. No argument of export or ONNXProgram.save turns
# this off; onnx.checker accepts the file; the traces can be cleared in the ONNXProgram's model before it is saved.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet torch==2.15.0 onnx==1.23.2 onnxscript==0.7.2 onnx-ir==1.1.0
    FINDINGS_VENV="$folder/venv"
fi
mkdir -p home/somebody elsewhere
cat >home/somebody/net.py <<'END'
import sys

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.fc = nn.Conv2d(1, 2, 3), nn.Linear(2, 2)

    def forward(self, x):
        return self.fc(torch.relu(self.conv(x)).mean((2, 3)))


torch.manual_seed(0)
program = torch.onnx.export(Net().eval(), (torch.zeros(1, 1, 8, 8),), dynamo=True, verbose=False)
program.save(sys.argv[1], external_data=False)
END
cp home/somebody/net.py elsewhere/net.py
"$FINDINGS_VENV"/bin/python home/somebody/net.py one.onnx >/dev/null
"$FINDINGS_VENV"/bin/python elsewhere/net.py two.onnx >/dev/null
"$FINDINGS_VENV"/bin/python - <<'END'
import sys

import onnx

one, two = (onnx.load(name) for name in ("one.onnx", "two.onnx"))
onnx.checker.check_model(one, full_check=True)
traces = [{prop.key: prop.value for prop in node.metadata_props}.get("pkg.torch.onnx.stack_trace", "") for node in one.graph.node]
told = sum("home/somebody/net.py" in trace and "self.conv(x)" in trace for trace in traces)
equal = open("one.onnx", "rb").read() == open("two.onnx", "rb").read()
print(f"nodes: {len(traces)}, with the path and the line of the source: {told}; files of two folders equal: {equal}")
for model in (one, two):
    for node in model.graph.node:
        del node.metadata_props[:]
print("the same graph without the nodes' metadata:", one.graph.node == two.graph.node)
same = told == len(traces) > 2 and not equal and one.graph.node == two.graph.node
print("PASS" if same else "FAIL: it writes something else now")
sys.exit(not same)
END
