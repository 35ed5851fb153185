"""Classify pictures: decoded in threads, computed in batches, by networks that stay warm."""

from __future__ import annotations

import copy
import os
import time
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from functools import cached_property
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from resnet_gui.analysis.costs import totals
from resnet_gui.base.cache import LruCache
from resnet_gui.base.errors import InputError
from resnet_gui.design.choices import NORMS
from resnet_gui.design.plan import plan
from resnet_gui.engine.data.pictures import PreparedPicture, prepare
from resnet_gui.engine.devices import computing_threads, resolve_device
from resnet_gui.engine.failure_text import failure_sentence
from resnet_gui.engine.malloc import keep_blocks
from resnet_gui.engine.predict.lesions import lesion, set_branch_share
from resnet_gui.engine.predict.models import LoadedModel, ModelCache, adjusted, check_classifies, normalised
from resnet_gui.network.fusion import FUSING_ERRORS, folded, fused
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.weights import WeightsDigest
from resnet_gui.protocol.events import Latency, ModelLoaded, Score
from resnet_gui.protocol.jobs import Mode, ModelRequest
from resnet_gui.protocol.model_request import check_branch_share, check_temperature

KEPT: Final = 4
"""Networks that stay ready to compute."""

BATCH: Final = {"cpu": 16, "cuda": 64}
SMALL: Final = 96 * 96
"""Pixels of an input up to which batches are larger: a step of 16 would be over before it was worth its overhead."""

PROBES: Final = 3


class ClassifierAnswer(msgspec.Struct, frozen=True):
    """The answer about one picture, or the reason why there is none.

    Attributes:
        scores: natural logarithm of every class's probability; None where ``error`` says why there are none.
        cut: whether its colours had 16 bits, of which the upper 8 are read.
    """

    path: Path
    size: tuple[int, int]
    scores: NDArray[np.float32] | None
    latency: Latency
    error: str = ""
    cut: bool = False


def _time(network: nn.Module, x: Tensor) -> float:
    best = float("inf")
    for _ in range(PROBES):
        begun = time.perf_counter()
        network(x)
        best = min(best, time.perf_counter() - begun)
    return best


