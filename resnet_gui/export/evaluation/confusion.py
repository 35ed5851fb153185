"""A confusion matrix as CSV and as a LaTeX table."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence

from resnet_gui.export.latex import escape

Counts = Sequence[Sequence[int]]


def confusion_csv(counts: Counts, labels: Sequence[str]) -> str:
    """One row a true class and one column an answer, in pictures.

    Args:
        counts: (K, K), true class by answer.
        labels: names of the K classes.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(["true class", *labels])
    writer.writerows([label, *row] for label, row in zip(labels, counts, strict=True))
    return out.getvalue()


def confusion_latex(counts: Counts, labels: Sequence[str], caption: str) -> str:
    """A ``table`` environment of the counts, rows true classes, columns answers, right answers bold.

    Args:
        counts: (K, K), true class by answer.
        labels: names of the K classes.
        caption: below the table, as it is to be read.
    """
    heads = " & ".join(rf"\rotatebox{{90}}{{{escape(label)}}}" for label in labels)
    lines = []
    for number, (label, row) in enumerate(zip(labels, counts, strict=True)):
        cells = [rf"\textbf{{{count}}}" if place == number else str(count) for place, count in enumerate(row)]
        lines.append(" & ".join([escape(label), *cells]) + r" \\")
    body = "\n".join(lines)
    return f"""% Written by ResNet Explorer; needs \\usepackage{{graphicx}} for the turned heads.
\\begin{{table}}
\\centering
\\begin{{tabular}}{{l|{"r" * len(labels)}}}
\\hline
true class & {heads} \\\\
\\hline
{body}
\\hline
\\end{{tabular}}
\\caption{{{escape(caption)}}}
\\end{{table}}
"""
