"""The tags of a report, read strictly."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset(["meta", "br", "img", "path", "rect", "circle", "polygon", "polyline"])


class TagReader(HTMLParser):
    """A reader of the tags of a file, which fails where one is closed that was not opened last."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.attributes: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        self.attributes += [(name, value or "") for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def read(text: str) -> TagReader:
    reader = TagReader()
    reader.feed(text)
    reader.close()
    assert reader.open == []
    return reader
