"""A choice is one file: choices that nobody has are laid into a copy of the package, and all of it knows them.

The files below ``tests/one_file/`` are laid over the copy, and nothing of it is changed. What is asked of it runs in a
process of its own, as the registry is filled when it is imported.
"""

from __future__ import annotations

import os
import shutil
import sys
import traceback
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
import torch
from PySide6.QtGui import QGuiApplication

import resnet_gui
from resnet_gui.checkpoints.identify import Identification, identify
from resnet_gui.checkpoints.load import adopt
from resnet_gui.design.choices import STEMS
from resnet_gui.design.location import Location
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import Design, ResNetSpec, evolve
from resnet_gui.design.tensors import tensor_shapes
from resnet_gui.export.latex import to_latex
from resnet_gui.gui.design.diagram.network import lay_out
from resnet_gui.network.fusion import folded, fused
from resnet_gui.protocol.explain_events import Histograms
from resnet_gui.protocol.jobs import ShowHistograms
from tests.choice_checks import assert_known_everywhere
from tests.engine.explain.explain_case import make_case, seasoned, untouched
from tests.forks import Forks, of_copy
from tests.waiting import PATIENCE

ROOT = Path(__file__).resolve().parent.parent
SMALL = PRESETS["resnet18"].spec


def read_back(spec: ResNetSpec) -> Identification:
    """What is found in the tensors of a design under their sorted names, as safetensors has them."""
    shapes = tensor_shapes(plan(spec))
    found = identify({name: shapes[name] for name in sorted(shapes)})
    assert found.names == {name: name for name in shapes}
    return found


def drawn(spec: ResNetSpec) -> list[str]:
    """The texts of the diagram, with the second block unfolded; Qt measures them by the application's font."""
    _application = QGuiApplication.instance() or QGuiApplication([])
    return [text.text for text in lay_out(plan(spec), Location(0, 1)).texts]


def the_norm() -> None:
    assert_known_everywhere("norm", "channel", "channel normalisation", base="resnet18")
    unsaved = "batch normalisation whose statistics were not saved"
    for name in ("resnet18", "resnet20", "resnet50d", "resnetv2_50", "preact_resnet110"):
        found = read_back(PRESETS[name].spec)
        assert found.spec.norm == "batch"
        assert not any(sentence.startswith("norm:") for sentence in found.undetermined)
    # Its own file is like one of group normalisation, which comes first; that it may be another is said of both.
    for norm in ("group", "channel"):
        found = read_back(evolve(SMALL, norm=norm))
        assert found.spec.norm == "group"
        assert f"norm: whether it is channel normalisation or {unsaved}; taken: group normalisation." in (
            found.undetermined
        )
    assert any("CN" in text or "ChannelNorm" in text for text in drawn(evolve(SMALL, norm="channel")))


def the_stems() -> None:
    for stem, word in (("two", "5×5"), ("four", "four 3×3")):
        assert_known_everywhere("stem", stem, word, base="resnet18")
        for usual in (SMALL, PRESETS["resnet50"].spec, PRESETS["resnetv2_50"].spec):
            for changes in ({}, {"norm": "none"}, {"stem_width": 40}):
                spec = evolve(usual, stem=stem, zero_init=False, **changes)
                found = read_back(spec)
                assert (found.spec.stem, found.spec.stem_channels) == (stem, spec.stem_channels)
    # What is there already is read as before, of several with the same tensors the first.
    taken = {stem: read_back(evolve(SMALL, stem=stem)).spec.stem for stem in STEMS if stem not in {"two", "four"}}
    same = {"7x7": "imagenet", "3x3": "cifar", "3x3_pool": "cifar", "5x5_pool": "5x5"}
    assert taken == {stem: same.get(stem, stem) for stem in taken}
    two, four = evolve(SMALL, stem="two"), evolve(SMALL, stem="four")
    assert {"5×5 + 3×3, 64, /4", "BN, ReLU"} <= set(drawn(two))
    assert not any("max-pool" in text for text in drawn(two))
    assert {"four 3×3, 64, /2", "3×3 max-pool, /2"} <= set(drawn(four))
    written = to_latex(Design(name="it", spec=two))
    first = r"5\times5,\ 16,\ \mbox{stride 2} \\ 3\times3,\ 64,\ \mbox{stride 2}"
    assert first in written
    assert "max pool" not in written
    assert r" & $56\times56$ & $3\times3$ max pool, stride 2" in to_latex(Design(name="it", spec=four))
    # Weights of another program in which such a stem is found answer as the network that they are of.
    network = seasoned(evolve(two, blocks=(1, 1), widths=(8, 16), input=(3, 64, 64), classes=4))
    state = {f"net.{name}": tensor for name, tensor in network.state_dict().items()}
    found = identify({name: tuple(tensor.shape) for name, tensor in state.items()})
    pictures = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.equal(adopt(state, found)(pictures), network(pictures))


def the_activation() -> None:
    assert_known_everywhere("activation", "elu", "ELU", base="resnet18")
    spec = evolve(SMALL, blocks=(1, 1), widths=(8, 16), activation="elu", input=(3, 32, 32), classes=4)
    assert any("ELU" in text for text in drawn(evolve(spec, blocks=(2, 1))))
    with TemporaryDirectory() as folder, torch.inference_mode():
        case = make_case(Path(folder), seasoned(spec))
        for layer in ("bn1", "layer1.0.bn1", "layer1.0.add", "layer2.0.bn1", "layer2.0.add"):
            shown = case.explain_model().output(layer, case.x).numpy()
            before = untouched(case.model, case.x, layer)
            # ELU ends at -1; what it has overwritten would be other values, not only less of them.
            assert np.array_equal(shown, before), layer
            assert (shown < 0).any()
        answer = case.service().answer(ShowHistograms(1, case.model_request, case.image, "layer2.0.add"))
        assert isinstance(answer, Histograms)
        assert answer.activations.low == pytest.approx(float(before.min()))
        network, pictures = seasoned(spec), torch.randn(2, *spec.input)
        quick = fused(folded(network).to(memory_format=torch.channels_last))
        torch.testing.assert_close(quick(pictures), network(pictures), rtol=1e-4, atol=1e-5)


CHECKS = (the_norm, the_stems, the_activation)


def check_all(package: str) -> None:
    """Run every check in this process, which must have the copy, and tell of each that fails."""
    assert Path(resnet_gui.__file__).is_relative_to(package)
    failed = 0
    for check in CHECKS:
        try:
            check()
        except AssertionError:
            failed += 1
            traceback.print_exc()
    sys.exit(failed)


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a copy of the package that has more files, and nothing else that is new."""
    folder = tmp_path_factory.mktemp("one_file")
    source = Path(resnet_gui.__file__).parent
    shutil.copytree(source, folder / "resnet_gui")
    shutil.copytree(ROOT / "tests" / "one_file", folder / "resnet_gui", dirs_exist_ok=True)
    (folder / "assets").symlink_to(ROOT / "assets", target_is_directory=True)
    return folder


def test_choices_that_are_one_file_more_are_known_everywhere(package: Path, forks: Forks) -> None:
    program = of_copy(package, f"import tests.test_one_file as t; t.check_all({str(package)!r})")
    done = forks.run("-c", program, cwd=package, env={**os.environ, "QT_QPA_PLATFORM": "offscreen"}, timeout=PATIENCE)
    assert done.returncode == 0, done.stderr
