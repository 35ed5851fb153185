"""Corruptions as sliders on one picture, and as curves of accuracy on a sample."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.corruptions import CORRUPTIONS, PICTURES, Shape, checked_settings
from resnet_gui.evaluation.robustness import RobustnessRecord
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.client.latest import LatestRequests
from resnet_gui.gui.evaluate.robustness.curves import corruption_chart
from resnet_gui.gui.evaluate.robustness.measure_row import MeasureRow
from resnet_gui.gui.evaluate.robustness.picture_card import PictureCard
from resnet_gui.gui.evaluate.robustness.setting_rows import SettingRows
from resnet_gui.gui.kit.basic import button, column, label, restyle, row
from resnet_gui.gui.kit.charts.chart_view import ChartView
from resnet_gui.gui.kit.format import count, percent
from resnet_gui.gui.kit.theme import Theme, font
from resnet_gui.gui.kit.throttle import Throttle
from resnet_gui.protocol.evaluation_events import PictureCorrupted, RobustnessCounted
from resnet_gui.protocol.evaluation_messages import CorruptPicture, MeasureRobustness, MeasureSettings
from resnet_gui.protocol.events import Event, Failed, Progressed

SHOWN: Final = ("gaussian_blur", "gaussian_noise", "jpeg_compression")
"""Corruptions that are on show at first."""

LEFT: Final = 230
FRAME_MS: Final = 30
NUMBERS: Final = {
    1: "This alone",
    2: "Both",
    3: "All three",
    4: "All four",
    5: "All five",
    6: "All six",
    7: "All seven",
}


class CorruptionTab(QWidget):
    """A tab with sliders, a picture before and after, and the curves.

    Attributes:
        rows: the sliders.
        before, after: the picture.
        chart: accuracy by severity.
        combined: accuracy with all sliders at their settings together.
        measure_row: measures what the chart lacks.

    Signals:
        measured: the folder of the evaluation holds more than before.
    """

    measured = Signal()

    def __init__(self, theme: Theme, engines: Engines) -> None:
        super().__init__()
        self._folder = ""
        self._number = 0
        self._pictures = 0
        self._record: RobustnessRecord | None = None
        self._shape: Shape = ()
        self._labels: tuple[str, ...] = ()
        self._problem = ""
        self._requests = LatestRequests(engines, self)
        self._requests.answered.connect(self._take)
        self._asking = Throttle(self, FRAME_MS, self._ask_picture)
        self._build(theme)

    def _build(self, theme: Theme) -> None:
        line = row(self, (16, 8, 12, 8), 14)
        left = column(side := QWidget(), gap=6)
        side.setFixedWidth(LEFT)
        self.rows = SettingRows(theme, SHOWN)
        self.rows.moved.connect(self._move)
        left.addWidget(self.rows)
        pair = row(gap=10)
        self.before, self.after = PictureCard(theme, "Before"), PictureCard(theme, "After")
        pair.addWidget(self.before)
        pair.addWidget(self.after)
        pair.addStretch(1)
        left.addLayout(pair)
        share = row(gap=4)
        self.combined, self.share = label("", "muted12"), label("", "plain12")
        self.share.setFont(font(12, 600))
        share.addWidget(self.combined)
        share.addWidget(self.share)
        share.addStretch(1)
        left.addLayout(share)
        self.interval = label("", "muted12", wrap=True)
        left.addWidget(self.interval)
        self.measure_combined = button("", "small")
        self.measure_combined.clicked.connect(self._ask_combined)
        offer = row(gap=0)
        offer.addWidget(self.measure_combined)
        offer.addStretch(1)
        left.addLayout(offer)
        left.addStretch(1)
        line.addWidget(side)
        right = column(area := QWidget(), gap=4)
        self.chart = ChartView(theme, "Accuracy by severity")
        right.addWidget(self.chart, 1)
        self.measure_row = MeasureRow()
        self.measure_row.requested.connect(self._ask_curves)
        self.measure_row.cancelled.connect(self._cancel_curves)
        right.addWidget(self.measure_row)
        line.addWidget(area, 1)

    # ---- what is shown

    def show_evaluation(self, folder: str, pictures: int, labels: tuple[str, ...]) -> None:
        """Show another evaluation with so many pictures; what was asked about the one before is given up."""
        self._requests.forget("picture", "curves", "combined")
        self._folder, self._pictures, self._labels = folder, pictures, labels
        self._shape, self._problem = (), ""
        for card in (self.before, self.after):
            card.show_picture(b"", "", "")

    def show_record(self, record: RobustnessRecord | None) -> None:
        """Show what is measured."""
        self._record = record
        if record is not None:
            self._take_shape(record.shape)
        self._draw()

    def show_picture(self, number: int) -> None:
        """Show another picture."""
        self._number = number
        self._asking.request_soon()

    def show_keys(self, keys: tuple[str, ...]) -> None:
        """Show other corruptions."""
        self.rows.show_keys(keys)

    def _take_shape(self, shape: Shape) -> None:
        if shape != self._shape:
            self._shape = shape
            self.rows.show_shape(shape)

    def _move(self) -> None:
        self._asking.request()
        self._draw()

    @property
    def _sample(self) -> int:
        """Pictures that a measurement takes."""
        return self._record.sample.pictures if self._record is not None else min(PICTURES, self._pictures)

    def missing(self) -> tuple[str, ...]:
        """Corruptions on show whose curve is not whole."""
        record = self._record
        curves = {key: record.curve(key) if record is not None else None for key in self.rows.keys}
        return tuple(key for key, curve in curves.items() if curve is None or not curve.whole)

    def _draw(self) -> None:
        self.chart.show_chart(corruption_chart(self._record, {
            each.corruption.key: each.ring for each in self.rows.shown}))  # fmt: skip
        if not self._requests.asking("curves"):
            lacking = [CORRUPTIONS[key].title for key in self.missing()]
            action = f"Measure curves on {count(self._sample)} pictures" if lacking and self._folder else ""
            some = lacking and len(lacking) < len(self.rows.keys)
            words = self._problem or (f"Not measured: {', '.join(lacking)}" if some else "")
            self.measure_row.show_offer(words, action, failed=bool(self._problem))
        self._write_combined()

    def _write_combined(self) -> None:
        """Say how many are right with all sliders together, or offer to measure it."""
        if self._requests.asking("combined"):
            self.measure_combined.hide()
            return
        settings, sample = self._settings(), f"on {count(self._sample)} pictures"
        found = self._record.combination(settings) if self._record is not None and settings else None
        together = NUMBERS[len(self.rows.keys)]
        self.measure_combined.setText(f"Measure {together.lower()}")
        self.measure_combined.setToolTip(f"Count right answers {sample} with these settings")
        self.measure_combined.setVisible(bool(settings) and found is None)
        if found is not None and self._record is not None:
            share = self._record.share(found.correct)
            ends = f"{100 * share.low:.1f} to {100 * share.high:.1f}, 95 % interval"
            self._say(f"{together} {sample}:", percent(share.value), ends)
        elif settings:
            self._say(f"{together}: not measured")
        else:
            self._say("No slider changes anything" if self._shape else "")

    def _say(self, words: str, share: str = "", below: str = "", *, failed: bool = False) -> None:
        self.combined.setText(words)
        self.share.setText(share)
        self.interval.setText(below)
        self.interval.setVisible(bool(below))
        restyle(self.interval, role="error" if failed else "muted12")

    def _settings(self) -> dict[str, float]:
        """Settings that change something; none while the shape of the input is not known."""
        if not self._shape:
            return {}
        try:
            return checked_settings(self.rows.settings, self._shape)
        except InputError:
            return {}

    # ---- engines

    def _ask_picture(self) -> None:
        if not self._folder or not self.isVisible():
            return
        folder, number, settings = self._folder, self._number, self._settings()
        self._requests.ask("picture", lambda job: CorruptPicture(job=job, folder=folder, number=number,
                                                                 settings=settings))  # fmt: skip

    def _ask_curves(self) -> None:
        folder, keys, pictures = self._folder, self.missing(), self._sample
        self._problem = ""
        self.measure_row.show_progress(0, 0, "waits for the engine")
        self._requests.ask("curves", lambda job: MeasureRobustness(job=job, folder=folder, corruptions=keys,
                                                                   pictures=pictures))  # fmt: skip

    def _cancel_curves(self) -> None:
        self._requests.forget("curves")
        self.measured.emit()

    def _ask_combined(self) -> None:
        folder, settings, pictures = self._folder, self._settings(), self._sample
        self._say("", below="waits for the engine")
        self._requests.ask("combined", lambda job: MeasureSettings(job=job, folder=folder, settings=settings,
                                                                   pictures=pictures))  # fmt: skip
        self._write_combined()

    def _take(self, kind: str, event: Event) -> None:
        match kind, event:
            case "picture", PictureCorrupted():
                self._take_picture(event)
            case "picture", Failed(message=message):
                self.before.show_picture(b"", "", "")
                self.after.show_picture(b"", "", "")
                self._say("", below=message, failed=True)
            case "curves", RobustnessCounted(done=done, total=total):
                title = CORRUPTIONS[event.corruption].title
                self.measure_row.show_progress(done, total, f"{title}, severity {event.severity}")
                self.measured.emit()
            case "curves", Progressed():
                pass  # pictures of one point; the points say how far it is
            case "curves", Failed(message=message):
                self._problem = message
                self._draw()
            case "combined", Progressed():
                self._say("", below=event.sentence)
            case "combined", Failed(message=message):
                self._say("", below=message, failed=True)
            case "curves" | "combined", _:
                self.measured.emit()

    def _take_picture(self, event: PictureCorrupted) -> None:
        self.before.show_answer(event.before_png, event.before, self._labels[event.truth])
        self.after.show_answer(event.after_png, event.after)
        size = self.before.image.size()
        if not self._shape and size.height():
            # Only now it is known how large the input is, and so what the sliders' settings are.
            self._take_shape((3, size.height(), size.width()))
            self._move()
