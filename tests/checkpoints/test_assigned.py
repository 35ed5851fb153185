"""What a file leaves open can be assigned, what its tensors tell cannot; names of known programs tell some of it."""

from __future__ import annotations

import pytest
import torch
from hypothesis import assume, given
from hypothesis import strategies as st
from torch import nn

from resnet_gui.base.errors import InputError, SpecError
from resnet_gui.checkpoints.identify import identify
from resnet_gui.checkpoints.load import adopt
from resnet_gui.design.choices import CHOICES
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.design.tensors import tensor_shapes
from resnet_gui.design.undetermined import open_fields
from resnet_gui.design.words import assignment, read_assignments
from resnet_gui.network.resnet import ResNet
from tests.checkpoints.public_networks import randomised
from tests.conftest import examples
from tests.designs import designs

SMALL = ResNetSpec(block="basic", blocks=(1, 1), widths=(8, 16), classes=3, input=(3, 32, 32))
ASSIGNED: dict[str, object] = {
    "stem_pool": "max_ceil", "stem_stride": 1, "downsampling": "blurred", "convolution": "standardised",
    "norm_eps": 1e-3, "dilated_stages": 1, "activation": "silu", "strides": (2, 1), "projection": "conv",
}  # fmt: skip


def answers(spec: ResNetSpec, network: nn.Module) -> torch.Tensor:
    pictures = torch.randn(2, *spec.input, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        out: torch.Tensor = network(pictures)
    return out


@pytest.mark.parametrize(("field", "value"), ASSIGNED.items(), ids=list(ASSIGNED))
def test_an_assigned_field_gives_the_answers_of_the_network_that_has_it(field: str, value: object) -> None:
    spec = evolve(SMALL, **{field: value})
    network = randomised(ResNet(plan(spec)))
    state = network.state_dict()
    found = identify({name: tuple(tensor.shape) for name, tensor in state.items()}, {field: value})
    assert getattr(found.spec, field) == value
    assert torch.equal(answers(spec, adopt(state, found)), answers(spec, network))
    assert not any(line.startswith(f"{field}: ") for line in found.undetermined), "what was assigned is not open"


@given(spec=designs(stages=2), data=st.data())
@examples(12)
def test_any_open_field_can_be_assigned_the_value_that_it_has_and_every_assignment_is_read_back(
    spec: ResNetSpec, data: st.DataObject
) -> None:
    shapes = tensor_shapes(plan(spec))
    try:
        found = identify(shapes)
    except InputError:
        assume(False)
    field = data.draw(st.sampled_from(sorted(open_fields(found.spec))))
    kept = {field: getattr(found.spec, field)}
    assert read_assignments([assignment(field, kept[field])]) == kept
    assert identify(shapes, kept).spec == found.spec


def shapes_of(spec: ResNetSpec) -> dict[str, tuple[int, ...]]:
    return dict(tensor_shapes(plan(spec)))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("classes=5", "--set classes=5: the tensors of this file tell it: 3; open are only"),
        ("widths=8,32", "--set widths=8,32: it does not fit the tensors of this file: layer2.0.conv1 would read"),
        ("projection=conv3x3", "it does not fit the tensors of this file: layer2.0.downsample.0 would read 16×8×3×3"),
        ("stem=cifar", "it does not fit|the tensors of this file tell it"),
        ("strides=1,2,2", "3 entries for 2 stages"),
    ],
)
def test_what_does_not_fit_is_refused_in_a_sentence_that_names_the_field(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said) as caught:
        identify(shapes_of(SMALL), read_assignments([text]))
    assert str(caught.value).count("\n") == 0
    assert str(caught.value).endswith(".")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("stem_pol=max_ceil", "write field=value with one of the fields"),
        ("max_ceil", "write field=value"),
        ("stem_pool=big", "stem_pool must be one of max_padded, max_ceil"),
        ("norm_eps=small", "norm_eps must be a number"),
        ("dilated_stages=1.5", "dilated_stages must be a whole number"),
        ("shared_first=perhaps", "shared_first must be true or false"),
        ("strides=a,b", "strides must be whole numbers"),
    ],
)
def test_what_is_no_assignment_is_refused(text: str, said: str) -> None:
    with pytest.raises(InputError, match=said):
        read_assignments([text])


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("strides=1x2x2x2", (1, 2, 2, 2)), ("strides=usual", None), ("stem-stride = 2", 2), ("stem_stride=none", None),
        ("raw_projection=TRUE", True), ("norm_eps=1e-3", 1e-3), ("shortcut=a", "A"), ("hidden=", ()),
    ],
)  # fmt: skip
def test_an_assignment_is_read_as_people_write_it(text: str, value: object) -> None:
    (found,) = read_assignments([text]).values()
    assert found == value


def theirs(name: str, names: dict[str, str]) -> str:
    """A tensor's name with parts of it replaced; the stem's convolution is none of a block."""
    for ours, other in names.items():
        if ours != "conv1.weight" or not name.startswith("layer"):
            name = name.replace(ours, other)
    return name


KUANGLIU = {"downsample.": "shortcut.", "fc.": "linear."}
PREACT = evolve(PRESETS["resnet18"].spec, order="full_preact", stem="cifar", final_activation=False, input=(3, 32, 32))


@pytest.mark.parametrize(
    ("spec", "names", "fields"),
    [
        (PREACT, KUANGLIU, {"shared_first": False}),
        (
            PRESETS["seresnet50"].spec,
            {"layer": "layerx", "conv1.weight": "layer0.conv1.weight", "layerx": "layer", ".se.": ".se_module."},
            {"stem_pool": "max_ceil", "stride_on": "1x1"},
        ),
        (
            evolve(PRESETS["resnet18"].spec, projection_bias=True), {}, {"stem_stride": 1},
        ),
    ],
    ids=["kuangliu", "Cadene", "MONAI"],
)  # fmt: skip
def test_names_of_known_programs_tell_what_tensors_leave_open(
    spec: ResNetSpec, names: dict[str, str], fields: dict[str, object]
) -> None:
    shapes = {theirs(name, names): shape for name, shape in shapes_of(spec).items()}
    found = identify(shapes)
    assert {field: getattr(found.spec, field) for field in fields} == fields
    usual = identify(shapes, {field: getattr(spec, field) for field in fields})
    assert {field: getattr(usual.spec, field) for field in fields} == {field: getattr(spec, field) for field in fields}


@pytest.mark.parametrize("field", ["stem_pool", "downsampling", "convolution", "pad_side"])
def test_every_choice_without_tensors_is_said_to_be_open_where_it_acts(field: str) -> None:
    spec = evolve(PRESETS["resnet18"].spec, shortcut="A" if field == "pad_side" else "B")
    for key in CHOICES[field]:
        try:
            chosen = evolve(spec, **{field: key})
        except SpecError:
            continue
        assert shapes_of(chosen) == shapes_of(spec)
        assert field in open_fields(chosen)
    assert "pad_side" not in open_fields(PRESETS["resnet18"].spec), "a projection has no zeros"
    assert "stem_pool" not in open_fields(PRESETS["resnet20"].spec), "a stem without pooling"
