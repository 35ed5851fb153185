#!/usr/bin/env bash
# CairoSVG 2.9.1, resvg-py 0.5.0, PySide6-Essentials 6.11.3 (Python 3.11), Linux. Needs no display.
#
# One would guess: a fill that is half as black as black can be written in any way that CSS has for it.
# Seen: only fill-opacity (or opacity) is drawn alike. Of "#00000080" CairoSVG and Qt draw black, of "rgba(0,0,0,0.5)" Qt
# does: the alpha is dropped without a word, and a band over a curve hides the curve. resvg takes all of them.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet CairoSVG==2.9.1 resvg-py==0.5.0 PySide6-Essentials==6.11.3 pillow
    FINDINGS_VENV=venv
fi
QT_QPA_PLATFORM=offscreen "$FINDINGS_VENV"/bin/python - <<'END'
import io
import sys

import cairosvg
import resvg_py
from PIL import Image
from PySide6.QtCore import QByteArray
from PySide6.QtGui import QGuiApplication, QImage, QPainter
from PySide6.QtSvg import QSvgRenderer

app = QGuiApplication([])
FILLS = {
    "fill-opacity": 'fill="#000000" fill-opacity="0.5"',
    "opacity": 'fill="#000000" opacity="0.5"',
    "rgba()": 'fill="rgba(0,0,0,0.5)"',
    "eight digits": 'fill="#00000080"',
}


def of_png(data):
    with Image.open(io.BytesIO(bytes(data))) as image:
        ground = Image.new("RGBA", image.size, "white")
        ground.alpha_composite(image.convert("RGBA"))
        return ground.getpixel((10, 10))[0]


def by_qt(text):
    image = QImage(20, 20, QImage.Format.Format_ARGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    QSvgRenderer(QByteArray(text.encode())).render(painter)
    painter.end()
    return image.pixelColor(10, 10).red()


seen = {}
for name, fill in FILLS.items():
    text = f'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="20"><rect width="20" height="20" {fill}/></svg>'
    greys = (
        of_png(cairosvg.svg2png(text.encode())),
        of_png(resvg_py.svg_to_bytes(svg_string=text)),
        by_qt(text),
    )
    seen[name] = ["half" if 120 <= grey <= 135 else "black" if grey == 0 else str(grey) for grey in greys]
    print(name, dict(zip(("CairoSVG", "resvg", "Qt"), seen[name], strict=True)))
same = seen == {
    "fill-opacity": ["half"] * 3,
    "opacity": ["half"] * 3,
    "rgba()": ["half", "half", "black"],
    "eight digits": ["black", "half", "black"],
}
print("PASS" if same else "FAIL: they draw them otherwise now")
sys.exit(not same)
END
