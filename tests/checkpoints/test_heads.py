"""Heads of every kind: read with their own answers, or refused in a sentence that names the right tensor."""

from __future__ import annotations

import re
import warnings
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor, nn

from resnet_gui.checkpoints.identify import identify
from resnet_gui.checkpoints.load import adopt, load_foreign
from resnet_gui.design.bounds import Shape
from resnet_gui.design.plan import plan
from resnet_gui.design.presets import PRESETS
from resnet_gui.design.tensors import tensor_shapes
from tests.checkpoints import public_networks as nets
from tests.checkpoints.public_checkpoints import refusal, safe, shapes_of, stranger, torch_bytes
from tests.checkpoints.test_identify_strangers import R18
from tests.conftest import daily, examples

WIDTH = 16
"""Channels of the last map of the body that every test puts a head on."""


def body() -> nn.Module:
    """Two stages with a projection, without a head."""
    net = nets.cifar_net([8, WIDTH], [1, 2])
    net.linear = nn.Identity()
    return net


def resnet18(**heads: nn.Module) -> dict[str, Shape]:
    """Shapes of torchvision's ResNet-18 with other heads than its own."""
    shapes = {name: shape for name, shape in R18.items() if not name.startswith("fc.")}
    return shapes | shapes_of(nn.ModuleDict(heads).state_dict())


# ---- drawn heads

BETWEEN: dict[str, Callable[[int], list[nn.Module]]] = {
    "ReLU": lambda _width: [nn.ReLU()],
    "Tanh": lambda _width: [nn.Tanh()],
    "nothing": lambda _width: [],
    "Dropout, ReLU": lambda _width: [nn.Dropout(), nn.ReLU()],
    "BatchNorm1d": lambda width: [nn.BatchNorm1d(width), nn.ReLU()],
    "BatchNorm1d without affine": lambda width: [nn.BatchNorm1d(width, affine=False), nn.ReLU()],
    "LayerNorm": lambda width: [nn.LayerNorm(width)],
}


@st.composite
def heads(draw: st.DrawFn) -> nn.Sequential:
    """One to three linear layers, with or without biases, of any widths, with anything between."""
    layers: list[nn.Module] = [nn.Flatten()] * draw(st.booleans()) + [nn.Dropout()] * draw(st.booleans())
    inputs = WIDTH
    for _ in range(draw(st.integers(0, 2))):
        width = draw(st.sampled_from([WIDTH, 8, 2 * WIDTH]))
        layers += [
            nn.Linear(inputs, width, bias=draw(st.booleans())),
            *BETWEEN[draw(st.sampled_from([*BETWEEN]))](width),
        ]
        inputs = width
    return nn.Sequential(*layers, nn.Linear(inputs, draw(st.sampled_from([1, 3, WIDTH])), bias=draw(st.booleans())))


COMPANIONS: dict[str, dict[str, Tensor]] = {
    "nothing": {},
    "normalisation": {"normalize.mean": torch.full((1, 3, 1, 1), 0.5), "normalize.std": torch.full((1, 3, 1, 1), 0.2)},
    "a queue": {"queue": torch.randn(4, 6), "queue_ptr": torch.zeros(1, dtype=torch.int64)},
    "weights of a loss": {"criterion.weight": torch.ones(3)},
    "a count": {"n_averaged": torch.tensor(3)},
}
NAMES = ("fc", "linear", "classifier", "head", "projector", "predictor", "projection_head", "heads.cls", "a")
PREFIXES = ("", "module.", "backbone.", "module.encoder_q.", "model.net.")


