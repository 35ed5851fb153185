"""The guide: pages that come with the program, shown without a network."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Final

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSignalBlocker, QSize, Qt, QUrl
from PySide6.QtGui import (
    QDesktopServices,
    QImage,
    QKeySequence,
    QResizeEvent,
    QShortcut,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import (
    QDialog,
    QListWidget,
    QListWidgetItem,
    QSplitter,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTextBrowser,
    QWidget,
)

from resnet_gui.base.files import assets
from resnet_gui.gui.kit.basic import button, column, icon_button, row, set_icon
from resnet_gui.gui.kit.theme import Theme, font

INDEX: Final = "index.md"
ABOVE: Final = 14
BELOW: Final = 10
LINE: Final = 120
"""Pixels over a heading and under a paragraph, and the height of a line in percent."""

MARGIN: Final = 24
SPARE: Final = 12
"""Pixels that a picture leaves free, for the bar that appears beside a long page."""

PADDING: Final = 5
"""Pixels above and below each title in the list of pages."""

FOCUS_MARGIN: Final = 3
"""Pixels that Qt leaves free at either side of an item's words besides."""


def guide_folder() -> Path:
    """Where the pages lie: installed with the program, or among the documents of its source."""
    installed = assets() / "guide"
    return installed if installed.is_dir() else assets().parent / "docs" / "guide"


def guide_pages() -> list[tuple[str, str]]:
    """File and title of every page, in the order in which the first one names them.

    Raises:
        OSError: the guide is not there.
    """
    text = (guide_folder() / INDEX).read_text(encoding="utf-8")
    return [(INDEX, "Contents"), *((file, title) for title, file in re.findall(r"\[([^]]+)\]\(([\w-]+\.md)\)", text))]


class GuideBrowser(QTextBrowser):
    """A page of the guide, its pictures as wide as the text."""

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self._theme, self._width = theme, 0
        self.setAccessibleName("Guide")
        self.setFrameShape(QTextBrowser.Shape.NoFrame)
        self.setOpenLinks(False)
        self.setFont(font(14))
        self.document().setDocumentMargin(MARGIN)
        theme.changed.connect(self._recolour)
        self.textChanged.connect(self._space)

    def _space(self) -> None:
        """Set paragraphs apart: Qt sets those of Markdown without any room between them."""
        with QSignalBlocker(self):
            block = self.document().begin()
            while block.isValid():
                form, behind = block.blockFormat(), block.next()
                close = _in_one_piece(block) and _in_one_piece(behind)
                form.setTopMargin(ABOVE if form.headingLevel() > 1 else 0)
                form.setBottomMargin(BELOW / 5 if close else BELOW)
                form.setLineHeight(LINE, QTextBlockFormat.LineHeightTypes.ProportionalHeight.value)
                QTextCursor(block).setBlockFormat(form)
                block = behind

    def loadResource(self, kind: int, address: QUrl | str) -> object:  # noqa: N802
        """Pictures in the room that there is; everything else as it lies in the folder."""
        url = QUrl(address)
        if kind != QTextDocument.ResourceType.ImageResource.value:
            return super().loadResource(kind, url)
        image = QImage(str(guide_folder() / url.path()) if url.isRelative() else url.toLocalFile())
        ratio, room = self.devicePixelRatioF(), self.viewport().width() - 2 * MARGIN - SPARE
        if image.isNull() or room < 1:
            return image
        if image.width() > room * ratio:
            image = image.scaledToWidth(round(room * ratio), Qt.TransformationMode.SmoothTransformation)
        image.setDevicePixelRatio(ratio)
        return image

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Pictures follow the width; what is read stays in view."""
        first = self._first_in_view()  # before the lines break otherwise
        super().resizeEvent(event)
        if abs(self.viewport().width() - self._width) > MARGIN:
            self._width = self.viewport().width()
            self._draw_anew(first)

    def _recolour(self) -> None:
        self._draw_anew(self._first_in_view())

    def _first_in_view(self) -> tuple[int, int]:
        """Where the text in the first line on show begins, and how far below the upper edge that is."""
        cursor = self.cursorForPosition(QPoint(0, 0))
        return cursor.position(), self.cursorRect(cursor).top()

    def _draw_anew(self, first: tuple[int, int]) -> None:
        """Read the page again, at what was first in view; Qt would begin at its top."""
        bar = self.verticalScrollBar()
        at_top = bar.value() == bar.minimum()
        self.reload()
        if at_top:
            return
        cursor = QTextCursor(self.document())
        cursor.setPosition(min(first[0], self.document().characterCount() - 1))
        bar.setValue(bar.value() + self.cursorRect(cursor).top() - first[1])


def _in_one_piece(block: QTextBlock) -> bool:
    """Whether a block is a line of a list or of code, between which there is less room than between paragraphs."""
    return block.textList() is not None or block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence)


class PageTitleDelegate(QStyledItemDelegate):
    """The delegate that gives a title all the lines that it needs; Qt's own leaves the space at its sides out."""

    def __init__(self, pages: QListWidget) -> None:
        super().__init__(pages)
        self._pages = pages

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """As wide as the list, as high as the words in that width."""
        room = max(1, self._pages.viewport().width() - MARGIN - 2 * FOCUS_MARGIN)
        box = option.fontMetrics.boundingRect(QRect(0, 0, room, 10_000), Qt.TextFlag.TextWordWrap, str(index.data()))
        return QSize(1, box.height() + 2 * PADDING)


