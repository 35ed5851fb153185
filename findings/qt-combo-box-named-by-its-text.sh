#!/usr/bin/env bash
# PySide6-Essentials 6.11.3 (Python 3.11), Linux. Needs no display.
#
# One would guess: QWidget.setAccessibleName names any widget to a screen reader.
# Seen: a QComboBox on Linux (and other Unix systems) ignores it. Its name is the text of its present entry, the same as
# its value, so a form of combo boxes reads as "red, SGD, none". Spin boxes, line edits, buttons and sliders take the
# name. What does reach a screen reader is a QLabel in the same parent whose buddy the combo box is: not as its name,
# which stays the text, but as its relation "label"; a hidden label does as well.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet PySide6-Essentials==6.11.3
    FINDINGS_VENV=venv
fi
QT_QPA_PLATFORM=offscreen "$FINDINGS_VENV"/bin/python - <<'END'
import sys

from PySide6.QtGui import QAccessible
from PySide6.QtWidgets import QApplication, QComboBox, QLabel, QLineEdit, QPushButton, QSlider, QSpinBox, QWidget

app = QApplication([])


def interface(widget):
    return QAccessible.queryAccessibleInterface(widget)


def labels(widget):
    found = interface(widget).relations(QAccessible.RelationFlag.AllRelations)
    return [one.text(QAccessible.Text.Name) for one, kind in found if kind == QAccessible.RelationFlag.Label]


names = {}
for kind in (QComboBox, QSpinBox, QLineEdit, QPushButton, QSlider):
    host = QWidget()
    made = kind(host)
    made.setAccessibleName("Colour")
    if kind is QComboBox:
        made.addItems(["red", "green"])
    names[kind.__name__] = interface(made).text(QAccessible.Text.Name)
print("names", names)
host = QWidget()
combo, label = QComboBox(host), QLabel("Colour", host)
combo.addItems(["red", "green"])
without = labels(combo)
label.setBuddy(combo)
label.hide()
print("labels without a buddy", without, "with a hidden one", labels(combo))
combo_name = names.pop("QComboBox")
same = combo_name == "red" and set(names.values()) == {"Colour"} and without == [] and labels(combo) == ["Colour"]
print("PASS" if same else "FAIL: it is named otherwise now")
sys.exit(not same)
END
