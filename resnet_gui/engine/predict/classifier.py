"""Networks that are ready to answer about pictures, and stay warm."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
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
from resnet_gui.design.choices import NORMS
from resnet_gui.design.plan import plan
from resnet_gui.engine.data.pictures import PreparedPicture, prepare
from resnet_gui.engine.devices import computing_threads, resolve_device
from resnet_gui.engine.malloc import keep_blocks
from resnet_gui.engine.predict.lesions import lesion, set_branch_share
from resnet_gui.engine.predict.models import LoadedModel, ModelCache, adjusted, check_classifies, normalised
from resnet_gui.engine.predict.quantising import Calibrating, Quantising, Watch
from resnet_gui.network.fusion import FUSING_ERRORS, folded, fused
from resnet_gui.network.resnet import ResNet
from resnet_gui.network.traced import TracedNetwork
from resnet_gui.network.weights import WeightsDigest
from resnet_gui.protocol.events import ModelLoaded, Score
from resnet_gui.protocol.jobs import Mode, ModelRequest
from resnet_gui.protocol.model_request import check_branch_share, check_temperature

KEPT: Final = 4
"""Networks that stay ready to compute."""

BATCH: Final = {"cpu": 16, "cuda": 64}
SMALL: Final = 96 * 96
"""Pixels of an input up to which batches are larger: a step of 16 would be over before it was worth its overhead."""

PROBES: Final = 3


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
        calibrating: Calibrating | None = None,
    ) -> None:
        """Make a network ready.

        Args:
            loaded: the network.
            device: where it is to compute.
            mode: "exact" or "fast".
            views: crops of a picture.
            scalable: whether its branches are to be scaled, for which it is a copy.
            calibrating: how fast answers in 8 bits are compared with exact ones; there are none if None.

        Raises:
            InputError: of the pictures to compare on none can be read.
            QuantisingStopped: the comparison was given up.
        """
        self.loaded, self.device, self.mode, self.views = loaded, device, mode, views
        self._calibrating = calibrating
        self._scalable, self._macs = scalable, totals(plan(loaded.spec)).cost.macs
        pixels = loaded.spec.input[1] * loaded.spec.input[2]
        self.batch = BATCH[device.type] * (4 if pixels <= SMALL else 1)
        self._dtype = torch.float32
        # torch's group norm is ten times less exact in channels-last layout.
        grouped = NORMS[loaded.spec.norm].groups
        self._layout = torch.contiguous_format if grouped else torch.channels_last
        with torch.inference_mode():
            self._network, self.computed = self._ready(loaded.model)
        self._answering = TracedNetwork(self._network)

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
        least, words = _time(exact, example), f"fp32, {words} (bf16 is slower here)"
        network = exact
        half, half_words = self._fastest(lambda: base(torch.bfloat16), example.to(torch.bfloat16))
        if (seconds := _time(half, example.to(torch.bfloat16))) < least:
            network, words, least, self._dtype = half, f"bf16, {half_words}", seconds, torch.bfloat16
        if self._calibrating is None or self._scalable:
            return network, words
        asked = Quantising(self.loaded, self.weights_sha256, self._calibrating, lambda made: _time(made, example))
        whole, said = asked.network(base, example, least)
        if whole is None:
            return network, f"{words}; {said}"
        self._dtype = torch.float32
        return whole, said

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
        x = x.contiguous(memory_format=self._layout)
        # Of a copy for scaled branches every share is another network, and a GPU does not wait for Python.
        traceable = self.device.type == "cpu" and not self._scalable
        answer: Tensor = self._answering(x) if traceable else self._network(x)
        return answer.float().cpu()

    def record(self) -> None:
        """Use a moment in which nobody waits for an answer: trace passes of the kind of the last one."""
        self._answering.record()

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
        made._answering = TracedNetwork(made._network)
        return made

    def top(self, scores: NDArray[np.float32], count: int) -> tuple[Score, ...]:
        """The likeliest classes, the likeliest first."""
        order = np.argsort(-scores, kind="stable")[:count]
        classes = self.loaded.classes
        return tuple(Score(classes[index], index, float(np.exp(np.float64(scores[index])))) for index in order.tolist())

    def prepare(self, path: Path, *, alone: bool = False) -> PreparedPicture:
        """Decode a picture and cut the network's input out of it.

        Args:
            path: of the file.
            alone: whether nothing else is computed meanwhile, so that a second processor may help.

        Raises:
            InputError: it cannot be read.
        """
        spec, quick = self.loaded.spec, self.mode == "fast"
        return prepare(path, spec.input, self.loaded.preprocess, views=self.views, quick=quick, alone=alone)

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

    def __init__(self, *, quantises: bool = False) -> None:
        """Keep nothing yet; ``quantises`` says whether fast networks may compute in 8 bits, their maps too."""
        self._quantises = quantises
        self.networks = ModelCache()
        self._ready = LruCache[tuple[object, ...], Classifier](KEPT)
        self._last: Classifier | None = None

    def get(self, request: ModelRequest, watch: Watch = lambda _done, _total: True) -> Classifier:
        """The classifier of a request, loaded if it is not warm or its file has changed.

        Args:
            request: the request.
            watch: is told how far the comparison of fast answers with exact ones is, and may give it up.

        Raises:
            InputError: it cannot be loaded, has no head, or what is asked for does not fit it.
            QuantisingStopped: ``watch`` has given the comparison up.
        """
        if request.temperature != 1.0:
            # The network is the same, and stays ready for all temperatures.
            plain = msgspec.structs.replace(request, temperature=1.0)
            return self.get(plain, watch).at_temperature(request.temperature)
        if request.branch_share != 1.0:
            whole = msgspec.structs.replace(request, branch_share=1.0)
            return self._get(whole, watch, scalable=True).at_branch_share(request.branch_share)
        return self._get(request, watch, scalable=False)

    def _get(self, request: ModelRequest, watch: Watch, *, scalable: bool, in_bytes: bool = True) -> Classifier:
        if request.lesions:
            whole = msgspec.structs.replace(request, lesions=())
            # Without a branch, the bytes of a shortcut would be read as those of a sum.
            return self._get(whole, watch, scalable=scalable, in_bytes=False).without(request.lesions)
        key, loaded = self.networks.get(request.model, request.key, request.assigned, request.weights)
        check_classifies(loaded, request.model)
        device = resolve_device(request.device)
        used = adjusted(loaded, request)
        asked = msgspec.json.encode(msgspec.structs.replace(request, model="", device="", calibrate_on=()))
        full = (key, str(device), asked, used.classes, scalable, in_bytes)  # A file of labels may have changed.

        def make() -> Classifier:
            calibrating = None
            if self._quantises and in_bytes:
                calibrating = Calibrating(tuple(map(Path, request.calibrate_on)), watch)
            return Classifier(used, device, request.mode, request.views, scalable=scalable, calibrating=calibrating)

        self._last = self._ready.get_or_make(full, make)
        return self._last

    def record(self) -> None:
        """Use a moment in which nobody waits for an answer, for the network that was asked for last."""
        if self._last is not None:
            self._last.record()
