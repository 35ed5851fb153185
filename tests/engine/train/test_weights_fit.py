"""What of given weights fits a design: every tensor, the counts, the rows of the head, the sentences of a misfit."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import msgspec
import pytest
import torch

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.engine.predict.models import LoadedModel
from resnet_gui.engine.train.start.head_rows import same_classes
from resnet_gui.engine.train.start.starting_weights import fitted, weights_fitted
from resnet_gui.engine.train.start.weights_fit import fit_weights
from resnet_gui.network.resnet import ResNet
from resnet_gui.protocol.start_messages import FittedTensor, FitWeights
from resnet_gui.training.start import StartRequest

SPEC = ResNetSpec(block="basic", stem="cifar", input=(3, 32, 32), blocks=(1, 1), widths=(4, 8), classes=4)
BY_ROWS = StartRequest(model="it", head="rows")
ANIMALS = ("ant", "bee", "cat", "dog")


def opened(spec: ResNetSpec, classes: tuple[str, ...] = (), **changes: Any) -> LoadedModel:
    """A network without values: what fits is found by shapes and names."""
    with torch.device("meta"):
        model = ResNet(plan(spec)).eval()
    named = classes or tuple(f"class {number}" for number in range(spec.classes))
    how = Preprocess(mean=(0.5,) * 3, std=(0.5,) * 3)
    loaded = LoadedModel(model=model, name="it", spec=spec, classes=named, preprocess=how, own=True, named=True)
    return msgspec.structs.replace(loaded, **changes)


def test_the_figures_of_resnet_18_for_five_classes_are_torchvision_s() -> None:
    spec = PRESETS["resnet18"].spec
    found = fit_weights(StartRequest(model="r18"), opened(spec), evolve(spec, classes=5), ("a", "b", "c", "d", "e"))
    assert (found.fit_tensors, found.tensors, found.fit_params, found.new_params) == (120, 122, 11_176_512, 2_565)
    assert found.sentences == (
        "120 of 122 tensors of r18 fit, 11,176,512 parameters",
        "new: the head, 1,000 → 5 classes, 2,565 parameters, random",
        "not used: fc.weight, fc.bias of the file",
    )
    assert found.new == "the head, 1,000 → 5 classes"
    assert found.table[0] == FittedTensor(
        state="fits", name="conv1.weight", ours=(64, 3, 7, 7), source="conv1.weight", theirs=(64, 3, 7, 7)
    )
    assert found.table[-4:] == (
        FittedTensor(state="new", name="fc.weight", ours=(5, 512)),
        FittedTensor(state="new", name="fc.bias", ours=(5,)),
        FittedTensor(state="unused", source="fc.weight", theirs=(1000, 512)),
        FittedTensor(state="unused", source="fc.bias", theirs=(1000,)),
    )


def test_classes_of_one_name_keep_their_rows_of_the_head_and_the_others_are_drawn() -> None:
    torch.manual_seed(3)
    source = ResNet(plan(SPEC))
    loaded = opened(SPEC, ANIMALS, model=source)
    ours = ("dog", "elk", "Bee")
    weights = fitted(BY_ROWS, loaded, evolve(SPEC, classes=3), ours)
    torch.manual_seed(1)
    drawn = ResNet(plan(evolve(SPEC, classes=3)))
    begun = ResNet(plan(evolve(SPEC, classes=3)))
    begun.load_state_dict(drawn.state_dict())
    weights.put_into(begun)
    for name in ("fc.weight", "fc.bias"):
        has, had, new = begun.state_dict()[name], source.state_dict()[name], drawn.state_dict()[name]
        assert torch.equal(has[0], had[3])
        assert torch.equal(has[1], new[1])
        assert torch.equal(has[2], had[1])
    assert weights.sentences[1:] == (
        "kept rows of the head, by name: 2 of 3 classes, dog, Bee (bee)",
        "new: 1 row of the head, 4 → 3 classes, 9 parameters, random",
    )
    found = fit_weights(BY_ROWS, loaded, evolve(SPEC, classes=3), ours)
    whole = sum(tensor.numel() for tensor in begun.parameters())
    assert (found.fit_params, found.new_params) == (whole - 9, 9)
    assert [row.state for row in found.table[-2:]] == ["rows", "rows"]


@pytest.mark.parametrize(
    ("ours", "changes", "says"),
    [
        (("elk", "fox"), {}, "new: the head, 4 → 2 classes: none has the name of one of the weights, 18 "),
        (("ant", "elk"), {"named": False}, "new: the head, 4 → 2 classes: the weights do not tell the names of theirs"),
        (ANIMALS, {}, "the head is kept: it has the same classes"),
        (("dog", "cat", "bee", "ant"), {}, "kept rows of the head, by name: 4 of 4 classes, dog, cat, bee, ant"),
    ],
)
def test_where_no_row_or_every_row_is_kept_it_is_said(
    ours: tuple[str, ...], changes: dict[str, Any], says: str
) -> None:
    found = fit_weights(BY_ROWS, opened(SPEC, ANIMALS, **changes), evolve(SPEC, classes=len(ours)), ours)
    assert found.sentences[1].startswith(says)


def test_names_are_compared_as_they_are_then_by_case_then_by_synonyms_and_never_where_two_have_them() -> None:
    theirs = ("tench, Tinca tinca", "Cat", "cat", "crane", "crane", "golden retriever", "grey wolf, wolf", "wolf, pack")
    pairs = {"tinca tinca": 0, "cat": 2, "Cat": 1, "CAT": None, "crane": None, "golden_retriever": 5, "wolf": None}
    for name, number in pairs.items():
        assert same_classes([name], theirs) == (() if number is None else ((0, number),)), name
    assert same_classes(["cat", "Cat"], theirs) == ((0, 2), (1, 1))
    assert same_classes(["Dog", "dog"], ["dog"]) == ((1, 0),)


def test_a_new_head_is_drawn_on_request_and_none_is_compared_while_no_class_is_known() -> None:
    loaded = opened(SPEC, ANIMALS)
    asked = fit_weights(StartRequest(model="it", head="new"), loaded, SPEC, ANIMALS)
    assert asked.new == "the head, 4 classes, as was asked"
    assert (
        fit_weights(StartRequest(model="it"), loaded, SPEC, ()).sentences[1].endswith("the pictures have its classes")
    )
    unknown = fit_weights(BY_ROWS, loaded, SPEC, ())
    assert unknown.new.startswith("the head, 4 classes")


def test_a_head_that_reads_a_map_of_another_size_is_new() -> None:
    flat = evolve(SPEC, head="flatten")
    found = fit_weights(StartRequest(model="it"), opened(flat, ANIMALS), evolve(flat, input=(3, 64, 64)), ANIMALS)
    assert found.new == "the head, 4 classes: its layers are others"
    assert not found.refused


def test_what_a_file_has_beside_the_network_and_what_it_lacks_are_named(tmp_path: Path) -> None:
    torch.manual_seed(0)
    state = {f"net.{name}": value for name, value in ResNet(plan(SPEC)).state_dict().items() if name != "fc.bias"}
    torch.save({"state_dict": state, "criterion.weight": torch.ones(4)}, tmp_path / "w.pt")
    start = StartRequest(model=str(tmp_path / "w.pt"))
    answer = weights_fitted(FitWeights(7, start, SPEC, ANIMALS))
    assert (answer.job, answer.refused, answer.normalised) == (7, "", False)
    assert answer.design.spec.widths == SPEC.widths
    assert answer.fit_tensors == answer.tensors == len(state) + 1
    by_name = {row.name: row for row in answer.table}
    assert by_name["fc.weight"].source == "net.fc.weight"
    assert by_name["fc.bias"] == FittedTensor(state="zeros", name="fc.bias", ours=(4,), theirs=(4,))
    assert "not in the file, zero here: fc.bias" in answer.sentences


def test_a_refusal_names_what_differs_and_the_table_shows_it() -> None:
    answer = fit_weights(StartRequest(model="w.pt"), opened(SPEC), evolve(SPEC, widths=(4, 16)), ANIMALS)
    assert answer.refused.startswith("w.pt cannot begin this design: stage 2 has other blocks: 1 of width 8 ")
    assert answer.sentences == ()
    differing = next(row for row in answer.table if row.state == "differs")
    assert (differing.name, differing.ours, differing.theirs) == ("layer2.0.conv1.weight", (16, 4, 3, 3), (8, 4, 3, 3))


@pytest.mark.parametrize("weights", ["best", "last"])
def test_the_best_and_the_last_weights_of_a_run_are_its_own(trained_run: Path, weights: Any) -> None:
    spec = PRESETS["digits-resnet"].spec
    classes = tuple(map(str, range(10)))
    answer = weights_fitted(FitWeights(1, StartRequest(model=str(trained_run), weights=weights), spec, classes))
    assert (answer.fit_tensors, answer.new, answer.normalised) == (answer.tensors, "", True)
    with pytest.raises(InputError, match="is not a run folder: only a run has last weights beside its best ones"):
        weights_fitted(FitWeights(1, StartRequest(model="cifar10-resnet20", weights="last"), spec, classes))
