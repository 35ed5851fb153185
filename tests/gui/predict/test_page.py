"""The Predict page with a real engine: how pictures come in, what is answered, and what many of them do."""

from __future__ import annotations

import csv
import itertools
import os
import shutil
import signal
import statistics
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image, ImageOps
from PySide6.QtCore import QMimeData, QModelIndex, Qt, QTimer, QUrl
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QApplication, QFileDialog
from pytestqt.modeltest import ModelTester

from resnet_gui.base.cache import LruCache
from resnet_gui.data.preprocessing import crop_boxes
from resnet_gui.data.weights_catalogue import SHIPPED
from resnet_gui.gui.predict.pictures.model import SORT_ROLE
from resnet_gui.gui.predict.predictions import pasted_folder
from tests.engine.data.picture_files import solid_png
from tests.gui.driving import files
from tests.gui.predict.predicting import CAR, PLANE, SAMPLES, SHIP, PredictDriver, small_pictures
from tests.waiting import stretched


def pixels_of(image: QImage) -> np.ndarray[tuple[int, ...], np.dtype[np.uint8]]:
    rgb = image.convertToFormat(QImage.Format.Format_RGB888)
    lines = np.frombuffer(rgb.constBits(), np.uint8).reshape(rgb.height(), rgb.bytesPerLine())
    return lines[:, : 3 * rgb.width()].reshape(rgb.height(), rgb.width(), 3).copy()


def test_a_folder_without_pictures_is_told_in_the_page_until_something_else_is_given(
    driver: PredictDriver, tmp_path: Path
) -> None:
    (tmp_path / "a.heic").write_bytes(b"\0\0\0\x18ftypheic")
    driver.drop(tmp_path)
    page = driver.page
    assert page.banner.isVisible()
    assert page.banner.text.text() == (
        f"The folder {tmp_path} holds no pictures that can be read, only 1 .heic; convert it to JPEG or PNG."
    )
    driver.drop(SHIP)
    assert not page.banner.isVisible()
    shutil.copy(SHIP, tmp_path / "b.png")
    driver.drop(tmp_path)
    assert driver.picture(tmp_path / "b.png").answer == "ship"
    assert page.banner.isVisible()
    assert page.banner.text.text().endswith("not read as pictures: 1 .heic; convert it to JPEG or PNG.")
    page.strip.clear_requested.emit()
    assert not page.banner.isVisible()
    empty = tmp_path / "empty"
    empty.mkdir()
    driver.drop(tmp_path, empty)
    assert page.banner.text.text().endswith("(1 more: see the tooltip)")


def test_three_samples_dropped_on_the_first_start_are_read_right_and_the_network_s_crop_and_input_are_shown(
    driver: PredictDriver,
) -> None:
    page = driver.page
    assert (page.models.model, page.stack.currentIndex(), page.strip.isVisible()) == (SHIPPED, 0, False)
    driver.drop(SHIP, PLANE, CAR)
    assert [one.answer for one in page.pictures.pictures()] == ["ship", "airplane", "automobile"]
    chosen = page.gallery.chosen()
    assert chosen is driver.picture(SHIP)
    assert (page.stack.currentIndex(), page.strip.isVisible()) == (1, True)
    scores = page.answer.bars.scores()
    assert (len(scores), scores) == (5, chosen.top)
    assert [score.probability for score in scores] == sorted((one.probability for one in scores), reverse=True)
    assert "ship" in page.answer.bars.accessibleName()
    assert page.answer.classes.text() == "softmax over 10 classes"
    assert (page.answer.hint.isVisible(), page.answer.hint.text()) == (False, "")
    assert page.answer._where.text().startswith("CPU, batch ") or page.answer._where.text().startswith("CUDA, batch ")
    assert "milliseconds in all" in page.answer.latency.accessibleName()
    known = driver.known
    for path in (SHIP, CAR):
        driver.choose(path)
        with Image.open(path) as opened:
            size, flat = opened.size, opened.convert("RGB")
        assert page.canvas.scene.crops == crop_boxes(size, known.spec.input, known.preprocess)
        assert (page.canvas.scene.words, page.bar.size_words.text()) == ("crop 32 × 32", f"{size[0]} × {size[1]}")
        assert page.canvas.picture_size == size
        expected = ImageOps.fit(flat, (32, 32), method=Image.Resampling.BILINEAR)
        assert np.array_equal(pixels_of(page.answer.preprocessing.image()), np.asarray(expected))
        assert page.bar.title.text() == path.name
    assert page.answer.preprocessing.accessibleDescription().startswith("Centre crop: square; Resize: 32 × 32")


