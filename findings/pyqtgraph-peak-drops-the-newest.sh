#!/usr/bin/env bash
# pyqtgraph 0.14.0 with PySide6-Essentials 6.11.3, numpy 2.4.6 (Python 3.11). Qt needs the libraries libgl1 and
# libegl1.
#
# One would guess: setDownsampling(method="peak") keeps every peak, as its documentation says of it: it draws the
# smallest and the largest value of each group of samples.
# Seen: samples that fill no whole group are not drawn at all. Of 1,003 samples in groups of 4 the last 3 are gone,
# with them the highest value of the curve; "mean" drops them too, "subsample" does not. On a live curve of a training
# it is the newest points, up to one less than a group, that are missing. And one NaN blanks its whole group, so that
# isolated gaps of one sample grow.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet pyqtgraph==0.14.0 PySide6-Essentials==6.11.3 numpy==2.4.6
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"
import numpy as np
import pyqtgraph as pg

application = pg.mkQApp()


def drawn(values: np.ndarray, method: str) -> tuple[np.ndarray, np.ndarray]:
    curve = pg.PlotDataItem(values)
    curve.setDownsampling(ds=4, auto=False, method=method)
    return curve.getData()


losses = np.ones(1003)
losses[-1] = 1e6
highest = {method: float(drawn(losses, method)[1].max()) for method in ("peak", "mean", "subsample")}
last = {method: float(drawn(losses, method)[0].max()) for method in ("peak", "mean", "subsample")}
print("highest value drawn (in truth 1e6):", highest, "last x (in truth 1002):", last)
losses = np.ones(1001)
losses[-1] = 1e6
highest_of_1001 = float(drawn(losses, "subsample")[1].max())
gap = np.ones(16)
gap[5] = np.nan
blank = int(np.isnan(drawn(gap, "peak")[1]).sum()), len(drawn(gap, "peak")[1])
print("one NaN of 16 samples makes", blank[0], "of", blank[1], "drawn values NaN")
same = highest["peak"] == highest["mean"] == 1 and last["peak"] < 1000 and last["mean"] < 1000
same &= last["subsample"] == 1000 and highest_of_1001 == 1e6 and blank == (2, 8)
print("PASS" if same else "FAIL: it draws differently now")
sys.exit(not same)
END
