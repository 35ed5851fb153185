#!/usr/bin/env bash
# timm 1.0.31 beside torchvision 0.29.2 (Python 3.11, torch 2.15.0).
#
# One would guess: both number the class folders of the same data set in the same way, so that weights that one
# trained on a folder can be tested with the other.
# Seen: torchvision's ImageFolder sorts the names as strings, timm's folder reader sorts them as people do, digits by
# value and letters without case. "10" is class 1 for torchvision and class 2 for timm, "Zebra" comes before "ant" for
# the one and after it for the other. The count of classes agrees, so nothing complains; accuracy is just low. Names
# of one length and case, such as ImageNet's n01440764, come out the same.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet timm==1.0.31 torch==2.15.0 torchvision==0.29.2 pillow==13.0.0
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import sys
from pathlib import Path

from PIL import Image
from timm.data import create_dataset
from torchvision.datasets import ImageFolder

for name in ("1", "2", "10", "Zebra", "ant"):
    (Path("pictures") / name).mkdir(parents=True)
    Image.new("RGB", (8, 8)).save(Path("pictures") / name / "a.png")
torchvision = ImageFolder("pictures").class_to_idx
timm = create_dataset("", "pictures").reader.class_to_idx
print("torchvision", torchvision)
print("timm       ", timm)
same = list(torchvision) == ["1", "10", "2", "Zebra", "ant"] and list(timm) == ["1", "2", "10", "ant", "Zebra"]
print("PASS" if same else "FAIL: the orders are others now")
sys.exit(not same)
END
