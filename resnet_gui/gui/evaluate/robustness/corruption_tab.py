"""Corruptions as sliders on one picture, and as curves of accuracy on a sample."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.corruptions import CORRUPTIONS, Shape, checked_settings
from resnet_gui.evaluation.robustness import RobustnessRecord
from resnet_gui.gui.client.engines import Engines
from resnet_gui.gui.evaluate.robustness.curves import corruption_chart
from resnet_gui.gui.evaluate.robustness.picture_card import PictureCard
from resnet_gui.gui.evaluate.robustness.setting_rows import SettingRows
from resnet_gui.gui.evaluate.robustness.tab import RobustnessTab
from resnet_gui.gui.kit.basic import button, label, restyle, row
from resnet_gui.gui.kit.format import count, percent
from resnet_gui.gui.kit.theme import Theme, font
from resnet_gui.protocol.evaluation_events import PictureCorrupted, RobustnessCounted
from resnet_gui.protocol.evaluation_messages import CorruptPicture, MeasureRobustness, MeasureSettings
from resnet_gui.protocol.events import Event, Failed, Progressed

SHOWN: Final = ("gaussian_blur", "gaussian_noise", "jpeg_compression")
"""Corruptions that are on show at first."""

LEFT: Final = 230
NUMBERS: Final = {
    1: "This alone",
    2: "Both",
    3: "All three",
    4: "All four",
    5: "All five",
    6: "All six",
    7: "All seven",
}


class CorruptionTab(RobustnessTab):
    """A tab with sliders, a picture before and after, and the curves.

    Attributes:
        rows: the sliders.
        before, after: the cards.
        combined: accuracy with all sliders at their settings together.
    """

    def __init__(self, theme: Theme, engines: Engines) -> None:
        super().__init__(theme, engines, "Accuracy by severity", LEFT)
        self._shape: Shape = ()
        self._build(theme)

    def _build(self, theme: Theme) -> None:
        self.side.setSpacing(6)
        self.rows = SettingRows(theme, SHOWN)
        self.rows.moved.connect(self._move)
        self.side.addWidget(self.rows)
        pair = row(gap=10)
        self.before, self.after = PictureCard(theme, "Before"), PictureCard(theme, "After")
        self.cards = (self.before, self.after)
        for card in self.cards:
            pair.addWidget(card)
        pair.addStretch(1)
        self.side.addLayout(pair)
        share = row(gap=4)
        self.combined, self.share = label("", "muted12"), label("", "plain12")
        self.share.setFont(font(12, 600))
        share.addWidget(self.combined)
        share.addWidget(self.share)
        share.addStretch(1)
        self.side.addLayout(share)
        self.interval = label("", "muted12", wrap=True)
        self.side.addWidget(self.interval)
        self.measure_combined = button("", "small")
        self.measure_combined.clicked.connect(self._ask_combined)
        offer = row(gap=0)
        offer.addWidget(self.measure_combined)
        offer.addStretch(1)
        self.side.addLayout(offer)
        self.side.addStretch(1)

    # ---- what is shown

    def show_evaluation(self, folder: str, pictures: int, labels: tuple[str, ...]) -> None:
        """Show another evaluation; the shape of its network's input is not known yet."""
        super().show_evaluation(folder, pictures, labels)
        self._requests.forget("combined")
        self._shape = ()

    def show_record(self, record: RobustnessRecord | None) -> None:
        """Show what is measured, of which the shape of the input is known."""
        if record is not None:
            self._take_shape(record.shape)
        super().show_record(record)

    def show_keys(self, keys: tuple[str, ...]) -> None:
        """Show other corruptions."""
        self.rows.show_keys(keys)

    def _take_shape(self, shape: Shape) -> None:
        if shape != self._shape:
            self._shape = shape
            self.rows.show_shape(shape)

    def missing(self) -> tuple[str, ...]:
        """Corruptions on show whose curve is not whole."""
        record = self._record
        curves = {key: record.curve(key) if record is not None else None for key in self.rows.keys}
        return tuple(key for key, curve in curves.items() if curve is None or not curve.whole)

    def _draw(self) -> None:
        self.chart.show_chart(corruption_chart(self._record, {
            each.corruption.key: each.ring for each in self.rows.shown}))  # fmt: skip
        lacking = [CORRUPTIONS[key].title for key in self.missing()]
        some = lacking and len(lacking) < len(self.rows.keys)
        self._show_offer(
            f"Measure curves on {count(self._sample)} pictures" if lacking else "",
            f"Not measured: {', '.join(lacking)}" if some else "",
        )
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

    def _picture_question(self) -> Callable[[int], CorruptPicture]:
        folder, number, settings = self._folder, self._number, self._settings()
        return lambda job: CorruptPicture(job=job, folder=folder, number=number, settings=settings)

    def _curves_question(self) -> Callable[[int], MeasureRobustness]:
        folder, keys, pictures = self._folder, self.missing(), self._sample
        return lambda job: MeasureRobustness(job=job, folder=folder, corruptions=keys, pictures=pictures)

    def _ask_combined(self) -> None:
        folder, settings, pictures = self._folder, self._settings(), self._sample
        self._say("", below="waits for the engine")
        self._requests.ask("combined", lambda job: MeasureSettings(job=job, folder=folder, settings=settings,
                                                                   pictures=pictures))  # fmt: skip
        self._write_combined()

    def _say_problem(self, sentence: str) -> None:
        self._say("", below=sentence, failed=True)

    def _take(self, kind: str, event: Event) -> None:
        match kind, event:
            case "picture", PictureCorrupted():
                self._take_picture(event)
            case "curves", RobustnessCounted(done=done, total=total):
                self._take_counted(done, total, f"{CORRUPTIONS[event.corruption].title}, severity {event.severity}")
            case "combined", Progressed():
                self._say("", below=event.sentence)
            case "combined", Failed(message=message):
                self._say_problem(message)
            case "combined", _:
                self.measured.emit()
            case _:
                super()._take(kind, event)

    def _take_picture(self, event: PictureCorrupted) -> None:
        self.before.show_answer(event.before_png, event.before, self._labels[event.truth])
        self.after.show_answer(event.after_png, event.after)
        size = self.before.image.size()
        if not self._shape and size.height():
            # Only now it is known how large the input is, and so what the sliders' settings are.
            self._take_shape((3, size.height(), size.width()))
            self._move()
