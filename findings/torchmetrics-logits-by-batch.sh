#!/usr/bin/env bash
# torchmetrics 1.9.0 (Python 3.11, torch 2.15.0).
#
# One would guess: the accuracy of the same logits and labels does not depend on how they are cut into batches.
# Seen: the binary and the multilabel metrics ask of each batch anew whether it holds logits or probabilities: if all
# values lie in 0 to 1, they are compared with 0.5 as they are; if one does not, all of the batch go through a
# sigmoid, which puts a logit of 0.2 above 0.5. Eight logits, seven of them within 0 to 1: 5 of 8 right in one batch,
# 7 in two batches, all 8 one by one. Early in a training, when logits are small, a metric so mixes two thresholds;
# one confident picture decides for its neighbours. The multiclass accuracy takes the largest and is not affected.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet torchmetrics==1.9.0 torch==2.15.0
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import sys

import torch
from torchmetrics.classification import BinaryAccuracy, MulticlassAccuracy, MultilabelAccuracy

logits = torch.tensor([0.2, 0.3, 0.9, 0.7, 0.1, 0.8, 0.6, 1.5])
labels = torch.tensor([0, 0, 1, 1, 0, 1, 1, 1])


def accuracy(metric, predictions: torch.Tensor, truth: torch.Tensor, batch: int) -> float:
    for start in range(0, len(predictions), batch):
        metric.update(predictions[start : start + batch], truth[start : start + batch])
    return metric.compute().item()


both, both_labels = torch.stack([logits, logits.flip(0)], 1), torch.stack([labels, labels.flip(0)], 1)
many = torch.randn(8, 3, generator=torch.Generator().manual_seed(0))
seen = {
    "binary": [accuracy(BinaryAccuracy(), logits, labels, batch) for batch in (8, 4, 1)],
    "multilabel": [accuracy(MultilabelAccuracy(2), both, both_labels, batch) for batch in (8, 4, 1)],
    "multiclass": [accuracy(MulticlassAccuracy(3, average="micro"), many, labels, batch) for batch in (8, 4, 1)],
}
print("accuracy in batches of 8, 4, 1:", seen)
same = len(set(seen["multiclass"])) == 1 and seen["binary"] == [0.625, 0.875, 1.0] and len(set(seen["multilabel"])) > 1
print("PASS" if same else "FAIL: it decides differently now")
sys.exit(not same)
END
