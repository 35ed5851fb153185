"""The start of an engine, and what it holds, beside a plain script: ResNet-50 at 224×224.

Usage: python benchmarks/bench_engine.py [--rounds N] [--beside CHECKOUT]

 script: a process that imports torch, builds torchvision's network, loads the same weights, prepares the picture as
    torchvision does and asks the network once. "import torch and a pass" counts of it only the start of Python, the
    import of torch and that one pass; "the whole script" all that a person waits for.
 answer: an engine that is asked, while it still starts, to load the network and classify the picture, as the Predict
    page asks; from the start of the process to the answer.
 memory: of a script that has imported torch, and the bytes of the weights; of the engine after that answer, and after
    heat maps and feature maps of the picture, at once and when nobody has asked for four seconds.

Each in a process of its own, by turns. With a checkout, its engine takes its turn too.
"""

from __future__ import annotations

import argparse
import statistics
import tempfile
import time
from collections.abc import Mapping
from pathlib import Path

from drawn import drawn, make_photo
from engine_client import MIB, ROOT, EngineClient, memory_of, script
from table import head, row

from resnet_gui.protocol.jobs import Explain, LoadModel, ModelRequest, Predict, ShowMaps

SCRIPT = """
import sys, time
import torch
print("imported", flush=True)
sys.stdin.readline()
from PIL import Image
from torchvision.models import ResNet50_Weights, resnet50
model = resnet50()
model.load_state_dict(torch.load(sys.argv[1], weights_only=True))
model.eval()
with Image.open(sys.argv[2]) as image:
    x = ResNet50_Weights.IMAGENET1K_V1.transforms()(image.convert("RGB"))[None]
begun = time.perf_counter()
with torch.no_grad():
    scores = torch.softmax(model(x), dim=1)
print(time.perf_counter() - begun, flush=True)
sys.stdin.readline()
"""

Times = dict[str, list[float]]


def run_script(weights: Path, picture: Path, times: Times, memory: Times) -> None:
    """One round of the script."""
    begun = time.perf_counter()
    child = script(SCRIPT, (str(weights), str(picture)))
    into, out = child.stdin, child.stdout
    if into is None or out is None:
        raise RuntimeError("the script has no pipes")
    out.readline()
    imported = time.perf_counter() - begun
    keep(memory, "import torch", memory_of(child.pid))
    begun = time.perf_counter()
    into.write("\n")
    into.flush()
    forward = float(out.readline())
    rest = time.perf_counter() - begun
    keep(memory, "the whole script", memory_of(child.pid))
    times["import torch and a pass"].append(imported + forward)
    times["the whole script"].append(imported + rest)
    child.kill()
    child.wait()


def run_engine(name: str, tree: Path, questions: tuple[Path, Path, Path], times: Times, memory: Times) -> None:
    """One round of an engine."""
    weights, picture, home = questions
    request = ModelRequest(model=str(weights), device="cpu")
    engine = EngineClient(tree, home)
    engine.ask(lambda job: LoadModel(job, request))
    engine.ask(lambda job: Predict(job, request, (str(picture),)))
    engine.read(lambda said: said["type"] == "ready")
    times.setdefault(f"{name}: ready", []).append(engine.since_start())
    engine.read(lambda said: said["type"] == "predicted")
    times.setdefault(f"{name}: answer", []).append(engine.since_start())
    keep(memory, f"{name}: answered", engine.memory())
    engine.answer(lambda job: Explain(job, request, str(picture)), "explained")
    engine.answer(lambda job: ShowMaps(job, request, str(picture), "layer2"), "feature_maps")
    keep(memory, f"{name}: explained", engine.memory())
    # What an engine gives back when nobody asks for two seconds.
    time.sleep(4)
    keep(memory, f"{name}: at rest", engine.memory())
    engine.close()


def keep(memory: Times, name: str, found: Mapping[str, float]) -> None:
    """Note figures under a name."""
    for kind, value in found.items():
        memory.setdefault(f"{name} {kind}", []).append(value)


def print_memory(memory: Times, names: tuple[str, ...], weights: float) -> None:
    """The table of memory; ratios are to ``import torch`` and the bytes of the weights, of the same kind."""
    print(f"\nMemory in MiB; the ratio is to a process that imported torch plus {weights:.0f} MiB of weights")
    print(f"  {'':34} {'resident':>18} {'in no file':>18} {'peak':>18}")
    for name in names:
        cells = []
        for kind in ("resident", "in no file", "peak"):
            value = statistics.median(memory[f"{name} {kind}"])
            base = statistics.median(memory[f"import torch {kind}"]) + weights
            cells.append(f"{value:10.0f} {value / base:6.2f}×")
        print(f"  {name:34} {' '.join(cells)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--beside", type=Path, metavar="CHECKOUT")
    options = parser.parse_args()
    trees = {"engine": ROOT} | ({"engine of the other checkout": options.beside.resolve()} if options.beside else {})
    times: Times = {"import torch and a pass": [], "the whole script": []}
    memory: Times = {}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        model, path = drawn("resnet50", folder)
        import torch

        state = model.state_dict()
        torch.save(state, folder / "resnet50.pth")
        weights = sum(tensor.nbytes for tensor in state.values()) / MIB
        make_photo(folder / "picture.jpg", (500, 375))
        for turn in range(options.rounds + 1):
            if turn == 1:
                # The first round read everything from the disk.
                for taken in (*times.values(), *memory.values()):
                    taken.clear()
            run_script(folder / "resnet50.pth", folder / "picture.jpg", times, memory)
            for title, tree in trees.items():
                run_engine(title, tree, (path, folder / "picture.jpg", folder / "home"), times, memory)
    base = statistics.median(times["import torch and a pass"])
    print(head("From the start of the process", "÷ first"))
    for title, taken in times.items():
        print(row(title, taken, base))
    names = tuple(f"{title}: {when}" for title in trees for when in ("answered", "explained", "at rest"))
    print_memory(memory, ("import torch", "the whole script", *names), weights)


if __name__ == "__main__":
    main()