@given(
    head=heads(),
    name=st.sampled_from(NAMES),
    prefix=st.sampled_from(PREFIXES),
    companion=st.sampled_from([*COMPANIONS]),
    ordered=st.sampled_from(["as saved", "sorted", "head first"]),
)
@examples(60)
def test_a_file_is_read_with_its_own_answers_or_says_what_is_open_or_which_tensor_is_in_the_way(
    head: nn.Sequential, name: str, prefix: str, companion: str, ordered: str
) -> None:
    whole = nn.Sequential(OrderedDict(body=body(), head=head))
    nets.randomised(whole)
    own = {key.removeprefix("head."): value for key, value in whole.state_dict().items() if key.startswith("head.")}
    inside = {key.removeprefix("body."): value for key, value in whole.state_dict().items() if key.startswith("body.")}
    last = {f"{name}.{key}": value for key, value in own.items()}
    network = {
        f"{prefix}{key}": value for key, value in (last | inside if ordered == "head first" else inside | last).items()
    }
    state = COMPANIONS[companion] | network
    if ordered == "sorted":
        state = dict(sorted(state.items()))
    normed = any(isinstance(layer, nn.BatchNorm1d | nn.LayerNorm) for layer in head)
    if normed:
        sentence = refusal(lambda: identify(shapes_of(state)))
        assert_names_a_tensor(sentence, shapes_of(state))
        assert f"'{prefix}{name}." in sentence
        return
    found = identify(shapes_of(state))
    ours = adopt(state, found)
    picture = torch.randn(3, 3, 16, 16, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        theirs, mine = whole(picture), ours(picture)
    assert mine.shape == theirs.shape
    equal = (mine - theirs).abs().max() <= 1e-4 * theirs.std()
    assert equal or any(sentence.startswith("hidden: what stands between") for sentence in found.undetermined)


def assert_names_a_tensor(sentence: str, shapes: dict[str, Shape]) -> None:
    """Every tensor that a sentence names with a shape is one of the file's, and has that shape."""
    named = re.findall(r"tensor '([^']+)' \(([^)]*)\)", sentence)
    for name, shape in named:
        assert "×".join(map(str, shapes[name])) == shape, sentence
    assert re.search(r"tensor '([^']+)'", sentence), sentence


# ---- heads of known programs

SELF_SUPERVISED: dict[str, Callable[[], dict[str, nn.Module]]] = {
    "SwAV": lambda: {"projection_head": nn.Sequential(
        nn.Linear(512, 512), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, 128)),
        "prototypes": nn.Linear(128, 300, bias=False)},
    "SimCLR": lambda: {"projector": nn.Sequential(
        nn.Linear(512, 512, bias=False), nn.BatchNorm1d(512), nn.ReLU(), nn.Linear(512, 128, bias=False))},
    "BYOL": lambda: {
        "projector": nn.Sequential(nn.Linear(512, 1024), nn.BatchNorm1d(1024), nn.ReLU(), nn.Linear(1024, 256)),
        "predictor": nn.Sequential(nn.Linear(256, 1024), nn.BatchNorm1d(1024), nn.ReLU(), nn.Linear(1024, 256))},
    "a norm in front": lambda: {"bottleneck": nn.BatchNorm1d(512), "classifier": nn.Linear(512, 7, bias=False)},
    "fastai": lambda: {"1": nn.Sequential(
        nn.Identity(), nn.Flatten(), nn.BatchNorm1d(1024), nn.Dropout(), nn.Linear(1024, 512, bias=False), nn.ReLU(),
        nn.BatchNorm1d(512), nn.Dropout(), nn.Linear(512, 7, bias=False))},
}  # fmt: skip


@pytest.mark.parametrize("name", SELF_SUPERVISED)
@pytest.mark.parametrize("order", [dict, lambda shapes: dict(sorted(shapes.items()))])
def test_a_norm_in_the_head_is_named_and_the_body_too_and_neither_is_a_fifth_stage(
    name: str, order: Callable[[dict[str, Shape]], dict[str, Shape]]
) -> None:
    heads = SELF_SUPERVISED[name]()
    shapes = order(resnet18(**heads))
    tensor = stranger(shapes)
    assert tensor.partition(".")[0] in heads
    sentence = refusal(lambda: identify(shapes))
    assert "its body is ResNet-18, but its head" in sentence
    assert "is a norm" in sentence
    assert_names_a_tensor(sentence, shapes)


def test_the_first_two_versions_of_a_contrastive_head_are_read_as_hidden_layers() -> None:
    found = identify(resnet18(fc=nn.Sequential(nn.Linear(512, 512), nn.ReLU(), nn.Linear(512, 128))))
    assert (found.spec.blocks, found.spec.hidden, found.spec.classes) == ((2, 2, 2, 2), (512,), 128)
    (hidden,) = [sentence for sentence in found.undetermined if sentence.startswith("hidden: ")]
    assert "heads of their own" in hidden
    assert hidden.endswith("taken: ReLU.")


@pytest.mark.parametrize("order", [dict, lambda shapes: dict(sorted(shapes.items()))])
def test_of_two_heads_both_are_named_with_their_shapes(
    order: Callable[[dict[str, Shape]], dict[str, Shape]],
) -> None:
    shapes = order(resnet18(age=nn.Linear(512, 101), sex=nn.Linear(512, 2)))
    sentence = refusal(lambda: identify(shapes))
    assert "tensor 'age.weight' (101×512) and tensor 'sex.weight' (2×512) both read the last map" in sentence


def test_heads_of_their_own_names_that_could_follow_each_other_are_doubted() -> None:
    (notice,) = identify(resnet18(age=nn.Linear(512, 512), sex=nn.Linear(512, 2))).notices
    assert "tensor 'age.weight' (512×512) and tensor 'sex.weight' (2×512) both fit the last map" in notice
    assert identify(resnet18(fc1=nn.Linear(512, 512), fc2=nn.Linear(512, 2))).notices == ()


