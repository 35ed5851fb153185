#!/usr/bin/env bash
# transformers 5.24.0 (without torch: its PIL processors), Pillow 13.0.0, numpy 2.4.6 (Python 3.11).
#
# One would guess: the image processor that AutoImageProcessor picks for model type "resnet" scales a picture until
# its shorter side is size["shortest_edge"], keeps its proportions, and crops the middle, at 224 as at 384, the size
# at which many nets are tested.
# Seen: the class is ConvNext's, with two ways that change over at 384. Below, the shorter side becomes shortest_edge
# / 0.875 and the middle is cropped: of a picture twice as wide as high about 44 % of the width is left. From 384 on
# nothing is cropped; the whole picture is squeezed into a square, its proportions lost. 383 and 384 so give a network
# quite different pictures, and crop_pct is ignored without a word.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet transformers==5.24.0 pillow==13.0.0 numpy==2.4.6
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import json
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from transformers import AutoImageProcessor

# A ramp from left to right, twice as wide as high: what is left of the values says what is left of the width.
ramp = np.broadcast_to(np.linspace(0, 255, 800)[None, :, None], (400, 800, 3)).astype(np.uint8)
width_left = {}
for size in (224, 383, 384, 448):
    folder = Path(str(size))
    folder.mkdir()
    (folder / "config.json").write_text(json.dumps({"model_type": "resnet"}))
    settings = {"size": {"shortest_edge": size}, "crop_pct": 0.875}
    (folder / "preprocessor_config.json").write_text(json.dumps(settings))
    processor = AutoImageProcessor.from_pretrained(folder)
    pixels = processor(Image.fromarray(ramp), return_tensors="np", do_normalize=False)["pixel_values"]
    assert pixels.shape == (1, 3, size, size)
    width_left[size] = round(float(pixels.max() - pixels.min()), 2)
print(type(processor).__name__, "leaves of the width:", width_left)
same = type(processor).__name__.startswith("ConvNextImageProcessor")
same &= all(abs(width_left[size] - 0.44) < 0.02 for size in (224, 383)) and width_left[384] == width_left[448] == 1
print("PASS" if same else "FAIL: it scales differently now")
sys.exit(not same)
END
