"""Opening designs from files of any kind, remembering them, and writing them in every form."""

from __future__ import annotations

import logging
from collections.abc import Callable, Set
from pathlib import Path
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QFileDialog, QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import is_json, is_there, write_out
from resnet_gui.data.file_kinds import WEIGHT_SUFFIXES
from resnet_gui.design.spec import Design, load_design, save_design
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.common.saving import ask_where_to_save
from resnet_gui.gui.kit.figures.figure import FileForm
from resnet_gui.gui.session import Session
from resnet_gui.gui.settings import Settings
from resnet_gui.protocol.events import Event, Exported, Failed, Identified
from resnet_gui.protocol.jobs import ExportOnnx, Identify

if TYPE_CHECKING:
    from resnet_gui.gui.design.diagram.paint import Colouring

LOG = logging.getLogger(__name__)
MAX_RECENT: Final = 10
LONGEST_NAME: Final = 100

FORMS: Final[dict[str, tuple[str, str]]] = {
    "svg": ("Diagram as SVG …", "SVG (*.svg)"),
    "png": ("Diagram as PNG …", "PNG (*.png)"),
    "pdf": ("Diagram as PDF …", "PDF (*.pdf)"),
    "csv": ("Layer table as CSV", "CSV (*.csv)"),
    "latex": ("Layer table as LaTeX", "LaTeX (*.tex)"),
    "python": ("Python code", "Python (*.py)"),
    "onnx": ("ONNX", "ONNX (*.onnx)"),
    "json": ("Design file", "Design (*.json)"),
}
"""Form -> its line in the menu and in the file dialog."""

PICTURES: Final[dict[str, FileForm]] = {"svg": "svg", "png": "png", "pdf": "pdf"}
"""Those of ``FORMS`` that are drawn."""


