"""Titles of groups of entries in a menu."""

from __future__ import annotations

from PySide6.QtWidgets import QMenu, QWidgetAction

from resnet_gui.gui.kit.basic import label


def add_heading(menu: QMenu, text: str) -> None:
    """Add the title of a group of entries to a menu; Qt's own is not drawn by a style sheet."""
    if not menu.isEmpty():
        menu.addSeparator()
    action = QWidgetAction(menu)
    words = label(text, "menuHeading")
    action.setDefaultWidget(words)
    action.setEnabled(False)
    menu.addAction(action)
