#!/usr/bin/env bash
# PySide6-Essentials 6.11.3 (Python 3.11). Needs no display.
#
# One would guess: Signal(dict) hands over the dict, or a copy, and refuses what it cannot.
# Seen: the dict travels as a QVariantMap, whose keys are sorted text. {"z": 1, "a": 2} arrives as {"a": 2, "z": 1},
# and a dict with whole numbers as keys (class index to score, epoch to accuracy) arrives EMPTY, although emit()
# returns as if all was well (a line on the standard error says that it could not convert). In the same way
# Signal(int) given the text "3" delivers 0. Signal(object) hands over the object itself.
# Data of a QStandardItem: numbers as keys survive there, the order of text keys does not.

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
import sys

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QStandardItem


class Source(QObject):
    as_dict = Signal(dict)
    as_object = Signal(object)
    as_int = Signal(int)


source, got = Source(), []
for signal in (source.as_dict, source.as_object, source.as_int):
    signal.connect(got.append)
named, numbered = {"z": 1, "a": 2}, {3: 0.5, 1: 0.25}
source.as_dict.emit(named)
source.as_dict.emit(numbered)
source.as_int.emit("3")
source.as_object.emit(named)
source.as_object.emit(numbered)
stored = []
for data in (named, numbered):
    item = QStandardItem()
    item.setData(data, Qt.ItemDataRole.UserRole)
    stored.append(item.data(Qt.ItemDataRole.UserRole))
print("delivered", got, "stored", stored)
same = [list(got[0].items()), got[1], got[2]] == [[("a", 2), ("z", 1)], {}, 0]
same &= got[3] is named and got[4] is numbered
same &= list(stored[0]) == ["a", "z"] and list(stored[1]) == [3, 1]
print("PASS" if same else "FAIL: they are delivered differently now")
sys.exit(not same)
END
