#!/usr/bin/env bash
# PySide6-Essentials 6.11.3 (Python 3.11). Qt needs the libraries libgl1 and libegl1.
#
# One would guess: a column of Python numbers that a QSortFilterProxyModel sorts comes out in the order of sorted().
# Seen: PySide6 turns each number into the smallest type that holds it (int of 32 bits, of 64 bits, double), and Qt
# compares two of different types as the type of the LEFT one: a wide number is cut to 32 bits, a fraction to a whole.
# So 1,814,073,344 (the MACs of ResNet-18, 32 bits) is sorted after 11,398,021,120 (Wide ResNet-50-2, 64 bits), and
# 3.2 before 3. A table is right as long as it holds small networks only, and wrong from the first large one on,
# without a word. All numbers as float, or all above 2**31, sort right.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet PySide6-Essentials==6.11.3
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import os
import sys

os.environ["QT_QPA_PLATFORM"] = "offscreen"
from PySide6.QtCore import QSortFilterProxyModel, Qt
from PySide6.QtGui import QGuiApplication, QStandardItem, QStandardItemModel

application = QGuiApplication([])


def by_qt(numbers: list[float]) -> list[float]:
    model, proxy = QStandardItemModel(), QSortFilterProxyModel()
    for number in numbers:
        item = QStandardItem()
        item.setData(number, Qt.ItemDataRole.DisplayRole)
        model.appendRow(item)
    proxy.setSourceModel(model)
    proxy.sort(0)
    return [proxy.index(row, 0).data() for row in range(len(numbers))]


macs = [5, 11_398_021_120, 3, 4_089_184_256, 1_814_073_344]
mixed = [3.7, 4, 3.2, 3]
print("whole numbers:", by_qt(macs))
print("with fractions:", by_qt(mixed))
same = by_qt(macs) == [3, 5, 4_089_184_256, 11_398_021_120, 1_814_073_344]
same &= by_qt(mixed) == [3.2, 3, 3.7, 4]
for alike in ([float(n) for n in macs], [n + 2**32 for n in macs], [5, 3, 4, 1_814_073_344]):
    same &= by_qt(alike) == sorted(alike)
print("PASS" if same else "FAIL: it sorts differently now")
sys.exit(not same)
END
