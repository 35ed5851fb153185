"""What a sweep gives to take along: its table, its own file, its figures."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.export.report.parts import today_text
from resnet_gui.export.sweep_report import sweep_report
from resnet_gui.gui.common.figure_dialog import offer_figures
from resnet_gui.gui.common.saving import ask_where_to_save
from resnet_gui.gui.kit.basic import fill_menu
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.gui.train.plots.sweep_figures import sweep_figures
from resnet_gui.gui.train.sweeps.centre import SweepCentre
from resnet_gui.gui.train.sweeps.model import SweepItem
from resnet_gui.sweeps.folder import slug
from resnet_gui.sweeps.sweep import encode_sweep
from resnet_gui.sweeps.table import sweep_table
from resnet_gui.sweeps.table_text import table_csv

Entries = list[tuple[str, Callable[[], object], bool] | None]
FILTERS: Final = {
    "html": "Web pages (*.html)", "csv": "CSV (*.csv)", "json": "Sweeps (*.json)",
}  # fmt: skip


class SweepFiles(QObject):
    """The files of the chosen sweep, and the menu that offers them."""

    def __init__(self, parent: QWidget, centre: SweepCentre, session: Session, settings: Settings) -> None:
        super().__init__(parent)
        self._parent, self._centre, self._session, self._settings = parent, centre, session, settings

    def fill(self, menu: QMenu, item: SweepItem | None) -> None:
        """Offer what there is of a sweep."""
        menu.clear()
        if item is None:
            return
        read = item.state is not None
        entries: Entries = [
            ("Report, one HTML file …", lambda: self.ask("html", item), read),
            None,
            ("Results as CSV …", lambda: self.ask("csv", item), read),
            ("Copy results", self._centre.results.copy_table, read),
            None,
            ("Figures of curves and axes …", lambda: self.offer(item), read),
            None,
            ("Sweep file, for the command line …", lambda: self.ask("json", item), True),
            ("Copy the command that repeats it", lambda: self.copy_command(item), True),
            ("Open folder", lambda: self._session.open_folder(item.folder), item.folder.is_dir()),
        ]
        fill_menu(menu, entries)

    def show_menu(self, item: SweepItem, place: QPoint, more: Entries) -> None:
        """Open the menu of a sweep at a place of the screen."""
        menu = QMenu(self._parent)
        fill_menu(menu, more)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)

    def offer(self, item: SweepItem) -> None:
        """Offer the figures of a sweep: its curves, and its runs over parallel axes."""
        offer_figures(self._parent, self._session, self._settings, sweep_figures(self._centre, item.name))

    def ask(self, kind: str, item: SweepItem) -> None:
        """Ask for a place and write a file of a sweep there: "html", "csv" or "json"."""
        name = slug(item.name) or "sweep"
        path = ask_where_to_save(self._parent, self._session, self._settings, "Save", name, FILTERS[kind])
        if path is not None:
            self.write(kind, item, path)

    def write(self, kind: str, item: SweepItem, path: Path) -> None:
        """Write a file of a sweep."""
        try:
            if kind == "csv" and item.state is not None:
                write_out(path, table_csv(sweep_table(item.state)).encode())
            elif kind == "html" and item.state is not None:
                write_out(path, sweep_report(item.state, today_text()).encode())
            else:
                write_out(path, encode_sweep(item.sweep))
        except InputError as error:
            self._session.say(str(error), "error")
        else:
            self._session.say_written(path)

    def copy_command(self, item: SweepItem) -> None:
        """Put the line on the clipboard that runs the same sweep."""
        QGuiApplication.clipboard().setText(f"resnet-gui sweep {shlex.quote(str(item.folder / 'sweep.json'))}")
        self._session.say("The command is on the clipboard.", "ok")
