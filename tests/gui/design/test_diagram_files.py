"""Pictures of the diagram as files: whole, well formed, of the size that was asked for, or refused in a sentence."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import xml.etree.ElementTree as ET
from pathlib import Path

import pytest
from PySide6.QtGui import QImage
from PySide6.QtSvg import QSvgRenderer

from resnet_gui.base.errors import InputError
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design
from resnet_gui.gui.design.diagram.files import OWN_WIDTH, DiagramFigure, write_picture
from resnet_gui.gui.design.diagram.network import lay_out
from resnet_gui.gui.design.diagram.scene import WIDTH
from resnet_gui.gui.kit.figures.figure import FigureOptions
from resnet_gui.gui.kit.figures.files import MARGIN, largest_dpi
from resnet_gui.gui.kit.theme import palette_of

SVG = "{http://www.w3.org/2000/svg}"


def words(path: Path) -> list[str]:
    """The texts of an SVG, which are drawn as outlines, in drawing order."""
    return [element.get("aria-label", "") for element in ET.parse(path).iter(f"{SVG}path")]  # noqa: S314 (our own)


@pytest.mark.usefixtures("theme")
@pytest.mark.parametrize("name", ["resnet18", "resnet152", "plain34", "preact_resnet164", "resnet1202"])
def test_an_svg_is_well_formed_and_has_every_block_and_every_shape(name: str, tmp_path: Path) -> None:
    design, path = PRESETS[name].design, tmp_path / "net.svg"
    write_picture(design, "svg", path)
    found = words(path)
    blocks = [text for text in found if re.fullmatch(r"\d+_\d+", text)]
    assert blocks == [
        f"{stage + 2}_{block + 1}" for stage, count in enumerate(design.spec.blocks) for block in range(count)
    ]
    for stage in plan(design.spec).stages:
        assert " × ".join(map(str, stage.output)) in found
    arcs = lay_out(plan(design.spec), whole=True).arcs()
    dashed = path.read_text().count("stroke-dasharray=")
    assert (dashed > 0) == any(kind in {"projection", "zero-pad"} for kind in arcs)
    root = ET.parse(path).getroot()  # noqa: S314
    assert root.findtext(f"{SVG}title") == design.name
    assert not list(root.iter(f"{SVG}text")), "letters look the same where the font is missing"
    assert QSvgRenderer(str(path)).isValid()


@pytest.mark.usefixtures("theme")
@pytest.mark.parametrize(("width", "dpi"), [(OWN_WIDTH, 96), (85.0, 150), (174.0, 100)])
def test_a_png_shows_the_whole_network_at_any_width(width: float, dpi: int, tmp_path: Path) -> None:
    design, path = PRESETS["resnet152"].design, tmp_path / "net.png"
    write_picture(design, "png", path, options=FigureOptions(width=width, dpi=dpi, ground="dark"))
    image = QImage(str(path))
    assert abs(image.width() - width / 25.4 * dpi) < 1
    unit = (image.width() - 2 * MARGIN * dpi / 96) / WIDTH
    height = lay_out(plan(design.spec), whole=True).height
    assert abs(image.height() - 2 * MARGIN * dpi / 96 - height * unit) < 3
    assert image.pixelColor(2, 2).name() == palette_of("dark")("panel").name()
    edge = MARGIN * dpi / 96
    assert image.pixelColor(round(edge + 20 * unit), round(edge + 60 * unit)).name() == palette_of("dark")("s0t").name()
    assert round(image.dotsPerMeterX() * 0.0254) == dpi


@pytest.mark.usefixtures("theme")
def test_a_picture_without_a_ground_shows_what_lies_below_it(tmp_path: Path) -> None:
    path = tmp_path / "net.png"
    write_picture(PRESETS["resnet18"].design, "png", path, options=FigureOptions(dpi=96, ground="clear"))
    assert QImage(str(path)).pixelColor(1, 1).alpha() == 0
    write_picture(PRESETS["resnet18"].design, "png", path, options=FigureOptions(dpi=96))
    assert QImage(str(path)).pixelColor(1, 1).name() == "#ffffff"


@pytest.mark.usefixtures("theme")
def test_a_png_that_would_be_too_large_is_refused_with_the_finest_that_fits(tmp_path: Path) -> None:
    design = PRESETS["resnet1202"].design
    limit = largest_dpi(DiagramFigure(design), 174)
    assert 150 < limit < 1200
    with pytest.raises(InputError, match=f"at most {limit} fits"):
        write_picture(design, "png", tmp_path / "net.png", options=FigureOptions(width=174, dpi=limit + 1))
    assert list(tmp_path.iterdir()) == []


@pytest.mark.usefixtures("theme")
@pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler-utils reads the text of a PDF")
def test_a_pdf_has_every_block_as_text(tmp_path: Path) -> None:
    path = tmp_path / "net.pdf"
    write_picture(PRESETS["resnet152"].design, "pdf", path)
    text = subprocess.run(["pdftotext", "-raw", str(path), "-"], capture_output=True, text=True, check=True).stdout
    assert len(re.findall(r"\b\d_\d+\b", text)) == 50
    for whole in ("3 × 224 × 224", "7×7 conv", "256 × 56 × 56"):
        assert whole in text, "what is copied is whole"


@pytest.mark.usefixtures("theme")
def test_a_pdf_is_one_page_of_the_size_of_the_diagram(tmp_path: Path) -> None:
    path = tmp_path / "net.pdf"
    write_picture(PRESETS["resnet18"].design, "pdf", path)
    data = path.read_bytes()
    assert data.startswith(b"%PDF-1.")
    assert data.count(b"/Type /Page\n") == 1
    box = re.search(rb"/MediaBox \[0 0 ([\d.]+) ([\d.]+)\]", data)
    assert box is not None
    height = lay_out(plan(PRESETS["resnet18"].spec), whole=True).height
    assert abs(float(box[1]) - (WIDTH + 2 * MARGIN) * 0.75) < 1
    assert abs(float(box[2]) - (height + 2 * MARGIN) * 0.75) < 1


@pytest.mark.usefixtures("theme")
@pytest.mark.parametrize("form", ["svg", "png", "pdf"])
def test_a_picture_that_cannot_be_written_is_refused_and_what_stood_there_stays(
    form: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    design = PRESETS["resnet18"].design
    with pytest.raises(InputError, match="folder"):
        write_picture(design, form, tmp_path)  # type: ignore[arg-type]
    with pytest.raises(InputError, match="choose another place"):
        write_picture(design, form, tmp_path / "no" / "such" / "folder.x")  # type: ignore[arg-type]
    path = tmp_path / "old"
    path.write_text("old")

    def full(_path: Path, _data: bytes) -> int:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(InputError, match="No space left"):
        write_picture(design, form, path)  # type: ignore[arg-type]
    assert path.read_text() == "old"
    assert [entry.name for entry in tmp_path.iterdir()] == ["old"]


def test_an_svg_is_written_without_a_window_or_a_display(tmp_path: Path) -> None:
    script = (
        "import os\nfor name in ('DISPLAY', 'WAYLAND_DISPLAY', 'QT_QPA_PLATFORM'): os.environ.pop(name, None)\n"
        "from pathlib import Path\n"
        "from resnet_gui.gui.design.diagram.files import write_without_window\n"
        "from resnet_gui.design.presets import PRESETS\n"
        f"write_without_window(PRESETS['resnet50'].design, Path({str(tmp_path / 'net.svg')!r}))\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
    assert "3_4" in words(tmp_path / "net.svg")


@pytest.mark.usefixtures("theme")
def test_a_name_with_control_characters_leaves_the_svg_well_formed(tmp_path: Path) -> None:
    design = Design(name="a\x0bb\x00<c>&\x1b", spec=PRESETS["resnet18"].spec)
    write_picture(design, "svg", tmp_path / "net.svg")
    assert ET.parse(tmp_path / "net.svg").getroot().findtext(f"{SVG}title") == "a b <c>& "  # noqa: S314
