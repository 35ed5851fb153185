"""The answers of an evaluation as a table."""

from __future__ import annotations

import csv
import io

from resnet_gui.export.evaluation.document import answered_pictures
from resnet_gui.export.evaluation.source import EvaluationSource

COLUMNS = ("image", "label", "answer", "probability", "right", "label_probability", "label_rank")


def answers_table(source: EvaluationSource, *, right: bool) -> str:
    """One row a picture as CSV, in the order of the data; probabilities at the temperature of the source.

    Args:
        source: the evaluation.
        right: whether pictures that were answered rightly have a row too.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for each in answered_pictures(source, right=right):
        writer.writerow(
            [
                each.image, each.label, each.answer, f"{each.probability:.6f}", "yes" if each.label_rank == 1 else "no",
                f"{each.label_probability:.6f}", each.label_rank,
            ]
        )  # fmt: skip
    return out.getvalue()