def test_samples_on_the_page_are_taken_with_a_click_and_clear_takes_everything_away(driver: PredictDriver) -> None:
    page = driver.page
    button = next(one for one in page.zone.samples if one.accessibleName() == "Sample ship")
    driver.qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    driver.settle()
    assert [one.answer for one in page.pictures.pictures()] == ["ship"]
    assert page.canvas.scene.overlay is not None
    page.strip.clear.click()
    assert (page.pictures.rowCount(), page.gallery.chosen()) == (0, None)
    assert (page.stack.currentIndex(), page.strip.isVisible()) == (0, False)
    assert (page.answer.bars.scores(), page.answer.preprocessing.image().isNull()) == ((), True)
    assert page.answer.hint.text() == "The five most likely classes appear here."
    assert page.answer.latency.accessibleName() == "Latency "
    assert driver.maps.grid.tiles() == []
    driver.drop(PLANE)
    assert page.answer.bars.scores()[0].label == "airplane"


def test_folders_pixels_text_addresses_and_the_clipboard_are_taken_or_refused_in_a_sentence(
    driver: PredictDriver, tmp_path: Path
) -> None:
    page = driver.page
    below = tmp_path / "many" / "below"
    below.mkdir(parents=True)
    for place, path in ((below, SHIP), (below.parent, CAR)):
        shutil.copy(path, place)
    (below / "notes.txt").write_text("no picture, and not taken for one")
    driver.drop(tmp_path / "many")
    assert {one.path: one.answer for one in page.pictures.pictures()} == {
        below / "ship.jpg": "ship", below.parent / "automobile.jpg": "automobile",
    }  # fmt: skip
    assert page.gallery.chosen() is not None, "the first answer of a folder is looked at"

    pixels = QMimeData()
    pixels.setImageData(QImage(str(PLANE)))
    pixels.setUrls([QUrl("https://example.invalid/plane.jpg")])
    page.take_mime(pixels)
    QApplication.clipboard().setImage(QImage(str(SHIP)))
    page.gallery.setFocus()
    driver.qtbot.keyClick(page.gallery, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
    driver.settle()
    pasted = page.pictures.pictures()[2:]
    assert [one.answer for one in pasted] == ["airplane", "ship"]
    assert all(one.path.parent == pasted_folder() for one in pasted)

    for mime, words in (
        (QMimeData(), "no picture on the clipboard"),
        (QMimeData(), "That is text and no picture"),
        (QMimeData(), "save the picture first"),
    ):
        if "text" in words:
            mime.setText("a cat")
        elif "save" in words:
            mime.setUrls([QUrl("https://example.invalid/cat.png")])
        page.take_mime(mime)
        assert words in driver.said[-1]
    driver.settle()
    assert page.pictures.rowCount() == 4


@pytest.mark.qt_log_ignore("Corrupt JPEG data", extend=True)  # what Qt's own decoder says on the console
def test_what_cannot_be_read_gets_its_sentence_and_costs_no_other_picture_anything(
    driver: PredictDriver, tmp_path: Path
) -> None:
    page, bad = driver.page, dict[str, Path]()
    whole = SHIP.read_bytes()
    for name, content in (("empty.png", b""), ("words.jpg", b"words"), ("half.png", b"")):
        bad[name] = tmp_path / name
        bad[name].write_bytes(content)
    with Image.open(CAR) as opened:
        opened.save(bad["half.png"])
    bad["half.png"].write_bytes(bad["half.png"].read_bytes()[:3000])
    bad["half.jpg"], bad["missing.png"] = tmp_path / "half.jpg", tmp_path / "missing.png"
    bad["half.jpg"].write_bytes(whole[: len(whole) // 2])
    bad["bomb.png"] = tmp_path / "bomb.png"
    bad["bomb.png"].write_bytes(solid_png(20_000, 20_000))
    driver.drop(SHIP, *bad.values(), PLANE)
    assert (driver.picture(SHIP).answer, driver.picture(PLANE).answer) == ("ship", "airplane")
    for path in bad.values():
        picture = driver.picture(path)
        assert (picture.top, picture.answer) == ((), "too large" if path.name == "bomb.png" else "not readable")
        assert path.name in picture.error
        assert picture.error.endswith(".")
    assert "more than 100 megapixels" in driver.picture(bad["bomb.png"]).error
    assert driver.maps.grid.tiles()
    driver.choose(bad["words.jpg"])
    assert page.answer.hint.text() == driver.picture(bad["words.jpg"]).sentence
    assert (page.answer.bars.scores(), page.canvas.scene.crops, page.canvas.scene.overlay) == ((), (), None)
    assert driver.maps.grid.tiles() == [], "the maps of another picture are no maps of this one"
    page.canvas.grab()
    driver.choose(PLANE)
    assert driver.maps.grid.tiles()
    if os.name == "posix":
        odd = Path(os.fsdecode(os.fsencode(tmp_path) + b"/\xff.png"))
        shutil.copy(SHIP, odd)
        page.add_files([odd])
        driver.settle()
        assert "not valid text" in driver.picture(odd).error
        page.grab()


def test_the_table_sorts_goes_back_to_a_picture_by_double_click_and_is_written_as_csv(
    driver: PredictDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, broken = driver.page, tmp_path / "broken.png"
    broken.write_bytes(b"no picture")
    driver.drop(*sorted(SAMPLES.glob("*.jpg")), broken)
    page.strip.results.click()
    assert page.stack.currentWidget() is page.table
    table, total = page.table.table, page.pictures.rowCount()
    model = table.model()
    assert page.table.summary.text() == f"{total} pictures, {total - 1} answered, 1 not"
    row = next(row for row in range(total) if model.index(row, 0).data() == "broken.png")
    seen, cell = table.viewport().grab().toImage(), table.visualRect(model.index(row, 3))
    ground = seen.pixel(cell.left() + 1, cell.top() + 1)
    assert any(seen.pixel(x, cell.center().y()) != ground for x in range(cell.left(), cell.right())), (
        "the reason goes on in the columns that are empty"
    )
    for column, order in itertools.product(range(7), (Qt.SortOrder.DescendingOrder, Qt.SortOrder.AscendingOrder)):
        table.sortByColumn(column, order)
        keys = [model.index(row, column).data(SORT_ROLE) for row in range(total)]
        assert keys == sorted(keys, reverse=order == Qt.SortOrder.DescendingOrder)
    table.sortByColumn(2, Qt.SortOrder.DescendingOrder)
    rows = [model.index(row, 0) for row in range(3, 5)]
    at = next(index for index in rows if index.data(Qt.ItemDataRole.UserRole) is not page.gallery.chosen())
    wanted = at.data(Qt.ItemDataRole.UserRole)
    table.doubleClicked.emit(at)
    assert (page.stack.currentIndex(), page.strip.results.isChecked()) == (1, False)
    assert page.gallery.chosen() is wanted
    page.strip.results.click()
    written = tmp_path / "answers.csv"
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_named: (str(written), ""))
    page.table.export.click()
    assert driver.said[-1] == f"Wrote answers.csv; {total - 1} answers and 1 error."
    with written.open(newline="", encoding="utf-8") as file:
        head, *lines = csv.reader(file)
    assert head[:4] == ["image", "error", "label1", "probability1"]
    assert len(lines) == total
    for line, picture in zip(lines, page.pictures.pictures(), strict=True):
        assert line[:2] == [str(picture.path), picture.error]
        for score, label, number in zip(picture.top, line[2::2], line[3::2], strict=picture.top != ()):
            assert label == score.label
            assert float(number) == pytest.approx(score.probability, abs=1e-6)
    monkeypatch.setattr(QFileDialog, "getSaveFileName", lambda *_args, **_named: (str(tmp_path / "no" / "a.csv"), ""))
    page.table.export.click()
    assert "a.csv" in driver.said[-1]


def test_cancel_amid_many_pictures_keeps_the_answered_ones_and_leaves_an_idle_engine(
    driver: PredictDriver, tmp_path: Path
) -> None:
    page, folder = driver.page, small_pictures(tmp_path / "many", 600)
    paths = sorted(folder.iterdir())
    page.take_mime(files(*paths))
    driver.wait(lambda: page.pictures.counts()[1] >= 1)
    assert page.strip.bar.isVisible()
    late = page.pictures.pictures()[-1]
    page.gallery.choose(late)
    assert page.answer.hint.text() == "…"
    page.strip.cancel.click()
    assert page.answer.hint.text() == late.error == "Not classified: it was cancelled."
    total, known, failed = page.pictures.counts()
    assert (total, known + failed) == (600, 600)
    assert 0 < known < 600, "cancelled amid the work"
    answers = [one.top for one in page.pictures.pictures()]
    assert not page.predictions.busy
    assert not page.strip.bar.isVisible()
    assert late.answer == "cancelled"
    driver.drop(SHIP)
    assert driver.picture(SHIP).answer == "ship", "the engine is free for the next"
    assert [one.top for one in page.pictures.pictures()[:600]] == answers, "late answers are not taken"
    page.take_mime(files(*paths[-3:]))
    driver.settle()
    assert all(driver.picture(path).top for path in paths[-3:]), "dropped once more, they are asked about once more"
    assert page.pictures.rowCount() == 601


def test_an_engine_killed_amid_pictures_is_replaced_and_the_new_one_answers_them_all(
    driver: PredictDriver, tmp_path: Path
) -> None:
    page, engines = driver.page, driver.warm.engines
    page.take_mime(files(small_pictures(tmp_path / "many", 300), SHIP))
    driver.wait(lambda: page.pictures.counts()[1] >= 1)
    before = engines.main_pid
    assert before is not None
    os.kill(before, signal.SIGKILL)
    driver.wait(lambda: any("SIGKILL" in sentence for sentence in driver.said))
    driver.settle()
    assert engines.main_pid not in {before, None}
    assert page.pictures.counts() == (301, 301, 0)
    assert driver.picture(SHIP).answer == "ship"
    assert page.canvas.scene.overlay is not None
    assert driver.maps.grid.tiles()


def test_another_device_asks_everything_anew(driver: PredictDriver) -> None:
    page, device = driver.page, "cpu" if driver.session.device != "cpu" else "auto"
    driver.drop(SHIP, CAR)
    before = driver.picture(CAR).top
    driver.session.set_device(device)
    answer = page.answer
    assert answer.bars.accessibleName().startswith("the network before: ")
    assert "is loading; this is what the one before it said" in answer.hint.text()
    assert answer.classes.text() == "loading …"
    driver.settle()
    assert "before" not in answer.bars.accessibleName() + answer.hint.text()
    assert answer.classes.text() == "softmax over 10 classes"
    assert [one.answer for one in page.pictures.pictures()] == ["ship", "automobile"]
    assert [one.index for one in driver.picture(CAR).top] == [one.index for one in before]
    assert page.answer._where.text().startswith(
        "CPU" if device == "cpu" or not driver.warm.ready.devices[1:] else "CUDA"
    )
    assert page.canvas.scene.overlay is not None


def test_a_thousand_pictures_leave_the_window_fluid_and_the_gallery_s_memory_bounded(
    driver: PredictDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, kept = driver.page, 40
    monkeypatch.setattr(page.gallery.thumbnails, "_kept", LruCache[Path, QPixmap](kept))
    folder = small_pictures(tmp_path / "many", 1000)
    gaps: list[float] = []
    last = [time.perf_counter()]

    def beat() -> None:
        now = time.perf_counter()
        gaps.append(now - last[0])
        last[0] = now

    timer = QTimer()
    timer.timeout.connect(beat)
    timer.start(5)
    page.take_mime(files(folder))
    driver.wait(lambda: page.pictures.counts()[1] >= 100)
    # Somebody looks at another picture and works on while the others are being classified.
    page.gallery.choose(page.pictures.pictures()[50])
    for row in range(0, 100, 10):
        page.gallery.scrollTo(page.pictures.index(row, 0))
        driver.qtbot.wait(10)
    driver.settle()
    timer.stop()
    assert page.pictures.counts() == (1000, 1000, 0)
    assert statistics.median(gaps) < stretched(0.05)
    assert max(gaps) < stretched(3)
    for row in range(0, 1000, 8):
        page.gallery.scrollTo(page.pictures.index(row, 0))
        page.gallery.viewport().repaint()
    driver.wait(lambda: not page.gallery.thumbnails._asked)
    assert 0 < len(page.gallery.thumbnails._kept) <= kept
    assert page.pictures.index(999, 0).data(Qt.ItemDataRole.AccessibleTextRole).startswith("0999.bmp: ")


def test_arrow_keys_go_through_gallery_and_table(driver: PredictDriver) -> None:
    page = driver.page
    driver.drop(SHIP, PLANE, CAR)
    page.gallery.setFocus()
    driver.qtbot.keyClick(page.gallery, Qt.Key.Key_Right)
    assert page.gallery.chosen() is driver.picture(PLANE)
    driver.settle()
    assert page.answer.bars.scores() == driver.picture(PLANE).top
    assert page.pictures.rowCount(QModelIndex()) == 3
    page.strip.results.click()
    page.table.table.setCurrentIndex(page.table.table.model().index(0, 0))
    driver.qtbot.keyClick(page.table.table, Qt.Key.Key_Down)
    driver.qtbot.keyClick(page.table.table, Qt.Key.Key_Return)
    driver.settle()
    assert page.stack.currentIndex() == 1
    assert page.gallery.chosen() is driver.picture(PLANE)


def test_the_model_of_pictures_keeps_qt_s_rules(driver: PredictDriver, qtmodeltester: ModelTester) -> None:
    qtmodeltester.check(driver.page.pictures)
    driver.drop(SHIP, PLANE)
    driver.page.predictions.set_temperature(2.0)
    qtmodeltester.check(driver.page.pictures)
    driver.page.predictions.clear()
    qtmodeltester.check(driver.page.pictures)
