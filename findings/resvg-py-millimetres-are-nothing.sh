#!/usr/bin/env bash
# resvg-py 0.5.0 (Python 3.11). Needs no display.
#
# One would guess: an SVG in millimetres, inches or points is drawn at 96 dots an inch where nothing else is asked for;
# the package's text says of its parameter dpi "0 = SVG default", and 0 is what it is by default.
# Seen: at 0 every physical length is nothing. A drawing of 100mm by 20mm is refused ("SVG has an invalid size"), and in
# one whose own size is in pixels all shapes and strokes in mm, in, cm or pt vanish without a word. With dpi=96 all of
# them are drawn as CairoSVG 2.9.1 draws them without being asked.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet resvg-py==0.5.0 CairoSVG==2.9.1 pillow
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import io
import sys

import cairosvg
import resvg_py
from PIL import Image

SHAPES = {
    "mm": '<rect x="10" y="5" width="20mm" height="5mm"/>',
    "cm": '<rect x="10" y="5" width="2cm" height="0.5cm"/>',
    "in": '<rect x="10" y="5" width="1in" height="0.25in"/>',
    "pt": '<path d="M10 20H190" stroke="black" stroke-width="6pt"/>',
    "px": '<rect x="10" y="5" width="20px" height="5px"/>',
}


def drawing(shape, width="200", height="40"):
    begin = f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 200 40">'
    return f"{begin}{shape}</svg>"


def dots(data):
    with Image.open(io.BytesIO(bytes(data))) as image:
        return sum(image.convert("RGBA").getchannel("A").point(lambda alpha: alpha > 127).get_flattened_data())


seen = {}
for unit, shape in SHAPES.items():
    text = drawing(shape)
    counts = (
        dots(resvg_py.svg_to_bytes(svg_string=text)),
        dots(resvg_py.svg_to_bytes(svg_string=text, dpi=96)),
        dots(cairosvg.svg2png(text.encode())),
    )
    print(f"{unit}: by default {counts[0]}, with dpi=96 {counts[1]}, CairoSVG {counts[2]} dark dots")
    seen[unit] = counts
try:
    refused = f"taken, {len(resvg_py.svg_to_bytes(svg_string=drawing(SHAPES['px'], '100mm', '20mm')))} bytes"
except ValueError as error:
    refused = str(error)
print("a drawing of 100mm by 20mm:", refused)
physical = [counts for unit, counts in seen.items() if unit != "px"]
same = (
    all(default == 0 and asked > 500 and abs(asked - cairo) < 0.1 * asked for default, asked, cairo in physical)
    and min(seen["px"]) >= 100
    and refused == "SVG has an invalid size"
)
print("PASS" if same else "FAIL: it draws them otherwise now")
sys.exit(not same)
END
