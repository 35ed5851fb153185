"""The colours of both themes: text and controls can be read (WCAG 2.2 AA), runs can be told apart."""

from __future__ import annotations

import json
import math
import re
from itertools import combinations
from typing import Final

import numpy as np
import numpy.typing as npt
import pytest

from resnet_gui.base.files import assets

Colour = npt.NDArray[np.float64]
THEMES: Final[dict[str, dict[str, str]]] = json.loads((assets() / "styles" / "themes.json").read_text(encoding="utf-8"))
SHEET: Final = (assets() / "styles" / "app.qss").read_text(encoding="utf-8")
TEXT, GRAPHICS = 4.5, 3.0
"""WCAG 2.2, success criteria 1.4.3 and 1.4.11."""

GROUNDS: Final = ("canvas", "panel", "raise", "hover", "accsoft")
BANDS: Final = tuple(f"s{n}t" for n in range(5))
BLOCKS: Final = tuple(f"s{n}c" for n in range(5))
RUNS: Final = tuple(f"r{n}" for n in range(8))

TEXTS: Final = (
    *((ink, ground) for ink in ("t1", "t2", "t3", "acc") for ground in GROUNDS),
    *((ink, ground) for ink in ("t1", "t2") for ground in (*BANDS, *BLOCKS, "neut", "oksoft", "warnsoft", "errsoft")),
    *((ink, ground) for ink in ("ok", "warn", "err") for ground in GROUNDS),
    ("ok", "oksoft"), ("warn", "warnsoft"), ("err", "errsoft"), ("t3", "errsoft"), ("t3", "warnsoft"),
    ("onacc", "accfill"), ("onacc", "acchover"),
)  # fmt: skip
"""Inks of text and what they are written on, by the style sheet or by hand."""

OUTLINES: Final = (
    *(("ctl", ground) for ground in ("canvas", "panel", "raise", "hover")),
    *(("acc", ground) for ground in (*GROUNDS, "neut")),
    ("t1", "accfill"), ("t1", "panel"), ("t1", "raise"), ("t2", "raise"), ("err", "raise"), ("err", "panel"),
    *((run, "panel") for run in RUNS),
    *((f"s{n}", ground) for n in range(5) for ground in ("panel", f"s{n}t")),
)  # fmt: skip
"""Outlines of controls, focus, lines of runs and stages, and what they lie on; ``t1`` on ``accfill`` is the focus of a
primary button."""


def linear(colour: str) -> Colour:
    """Linear sRGB of ``#RRGGBB`` (IEC 61966-2-1)."""
    parts = np.array([int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    return np.where(parts <= 0.04045, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)


def contrast(one: str, other: str) -> float:
    """The contrast ratio of WCAG 2.2."""
    light = sorted(float(linear(colour) @ [0.2126, 0.7152, 0.0722]) for colour in (one, other))
    return (light[1] + 0.05) / (light[0] + 0.05)


def test_the_ratio_is_that_of_the_recommendation() -> None:
    assert contrast("#000000", "#FFFFFF") == pytest.approx(21)
    assert contrast("#777777", "#FFFFFF") == pytest.approx(4.48, abs=0.005)


@pytest.mark.parametrize("theme", THEMES)
def test_every_text_can_be_read_on_what_it_is_written_on(theme: str) -> None:
    tokens = THEMES[theme]
    poor = {(ink, ground): round(contrast(tokens[ink], tokens[ground]), 2) for ink, ground in TEXTS}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < TEXT} == {}


@pytest.mark.parametrize("theme", THEMES)
def test_every_outline_focus_and_line_is_seen_on_what_it_lies_on(theme: str) -> None:
    tokens = THEMES[theme]
    poor = {(line, ground): round(contrast(tokens[line], tokens[ground]), 2) for line, ground in OUTLINES}
    assert {pair: ratio for pair, ratio in poor.items() if ratio < GRAPHICS} == {}


def rules() -> list[tuple[str, dict[str, str]]]:
    """The style sheet's rules: selector and properties."""
    found = []
    for selector, body in re.findall(r"([^{}]+)\{([^{}]*)\}", re.sub(r"/\*.*?\*/", "", SHEET, flags=re.DOTALL)):
        parts = (part.split(":", 1) for part in body.split(";") if ":" in part)
        found.append((selector.strip(), {name.strip(): value.strip() for name, value in parts}))
    return found


def test_every_pair_of_text_and_ground_in_one_rule_of_the_sheet_is_among_those_that_are_looked_at() -> None:
    known = {*TEXTS}
    for selector, body in rules():
        ink = re.fullmatch(r"@(\w+)", body.get("color", ""))
        ground = re.fullmatch(r"@(\w+)", body.get("background", ""))
        if ink and ground and ink[1] != "dis":
            assert (ink[1], ground[1]) in known, selector


def test_every_button_and_field_shows_the_focus_with_two_pixels_and_draws_no_second_ring() -> None:
    focused = {selector: body for selector, body in rules() if ":focus" in selector}
    for kind in ("", '[kind="primary"]', '[kind="link"]', '[kind="status"]', '[kind="value"]'):
        body = focused[f"QPushButton{kind}:focus"]
        assert body["border"].startswith("2px solid @"), kind
    assert ("QPushButton", {"outline": "none"}) in rules(), "the style's own focus frame would be the second ring"
    # The colour alone: their border is that of every button.
    assert focused['QPushButton[kind="ghost"]:focus'] == {"border-color": "@acc"}


DALTON: Final = {
    "normal": np.eye(3),
    "protan": np.array(
        [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]]
    ),
    "deutan": np.array(
        [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]]
    ),
    "tritan": np.array(
        [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]]
    ),
}  # fmt: skip
"""Machado, Oliveira and Fernandes 2009, table 1 at full severity, on linear sRGB."""

