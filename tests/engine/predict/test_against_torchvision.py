"""Answers for torchvision's networks equal its own preprocessing, forward pass and TenCrop."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch
from PIL import Image
from torch import Tensor, nn
from torchvision import models
from torchvision.transforms import functional, transforms

from resnet_gui.data import weights_catalogue
from resnet_gui.data.preprocessing import PREPROCESSES, Changes
from resnet_gui.data.weights_catalogue import WEIGHTS
from resnet_gui.engine.predict.classifier import Classifier, ClassifierCache
from resnet_gui.engine.predict.picture_answers import classify
from resnet_gui.protocol.jobs import ModelRequest
from tests.conftest import daily

CLOSE = 1e-5
NAMES = daily(
    ["resnet18-v1", "resnet50-v2"],
    ["resnet34-v1", "resnet50-v1", "resnet101-v2", "resnext50_32x4d-v1", "wide_resnet50_2-v2"],
)
Pictures = dict[str, Path]
Published = tuple[str, Callable[[], nn.Module], Path]


def scene(width: int, height: int, seed: int) -> Image.Image:
    """Something with areas, edges and grain, as photographs have."""
    generator = np.random.default_rng(seed)
    coarse = Image.fromarray(generator.integers(0, 256, (6, 8, 3), dtype=np.uint8))
    smooth = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), dtype=np.float32)
    rows, columns = np.mgrid[0:height, 0:width]
    edge = ((columns * 3 + rows * 5) // 70 % 2 * 50)[..., None]
    grain = generator.normal(0, 8, (height, width, 1))
    return Image.fromarray(np.clip(smooth + edge + grain - 25, 0, 255).astype(np.uint8))


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Pictures:
    """Files of many sizes and modes; none is transparent, for torchvision has no opinion on that."""
    folder = tmp_path_factory.mktemp("pictures")
    made: dict[str, tuple[Image.Image, dict[str, Any]]] = {
        "photo.jpg": (scene(500, 375, 1), {"quality": 90}),
        "upright.jpg": (scene(301, 700, 2), {"quality": 75}),
        "grey.png": (scene(640, 480, 3).convert("L"), {}),
        "small.png": (scene(90, 61, 4), {}),
        "exact.bmp": (scene(256, 256, 5), {}),
        "palette.gif": (scene(333, 257, 6).convert("P", palette=Image.Palette.ADAPTIVE), {}),
        "print.jpg": (scene(400, 400, 7).convert("CMYK"), {"quality": 95}),
        "narrow.webp": (scene(40, 600, 8), {"lossless": True}),
        "bits.png": (scene(260, 300, 9).convert("1"), {}),
    }
    for name, (image, options) in made.items():
        image.save(folder / name, **options)
    return {name: folder / name for name in made}


@pytest.fixture(scope="module", params=NAMES)
def published(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Published]:
    """What makes a network of torchvision with drawn weights, and its file under the name that it would have."""
    name = request.param
    path = tmp_path_factory.mktemp("weights") / "weights.pth"
    torch.save(calibrated(WEIGHTS[name].function).state_dict(), path)
    with path.open("rb") as file:
        digits = hashlib.file_digest(file, "sha256").hexdigest()[:8]
    named = path.rename(path.with_name(f"{WEIGHTS[name].function}-{digits}.pth"))

    def theirs() -> nn.Module:
        with torch.device("meta"):
            model: nn.Module = models.get_model(WEIGHTS[name].function)
        model.load_state_dict(torch.load(named, mmap=True), assign=True)
        return model.eval()

    yield name, theirs, named
    named.unlink()


@torch.no_grad()
def calibrated(function: str) -> nn.Module:
    """Drawn weights whose maps keep their size from layer to layer and whose answers differ, as if trained."""
    torch.manual_seed(5)
    model: nn.Module = models.get_model(function)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = None
            module.weight.uniform_(0.4, 1.2)
            module.bias.normal_(0, 0.2)
    # Statistics of noise: those of four pictures, alike as they are, would magnify rounding as no trained network does.
    model.train()(torch.randn(4, 3, 96, 96))
    x = torch.stack([functional.to_tensor(scene(224, 224, seed)) for seed in (20, 21)]).sub(0.45).div(0.225)
    logits = model.eval()(x)
    last = next(module for module in model.modules() if isinstance(module, nn.Linear))
    # Spread as far as those of a trained network.
    last.weight.mul_(3 / logits.std())
    return model


@pytest.fixture
def classifier_of(published: Published, monkeypatch: pytest.MonkeyPatch) -> Callable[..., Classifier]:
    name, _, path = published
    listed = msgspec.structs.replace(WEIGHTS[name], file=path.name)
    monkeypatch.setattr(weights_catalogue, "_ALL", (listed,))
    return lambda **choices: ClassifierCache().get(ModelRequest(model=str(path), device="cpu", **choices))


def rgb(path: Path) -> Image.Image:
    with Image.open(path) as image:
        return image.convert("RGB")


@torch.inference_mode()
def logits_of(model: nn.Module, x: Tensor) -> Tensor:
    logits: Tensor = model(x)
    return logits


def test_answers_equal_a_plain_torchvision_forward_pass_for_a_batch_and_for_one(
    published: Published, classifier_of: Callable[..., Classifier], pictures: Pictures
) -> None:
    name, theirs, _ = published
    # Daily, three of the larger network would hold a hundred megabytes more.
    shown = list(pictures.values())[: 2 if name == "resnet50-v2" else 3]
    weights = models.get_model_weights(WEIGHTS[name].function)[WEIGHTS[name].version]
    preset = weights.transforms()
    network = theirs()
    expected = torch.cat([logits_of(network, preset(rgb(path))[None]) for path in shown])
    del network  # theirs and ours at once would be a hundred megabytes more
    assert float(expected.std(dim=0).max()) > 0.05 * float(expected.abs().max()), "answers that are equal show nothing"
    wanted = torch.softmax(expected.double(), 1).numpy()

    classifier = classifier_of()
    assert (classifier.loaded.own, classifier.loaded.name) == (True, name)
    cut = transforms.Compose([transforms.Resize(preset.resize_size[0]), transforms.CenterCrop(preset.crop_size[0])])
    for path in pictures.values():
        assert np.array_equal(classifier.prepare(path).pixels[0], np.asarray(cut(rgb(path))).transpose(2, 0, 1)), path
    prepared = [classifier.prepare(path).pixels for path in shown]
    scale = float(expected.abs().max())
    together = classifier.logits(np.concatenate(prepared))
    assert float((together - expected).abs().max()) < CLOSE * scale
    for pixels, each in zip(prepared[:1], expected, strict=False):
        assert float((classifier.logits(pixels)[0] - each).abs().max()) < CLOSE * scale

    answers = [answer for batch in classify(classifier, shown) for answer in batch]
    assert [answer.latency.batch for answer in answers] == [1, *[len(shown) - 1] * (len(shown) - 1)]
    for answer, probabilities, path in zip(answers, wanted, shown, strict=True):
        assert answer.scores is not None, answer.error
        assert np.abs(np.exp(answer.scores.astype(np.float64)) - probabilities).max() < CLOSE
        top = classifier.top(answer.scores, 5)
        assert [score.index for score in top] == np.argsort(-probabilities, kind="stable")[:5].tolist()
        assert [score.label for score in top] == [weights.meta["categories"][score.index] for score in top]
        assert answer.size == rgb(path).size


@pytest.mark.parametrize("published", ["resnet18-v1"], indirect=True)
def test_ten_views_are_the_mean_softmax_of_torchvisions_ten_crops(
    published: Published, classifier_of: Callable[..., Classifier], pictures: Pictures
) -> None:
    _, theirs, _ = published
    how = PREPROCESSES["imagenet"].preprocess
    chosen = [pictures[name] for name in ("upright.jpg", "grey.png")]

    def crops_of(path: Path, resize: int, side: int) -> list[np.ndarray]:
        crop = transforms.Compose([transforms.Resize(resize), transforms.TenCrop(side)])
        return [np.array(each) for each in crop(rgb(path))]

    classifier = classifier_of(views=10)
    for path in chosen:
        ours = classifier.prepare(path).pixels.transpose(0, 2, 3, 1)
        # The same ten, mirrored ones in another order.
        assert sorted(each.tobytes() for each in ours) == sorted(each.tobytes() for each in crops_of(path, 256, 224))
    # What is made of them is asked of smaller ones.
    classifier = classifier_of(views=10, input=(3, 96, 96), changes=Changes(resize=110))
    network = theirs()
    for path, (answer,) in zip(chosen, classify(classifier, chosen), strict=True):
        x = torch.stack(
            [
                functional.normalize(functional.to_tensor(each), list(how.mean), list(how.std))
                for each in crops_of(path, 110, 96)
            ]
        )
        mean = torch.softmax(logits_of(network, x).double(), 1).mean(0).numpy()
        assert answer.scores is not None, answer.error
        assert np.abs(np.exp(answer.scores.astype(np.float64)) - mean).max() < CLOSE
        assert np.abs(answer.scores - np.log(mean)).max() < 1e-4


@pytest.mark.parametrize("published", ["resnet18-v1"], indirect=True)
@pytest.mark.parametrize(("resize", "side"), daily([(90, 112), (97, 96)], [(180, 224), (224, 224), (300, 192)]))
def test_another_size_is_prepared_as_torchvision_would(
    published: Published, classifier_of: Callable[..., Classifier], pictures: Pictures,
    resize: int, side: int,
) -> None:  # fmt: skip
    classifier = classifier_of(input=(3, side, side), changes=Changes(resize=resize))
    theirs = transforms.Compose([transforms.Resize(resize), transforms.CenterCrop(side)])
    for path in pictures.values():
        expected = np.asarray(theirs(rgb(path))).transpose(2, 0, 1)
        assert np.array_equal(classifier.prepare(path).pixels[0], expected), path.name
    with torch.inference_mode():
        x = classifier.prepare(pictures["photo.jpg"]).pixels
        how = PREPROCESSES["imagenet"].preprocess
        normal = functional.normalize(torch.from_numpy(x).float() / 255, list(how.mean), list(how.std))
        expected_logits = published[1]()(normal)
    assert float((classifier.logits(x) - expected_logits).abs().max()) < CLOSE * float(expected_logits.abs().max())