class GuideDialog(QDialog):
    """The window of the guide: its pages at the left, the one that is read at the right."""

    def __init__(self, parent: QWidget, theme: Theme) -> None:
        super().__init__(parent)
        self.setWindowTitle("Guide")
        self.resize(parent.size().boundedTo(QSize(1060, 760)) * 0.95)
        layout = column(self, gap=0)
        bar = row(gap=4)
        bar.setContentsMargins(8, 6, 8, 6)
        self.back = icon_button(theme, "chevron-left", "Back (Alt+Left)")
        self.forward = icon_button(theme, "chevron-right", "Forward (Alt+Right)")
        self.contents = button("Contents", "ghost", "The first page of the guide")
        set_icon(theme, self.contents, "book", "t2")
        for widget in (self.back, self.forward, self.contents):
            bar.addWidget(widget)
        bar.addStretch()
        layout.addLayout(bar)
        self.pages = QListWidget()
        self.pages.setAccessibleName("Pages of the guide")
        self.pages.setWordWrap(True)
        self.pages.setStyleSheet(
            f"QListWidget {{ padding: 8px 0; }} QListWidget::item {{ padding: {PADDING}px {MARGIN // 2}px; }}"
        )
        self.pages.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.pages.setResizeMode(QListWidget.ResizeMode.Adjust)
        self.pages.setItemDelegate(PageTitleDelegate(self.pages))
        self.pages.setFrameShape(QListWidget.Shape.NoFrame)
        self.browser = GuideBrowser(theme)
        parts = QSplitter()
        parts.addWidget(self.pages)
        parts.addWidget(self.browser)
        parts.setSizes([250, 800])
        parts.setStretchFactor(1, 1)
        parts.setChildrenCollapsible(False)
        layout.addWidget(parts, 1)
        for file, title in guide_pages():
            item = QListWidgetItem(title)
            item.setData(Qt.ItemDataRole.UserRole, file)
            self.pages.addItem(item)
        self.pages.currentItemChanged.connect(self._choose)
        self.browser.anchorClicked.connect(self._follow)
        self.browser.sourceChanged.connect(self._moved)
        self._connect_history()
        self.show_page(INDEX)

    def _connect_history(self) -> None:
        browser = self.browser
        self.contents.clicked.connect(lambda: self.show_page(INDEX))
        for control, work, signal, keys in (
            (self.back, browser.backward, browser.backwardAvailable, QKeySequence.StandardKey.Back),
            (self.forward, browser.forward, browser.forwardAvailable, QKeySequence.StandardKey.Forward),
        ):
            control.setEnabled(False)
            control.clicked.connect(lambda _=False, work=work: work())
            signal.connect(control.setEnabled)
            QShortcut(keys, self).activated.connect(work)

    def show_page(self, file: str) -> None:
        """Show a page by its file's name."""
        self.browser.setSource(
            QUrl.fromLocalFile(str(guide_folder() / file)), QTextDocument.ResourceType.MarkdownResource
        )

    def page(self) -> str:
        """Name of the file that is shown."""
        return self.browser.source().fileName()

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(Qt.ItemDataRole.UserRole) != self.page():
            self.show_page(item.data(Qt.ItemDataRole.UserRole))

    def _follow(self, url: QUrl) -> None:
        """Another page of the guide is shown; an address is for the user's browser."""
        if url.isRelative() or url.isLocalFile():
            self.show_page(url.fileName())
        else:
            QDesktopServices.openUrl(url)

    def _moved(self, url: QUrl) -> None:
        """Mark the page that is shown; ``source`` still has the last one when Qt says that there is another."""
        for number in range(self.pages.count()):
            if self.pages.item(number).data(Qt.ItemDataRole.UserRole) == url.fileName():
                with QSignalBlocker(self.pages):
                    self.pages.setCurrentRow(number)


def open_guide(window: QWidget, theme: Theme) -> str:
    """Show the guide of a window, the same one again if it is open; returns why that cannot be done, else nothing."""
    there = window.findChild(GuideDialog)
    if there is None:
        try:
            there = GuideDialog(window, theme)
        except OSError as error:
            return f"The guide cannot be read: {error.strerror or error} ({guide_folder()})."
        there.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    there.show()
    there.raise_()
    there.activateWindow()
    return ""
