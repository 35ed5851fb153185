"""Which class of a network each class of the data was taken for, as a person says it and as a record keeps it."""

from __future__ import annotations

from resnet_gui.data.labels import unique_names
from resnet_gui.evaluation.record import EvaluationRecord


def class_choice(record: EvaluationRecord) -> dict[str, str]:
    """Data class -> class of the network that it was taken for, or "" where it was not counted."""
    names = unique_names(record.labels)
    pairs = zip(record.data_classes, record.mapping, strict=True)
    return {name: names[number] if number >= 0 else "" for name, number in pairs}


def class_pictures(record: EvaluationRecord) -> tuple[int, ...]:
    """How many pictures the data hold of each of their classes, by the names of its files; 0 where nobody has said."""
    counts = record.description.classes if record.description is not None else ()
    test = any(each.test for each in counts)
    found = {each.name: each.test if test else each.training + each.validation for each in counts}
    return tuple(found.get(name, 0) for name in record.data_classes)
