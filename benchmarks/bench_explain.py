"""Looking into a network beside plain torch: ResNet-50 at 224×224, one picture, after a first answer.

Usage: python benchmarks/bench_explain.py [--rounds N] [--beside CHECKOUT]

 pass: torchvision's network, eager, in a process of its own: a forward and a backward pass of the likeliest class's
    logit, as a script writes it (gradients of all weights), and with gradients of the picture alone.
 maps: an engine over its pipes, from question to answer: Grad-CAM at the end of all stages and the feature maps of a
    layer, of a picture that it has not seen before, and again of another class and layer of the same picture.
 lesion: an answer with a branch turned off that was on in all answers before, beside one of the whole network.

By turns. With a checkout, its engine takes its turn too.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

from drawn import drawn, make_photo
from engine_client import ROOT, EngineClient, script
from table import head, row

from resnet_gui.protocol.jobs import Explain, Job, ModelRequest, Predict, ShowMaps

PASSES = """
import sys, time
import torch
from torchvision.models import resnet50
model = resnet50().eval()
model.load_state_dict(torch.load(sys.argv[1], weights_only=True))
for line in sys.stdin:
    model.requires_grad_(line.strip() == "weights")
    model.zero_grad(set_to_none=True)
    x = torch.rand(1, 3, 224, 224, requires_grad=line.strip() == "picture")
    begun = time.perf_counter()
    logits = model(x)[0]
    logits[logits.argmax()].backward()
    print(time.perf_counter() - begun, flush=True)
"""

LAYERS = ("layer1.1.conv2", "layer2", "layer3.2.bn1", "layer3", "layer4.0", "layer2.3.conv1")
BLOCKS = tuple(f"layer{stage}.{block}" for stage, blocks in ((2, 4), (3, 6), (1, 3), (4, 3)) for block in range(blocks))


def passes(child: subprocess.Popen[str], what: str) -> float:
    """Seconds of one forward and one backward pass."""
    if child.stdin is None or child.stdout is None:
        raise RuntimeError("the script has no pipes")
    child.stdin.write(f"{what}\n")
    child.stdin.flush()
    return float(child.stdout.readline())


class Asker:
    """Questions to one engine about pictures, each of which is asked about for the first time."""

    def __init__(self, engine: EngineClient, request: ModelRequest, pictures: list[Path]) -> None:
        self._engine, self._request, self._pictures = engine, request, pictures
        self._turn = 0

    def answer(self) -> float:
        """Of the whole network."""
        self._turn += 1
        return self._predict(())

    def lesion(self) -> float:
        """Of the network with a set of branches turned off that was never turned off before."""
        first, second = self._turn % len(BLOCKS), self._turn // len(BLOCKS)
        return self._predict((BLOCKS[first], *BLOCKS[first + 1 : first + 1 + second]))

    def maps(self) -> float:
        """Grad-CAM and feature maps of the picture."""
        return self._look(-1, LAYERS[self._turn % len(LAYERS)])

    def more_maps(self) -> float:
        """The same of another class and layer."""
        return self._look(self._turn % 1000, LAYERS[(self._turn + 1) % len(LAYERS)])

    def _look(self, target: int, layer: str) -> float:
        image = self._image()
        request = self._request
        cam = self._engine.answer(lambda job: Explain(job, request, image, target), "explained")
        return cam + self._engine.answer(lambda job: ShowMaps(job, request, image, layer), "feature_maps")

    def _predict(self, lesions: tuple[str, ...]) -> float:
        request = ModelRequest(model=self._request.model, device="cpu", lesions=lesions)
        image = self._image()

        def make(job: int) -> Job:
            return Predict(job, request, (image,))

        return self._engine.answer(make, "predicted")

    def _image(self) -> str:
        return str(self._pictures[self._turn % len(self._pictures)])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT")
    options = parser.parse_args()
    trees = {"engine": ROOT} | ({"other checkout": options.beside.resolve()} if options.beside else {})
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model, path = drawn("resnet50", folder)
        import torch

        torch.save(model.state_dict(), folder / "resnet50.pth")
        pictures = [folder / f"{number}.jpg" for number in range(options.rounds + 3)]
        for number, picture in enumerate(pictures):
            make_photo(picture, (500, 375), number)
        child = script(PASSES, (str(folder / "resnet50.pth"),))
        works: dict[str, Callable[[], float]] = {
            "pass, gradients of all weights": partial(passes, child, "weights"),
            "pass, gradients of the picture": partial(passes, child, "picture"),
        }
        engines = []
        for title, tree in trees.items():
            engines.append(EngineClient(tree, folder / "home"))
            asker = Asker(engines[-1], ModelRequest(model=str(path), device="cpu"), pictures)
            works |= {
                f"{title}: answer": asker.answer, f"{title}: answer with a new lesion": asker.lesion,
                f"{title}: maps": asker.maps, f"{title}: more maps of the picture": asker.more_maps,
            }  # fmt: skip
        times = measured(works, options.rounds)
        for engine in engines:
            engine.close()
        child.kill()
    report(times, trees)


def measured(works: dict[str, Callable[[], float]], rounds: int) -> dict[str, list[float]]:
    """Times of works by turns, without the first three rounds, in which everything is made."""
    times: dict[str, list[float]] = {title: [] for title in works}
    for number in range(rounds + 3):
        for title, work in works.items():
            taken = work()
            if number >= 3:
                times[title].append(taken)
    return times


def report(times: dict[str, list[float]], trees: dict[str, Path]) -> None:
    """The tables: maps beside passes, lesions beside answers."""
    for what in ("pass, gradients of all weights", "pass, gradients of the picture"):
        base = statistics.median(times[what])
        print(head(f"Grad-CAM at all stages and feature maps of a layer, beside a {what}", "÷ first"))
        print(row(what, times[what], base))
        for title in trees:
            for kind in ("maps", "more maps of the picture"):
                print(row(f"{title}: {kind}", times[f"{title}: {kind}"], base))
    print(head("An answer with a branch turned off that was on before", "÷ first"))
    for title in trees:
        base = statistics.median(times[f"{title}: answer"])
        for kind in ("answer", "answer with a new lesion"):
            print(row(f"{title}: {kind}", times[f"{title}: {kind}"], base))


if __name__ == "__main__":
    main()
