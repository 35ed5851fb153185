"""The parts of every report: tables, badges, sheets with their feet, and the one static file that they make."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from html import escape
from typing import Final

from resnet_gui import __version__
from resnet_gui.export.report.style import STYLE

WITHHELD: Final = "the program says why"
"""In place of a sentence in which a name of this computer's files may stand."""


def today_text() -> str:
    """Date and time as a report shows them."""
    return moment_text(datetime.now().astimezone())


def moment_text(moment: datetime) -> str:
    """A date and time as a report shows them."""
    return f"{moment.day} {moment:%B %Y, %H:%M}"


def html_table(heads: Sequence[str], rows: Iterable[Sequence[str]], *, numbers: int = 99) -> str:
    """A table; cells are HTML already, those from column ``numbers`` on stand to the right; no head of empty words."""

    def cells(tag: str, row: Sequence[str]) -> str:
        return "".join(
            f"<{tag}{' class=n' if place >= numbers else ''}>{cell}</{tag}>" for place, cell in enumerate(row)
        )

    body = "".join(f"<tr>{cells('td', row)}</tr>" for row in rows)
    head_row = f"<thead><tr>{cells('th', heads)}</tr></thead>" if any(heads) else ""
    return f"<table>{head_row}<tbody>{body}</tbody></table>"


def badge(text: str, kind: str = "") -> str:
    """A word on a ground of its kind: "ok", "warn", "err", "run", or nothing."""
    return f'<span class="badge{" " + kind if kind else ""}">{escape(text)}</span>'


def head(kind: str, title: str) -> str:
    """The head of a report: the program, what kind of report it is, and its title."""
    return (
        f'<div class="row"><b class="grow">ResNet Explorer</b><span class="t2">{escape(kind)}</span></div>'
        f"<h1>{escape(title)}</h1>"
    )


def sheets(pages: Sequence[Iterable[str]], kind: str, written: str) -> str:
    """Pages of parts as A4 sheets, each with a foot that numbers it."""
    words = escape(f"ResNet Explorer {__version__}, {kind}, {written}")
    return "".join(
        f'<div class="sheet">{"".join(parts)}<div class="foot"><span class="grow">{words}</span>'
        f"<span>{number} of {len(pages)}</span></div></div>"
        for number, parts in enumerate(pages, start=1)
    )


def html_file(title: str, body: str, before: str = "") -> str:
    """The text of the file; nothing in it is fetched and nothing runs.

    Args:
        title: that a browser shows.
        body: HTML.
        before: a comment that stands before everything, such as a card of the Lab.
    """
    first = f"{before}\n" if before else ""
    return (
        f'<!doctype html>\n{first}<html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{STYLE}</style></head><body>{body}</body></html>\n"
    )
