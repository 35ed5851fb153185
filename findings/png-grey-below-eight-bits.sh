#!/usr/bin/env bash
# torchvision 0.29.2, Pillow 13.0.0, PySide6-Essentials 6.11.3 (Python 3.11, torch 2.15.0, numpy 2.4.6). Qt needs the
# libraries libgl1 and libegl1.
#
# One would guess: an opaque grey PNG of 1, 2 or 4 bits a pixel that is read with an alpha channel has alpha 255; and
# one whose header names a transparent grey (tRNS) is transparent there, in any decoder.
# Seen, with four pixels 0, 1, 2, 3 of 2 bits:
# - torchvision's decode_image scales the greys to 0, 85, 170, 255, but its alpha is 3, of 255: the largest value at
#   the depth of the file (1, 3, 15 for 1, 2, 4 bits; right for 8). An opaque picture that is put on a background by
#   its alpha all but vanishes.
# - with grey 1 transparent: Qt has alpha 255, 0, 255, 255. Pillow has 255 everywhere, as it looks for the grey 1
#   among the scaled ones; at 1 bit and at 8 bits it is right. torchvision ignores tRNS in greys.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet torch==2.15.0 torchvision==0.29.2 pillow==13.0.0 PySide6-Essentials==6.11.3 numpy==2.4.6
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import io
import os
import struct
import sys
import zlib

import numpy as np
import torch
from PIL import Image
from torchvision.io import decode_image

os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtGui import QImage


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(depth: int, clear: int | None = None) -> bytes:
    """Four pixels of the values 0, 1, 2, 3 (of one bit: 0, 1, 0, 1)."""
    bits = "".join(f"{value % 2**depth:0{depth}b}" for value in range(4))
    row = int(bits.ljust(-(-len(bits) // 8) * 8, "0"), 2).to_bytes(-(-len(bits) // 8), "big")
    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 4, 1, depth, 0, 0, 0, 0))
    transparent = b"" if clear is None else chunk(b"tRNS", struct.pack(">H", clear))
    pixels = chunk(b"IDAT", zlib.compress(b"\0" + row))
    return b"\x89PNG\r\n\x1a\n" + header + transparent + pixels + chunk(b"IEND", b"")


def by_torchvision(data: bytes) -> list[int]:
    return decode_image(torch.frombuffer(bytearray(data), dtype=torch.uint8), "RGB_ALPHA")[3, 0].tolist()


def by_pillow(data: bytes) -> list[int]:
    return np.asarray(Image.open(io.BytesIO(data)).convert("RGBA"))[0, :, 3].tolist()


def by_qt(data: bytes) -> list[int]:
    image = QImage.fromData(data)
    return [image.pixelColor(column, 0).alpha() for column in range(4)]


readers = {"torchvision": by_torchvision, "Pillow": by_pillow, "Qt": by_qt}
opaque = {depth: {name: read(png(depth)) for name, read in readers.items()} for depth in (1, 2, 4, 8)}
clear = {depth: {name: read(png(depth, clear=1)) for name, read in readers.items()} for depth in (1, 2, 4, 8)}
for depth in opaque:
    print(f"{depth} bits, alpha when opaque: {opaque[depth]}\n        when grey 1 is transparent: {clear[depth]}")
solid, hole = [255] * 4, [255, 0, 255, 255]
same = all(
    opaque[depth] == {"torchvision": [2**depth - 1] * 4, "Pillow": solid, "Qt": solid} for depth in (1, 2, 4, 8)
)
same &= [clear[depth]["Qt"] for depth in (1, 2, 4, 8)] == [[255, 0, 255, 0], hole, hole, hole]
same &= [clear[depth]["Pillow"] for depth in (1, 2, 4, 8)] == [[255, 0, 255, 0], solid, solid, hole]
same &= all(clear[depth]["torchvision"] == opaque[depth]["torchvision"] for depth in clear)
print("PASS" if same else "FAIL: they are decoded differently now")
sys.exit(not same)
END
