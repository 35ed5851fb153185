"""Weights files on the Predict page: what the card says of them, and what is chosen in it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import torch
from PySide6.QtWidgets import QComboBox, QFileDialog
from safetensors.torch import load_file

from resnet_gui.data.weights_catalogue import SHIPPED, shipped_file
from resnet_gui.gui.kit.format import percent
from tests.gui.driving import files
from tests.gui.predict.predicting import CAR, SHIP, PredictDriver, pick

MISSING = "resnet18-v1"


def foreign(path: Path) -> Path:
    """The weights inside under other names, as another program would have written them."""
    state = {f"module.{name.replace('fc.', 'linear.')}": tensor for name, tensor in load_file(shipped_file()).items()}
    torch.save({"epoch": 3, "state_dict": state}, path)
    return path


def test_a_file_of_this_program_s_says_everything_itself_and_goes_away_again(
    driver: PredictDriver, tmp_path: Path
) -> None:
    page, models = driver.page, driver.page.models
    mine = tmp_path / "mine.safetensors"
    shutil.copy(shipped_file(), mine)
    driver.drop(SHIP, mine, CAR)
    assert models.model == str(mine)
    assert [one.answer for one in page.pictures.pictures()] == ["ship", "automobile"]
    assert models.list.chosen() is None
    assert (models.card._card.isVisible(), models.card.name.text()) == (True, "mine.safetensors")
    assert models.card.verdict.text() == "✓ Written by this program"
    assert models.card.details.text().splitlines() == [
        "269,722 parameters, 10 classes, 32 × 32",
        f"{percent(driver.known.top1, 2)} right of the test pictures of cifar",
    ]  # fmt: skip
    choices = models.choices
    assert (choices.preprocess.currentText(), choices.labels_row.isVisible()) == ("From the weights", False)
    models.card.close_file.click()
    driver.settle()
    assert (models.model, models.card._card.isVisible()) == (SHIPPED, False)
    assert models.list.chosen() is not None
    assert driver.picture(SHIP).answer == "ship"


def test_the_architecture_of_a_foreign_file_is_inferred_and_its_class_names_are_chosen(
    driver: PredictDriver, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    page, models = driver.page, driver.page.models
    path = foreign(tmp_path / "other.pth")
    driver.drop(path)
    driver.drop(SHIP)
    assert models.card.verdict.text() == "✓ Architecture inferred"
    assert models.card.about.text() == "ResNet-20 (CIFAR), option A"
    assert models.card.details.text().startswith("269,722 parameters, 10 classes, 32 × 32\n")
    assert "prefix “module.” removed" in models.card.details.text()
    assert driver.picture(SHIP).answer == "ship"
    assert models.choices.preprocess.currentText() == "Suggested for this network"
    assert models.choices.labels_row.isVisible()
    assert models.choices.labels.currentText() == "CIFAR-10, suggested"
    names = [models.choices.labels.itemData(place) for place in range(models.choices.labels.count())]
    assert names == ["cifar10", "numbers", "file"], "sets of another length cannot be chosen"

    pick(models.choices.labels, "numbers")
    driver.settle()
    assert driver.picture(SHIP).answer == "class 8"
    assert page.bar.target.itemText(9) == "class 8"
    chosen, short = tmp_path / "mine.txt", tmp_path / "short.txt"
    chosen.write_text("\n".join(f"thing {number}" for number in range(10)))
    short.write_text("one\ntwo\n")
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args, **_named: (str(chosen), ""))
    pick(models.choices.labels, "file")
    driver.settle()
    assert driver.picture(SHIP).answer == "thing 8"
    assert models.choices.labels.currentText() == "From mine.txt"
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args, **_named: (str(short), ""))
    pick(models.choices.labels, "file")
    driver.settle()
    assert "names 2 classes, but the network has 10" in models.card.details.text()
    assert "names 2 classes, but the network has 10" in driver.said[-1]
    assert driver.picture(SHIP).top == ()
    monkeypatch.setattr(QFileDialog, "getOpenFileName", lambda *_args, **_named: ("", ""))
    pick(models.choices.labels, "file")
    driver.settle()
    assert models.choices.labels.currentData() == "file", "a dialog that is cancelled changes nothing"
    pick(models.choices.labels, "cifar10")
    driver.settle()
    assert driver.picture(SHIP).answer == "ship"
    page.remember(driver.settings)
    again = PredictDriver(driver.qtbot, driver.warm, driver.theme, driver.settings)
    try:
        assert (again.page.models.model, again.page.models.card.name.text()) == (str(path), "other.pth")
    finally:
        again.close()


def test_one_logit_and_a_normalisation_in_the_file_are_said_beside_the_answer(
    driver: PredictDriver, tmp_path: Path
) -> None:
    state = {f"model.{name}": tensor for name, tensor in load_file(shipped_file()).items()}
    state |= {f"model.fc.{part}": state[f"model.fc.{part}"][8:9].clone() for part in ("weight", "bias")}
    state |= {"mu": torch.tensor([0.5, 0.25, 0.125]), "sigma": torch.full((3,), 0.2)}
    path = tmp_path / "ship_or_not.pth"
    torch.save(state, path)
    driver.drop(path)
    driver.drop(SHIP)
    details = driver.page.models.card.details.text()
    assert details.startswith("269,137 parameters, one logit, 32 × 32\n")
    assert "'mu' and 'sigma', is used" in details
    assert "its sigmoid is the probability" in details
    assert driver.page.answer.classes.text() == "sigmoid of one logit"
    top = driver.picture(SHIP).top
    assert {score.label for score in top} == {"class 0", "class 1"}
    assert sum(score.probability for score in top) == pytest.approx(1)


def test_what_a_file_leaves_open_has_a_control_each_and_another_value_changes_the_answers(
    driver: PredictDriver, tmp_path: Path
) -> None:
    page, card = driver.page, driver.page.models.card
    assert card.opened.isHidden()
    driver.drop(foreign(tmp_path / "other.pth"))
    driver.drop(SHIP)
    opened = page.state.loaded.opened if page.state.loaded is not None else ()
    assert {"pad_side", "norm_eps", "downsampling", "strides", "activation"} <= set(opened)
    assert not {"classes", "stem_pool"} & set(opened), "tensors tell them, or nothing is there to pool"
    assert card.opened.button.text() == f"{len(opened)} open fields"
    card.opened.button.click()
    fields = card.opened.fields
    assert fields is not None
    assert fields.names() == frozenset(opened)
    side = fields.widget("pad_side")
    assert isinstance(side, QComboBox)
    assert (side.isVisible(), side.currentData()) == (True, "both_sides")
    before = driver.picture(SHIP).top
    pick(side, "zeros_behind")
    driver.settle()
    assert page.state.loaded is not None
    assert page.state.loaded.spec.pad_side == "zeros_behind"
    assert driver.picture(SHIP).top != before
    assert card.opened.assignments() == ("pad_side=zeros_behind",)
    pick(side, "both_sides")
    driver.settle()
    assert driver.picture(SHIP).top == before
    driver.drop(foreign(tmp_path / "another.pth"))
    assert card.opened.assignments() == (), "another file leaves its own fields open"


def test_of_several_networks_in_a_file_another_is_chosen_in_the_card(driver: PredictDriver, tmp_path: Path) -> None:
    page, card = driver.page, driver.page.models.card
    mine = load_file(shipped_file())
    other = {name: tensor.flip(0) if name.startswith("fc.") else tensor for name, tensor in mine.items()}
    torch.save({"model": mine, "model_ema": other}, tmp_path / "two.pth")
    driver.drop(tmp_path / "two.pth")
    driver.drop(SHIP)
    assert card.network.isVisible()
    assert [card.network.itemData(place) for place in range(card.network.count())] == ["model", "model_ema"]
    assert (card.network.currentData(), driver.picture(SHIP).answer) == ("model", "ship")
    assert "holds 2 networks, model (" in card.details.text()
    assert "model_ema (" in card.details.text()
    pick(card.network, "model_ema")
    driver.settle()
    assert (card.network.currentData(), driver.known.key) == ("model_ema", "model_ema")
    assert page.state.model_request is not None
    assert page.state.model_request.key == "model_ema"
    assert driver.picture(SHIP).answer == "automobile", "the second class, as the head is turned round"
    driver.drop(foreign(tmp_path / "one.pth"))
    assert (card.network.isVisible(), page.state.model_request.key) == (False, "")


@pytest.mark.parametrize("name", ["broken.pth", "broken.safetensors"])
def test_a_broken_weights_file_gets_its_sentence_in_the_card_and_the_network_before_it_stays(
    driver: PredictDriver, tmp_path: Path, name: str
) -> None:
    page, models, broken = driver.page, driver.page.models, tmp_path / name
    broken.write_bytes(b"\x08\x00\x00\x00\x00\x00\x00\x00no weights")
    driver.settle()
    before = models.list.chosen()
    assert before is not None
    page.take_mime(files(SHIP, broken))
    assert (models.card.verdict.text(), models.list.chosen()) == ("Reading …", before)
    driver.settle()
    assert models.card.verdict.text() == "Cannot be used"
    assert name in models.card.details.text()
    stays = f"; {driver.known.name} stays the network."
    assert any(name in said and said.endswith(stays) for said in driver.said)
    assert models.model == SHIPPED
    assert driver.picture(SHIP).answer == "ship"
    models.card.close_file.click()
    driver.settle()
    assert models.card.verdict.isHidden() or not models.card.name.isVisible()
    assert driver.picture(SHIP).answer == "ship"
    assert page.canvas.scene.overlay is not None