def test_a_matrix_beside_a_body_without_a_head_is_named_as_the_head_that_may_be_missing() -> None:
    found = identify(resnet18() | {"arc.W": (7, 512)})
    assert found.spec.head == "none"
    assert found.notices == ("Tensor 'arc.W' (7×512) was left out; it may be the head that is missing.",)


def test_a_last_layer_without_a_bias_may_compare_directions_and_it_is_said() -> None:
    found = identify(resnet18(arc=nn.Linear(512, 7, bias=False)))
    assert any(sentence.startswith("head: ") and "cosine" in sentence for sentence in found.undetermined)


@pytest.mark.parametrize("normed", [nn.utils.weight_norm, nn.utils.parametrizations.weight_norm,
                                    nn.utils.parametrizations.spectral_norm])  # fmt: skip
def test_a_head_whose_weight_is_kept_in_parts_is_named_and_not_left_out(normed: Any) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        head: nn.Module = normed(nn.Linear(512, 7))
    assert stranger(resnet18(fc=head)).startswith("fc.")


# ---- no head

BACKBONES: dict[str, Callable[[dict[str, Tensor]], dict[str, Tensor]]] = {
    "torchvision": lambda state: state,
    "prefixed": lambda state: {f"module.backbone.{name}": value for name, value in state.items()},
    "sorted": lambda state: dict(sorted(state.items())),
}


