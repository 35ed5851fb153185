"""Texts that name choices name all that there are, and what a choice says of itself is read by somebody."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from resnet_gui.analysis.comparison import choices as compared
from resnet_gui.analysis.ledger import ledger
from resnet_gui.analysis.memory import training_memory
from resnet_gui.design.choice import ActivationChoice, NormChoice
from resnet_gui.design.choices import ACTIVATIONS, BRANCH_SCALES, CHOICES, KINDS, NORMS, SHORTCUTS
from resnet_gui.design.layer_kind import LayerKind
from resnet_gui.design.nearest import resemblance
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import DEFAULTS, ResNetSpec, evolve
from resnet_gui.design.undetermined import undetermined
from resnet_gui.design.words import field_word

ROOT = Path(__file__).parents[2]
GATED = {"ablation": "shortcut_gating"}


def described(field: str) -> str:
    """What the docstring of the spec says of a field."""
    lines = inspect.getdoc(ResNetSpec)
    assert lines is not None
    found = re.search(rf"^    {field}: (.*?)(?=^    \w+: |^\S|\Z)", lines, re.MULTILINE | re.DOTALL)
    assert found is not None
    return found[1]


@pytest.mark.parametrize("field", CHOICES)
def test_the_spec_documents_every_choice_of_a_field_and_no_other(field: str) -> None:
    assert set(re.findall(r'"(\w+)"', described(field))) == set(CHOICES[field])


def test_readme_and_glossary_name_every_shortcut() -> None:
    options = [choice.option_text for choice in SHORTCUTS.values()]
    listed = f"{', '.join(options[:-1])} or {options[-1]}"
    assert f"shortcuts ({listed})" in (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"| option {', '.join(options)} |" in (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("field", CHOICES)
def test_every_choice_says_in_a_sentence_what_it_does(field: str) -> None:
    for choice in CHOICES[field].values():
        assert choice.help.endswith("."), choice.key
        assert len(choice.help) > 10, choice.key


# ---- a value of 0


@pytest.mark.parametrize("zero", [0, 0.0])
def test_a_gate_bias_of_0_reads_as_a_number_and_no_dropout_as_none(zero: float) -> None:
    assert field_word("gate_bias", zero) == "0"
    assert field_word("gate_bias", -2.5) == "-2.5"
    assert field_word("dropout", zero) == "none"
    assert field_word("stochastic_depth", zero) == "none"


@pytest.mark.parametrize("field", [field for field, value in DEFAULTS.items() if type(value) in {int, float}])
def test_0_reads_as_none_only_where_nothing_else_is_chosen(field: str) -> None:
    assert (field_word(field, 0) == "none") == (DEFAULTS[field] == 0)


def test_compare_and_nearest_show_a_gate_bias_of_0_as_a_number() -> None:
    usual = evolve(PRESETS["resnet18"].spec, **GATED)
    tried = evolve(usual, gate_bias=0.0)
    (row,) = [row for row in compared([usual, tried]) if row.differs]
    assert row.texts == ("-6", "0")
    found = resemblance(tried)
    assert found is not None
    assert "bias of the gate 0, not -6" in found.differences


# ---- what no file tells


@pytest.fixture
def open_question(monkeypatch: pytest.MonkeyPatch) -> Callable[[str, str], None]:
    """Gives a choice a question that tensors leave open."""

    def ask(field: str, key: str) -> None:
        choice = CHOICES[field][key]
        asks = msgspec.structs.replace(choice, undetermined=lambda _spec: iter([(field, "a question; taken: this.")]))
        monkeypatch.setitem(CHOICES[field], key, asks)

    return ask


@pytest.mark.parametrize("field", CHOICES)
def test_what_a_choice_of_any_field_leaves_open_is_told(field: str, open_question: Callable[[str, str], None]) -> None:
    spec = PRESETS["resnet20" if field == "pad_side" else "resnet50"].spec
    open_question(field, getattr(spec, field))
    assert f"{field}: a question; taken: this." in undetermined(spec)


def test_a_choice_that_has_nothing_to_act_on_leaves_nothing_open(open_question: Callable[[str, str], None]) -> None:
    spec = evolve(PRESETS["resnet50"].spec, shortcut="A")
    open_question("projection", spec.projection)
    assert not any(sentence.startswith("projection: ") for sentence in undetermined(spec))


def test_shortcuts_that_no_tensor_tells_apart_are_all_named() -> None:
    flat = evolve(PRESETS["resnet20"].spec, widths=(16, 16, 16), strides=(1, 1, 1), shortcut="B")
    (sentence,) = [one for one in undetermined(flat) if one.startswith("shortcut: ")]
    assert all(name in sentence for name in ("option A", "option B", "pooling", "plain"))
    assert "option C" not in sentence


# ---- kinds of layers


def test_a_kind_whose_text_no_export_has_is_refused_when_it_is_made() -> None:
    with pytest.raises(TypeError, match="'mine' have no text"):
        LayerKind(key="mine", title="Mine")
    LayerKind(key="mine", title="Mine", call="mine({x})")


@pytest.mark.parametrize("missing", ["working", "torchinfo_note", "fvcore_note"])
def test_a_kind_that_a_table_could_not_word_is_refused_when_it_is_made(missing: str) -> None:
    usual = {"working": None, "torchinfo_note": "", "fvcore_note": ""}
    with pytest.raises(TypeError, match=missing):
        msgspec.structs.replace(KINDS["bn"], **{missing: usual[missing]})


def test_a_norm_or_activation_without_a_constructor_is_refused_when_it_is_made() -> None:
    kind = LayerKind(key="mine", title="Mine", call="mine({x})")
    with pytest.raises(TypeError, match="constructor"):
        ActivationChoice(key="mine", title="Mine", help="Mine.", kind=kind)
    with pytest.raises(TypeError, match="constructor"):
        NormChoice(key="mine", title="Mine", help="Mine.", kind=kind)


def test_maps_that_nobody_knows_are_no_silent_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    key = ACTIVATIONS["gelu"].kind.key
    odd: Any = lambda _layer: "weights"  # noqa: E731
    monkeypatch.setitem(KINDS, key, msgspec.structs.replace(KINDS[key], saved_maps=odd))
    with pytest.raises(ValueError, match="weights"):
        training_memory(plan(evolve(PRESETS["resnet18"].spec, activation="gelu")), 2)


def test_the_ledger_says_of_each_kind_in_its_own_words_what_others_count(monkeypatch: pytest.MonkeyPatch) -> None:
    kind = BRANCH_SCALES["skip_init"].kind
    assert kind is not None
    counted = msgspec.structs.replace(kind, fvcore=lambda _layer: 7, fvcore_note="for sevens")
    monkeypatch.setitem(KINDS, kind.key, counted)
    found = {
        entry.source: entry.why for entry in ledger(plan(evolve(PRESETS["resnet18"].spec, branch_scale="skip_init")))
    }
    assert "56 for sevens" in found["fvcore"]
    assert "8 factors of branches" in found["torchinfo"]
    assert NORMS["batch"].kind is not None
    for note in (NORMS["batch"].kind.fvcore_note, KINDS["avg_pool"].fvcore_note):
        assert note in found["fvcore"]
