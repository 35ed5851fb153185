#!/usr/bin/env bash
# datasets 5.2.0 (Hugging Face), pillow 13.0.0 (Python 3.11).
#
# One would guess: load_dataset("imagefolder", data_dir=...) makes a class of every subfolder, and names of classes
# are free. It does for bus and car: 6 pictures of 2 classes.
# Seen: as soon as one class is called train, test or eval, or has such a word in its name (train_station), the names
# are taken for splits. Only that folder is loaded, the pictures of all other classes are left out without a word, and
# since one class is left there is no column "label". CIFAR-100 and COCO have a class "train".

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet datasets==5.2.0 pillow==13.0.0
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import os
import sys
from pathlib import Path

os.environ["HF_HOME"] = str(Path("home").resolve())
os.environ["HF_HUB_OFFLINE"] = "1"

import datasets
from PIL import Image

datasets.disable_progress_bars()
seen = {}
for number, third in enumerate(("", "train", "test", "train_station", "eval")):
    classes = ("bus", "car", third) if third else ("bus", "car")
    folder = Path(str(number))
    for name in classes:
        (folder / name).mkdir(parents=True)
        for picture in range(3):
            Image.new("RGB", (8, 8), (picture, 0, 0)).save(folder / name / f"{picture}.png")
    loaded = datasets.load_dataset("imagefolder", data_dir=str(folder))
    seen[classes] = {split: (len(rows), "label" in rows.features) for split, rows in loaded.items()}
    print(classes, "->", seen[classes])
same = list(seen.values()) == [
    {"train": (6, True)}, {"train": (3, False)}, {"test": (3, False)}, {"train": (3, False)}, {"test": (3, False)},
]  # fmt: skip
print("PASS" if same else "FAIL: the folders are read differently now")
sys.exit(not same)
END