class Documents(QObject):
    """The files of a session; what goes wrong with them is said in the status bar.

    Signals:
        opened: a design of a file is on show now.
        classify_requested: path of weights that pictures are to be classified with.
        recent_changed: the list of recent files is another.
    """

    opened = Signal()
    classify_requested = Signal(object)
    recent_changed = Signal()

    def __init__(
        self,
        parent: QWidget,
        session: Session,
        settings: Settings,
        engines: Engines,
        colouring: Callable[[], Colouring],
    ) -> None:
        """Open and save for a window; ``colouring`` says what the colours of the diagram on screen mean."""
        super().__init__(parent)
        self._window, self._session, self._settings, self._engines = parent, session, settings, engines
        self._colouring = colouring
        self.predicting: Callable[[], bool] = lambda: False
        engines.answered.connect(self._take)

    # ---- opening

    def ask_open(self) -> None:
        """Let the user choose a file and open it."""
        endings = " ".join(f"*{ending}" for ending in WEIGHT_SUFFIXES)
        chosen = f"Designs and weights (*.json {endings});;Designs (*.json);;Weights ({endings});;All files (*)"
        path, _ = QFileDialog.getOpenFileName(self._window, "Open design", self._settings.folder, chosen)
        if path:
            self.open(Path(path))

    def ask_design(self) -> Design | None:
        """Let the user choose a design file; None if there is none after all, which is said."""
        path, _ = QFileDialog.getOpenFileName(
            self._window, "Pin a design", self._settings.folder, "Designs (*.json);;All files (*)"
        )
        if not path:
            return None
        try:
            design = load_design(Path(path))
        except InputError as error:
            self._session.say(str(error), "error")
            return None
        self._remember(Path(path))
        return design

    def open(self, path: Path) -> None:
        """Show the design of a design file at once, that of weights or of a run when an engine has read them."""
        if path.is_dir() or (path.is_file() and not is_json(path) and path.suffix != ".json"):
            self._session.say(f"Reading {path.name} …")
            try:
                self._engines.ask(lambda job: Identify(job, str(path)))
            except UnicodeEncodeError:
                self._session.say("The file's name cannot be read; rename it first.", "error")
            return
        try:
            design = load_design(path)
        except InputError as error:
            self._forget_missing(path)
            self._session.say(str(error), "error")
            return
        self._remember(path)
        self._session.open_design(design, path.absolute())
        self._session.say(f"Opened {path.name}.", "ok")
        self.opened.emit()

    def _take(self, job: object, event: Event) -> None:
        """The answer of an engine."""
        if not isinstance(job, Identify | ExportOnnx):
            return
        match event:
            case Failed():
                if isinstance(job, Identify):
                    self._forget_missing(Path(job.path))
                self._session.say(event.message, "error")
            case Identified():
                self._remember(Path(event.path))
                self._session.say(f"{Path(event.path).name}: {event.design.name}, {event.params:,} parameters.", "ok")
                from resnet_gui.gui.shell.dialogs import show_identified

                wanted = show_identified(self._window, event, classify_first=self.predicting())
                if wanted == "open":
                    self._session.open_design(event.design)
                    self.opened.emit()
                elif wanted == "classify":
                    self.classify_requested.emit(Path(event.path))
            case Exported() if isinstance(job, ExportOnnx):
                self._session.say_written(Path(job.path), "; ".join(event.notes))
            case _:
                LOG.error("Nothing takes %s as the answer to %s.", type(event).__name__, type(job).__name__)

    # ---- recent files

    def recent(self) -> list[Path]:
        """Files that were opened or saved lately and still exist, the latest first."""
        return [Path(path) for path in self._settings.recent if is_there(Path(path))]

    def _remember(self, path: Path) -> None:
        path = path.absolute()
        self._settings.folder = str(path.parent)
        others = [known for known in self._settings.recent if known != str(path)]
        self._settings.recent = [str(path), *others][:MAX_RECENT]
        self.recent_changed.emit()

    def _forget_missing(self, path: Path) -> None:
        if not is_there(path):
            self._settings.recent = [known for known in self._settings.recent if known != str(path.absolute())]
            self.recent_changed.emit()

    def take_over(self, fields: Set[str]) -> None:
        """Show the recent files that the settings have now, if another window has changed them."""
        if "recent" in fields:
            self.recent_changed.emit()

    def forget_recent(self) -> None:
        """Clear the list."""
        self._settings.recent = []
        self.recent_changed.emit()

    # ---- writing

    def ask_save(self) -> None:
        """Let the user choose a place and save the design there."""
        self.ask_export("json")

    def ask_export(self, form: str) -> None:
        """Let the user choose a place and write the design in a form; of a picture also its width, ground and so on."""
        name = "".join(
            letter if letter.isalnum() or letter in " -_.()" else "_" for letter in self._session.design.name
        )[:LONGEST_NAME]
        if form in PICTURES:
            # Here and not above: the first page does without what writes files.
            from resnet_gui.gui.common.figure_dialog import FigureChoice, offer_figures
            from resnet_gui.gui.design.diagram.files import DiagramFigure

            figure = DiagramFigure(self._session.design, self._colouring())
            choice = FigureChoice("Diagram", lambda: figure, name)
            offer_figures(self._window, self._session, self._settings, [choice], PICTURES[form])
            return
        title, chosen = FORMS[form]
        path = ask_where_to_save(self._window, self._session, self._settings, title, name, chosen)
        if path is not None:
            self.export(form, path)

    def save(self, path: Path) -> None:
        """Write the design file, or say why that cannot be."""
        self.export("json", path)

    def export(self, form: str, path: Path) -> None:
        """Write the design in a form that is not drawn, or say why that cannot be."""
        # Here and not above: the first page does without what writes files.
        from resnet_gui.export.formats import TEXTS

        design = self._session.design
        try:
            if form == "onnx":
                self._engines.ask(lambda job: ExportOnnx(job, design, str(path)))
                self._session.say(f"The engine writes {path.name} …")
                return
            if form == "json":
                save_design(design, path)
            else:
                write_out(path, TEXTS[form](design).encode())
        except (InputError, ValueError) as error:
            # A name with a zero byte, or one that no encoding knows, is refused by Python itself.
            self._session.say(str(error) if isinstance(error, InputError) else "The name cannot be written.", "error")
            return
        self._settings.folder = str(path.parent)
        if form == "json":
            self._remember(path)
            self._session.mark_saved(path.absolute())
        self._session.say_written(path)
