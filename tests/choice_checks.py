"""What every choice is checked for: what it computes, and that everything knows it."""

from __future__ import annotations

import copy
from pathlib import Path
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import torch

from resnet_gui.analysis.comparison import choices as compared
from resnet_gui.analysis.costs import rows, totals
from resnet_gui.checkpoints.identify import identify
from resnet_gui.design.choices import CHOICES
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.references import citations
from resnet_gui.design.spec import Design, ResNetSpec, evolve
from resnet_gui.design.words import extras
from resnet_gui.engine.export.verify import verify
from resnet_gui.export.latex import to_latex
from resnet_gui.export.python import to_python
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.events import Verified
from tests.papers import Written


def assert_written(spec: object) -> None:
    """The built network and the one that is written from the papers compute the same, in training and evaluation."""
    assert isinstance(spec, ResNetSpec)
    network = ResNet(plan(evolve(spec, dropout=0.0, stochastic_depth=0.0))).double()
    if network.plan.spec.ablation == "dropout":
        network.eval()
    with torch.no_grad():
        for tensor in network.state_dict().values():
            if tensor.is_floating_point():
                # What begins at 0 or 1 must be at its place, and a running variance stays positive.
                tensor.copy_(tensor.abs() + 0.5 * torch.rand_like(tensor))
    pictures = torch.randn(2, *spec.input, dtype=torch.float64)
    for training in {network.training, False}:
        values = copy.deepcopy(network.state_dict())
        found = network.train(training)(pictures)
        wanted = Written(network.plan.spec, values, training=training)(pictures)
        torch.testing.assert_close(found, wanted, rtol=1e-9, atol=1e-9)


def assert_known_everywhere(field: str, key: str, word: str, *, base: str) -> None:
    """Plan, torchinfo, export, words, comparison, LaTeX, references and identification know a choice."""
    usual = PRESETS[base].spec
    spec = evolve(usual, **{field: key}, input=(3, 32, 32))
    design = Design(name="it", spec=spec)
    assert isinstance(verify(1, spec), Verified)
    assert sum(row.cost.params for row in rows(plan(spec))) == totals(plan(spec)).cost.params
    choice = CHOICES[field][key]
    said = " ".join([choice.title, *extras(spec)])
    assert word.casefold() in said.casefold() or word in choice.short_text
    assert any(row.differs for row in compared([usual, spec]))
    assert "tabular" in to_latex(design)
    assert set(choice.references) - {"INIT"} <= set(citations(spec)) or all(one.isupper() for one in choice.references)
    built, mine = exported(to_python(design)).ResNet(), ResNet(plan(spec))
    assert [*built.state_dict()] == [*mine.state_dict()]
    built.load_state_dict(mine.state_dict())
    pictures = torch.randn(2, *spec.input)
    with torch.no_grad():
        assert torch.equal(built.eval()(pictures), mine.eval()(pictures))
    shapes = {name: tuple(tensor.shape) for name, tensor in mine.state_dict().items()}
    found = identify(shapes)
    assert getattr(found.spec, field) == key or any(field in sentence for sentence in found.undetermined)
    assert len(found.names) == len(shapes)


def exported(text: str) -> Any:
    """The module that an exported file is."""
    module = ModuleType("exported")
    with TemporaryDirectory() as folder:
        path = Path(folder) / "exported.py"
        path.write_text(text, encoding="utf-8")
        exec(compile(text, str(path), "exec"), module.__dict__)  # noqa: S102 (a file of the program's own)
    return module
