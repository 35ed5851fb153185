"""Colours, fonts, icons and the style sheet of the dark and the light theme."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from functools import cache
from typing import Final, Literal

from PySide6.QtCore import QObject, QRect, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QIcon, QPainter, QPalette, QPen, QPixmap
from PySide6.QtWidgets import QApplication, QStyle, QStyleFactory, QStyleOptionViewItem, QWidget

from resnet_gui.base.files import assets
from resnet_gui.gui.kit.window.drawn_icons import drawn_icons
from resnet_gui.gui.kit.window.style_sheets import Follower, StyleSheets

Mode = Literal["system", "dark", "light"]
MODES: Final[tuple[Mode, ...]] = ("system", "dark", "light")


@cache
def _themes() -> dict[str, dict[str, str]]:
    themes: dict[str, dict[str, str]] = json.loads((assets() / "styles" / "themes.json").read_text(encoding="utf-8"))
    return themes


@cache
def _sheet(theme: str) -> str:
    """The style sheet in the colours of a theme."""
    folder = assets() / "styles"
    sheet = (folder / "app.qss").read_text(encoding="utf-8")
    sheet = sheet.replace("@styles", folder.as_posix()).replace("@theme", theme)
    colours = _themes()[theme]
    # Longer names first, so that @t1 does not eat the start of another token.
    for token in sorted(colours, key=len, reverse=True):
        sheet = sheet.replace(f"@{token}", colours[token])
    return sheet


@cache
def _svg(name: str) -> str:
    return (assets() / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def load_fonts() -> None:
    """Make the bundled Inter known, so that every system shows the same letters."""
    for path in sorted((assets() / "fonts").iterdir()):
        if path.suffix == ".otf":
            QFontDatabase.addApplicationFont(str(path))


@cache
def font(size: int = 13, weight: int = 400, *, tabular: bool = True) -> QFont:
    """A font of the window: pixel size, weight 400, 500 or 600, figures of one width; shared, not to be changed.

    In a PDF figures of one width could not be searched or copied: these glyphs have no letters of their own. Nor have
    those that Inter puts in their places beside figures and capitals, such as "×" and "(" in ``3 × 3 (A)``.
    """
    made = QFont(["Inter", "Segoe UI", "Noto Sans", "sans-serif"])
    made.setPixelSize(size)
    made.setWeight(QFont.Weight(weight))
    made.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
    # Said also where it is off, or the application's font would have its say.
    made.setFeature(QFont.Tag("tnum"), int(tabular))
    if not tabular:
        made.setFeature(QFont.Tag("calt"), 0)
    return made


def palette_of(name: str) -> Callable[[str], QColor]:
    """The colours of a theme by its name, whatever the window's is; for pictures that are written to files."""
    return lambda token: QColor(_themes()[name][token])


