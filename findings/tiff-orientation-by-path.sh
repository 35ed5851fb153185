#!/usr/bin/env bash
# Pillow 13.0.0 (Python 3.11, numpy 2.4.6).
#
# One would guess: a TIFF looks the same whether Image.open gets its path or an open file.
# Seen: not if it is uncompressed, of a mode that Pillow maps into memory (L, I;16, RGBA, CMYK, P) and has an
# orientation that swaps width and height (5 to 8). Given the path, the pixels are mapped with the row length of the
# turned picture: the result is scrambled and its sides are exchanged, with no error or warning. Given an open file,
# or as RGB, or with LZW, or turned by 180 degrees, the picture is right. Grey and 16-bit scans and microscopy are
# such files.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet pillow==13.0.0 numpy==2.4.6
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import sys
from pathlib import Path

import numpy as np
from PIL import Image

pixels = np.arange(24, dtype=np.uint8).reshape(6, 4)
seen = {}
for mode, compression, orientation in (
    ("L", "raw", 5), ("L", "raw", 6), ("L", "raw", 7), ("L", "raw", 8), ("I;16", "raw", 6), ("RGBA", "raw", 6),
    ("CMYK", "raw", 6), ("P", "raw", 6), ("RGB", "raw", 6), ("L", "tiff_lzw", 6), ("L", "raw", 3),
):  # fmt: skip
    stored = Image.fromarray(pixels.astype(np.uint16)) if mode == "I;16" else Image.fromarray(pixels).convert(mode)
    exif = Image.Exif()
    exif[0x0112] = orientation
    stored.save("picture.tif", compression=compression, exif=exif)
    upright = np.asarray(stored)
    if orientation in {5, 7}:
        upright = upright.swapaxes(0, 1)  # mirrored at a diagonal
    upright = np.rot90(upright, {3: 2, 5: 0, 6: -1, 7: 2, 8: 1}[orientation])
    with Image.open("picture.tif") as image:
        by_path = np.asarray(image)
    with Path("picture.tif").open("rb") as file, Image.open(file) as image:
        by_file = np.asarray(image)
    assert np.array_equal(by_file, upright), "an open file is read right"
    seen[mode, compression, orientation] = right = np.array_equal(by_path, upright)
    print(mode, compression, orientation, "right" if right else f"wrong: {by_path.shape} for {upright.shape}")
same = list(seen.values()) == [False] * 8 + [True] * 3
print("PASS" if same else "FAIL: they are read differently now")
sys.exit(not same)
END
