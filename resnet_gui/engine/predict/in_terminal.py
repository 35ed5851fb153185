"""``resnet-gui predict``: pictures classified in this process."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from resnet_gui.base.files import write_out
from resnet_gui.base.text import readable
from resnet_gui.data.weights_catalogue import WEIGHTS
from resnet_gui.engine.data.picture_paths import PicturePaths, pictures_in
from resnet_gui.engine.data.picture_survey import cut_notice, not_finite_notice
from resnet_gui.engine.data.scaling.crops import check_input
from resnet_gui.engine.predict.classifier import Classifier, ClassifierCache
from resnet_gui.engine.predict.models import LoadedModel, open_notice, taken_fields
from resnet_gui.engine.predict.picture_answers import classify
from resnet_gui.export.predictions_csv import PictureAnswer, answers_csv
from resnet_gui.export.text_report import scores_line
from resnet_gui.protocol.jobs import ModelRequest


class PredictRequest(msgspec.Struct, frozen=True, kw_only=True):
    """The order that ``predict`` was given; ``table`` is a CSV file to write."""

    model_request: ModelRequest
    images: tuple[Path, ...]
    top: int = 5
    table: Path | None = None


def predict_here(order: PredictRequest, tell: Callable[[str], None], complain: Callable[[str], None]) -> dict[str, Any]:
    """Classify pictures; what cannot be read is complained of one by one and changes no other answer.

    Args:
        order: network and pictures.
        tell: takes a line for each answer.
        complain: takes a sentence for each failure.

    Returns:
        The document of ``predict --json``.

    Raises:
        InputError: the network cannot be loaded, or the table cannot be written.
    """
    found = pictures_in(order.images)
    classifier = _ready(order.model_request, found.paths, complain)
    said = first_notices(order.model_request, classifier.loaded, found, complain)
    results: list[PictureAnswer] = []

    def fail(path: Path, sentence: str) -> None:
        complain(readable(sentence))
        results.append(PictureAnswer(readable(str(path)), error=readable(sentence)))

    for folder, sentence in found.unreadable:
        fail(folder, sentence)
    for answer in (answer for answers in classify(classifier, found.paths) for answer in answers):
        if answer.scores is None:
            fail(answer.path, answer.error)
            continue
        known = PictureAnswer(readable(str(answer.path)), classifier.top(answer.scores, order.top))
        results.append(known)
        tell(f"{known.image}  {scores_line(known.top)}")
    if order.table is not None:
        write_out(order.table, answers_csv(results).encode())
    return {"model": readable(order.model_request.model), "results": list(map(_document, results))} | said


def _ready(request: ModelRequest, paths: Sequence[Path], complain: Callable[[str], None]) -> Classifier:
    """The network; of fast answers it is said first how they are computed and how far they are the exact ones."""
    if request.mode == "exact":
        return ClassifierCache().get(request)
    used = msgspec.structs.replace(request, calibrate_on=tuple(map(str, paths)))
    classifier = ClassifierCache(quantises=True).get(used)
    complain(f"Fast: {classifier.computed}.")
    return classifier


def first_notices(
    request: ModelRequest, loaded: LoadedModel, found: PicturePaths, complain: Callable[[str], None]
) -> dict[str, Any]:
    """Say what whoever asks about pictures should know first: what was taken, and what of the pictures is not read.

    Args:
        request: that names the network.
        loaded: the network.
        found: the pictures.
        complain: takes each sentence.

    Returns:
        For the JSON document: ``notices`` and ``undetermined``, each where there are some.

    Raises:
        InputError: the network reads what no picture can be brought to.
    """
    check_input(loaded.spec.input, loaded.preprocess, request.views)
    if request.model in WEIGHTS and not loaded.own:
        complain(loaded.notes[0])
    taken = taken_fields(loaded, request)
    notices = [readable(notice) for notice in (*loaded.notices, *open_notice(taken, loaded))]
    about_pictures = (*found.left_out, cut_notice(found.paths), not_finite_notice(found.paths))
    notices.extend(readable(notice) for notice in about_pictures if notice)
    for notice in notices:
        complain(notice)
    return ({"notices": notices} if notices else {}) | ({"undetermined": taken} if taken else {})


def _document(answer: PictureAnswer) -> dict[str, Any]:
    if answer.error:
        return {"image": answer.image, "error": answer.error}
    return {"image": answer.image, "top": answer.top}