class Theme(QObject):
    """The colours, fonts and icons of the window, light or dark.

    Attributes:
        mode: what the user chose.
        name: what it comes to, "dark" or "light".

    Signals:
        changed: colours have changed; whoever paints by hand repaints.
    """

    changed = Signal()

    def __init__(self, app: QApplication, mode: Mode = "system") -> None:
        super().__init__(app)
        self._app = app
        self.mode: Mode = mode
        app.setStyle(QStyleFactory.create("Fusion"))
        load_fonts()
        app.setFont(font())
        app.styleHints().colorSchemeChanged.connect(self._follow)
        self.name = self._resolve()
        self._colors: dict[str, QColor] = {}
        self._pixmaps: dict[tuple[str, str, int, float], QPixmap] = {}
        self._drawn = drawn_icons()
        self._followers: list[Follower] = []
        self._sheets = StyleSheets(self, lambda: _sheet(self.name), self.color)
        self._set_palette()

    def dress(self, root: QWidget) -> None:
        """Put the style sheet on a widget that is put together, and on all that is ever put into it or opened over it.

        Not on the application: Qt would style every part again each time it is given a parent, which takes three times
        as long as building a page, and style all pages anew with another theme, also those that were never shown.
        """
        self._sheets.put_on(root)

    def dress_page(self, page: QWidget, parent: QWidget | None = None) -> None:
        """Do the same with a page, part by part where it is so large that it would hold up the window.

        Args:
            page: that is put together.
            parent: that it is given before.
        """
        self._sheets.put_on_page(page, parent)

    def dress_large_page(self, page: QWidget) -> Iterator[None]:
        """Do so beforehand with a large page that has no parent yet; the event loop may turn between two parts."""
        return self._sheets.put_on_parts(page)

    def dress_parts(self, window: QWidget, *containers: QWidget) -> None:
        """Put a style sheet of its own on each part of a window, and on each menu and dialog that is opened over it.

        With one sheet on the window another theme would style every page of it in one go, which takes 0.3 s.

        Args:
            window: that is put together and has not been shown.
            containers: inside it, whose children are parts; they have no look of their own.
        """
        self._sheets.put_on_children(window, containers)

    def set_mode(self, mode: Mode) -> None:
        """Take the user's choice."""
        self.mode = mode
        self._follow()

    def follow(self, owner: QObject, paint: Callable[[], object]) -> None:
        """Paint now and whenever the theme changes, as long as ``owner`` lives; for what nobody sees when it is due.

        A function that is only connected would outlive its widgets and paint on what is gone.
        """
        paint()
        follower = (owner, paint)
        self._followers.append(follower)
        owner.destroyed.connect(lambda: self._forget(follower))

    def _forget(self, follower: Follower) -> None:
        self._followers.remove(follower)
        self._sheets.forget(follower)

    def color(self, token: str) -> QColor:
        """The colour of a token such as "t1" or "s2c"; a shared object, copy it before changing it."""
        found = self._colors.get(token)
        if found is None:
            found = self._colors[token] = QColor(_themes()[self.name][token])
        return found

    def hex(self, token: str) -> str:
        """The colour of a token as ``#RRGGBB``."""
        return _themes()[self.name][token]

    def pixmap(self, name: str, token: str = "t2", size: int = 16) -> QPixmap:
        """An icon in the colour of a token, sharp on every screen; a shared object."""
        ratio = self._app.devicePixelRatio()
        key = (name, token, size, ratio)
        if key not in self._pixmaps:
            self._pixmaps[key] = self._draw_icon(name, token, size, ratio)
        return self._pixmaps[key]

    def _draw_icon(self, name: str, token: str, size: int, ratio: float) -> QPixmap:
        source = _svg(name).replace("currentColor", self.hex(token))
        pixmap = self._drawn.pixmap(source, round(size * ratio))
        pixmap.setDevicePixelRatio(ratio)
        return pixmap

    def keep_icons(self) -> None:
        """Keep the pixels of the icons that were drawn, so that the next start need not draw them."""
        self._drawn.keep()

    def icon(self, name: str, token: str = "t2", size: int = 16, off: str = "dis") -> QIcon:
        """An icon for buttons, with its disabled colour."""
        icon = QIcon(self.pixmap(name, token, size))
        icon.addPixmap(self.pixmap(name, off, size), QIcon.Mode.Disabled)
        return icon

    def _resolve(self) -> str:
        if self.mode != "system":
            return self.mode
        # Bare X11 and the offscreen platform answer Unknown; light is what they show elsewhere.
        return "dark" if self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark else "light"

    def _follow(self) -> None:
        name = self._resolve()
        if name != self.name:
            self.name = name
            self._colors.clear()
            self._pixmaps.clear()
            self._set_palette()
            self._sheets.renew(self._followers)
            self.changed.emit()

    def _set_palette(self) -> None:
        palette = QPalette()
        role_of = QPalette.ColorRole
        roles = {
            role_of.Window: "panel", role_of.WindowText: "t1", role_of.Base: "panel", role_of.AlternateBase: "raise",
            role_of.Text: "t1", role_of.Button: "raise", role_of.ButtonText: "t1", role_of.Highlight: "accfill",
            role_of.HighlightedText: "onacc", role_of.PlaceholderText: "t3", role_of.ToolTipBase: "panel",
            role_of.ToolTipText: "t1", role_of.Link: "acc", role_of.Mid: "line",
        }  # fmt: skip
        for role, token in roles.items():
            palette.setColor(role, self.color(token))
        for role in (QPalette.ColorRole.Text, QPalette.ColorRole.WindowText, QPalette.ColorRole.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.color("dis"))
        self._app.setPalette(palette)


def paint_row(
    painter: QPainter, theme: Theme, option: QStyleOptionViewItem, *, line: bool = True, frame: bool = True
) -> bool:
    """Paint the ground of a row of a list, as it is chosen or under the pointer.

    Args:
        painter: of the delegate.
        theme: of the colours.
        option: of the row.
        line: whether a line ends the row.
        frame: whether a chosen row has a frame.

    Returns:
        Whether the row is chosen.
    """
    box = QRect(option.rect)
    chosen = bool(option.state & QStyle.StateFlag.State_Selected)
    hovered = bool(option.state & QStyle.StateFlag.State_MouseOver)
    painter.fillRect(box, theme.color("accsoft" if chosen else "hover" if hovered else "panel"))
    if line:
        painter.fillRect(QRect(box.left(), box.bottom(), box.width(), 1), theme.color("line"))
    if chosen and frame:
        painter.setPen(QPen(theme.color("acc"), 1))
        painter.drawRect(box.adjusted(0, 0, -1, -1))
    return chosen
