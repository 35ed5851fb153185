#!/usr/bin/env bash
# torchmetrics 1.9.0 (Python 3.11, torch 2.15.0).
#
# One would guess: n_bins=15 sorts confidences into 15 bins of equal width, the last of which ends at 1, so that an
# answer of 1.0 and one of 0.9999999 count alike.
# Seen: the calibration error has a 16th bin that holds nothing but confidences of exactly 1.0. Ten answers of 1.0, nine
# of them right, and ten of 0.95, all right, are together too sure by 2.5 %; it says 7.5 %, and 2.5 % as soon as 1.0 is
# 0.9999999. Networks that are very sure say 1.0 in float32 often, and their error then is that of other bins than
# those of Guo et al. 2017, which are closed above.

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
from torchmetrics.functional.classification import multiclass_calibration_error

truth = torch.tensor([0] * 9 + [1] + [0] * 10)


def error(largest: float) -> float:
    sure = torch.tensor([largest] * 10 + [0.95] * 10)
    return multiclass_calibration_error(torch.stack([sure, 1 - sure], 1), truth, 2, n_bins=15).item()


seen = [round(error(largest), 4) for largest in (1.0, 0.9999999)]
print("calibration error with a confidence of 1.0, and of 0.9999999:", seen)
same = seen == [0.075, 0.025]
print("PASS" if same else "FAIL: its bins are others now")
sys.exit(not same)
END