@pytest.mark.parametrize(
    ("name", "form"),
    daily(
        [("resnet50", "prefixed"), ("resnet18", "sorted")],
        [("resnet18", "torchvision"), ("resnet50", "torchvision"), ("resnet18", "prefixed"), ("resnet50", "sorted")],
    ),
)
def test_a_backbone_is_a_design_whose_answer_are_the_pooled_features(name: str, form: str) -> None:
    import torchvision

    model = nets.drawn(torchvision.models.get_model, name)
    model.fc = nn.Identity()
    state = BACKBONES[form](dict(model.state_dict()))
    found = identify(shapes_of(state))
    assert (found.preset, found.spec.head, found.spec.depth) == (name, "none", PRESETS[name].spec.depth - 1)
    assert found.unmatched == ()
    picture = torch.randn(2, 3, 33, 47, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert torch.equal(adopt(state, found)(picture), model(picture))


def test_a_backbone_as_a_row_of_children_is_read() -> None:
    import torchvision

    model = nets.drawn(torchvision.models.resnet18)
    row = nn.Sequential(*list(model.children())[:-1])
    found = identify(shapes_of(row.state_dict()))
    assert (found.preset, found.spec.head) == ("resnet18", "none")
    assert {"head", "stem"} <= {sentence.partition(":")[0] for sentence in found.undetermined}


def test_blocks_of_a_sorted_file_come_in_the_order_of_their_numbers(tmp_path: Path) -> None:
    """``layer1.10`` sorts before ``layer1.2``, and all blocks of a stage have one shape."""
    model = nets.randomised(nets.option_a_net(11))
    (tmp_path / "w.safetensors").write_bytes(safe(model.state_dict()))
    ours, found = load_foreign(tmp_path / "w.safetensors")
    assert found.names["layer1.10.conv1.weight"] == "layer1.10.conv1.weight"
    picture = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert torch.allclose(ours(picture), model(picture), rtol=1e-5, atol=1e-5)


# ---- pruned


def pruned_shapes(name: str, kept: dict[str, int]) -> dict[str, Shape]:
    """Shapes of a preset whose blocks have fewer channels inside, by block."""
    shapes = dict(tensor_shapes(plan(PRESETS[name].spec)))
    for block, width in kept.items():
        for layer, places in (("conv1", (0,)), ("bn1", (0,)), ("conv2", (1,) if name == "resnet18" else (0, 1)),
                              *((("bn2", (0,)), ("conv3", (1,))) if name != "resnet18" else ())):  # fmt: skip
            for tensor, shape in list(shapes.items()):
                if tensor.startswith(f"{block}.{layer}.") and shape:
                    shapes[tensor] = tuple(width if place in places else size for place, size in enumerate(shape))
    return shapes


@pytest.mark.parametrize("name", ["resnet18", "resnet50"])
def test_blocks_of_unequal_width_are_said_to_be_pruned(name: str) -> None:
    shapes = pruned_shapes(name, {"layer1.1": 41, "layer3.1": 100})
    sentence = refusal(lambda: identify(shapes))
    assert "pruned" in sentence
    assert "unequal width" in sentence
    assert_names_a_tensor(sentence, shapes)
    assert re.search(r"tensor 'layer[13]\.", sentence)


# ---- what is in doubt is said first


def test_statistics_that_are_missing_are_said_first() -> None:
    parameters = {name: shape for name, shape in R18.items() if not re.search(r"running_|num_batches", name)}
    found = identify(parameters)
    assert found.spec.norm == "group"
    (notice,) = found.notices
    assert "no running statistics" in notice
    assert "batch normalisation" in notice
    assert identify(R18).notices == ()


def plain_row(prefix: str, channels: tuple[int, ...] = (64, 64, 64)) -> dict[str, Shape]:
    """A row of convolutions with norms that nothing names a block, and a linear layer."""
    shapes: dict[str, Shape] = {}
    inputs = 3
    for number, width in enumerate(channels, start=1):
        name = f"{prefix}feature{number}"
        shapes |= {f"{name}.0.weight": (width, inputs, 3, 3), f"{name}.0.bias": (width,)}
        shapes |= {f"{name}.1.{part}": (width,) for part in ("weight", "bias", "running_mean", "running_var")}
        inputs = width
    return shapes | {f"{prefix}classifier.weight": (10, inputs), f"{prefix}classifier.bias": (10,)}


@pytest.mark.parametrize("prefix", ["", "module."])
def test_a_network_whose_names_and_tensors_show_no_shortcut_is_doubted(prefix: str) -> None:
    (notice,) = identify(plain_row(prefix)).notices
    assert "may be a plain network" in notice


def test_a_network_of_option_a_with_blocks_by_name_is_not_doubted() -> None:
    assert identify(shapes_of(nets.option_a_net(2).state_dict())).notices == ()


@pytest.mark.parametrize("times", [2, 3])
def test_a_head_that_reads_the_channels_several_times_is_doubted(times: int) -> None:
    found = identify(resnet18(fc=nn.Linear(512 * times, 7)))
    (notice,) = found.notices
    assert "concatenated" in notice
    assert any(re.match(r"head: whether .*concatenated", sentence) for sentence in found.undetermined)


def test_a_square_map_that_is_flattened_is_not_doubted() -> None:
    assert identify(resnet18(fc=nn.Linear(512 * 49, 7))).notices == ()


# ---- the pictures' normalisation in the file

PAIRS = st.sampled_from(
    [("mu", "sigma"), ("mean", "std"), ("normalize.mean", "normalize.std"), ("pixel_mean", "pixel_std"),
     ("normalizer.means", "normalizer.stds"), ("0.mean", "0.std")]
)  # fmt: skip
FORMS = st.sampled_from([(1, 3, 1, 1), (3,), (3, 1, 1)])
FRACTIONS = st.lists(st.floats(0.05, 0.95), min_size=3, max_size=3)


@given(names=PAIRS, form=FORMS, mean=FRACTIONS, std=FRACTIONS, scale=st.sampled_from([1, 255]))
@examples(25)
def test_the_mean_and_deviation_of_a_file_are_found_whatever_their_name_and_form(
    tmp_path_factory: pytest.TempPathFactory,
    names: tuple[str, str],
    form: Shape,
    mean: list[float],
    std: list[float],
    scale: int,
) -> None:
    state = {f"1.{name}" if names[0].startswith("0") else f"model.{name}": value
             for name, value in nets.randomised(nets.cifar_net([8, 16], [1, 1])).state_dict().items()}  # fmt: skip
    pair = {name: torch.tensor(values).reshape(form) * scale for name, values in zip(names, (mean, std), strict=True)}
    path = tmp_path_factory.mktemp("normalised") / "w.pt"
    path.write_bytes(torch_bytes(pair | state))
    found = load_foreign(path)[1]
    if scale == 1 or max(mean) * 255 > 1:
        assert found.mean == pytest.approx(mean, rel=1e-5)
        assert found.std == pytest.approx(std, rel=1e-5)
    (notice,) = found.notices
    assert "own normalisation" in notice
    assert all(f"'{name}'" in notice for name in names)
    assert not any(sentence.startswith("normalisation") for sentence in found.undetermined)
    assert found.unmatched == ()


@pytest.mark.parametrize(
    ("mean", "std"), [([0.5] * 3, [0.0] * 3), ([-1.0] * 3, [1.0] * 3), ([float("nan")] * 3, [1.0] * 3)]
)
def test_what_can_be_no_normalisation_is_not_used_and_it_is_said(
    tmp_path: Path, mean: list[float], std: list[float]
) -> None:
    state = nets.randomised(nets.cifar_net([8, 16], [1, 1])).state_dict()
    (tmp_path / "w.pt").write_bytes(torch_bytes({"mean": torch.tensor(mean), "std": torch.tensor(std), **state}))
    found = load_foreign(tmp_path / "w.pt")[1]
    assert found.mean == ()
    assert "not used" in found.notices[0]
    assert {"mean", "std"} <= set(found.unmatched)
