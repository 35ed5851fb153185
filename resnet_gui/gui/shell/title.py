"""What the window says of its design: the name, whether it is in a file, and whether it differs from its preset."""

from __future__ import annotations

from PySide6.QtCore import QObject

from resnet_gui.design.naming import differences
from resnet_gui.gui.session import Session
from resnet_gui.gui.shell.main_window import MainWindow


def saved_words(session: Session) -> tuple[str, str]:
    """Where the design stands, in a word or two for the top bar, and in a sentence."""
    path = session.file.path
    if session.unsaved:
        saved = f"Changed since it was saved in {path.name}." if path is not None else "Not saved in a file."
    else:
        saved = f"Saved in {path.name}." if path is not None else "In no file, and unchanged since it was opened."
    words = differences(session.spec, session.preset)
    title = session.preset.title
    differs = f"It differs from {title}: {', '.join(words)}." if words else f"It is the preset {title}, unchanged."
    kind = "Preset" if session.unchanged else "Edited"
    if not session.unsaved and path is None:
        return ("Unchanged preset" if session.unchanged else "Own design"), f"{saved} {differs}"
    return f"{kind}, {'not saved' if session.unsaved else 'saved'}", f"{saved} {differs}"


class WindowTitle(QObject):
    """The title of the window and the words of its top bar, as the session has them."""

    def __init__(self, window: MainWindow, session: Session) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        session.design_changed.connect(self.show_design)
        session.file_changed.connect(self.show_design)
        self.show_design()

    def show_design(self) -> None:
        """Show the name, with Qt's sign of what is not saved."""
        window, session = self._window, self._session
        window.top.show_design(session.design.name, *saved_words(session))
        # Qt writes its sign where [*] stands; one that stands in the name is to be doubled.
        window.setWindowTitle(f"{session.design.name.replace('[*]', '[*][*]')}[*] – ResNet Explorer")
        window.setWindowModified(session.unsaved)