class Classifier:
    """A network that is ready to answer.

    Attributes:
        loaded: what it is, with classes and preprocessing as they are used.
        device: where it computes.
        computed: number format and what was fused, in words.
        temperature: what log-probabilities are divided by before another softmax; of one crop, the logits.
        branch_share: how much of its branch every block adds; 1 is all of it.
    """

    temperature: float = 1.0
    branch_share: float = 1.0

    def __init__(
        self,
        loaded: LoadedModel,
        device: torch.device,
        mode: Mode = "exact",
        views: int = 1,
        *,
        scalable: bool = False,
    ) -> None:
        """Make a network ready; ``scalable`` says whether its branches are to be scaled, for which it is a copy."""
        self.loaded, self.device, self.mode, self.views = loaded, device, mode, views
        self._scalable, self._macs = scalable, totals(plan(loaded.spec)).cost.macs
        pixels = loaded.spec.input[1] * loaded.spec.input[2]
        self.batch = BATCH[device.type] * (4 if pixels <= SMALL else 1)
        self._dtype = torch.float32
        # torch's group norm is ten times less exact in channels-last layout.
        grouped = NORMS[loaded.spec.norm].groups
        self._layout = torch.contiguous_format if grouped else torch.channels_last
        with torch.inference_mode():
            self._network, self.computed = self._ready(loaded.model)

    @property
    def network(self) -> ResNet:
        """The network that computes, folded or fused; its blocks are where the plan has them."""
        return self._network

    def _ready(self, model: ResNet) -> tuple[ResNet, str]:
        def base(dtype: torch.dtype = torch.float32) -> ResNet:
            return folded(model).to(dtype).to(memory_format=self._layout)

        if self.device.type != "cpu":
            # torch multiplies in TF32 unless told otherwise, which is not exact; this process does nothing but answer.
            torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False
            words = "fp32"
            if self.mode == "fast":
                bf16 = torch.cuda.is_bf16_supported(including_emulation=False)
                self._dtype, words = (torch.bfloat16, "bf16") if bf16 else (torch.float16, "fp16")
            return base().to(self.device, self._dtype), f"{words}, folded"
        keep_blocks()
        example = torch.rand(1, *self.loaded.spec.input).contiguous(memory_format=self._layout)
        exact, words = self._fastest(base, example)
        if self.mode == "exact":
            return exact, f"fp32, {words}"
        half, half_words = self._fastest(lambda: base(torch.bfloat16), example.to(torch.bfloat16))
        if _time(half, example.to(torch.bfloat16)) < _time(exact, example):
            self._dtype = torch.bfloat16
            return half, f"bf16, {half_words}"
        return exact, f"fp32, {words} (bf16 is slower here)"

    def _fastest(self, base: Callable[[], ResNet], example: Tensor) -> tuple[ResNet, str]:
        """The fused network where this torch has it and it gives the same answer, else the folded one.

        Args:
            base: makes the folded network; fusing uses it up, and a second copy of its weights is seldom needed.
            example: an input of the network, in its number format and layout.
        """
        if self._scalable:
            # A fused convolution adds the shortcut by itself: nothing could be multiplied before that.
            return base(), "folded"
        made = base()
        expected = made(example).float()
        tolerance = 1e-4 if example.dtype == torch.float32 else 0.1
        try:
            made = fused(made)
            answer = made(example).float()
        except FUSING_ERRORS:
            return base(), "folded"
        scale = float(expected.abs().max()) + 1e-6
        same = bool(torch.isfinite(answer).all()) and float((answer - expected).abs().max()) <= tolerance * scale
        return (made, "fused") if same else (base(), "folded")

    @torch.inference_mode()
    def logits(self, pixels: NDArray[np.uint8]) -> Tensor:
        """From (N, C, H, W) bytes to logits (N, classes) on the CPU, in fp32."""
        with computing_threads(len(pixels) * self._macs):
            return self._answered(pixels)

    def _answered(self, pixels: NDArray[np.uint8]) -> Tensor:
        x = normalised(pixels, self.loaded.preprocess, self.device).to(self._dtype)
        if self._scalable:
            # One network serves all shares; whoever computes says which is its own.
            set_branch_share(self._network, self.branch_share)
        answer: Tensor = self._network(x.contiguous(memory_format=self._layout))
        return answer.float().cpu()

    def scores(self, pixels: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Log-probabilities (N, classes) of N pictures, each of one or ten crops: (N, crops, C, H, W) bytes.

        log softmax(z / T) of the logits z at the temperature T (Guo et al. 2017, eq. 9); of ten crops z is the
        logarithm of their mean probability, for which a temperature is fitted, so that T changes no answer there too.
        One logit z is answered as two classes, with the probabilities σ(−z) and σ(z).
        """
        count, crops = pixels.shape[:2]
        logits = self.logits(pixels.reshape(count * crops, *pixels.shape[2:])).double()
        if logits.shape[1] == 1:
            # Their softmax is σ(−z) and σ(z).
            logits = torch.cat((-logits / 2, logits / 2), dim=1)
        logs = torch.log_softmax(logits, dim=1).view(count, crops, -1)
        mixed = torch.logsumexp(logs, dim=1) - float(np.log(crops))
        if self.temperature != 1.0:
            mixed = torch.log_softmax(mixed / self.temperature, dim=1)
        # By torch, to −inf without a warning where weights are huge.
        return mixed.float().numpy()

    def at_temperature(self, temperature: float) -> Classifier:
        """The same network, whose probabilities are at another temperature.

        Raises:
            InputError: it is no number above 0.
        """
        check_temperature(temperature)
        made = copy.copy(self)
        made.temperature = temperature
        return made

    def at_branch_share(self, share: float) -> Classifier:
        """The same network, every block of which adds so much of its branch.

        Raises:
            InputError: it is no number from 0 to 1.
        """
        check_branch_share(share)
        made = copy.copy(self)
        made.branch_share = share
        return made

    def without(self, lesions: tuple[str, ...]) -> Classifier:
        """The same network, some blocks of which are left with their shortcuts; it shares all that is ready.

        Raises:
            InputError: a name is no block, or a plain block that changes the shape.
        """
        made = copy.copy(self)
        made.loaded = msgspec.structs.replace(self.loaded, model=lesion(self.loaded.model, lesions))
        made._network = lesion(self._network, lesions)
        return made

    def top(self, scores: NDArray[np.float32], count: int) -> tuple[Score, ...]:
        """The likeliest classes, the likeliest first."""
        order = np.argsort(-scores, kind="stable")[:count]
        classes = self.loaded.classes
        return tuple(Score(classes[index], index, float(np.exp(np.float64(scores[index])))) for index in order.tolist())

    def prepare(self, path: Path) -> PreparedPicture:
        """Decode a picture and cut the network's input out of it.

        Raises:
            InputError: it cannot be read.
        """
        spec, quick = self.loaded.spec, self.mode == "fast"
        return prepare(path, spec.input, self.loaded.preprocess, views=self.views, quick=quick)

    @cached_property
    def weights_sha256(self) -> str:
        """Digest of the weights as they were read, in the order of the state_dict."""
        return (self.loaded.digest or WeightsDigest(self.loaded.model)).text()

    def describe(self, job: int) -> ModelLoaded:
        """What it is, as the answer to a job."""
        it = self.loaded
        return ModelLoaded(
            job=job, name=it.name, spec=it.spec, classes=it.classes, preprocess=it.preprocess, own=it.own,
            labels=it.labels, notes=it.notes, data=it.data, top1=it.top1, computed=self.computed, notices=it.notices,
            opened=it.opened, networks=it.networks, key=it.key, weights_sha256=self.weights_sha256,
        )  # fmt: skip


class ClassifierCache:
    """The networks that were used last, ready to compute."""

    def __init__(self) -> None:
        self.networks = ModelCache()
        self._ready = LruCache[tuple[object, ...], Classifier](KEPT)

    def get(self, request: ModelRequest) -> Classifier:
        """The classifier of a request, loaded if it is not warm or its file has changed.

        Raises:
            InputError: it cannot be loaded, has no head, or what is asked for does not fit it.
        """
        if request.temperature != 1.0:
            # The network is the same, and stays ready for all temperatures.
            plain = msgspec.structs.replace(request, temperature=1.0)
            return self.get(plain).at_temperature(request.temperature)
        if request.branch_share != 1.0:
            whole = msgspec.structs.replace(request, branch_share=1.0)
            return self._get(whole, scalable=True).at_branch_share(request.branch_share)
        return self._get(request, scalable=False)

    def _get(self, request: ModelRequest, *, scalable: bool) -> Classifier:
        if request.lesions:
            whole = msgspec.structs.replace(request, lesions=())
            return self._get(whole, scalable=scalable).without(request.lesions)
        key, loaded = self.networks.get(request.model, request.key, request.assigned, request.weights)
        check_classifies(loaded, request.model)
        device = resolve_device(request.device)
        used = adjusted(loaded, request)
        asked = msgspec.json.encode(msgspec.structs.replace(request, model="", device=""))
        full = (key, str(device), asked, used.classes, scalable)  # A file of labels may have changed.

        return self._ready.get_or_make(
            full, lambda: Classifier(used, device, request.mode, request.views, scalable=scalable)
        )


def _safely(classifier: Classifier, path: Path) -> tuple[PreparedPicture | None, str, float]:
    begun = time.perf_counter()
    try:
        return classifier.prepare(path), "", (time.perf_counter() - begun) * 1000
    except InputError as error:
        return None, str(error), 0.0
    except Exception as error:  # noqa: BLE001, RUF100 (one picture must not cost the others)
        return None, failure_sentence(error), 0.0


def classify(
    classifier: Classifier, paths: Iterable[Path], stop: Callable[[], bool] = lambda: False
) -> Iterator[list[ClassifierAnswer]]:
    """Classify pictures in their order, a batch at a time, while the next ones are being decoded.

    Args:
        classifier: the network.
        paths: files; what cannot be read is answered by a sentence.
        stop: asked before every batch; no further one is begun when it says so.
    """
    waiting: deque[tuple[Path, Future[tuple[PreparedPicture | None, str, float]]]] = deque()
    source = iter(paths)
    size = classifier.batch if classifier.views == 1 else max(1, classifier.batch // 8)
    first = True
    with ThreadPoolExecutor(max_workers=min(4, os.cpu_count() or 1)) as pool:
        try:
            while not stop():
                # The first batch is a single picture: somebody is looking at it.
                wanted = 1 if first else size
                while len(waiting) < wanted + size and (path := next(source, None)) is not None:
                    waiting.append((path, pool.submit(_safely, classifier, path)))
                    if first and len(waiting) >= 2:
                        break
                if not waiting:
                    return
                taken = [waiting.popleft() for _ in range(min(wanted, len(waiting)))]
                first = False
                yield _answers(classifier, [(path, future.result()) for path, future in taken])
        finally:
            for _, future in waiting:
                future.cancel()


def _answers(
    classifier: Classifier, taken: list[tuple[Path, tuple[PreparedPicture | None, str, float]]]
) -> list[ClassifierAnswer]:
    """Compute a batch; where it fails as a whole, one picture after the other."""
    good = [prepared for _, (prepared, _, _) in taken if prepared is not None]
    scores: list[NDArray[np.float32] | str] = []
    begun = time.perf_counter()
    if good:
        try:
            scores = list(classifier.scores(np.stack([prepared.pixels for prepared in good])))
        except Exception as error:  # noqa: BLE001, RUF100 (too large a batch, or a device that fails)
            if len(good) > 1:
                return [one for item in taken for one in _answers(classifier, [item])]
            scores = [failure_sentence(error)]
    each = (time.perf_counter() - begun) * 1000 / max(1, len(good))
    rest = iter(scores)
    answers: list[ClassifierAnswer] = []
    for path, (prepared, sentence, milliseconds) in taken:
        latency = Latency(milliseconds, each, batch=len(good))
        found = next(rest) if prepared is not None else sentence
        size = prepared.size if prepared is not None else (0, 0)
        if not isinstance(found, str) and np.isnan(found).any():
            found = f"The network's answer to {path.name} is no number: its weights are too large for this picture."
        if isinstance(found, str):
            answers.append(ClassifierAnswer(path, size, None, latency, found))
        else:
            answers.append(ClassifierAnswer(path, size, found, latency, cut=prepared is not None and prepared.cut))
    return answers
