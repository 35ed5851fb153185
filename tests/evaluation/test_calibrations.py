"""Temperatures that are kept by what a network is and how it answers."""

from __future__ import annotations

import filelock
import msgspec
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.design.spec import ResNetSpec, evolve
from resnet_gui.evaluation import calibrations
from resnet_gui.evaluation.calibration import Temperature
from resnet_gui.evaluation.calibrations import (
    Calibration,
    calibration_key,
    calibration_of,
    calibrations_file,
    find_calibration,
    keep_calibration,
    key_of,
    read_calibrations,
    remove_calibration,
)
from resnet_gui.evaluation.record import EvaluationRecord, ModelIdentity


def calibration(digest: str = "ab", temperature: float = 1.5) -> Calibration:
    return Calibration(
        key=digest, model="net", temperature=temperature, data="CIFAR-10", pictures=5000, held_out=4999,
        ece_before=0.034, ece_after=0.01, measured="2026-01-01",
    )  # fmt: skip


def test_a_calibration_is_found_by_its_weights_until_it_is_removed_and_a_newer_one_takes_its_place() -> None:
    assert find_calibration("ab") is None
    keep_calibration(calibration())
    keep_calibration(calibration("cd", 0.9))
    keep_calibration(calibration("ab", 2.0))
    assert find_calibration("ab") == calibration("ab", 2.0)
    assert set(read_calibrations()) == {"ab", "cd"}
    remove_calibration("ab")
    remove_calibration("none")
    assert set(read_calibrations()) == {"cd"}


def test_a_calibration_says_what_was_fitted_on_what_and_what_it_was_worth() -> None:
    assert calibration().sentence == (
        "T = 1.50, fitted on 5,000 pictures of CIFAR-10; on 4,999 others the calibration error went "
        "from 3.4 % to 1.0 %."
    )


def test_the_calibration_of_an_evaluation_is_its_fitted_temperature() -> None:
    record = EvaluationRecord(
        model=ModelIdentity(name="net", path="net", weights_sha256="ab"), data="cifar10", data_name="CIFAR-10",
        data_sha="", labels=("a", "b"), data_classes=("a",), mapping=(0,), measured="2026-01-01",
    )  # fmt: skip
    assert calibration_of(record) is None
    fitted = Temperature(
        value=1.5, pictures=5000, held_out=4999, seed=0, ece_before=0.034, ece_after=0.01, loss_before=0.4,
        loss_after=0.3, at_edge=False,
    )  # fmt: skip
    found = calibration_of(msgspec.structs.replace(record, temperature=fitted))
    assert found == calibration(key_of(record))


def test_a_calibration_is_of_a_network_as_it_answers() -> None:
    spec = ResNetSpec(block="basic", blocks=(1,), widths=(8,), classes=2, input=(3, 8, 8))
    plain = Preprocess(mean=(0.5,) * 3, std=(0.5,) * 3)
    first = calibration_key("ab", spec, plain, 1, "exact", ())
    others = [
        calibration_key("cd", spec, plain, 1, "exact", ()),
        calibration_key("ab", evolve(spec, input=(3, 16, 16)), plain, 1, "exact", ()),
        calibration_key("ab", evolve(spec, activation="gelu"), plain, 1, "exact", ()),
        calibration_key("ab", spec, msgspec.structs.replace(plain, mean=(0.1, 0.2, 0.3)), 1, "exact", ()),
        calibration_key("ab", spec, plain, 10, "exact", ()),
        calibration_key("ab", spec, plain, 1, "fast", ()),
        calibration_key("ab", spec, plain, 1, "exact", ("layer1.0",)),
    ]
    assert len({first, *others}) == 8
    assert calibration_key("", spec, plain, 1, "exact", ()) == ""
    keep_calibration(calibration(first))
    assert [find_calibration(each) for each in (first, *others, "")] == [calibration(first), *[None] * 8]


def test_a_damaged_file_and_one_that_is_locked_are_sentences_and_lose_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    keep_calibration(calibration())
    monkeypatch.setattr(calibrations, "LOCK_SECONDS", 0.01)
    with (
        filelock.FileLock(calibrations_file().with_name(f"{calibrations.FILE}.lock")),
        pytest.raises(InputError, match="cannot be written"),
    ):
        keep_calibration(calibration("cd"))
    assert set(read_calibrations()) == {"ab"}
    calibrations_file().write_bytes(b"[{]")
    for ask in (read_calibrations, lambda: keep_calibration(calibration())):
        with pytest.raises(InputError, match="is damaged"):
            ask()
    assert calibrations_file().read_bytes() == b"[{]"
