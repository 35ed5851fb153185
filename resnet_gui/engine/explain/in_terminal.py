"""``resnet-gui explain``: attributions of pictures, computed in this process, as files."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec
import numpy as np

from resnet_gui.base.errors import InputError
from resnet_gui.base.files import write_out
from resnet_gui.base.text import readable
from resnet_gui.engine.data.picture_paths import pictures_in
from resnet_gui.engine.explain.attribution.attribution import AttributionResult, attribute, settled
from resnet_gui.engine.explain.attribution.overlay import Shown, overlay_png, sanity_png
from resnet_gui.engine.explain.model import ExplainModel
from resnet_gui.engine.failure_text import failure_sentence
from resnet_gui.engine.predict.classifier import ClassifierCache
from resnet_gui.engine.predict.in_terminal import first_notices
from resnet_gui.protocol.attribution_messages import Attribute
from resnet_gui.protocol.attribution_settings import AttributionSettings, Method, settings_read
from resnet_gui.protocol.explain_events import Attribution
from resnet_gui.protocol.jobs import ModelRequest

LIST_FILE: Final = "attributions.jsonl"
"""One line a picture and method."""


class ExplainOrder(msgspec.Struct, frozen=True, kw_only=True):
    """The order that ``explain`` was given.

    Attributes:
        methods: in the order of their files.
        target: label or number of a class; empty for the likeliest of each picture.
        shown: which of the two maps the pictures show.
        folder: where files go.
    """

    model_request: ModelRequest
    images: tuple[Path, ...]
    methods: tuple[Method, ...]
    settings: AttributionSettings
    folder: Path
    target: str = ""
    shown: Shown = "signed"
    sanity: bool = False


def explain_here(order: ExplainOrder, tell: Callable[[str], None], complain: Callable[[str], None]) -> dict[str, Any]:
    """Explain pictures; what cannot be read is complained of one by one and changes no other answer.

    Args:
        order: network, pictures, methods and place.
        tell: takes a line for each attribution.
        complain: takes a sentence for each failure.

    Returns:
        The document of ``explain --json``.

    Raises:
        InputError: the network cannot be loaded, there is no such class, a setting is out of bounds, or the folder
            cannot be used.
    """
    check_folder(order.folder, order.images)
    model = ExplainModel(ClassifierCache(), order.model_request)
    for method in order.methods:
        settled(model, method, order.settings)
    target = class_number(order.target, model.loaded.classes)
    found = pictures_in(order.images)
    said = first_notices(order.model_request, model.loaded, found, complain)
    results: list[dict[str, Any]] = []

    def fail(image: str, sentence: str) -> None:
        complain(readable(sentence))
        results.append({"image": image, "error": readable(sentence)})

    for folder, sentence in found.unreadable:
        fail(readable(str(folder)), sentence)
    try:
        order.folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{order.folder} cannot be made: {error.strerror or error}.") from error
    for path, name in zip(found.paths, file_names(found.paths), strict=True):
        for made in _attributions(order, model, path, target):
            if isinstance(made, str):
                fail(readable(str(path)), made)
                break
            known = _written(order, made, name, model.loaded.classes)
            results.append(known)
            tell(_line(known))
    write_out(order.folder / LIST_FILE, b"".join(msgspec.json.encode(result) + b"\n" for result in results))
    return {"model": readable(order.model_request.model), "results": results} | said


def check_folder(folder: Path, images: tuple[Path, ...]) -> None:
    """Refuse a folder for files that is a picture, or lies in a folder of pictures.

    Raises:
        InputError: files would stand among the pictures, and be read as some the next time.
    """
    if folder.exists() and not folder.is_dir():
        raise InputError(f"{folder} is a file; name a folder for the maps.")
    place = folder.resolve()
    for image in images:
        if image.is_dir() and place.is_relative_to(image.resolve()):
            raise InputError(
                f"{folder} lies in {image}, whose pictures are read: the maps would be among them the next time. "
                "Name another folder."
            )
        if not image.is_dir() and place == image.resolve().parent:
            raise InputError(f"{folder} holds {image.name}, which is read; name another folder for the maps.")


def class_number(target: str, classes: tuple[str, ...]) -> int:
    """Number of the class that a word means: a label, or a number counted from 0; -1 for none.

    Raises:
        InputError: there is no such class, or several have this label.
    """
    if not target:
        return -1
    named = [number for number, label in enumerate(classes) if label == target]
    named = named or [number for number, label in enumerate(classes) if label.casefold() == target.casefold()]
    if len(named) == 1:
        return named[0]
    if named:
        raise InputError(f"{len(named)} classes are called '{target}': {', '.join(map(str, named))}; name a number.")
    if target.isdecimal() and int(target) < len(classes):
        return int(target)
    raise InputError(
        f"There is no class '{target}'; the network has {len(classes)}, from 0 ('{classes[0]}') to "
        f"{len(classes) - 1} ('{classes[-1]}')."
    )


def file_names(paths: list[Path]) -> list[str]:
    """What the files of each picture are called: its own name, with a number behind it if another has it too."""
    taken: set[str] = set()
    names = []
    for path in paths:
        name, number = path.stem, 1
        while name.casefold() in taken:
            number += 1
            name = f"{path.stem}-{number}"
        taken.add(name.casefold())
        names.append(name)
    return names


def _attributions(
    order: ExplainOrder, model: ExplainModel, path: Path, target: int
) -> Iterator[AttributionResult | str]:
    """By each method; a sentence for a picture that cannot be read, which ends its methods."""
    try:
        model.pixels(str(path))
    except InputError as error:
        yield str(error)
        return
    except Exception as error:  # noqa: BLE001, RUF100 (one picture must not cost the others)
        yield failure_sentence(error)
        return
    for method in order.methods:
        yield attribute(
            model, Attribute(0, order.model_request, str(path), target, method, order.settings, order.sanity)
        )


def _written(order: ExplainOrder, made: AttributionResult, name: str, classes: tuple[str, ...]) -> dict[str, Any]:
    """Write the files of an attribution, and say what stands in them."""
    found = made.attribution
    base = f"{name}.{found.method}"
    shown: Shown = "absolute" if found.method == "grad-cam" else order.shown
    files = {"overlay": f"{base}.png", "values": f"{base}.npy"}
    buffer = io.BytesIO()
    np.save(buffer, made.values)
    write_out(order.folder / files["overlay"], overlay_png(found, shown))
    write_out(order.folder / files["values"], buffer.getvalue())
    if found.randomised:
        files["sanity"] = f"{base}.sanity.png"
        write_out(order.folder / files["sanity"], sanity_png(found, shown))
    return _document(found, classes, shown) | {"files": files}


def _document(found: Attribution, classes: tuple[str, ...], shown: Shown) -> dict[str, Any]:
    known: dict[str, Any] = {
        "image": readable(found.image), "method": found.method, "target": found.target,
        "label": classes[found.target], "logit": found.score, "sum": found.total, "shown": shown,
        "settings": settings_read(found.method, found.settings),
    }  # fmt: skip
    if found.error is not None:
        known |= {"expected": found.expected, "biases": found.biases, "completeness_error": found.error}
        known["completeness_error_percent"] = found.error_percent
    if found.randomised:
        known["sanity_seed"] = found.settings.sanity_seed
        known["sanity"] = [
            {
                "random_to": step.section, "logit": step.score, "rank_correlation": step.correlation,
                "absolute_rank_correlation": step.absolute_correlation,
            }
            for step in found.randomised
        ]  # fmt: skip
    return known


def _line(known: dict[str, Any]) -> str:
    """An attribution in a line for people."""
    words = f"{known['image']}  {known['method']}: {known['label']}, logit {known['logit']:.4g}"
    if "completeness_error" in known:
        share = known["completeness_error_percent"]
        percent = "" if share is None else f" ({share:+.2g} %)"
        words += f"; sum {known['sum']:.4g}, completeness error {known['completeness_error']:+.2g} logits{percent}"
        if known["biases"]:
            words += f", of the biases {known['biases']:.4g}"
    if "sanity" in known:
        key = "rank_correlation" if known["shown"] == "signed" else "absolute_rank_correlation"
        steps = [
            f"{step['random_to']} " + ("–" if step[key] is None else f"{step[key]:.2f}") for step in known["sanity"]
        ]
        words += f"; rank correlation with random weights down to {', '.join(steps)}"
    return f"{words}; {known['files']['overlay']}"