LEAST: Final = {"normal": 18.5, "protan": 11, "deutan": 11, "tritan": 11}


def lab(rgb: Colour) -> Colour:
    """CIE L*a*b* of linear sRGB at D65."""
    to_xyz = np.array(
        [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.072175], [0.0193339, 0.119192, 0.9503041]]
    )
    parts = to_xyz @ np.clip(rgb, 0, 1) / [0.95047, 1, 1.08883]
    x, y, z = np.where(parts > 216 / 24389, np.cbrt(parts), (24389 / 27 * parts + 16) / 116)
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def difference(one: Colour, other: Colour) -> float:
    """CIEDE2000 (Sharma, Wu and Dalal 2005, equations 2 to 22)."""
    (light1, a1, b1), (light2, a2, b2) = one, other
    mean = (math.hypot(a1, b1) + math.hypot(a2, b2)) / 2
    stretch = 1 + 0.5 * (1 - math.sqrt(mean**7 / (mean**7 + 25**7)))
    c1, c2 = math.hypot(a1 * stretch, b1), math.hypot(a2 * stretch, b2)
    h1, h2 = (math.degrees(math.atan2(b, a * stretch)) % 360 for a, b in ((a1, b1), (a2, b2)))
    turn = (h2 - h1 + 180) % 360 - 180
    hue = (h1 + turn / 2) % 360
    light, chroma = (light1 + light2) / 2, (c1 + c2) / 2
    arc = 2 * math.sqrt(c1 * c2) * math.sin(math.radians(turn / 2))
    weight = (
        1 - 0.17 * math.cos(math.radians(hue - 30)) + 0.24 * math.cos(math.radians(2 * hue))
        + 0.32 * math.cos(math.radians(3 * hue + 6)) - 0.2 * math.cos(math.radians(4 * hue - 63))
    )  # fmt: skip
    dl = (light2 - light1) / (1 + 0.015 * (light - 50) ** 2 / math.sqrt(20 + (light - 50) ** 2))
    dc = (c2 - c1) / (1 + 0.045 * chroma)
    dh = arc / (1 + 0.015 * chroma * weight)
    rotation = math.sin(math.radians(60 * math.exp(-(((hue - 275) / 25) ** 2))))
    rotation *= -2 * math.sqrt(chroma**7 / (chroma**7 + 25**7))
    return math.sqrt(dl**2 + dc**2 + dh**2 + rotation * dc * dh)


def test_the_difference_is_that_of_the_papers_table() -> None:
    one, other = np.array([50.0, 2.6772, -79.7751]), np.array([50.0, 0.0, -82.7485])
    assert difference(one, other) == pytest.approx(2.0425, abs=1e-4)
    one, other = np.array([2.0776, 0.0795, -1.135]), np.array([0.9033, -0.0636, -0.5514])
    assert difference(one, other) == pytest.approx(0.9082, abs=1e-4)


@pytest.mark.parametrize("theme", THEMES)
def test_the_colours_of_runs_can_be_told_apart_also_by_the_colour_blind(theme: str) -> None:
    for eyes, matrix in DALTON.items():
        seen = {run: lab(matrix @ linear(THEMES[theme][run])) for run in RUNS}
        near = {(one, two): round(difference(seen[one], seen[two]), 1) for one, two in combinations(RUNS, 2)}
        assert {pair: gap for pair, gap in near.items() if gap < LEAST[eyes]} == {}, eyes
