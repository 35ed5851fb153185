"""What the cards say of an evaluation, while it is being measured, and before."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import numpy as np

from resnet_gui.evaluation.answers import NEAR, Answers
from resnet_gui.evaluation.by_class import ClassFigures, hardest_class
from resnet_gui.evaluation.calibration import BINS
from resnet_gui.evaluation.comparison import PairedComparison
from resnet_gui.evaluation.intervals import Share, wilson
from resnet_gui.evaluation.record import EvaluationRecord
from resnet_gui.gui.evaluate.cards.card import NO_BADGE, NO_FIGURE, CardContent, CardTrack
from resnet_gui.gui.evaluate.cards.cards import TITLES
from resnet_gui.gui.kit.charts.badge import BadgeData
from resnet_gui.gui.kit.format import duration
from resnet_gui.protocol.evaluation_events import EvaluationCounted

DIFFERS: Final = BadgeData("differs", "acc", "differs")
CANNOT_TELL: Final = BadgeData("cannot tell", "warn", "tilde")
LEARNT: Final = "learnt from, so it says little"
"""Below a figure of pictures that a model has learnt from: it stays when the banner is closed."""

FINE: Final = 1000
"""From so many pictures a share is written with two digits."""


def digits_of(pictures: int) -> int:
    """How many digits a percentage of so many pictures deserves."""
    return 2 if pictures >= FINE else 1


def interval_text(share: Share) -> str:
    """The ends of an interval in per cent: ``86.83 to 88.12``."""
    digits = digits_of(share.of)
    return f"{100 * share.low:.{digits}f} to {100 * share.high:.{digits}f}"


def top1_content(share: Share) -> CardContent:
    """The share of right answers with its interval on a track."""
    return CardContent(
        TITLES[0], f"{100 * share.value:.{digits_of(share.of)}f}", "%", f"{interval_text(share)}, 95 % interval",
        f"{share.count:,} of {share.of:,} pictures are answered rightly. The interval is Wilson's: it would hold the "
        "true share of such pictures in 95 of 100 such samples.",
        CardTrack(100 * share.value, 100 * share.low, 100 * share.high),
    )  # fmt: skip


def cautious(content: CardContent, note: str) -> CardContent:
    """A figure with what takes its meaning from it; ``note`` is empty for nothing.

    The interval is of the pictures as a sample of unseen ones, which they are not: it stands in the tooltip alone.
    """
    if not note or content.number == NO_FIGURE:
        return content
    tip = " ".join(filter(None, (note, f"({content.below}.)" if content.below else "", content.tip)))
    return replace(content, below=LEARNT, tip=tip, track=None, badge=NO_BADGE, cautions=True)


def top5_content(share: Share | None) -> CardContent:
    """The share of pictures whose class is among the five likeliest."""
    if share is None:
        return CardContent(TITLES[1], below=f"no more than {NEAR} classes", tip="With so few it is always right.")
    tip = f"Of {share.count:,} of {share.of:,} pictures the class is among the five likeliest; with Wilson's interval."
    return CardContent(TITLES[1], f"{100 * share.value:.{digits_of(share.of)}f}", "%", interval_text(share), tip)


def calibration_content(answers: Answers) -> CardContent:
    """The calibration error as it is, and at the temperature that was fitted."""
    error, fitted = answers.reliability().error, answers.temperature
    tip = (
        f"Expected calibration error over {BINS} bins of equal width (Guo et al. 2017), of {len(answers):,} pictures: "
        "how far confidence and accuracy are apart on average."
    )
    below = ""
    if fitted is not None:
        below = f"one half: {100 * fitted.ece_before:.1f} to {100 * fitted.ece_after:.1f} % at T {fitted.value:.2f}"
        tip += (
            f" The temperature was fitted on {fitted.pictures:,} of them; on the other {fitted.held_out:,} the error "
            f"goes from {100 * fitted.ece_before:.1f} to {100 * fitted.ece_after:.1f} %."
        )
    tip += f" Log-loss {answers.log_loss:.4f}, Brier {answers.brier:.4f}."
    return CardContent(TITLES[2], f"{100 * error:.1f}", "%", below, tip)


def speed_content(record: EvaluationRecord) -> CardContent:
    """How quickly the pictures were answered, and on what."""
    device = "CPU" if record.device == "cpu" else record.device.replace("cuda", "CUDA")
    below = ", ".join(filter(None, (device, record.computed, duration(record.seconds))))
    tip = f"{record.pictures:,} pictures in {record.seconds:.1f} s, reading them included"
    return CardContent(TITLES[3], f"{record.images_per_second:,.0f}", "images/s", below, tip)


def mistaken_for(answers: Answers, figures: ClassFigures) -> int | None:
    """Number of the class that a class is taken for most often; None where it never is."""
    row = answers.counts[figures.number].copy()
    row[figures.number] = 0
    return int(np.argmax(row)) if row.any() else None


def hardest_content(answers: Answers) -> CardContent:
    """The class with the lowest recall, and what it is taken for."""
    hardest = hardest_class(answers.by_class)
    if hardest is None or hardest.recall is None:
        return CardContent(TITLES[4])
    recall, other = hardest.recall, mistaken_for(answers, hardest)
    below = "never taken for another"
    if other is not None:
        taken = int(answers.counts[hardest.number, other])
        below = f"{taken:,} of {hardest.support:,} taken for {answers.labels[other]}"
    tip = (
        f"Of {recall.of:,} pictures of '{hardest.label}' {recall.count:,} are answered rightly, "
        f"{interval_text(recall)} % (95 %). Click to see the others."
    )
    return CardContent(TITLES[4], f"{100 * recall.value:.1f}", f"% of {hardest.label}", below, tip)


def against_content(
    name: str, waiting: str, found: PairedComparison | None, sentence: str, *, same: bool = False
) -> CardContent:
    """The difference to the second model.

    Args:
        name: of the second model; empty for none.
        waiting: why there is no figure yet.
        found: the comparison.
        sentence: its outcome with both names.
        same: whether both give the same answer about every picture.
    """
    title = f"Against {name}" if name else TITLES[-1]
    if found is None:
        return CardContent(title, below=waiting)
    if same:
        tip = " ".join(
            filter(None, (f"Both give the same answer about all {found.pictures:,} pictures.", found.notice))
        )
        return CardContent(title, "0.0", "points", "the same answers", tip)
    difference = found.difference
    low, high = signed(100 * difference.low), signed(100 * difference.high)
    pictures = "same pictures" if not found.notice else f"{found.pictures:,} pictures"
    tip = " ".join(filter(None, (sentence, found.notice, "Click: who is right where.")))
    return CardContent(
        title, signed(100 * difference.value), "points", f"{low} to {high}, {pictures}", tip,
        badge=DIFFERS if found.differs else CANNOT_TELL,
    )  # fmt: skip


def signed(points: float) -> str:
    """A difference with its sign, which is a true minus: ``+2.2``."""
    return f"{points:+.1f}".replace("-", "−")


def counted_contents(counted: EvaluationCounted) -> tuple[CardContent, ...]:
    """What can be said while pictures are still being counted."""
    found = [CardContent(title) for title in TITLES]
    if counted.done:
        found[0] = top1_content(wilson(counted.correct, counted.done))
        found[1] = top5_content(wilson(counted.near, counted.done))
        below = f"{counted.done:,} of {counted.total:,} pictures"
        found[3] = CardContent(TITLES[3], f"{counted.images_per_second:,.0f}", "images/s", below)
    return tuple(found)
