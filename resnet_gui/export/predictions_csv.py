"""What a network says of many pictures, as a table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

import msgspec

from resnet_gui.protocol.events import Score


class PictureAnswer(msgspec.Struct, frozen=True):
    """A picture with its likeliest classes, or why there are none."""

    image: str
    top: tuple[Score, ...] = ()
    error: str = ""


def answers_csv(answers: Sequence[PictureAnswer]) -> str:
    """One row a picture: path, sentence, and label with probability of each class."""
    out = io.StringIO()
    writer = csv.writer(out)
    most = max((len(answer.top) for answer in answers), default=0)
    places = range(1, most + 1)
    writer.writerow(["image", "error", *(f"{word}{place}" for place in places for word in ("label", "probability"))])
    for answer in answers:
        cells = [cell for score in answer.top for cell in (score.label, f"{score.probability:.6f}")]
        writer.writerow([answer.image, answer.error, *cells])
    return out.getvalue()
