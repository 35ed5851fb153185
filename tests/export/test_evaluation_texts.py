"""Document, lines and table of an evaluation: one set of figures, those of independent libraries."""

from __future__ import annotations

import csv
import io
import json
import shlex
from typing import Any

import msgspec
import numpy as np
import pytest
from numpy.typing import NDArray
from sklearn.metrics import log_loss, precision_recall_fscore_support

from resnet_gui.base.errors import InputError
from resnet_gui.evaluation.attacks import Attack
from resnet_gui.evaluation.comparison import PairedComparison
from resnet_gui.evaluation.depth_files import CKA_FILE
from resnet_gui.evaluation.folder import Evaluation
from resnet_gui.evaluation.intervals import ShareDifference
from resnet_gui.evaluation.record import LeftOutPicture, ModelIdentity
from resnet_gui.evaluation.robustness import (
    AttackAccuracy,
    CorruptionCurve,
    DrawnSample,
    RobustnessRecord,
    write_robustness,
)
from resnet_gui.export.evaluation.charts import likeness_svg
from resnet_gui.export.evaluation.command import measure_command, repeat_command
from resnet_gui.export.evaluation.document import (
    contradiction_words,
    evaluation_document,
    loss_text,
    temperature_remark,
)
from resnet_gui.export.evaluation.lines import evaluation_lines
from resnet_gui.export.evaluation.source import EvaluationSource, MeasuredBeside, TypedNames
from resnet_gui.export.evaluation.table import answers_table
from tests.export.made_evaluation import LABELS, made_copies, made_evaluation, made_robustness, write_depth


def document(evaluation: Evaluation, **fields: Any) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(msgspec.json.encode(evaluation_document(EvaluationSource(evaluation, **fields))))
    return found


def rows(source: EvaluationSource, *, right: bool) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(answers_table(source, right=right))))


def softmax(evaluation: Evaluation, temperature: float) -> NDArray[np.float64]:
    scaled: NDArray[np.float64] = np.exp(evaluation.answers.scores.astype(np.float64) / temperature)
    scaled /= scaled.sum(axis=1, keepdims=True)
    return scaled


def test_the_document_has_scikit_learns_figures_for_each_class() -> None:
    evaluation = made_evaluation()
    found, answers = document(evaluation), evaluation.answers
    precision, recall, f1, support = precision_recall_fscore_support(answers.truth, answers.answer, zero_division=0)
    for name, expected in (("precision", precision), ("accuracy", recall), ("f1", f1), ("pictures", support)):
        assert [each[name] or 0 for each in found["classes"]] == pytest.approx(expected)
    assert found["calibration"]["log_loss"] == pytest.approx(log_loss(answers.truth, softmax(evaluation, 1)), abs=1e-5)
    assert found["correct"] == sum(each["correct"] for each in found["classes"]) == 60 - len(found["wrong"])
    low, high = found["top1_interval"]
    assert low < found["top1"] < high


def test_probabilities_are_those_of_the_temperature_and_the_table_has_the_documents() -> None:
    evaluation = made_evaluation()
    source = EvaluationSource(evaluation, temperature=1.7)
    likely = softmax(evaluation, 1.7)
    every = rows(source, right=True)
    assert len(every) == 60
    for number, (row, truth) in enumerate(zip(every, evaluation.answers.truth.tolist(), strict=True)):
        assert float(row["probability"]) == pytest.approx(likely[number].max(), abs=2e-6)
        assert float(row["label_probability"]) == pytest.approx(likely[number, truth], abs=2e-6)
        assert int(row["label_rank"]) == 1 + int((likely[number] > likely[number, truth]).sum())
        assert (row["right"] == "yes") == (row["label"] == row["answer"]) == (row["label_rank"] == "1")
    wrong = rows(source, right=False)
    assert wrong == [row for row in every if row["right"] == "no"]
    assert list(wrong[0]) == ["image", "label", "answer", "probability", "right", "label_probability", "label_rank"]
    listed = document(evaluation, temperature=1.7)["wrong"]
    assert [each["image"] for each in listed] == [row["image"] for row in wrong]
    assert [each["probability"] for each in listed] == pytest.approx(
        [float(row["probability"]) for row in wrong], abs=1e-6
    )


def test_pictures_are_named_below_the_data_as_somebody_typed_them() -> None:
    evaluation = made_evaluation()
    source = EvaluationSource(evaluation, typed=TypedNames("../run", "pets"))
    assert source.image_name(3) == "pets/cat/0003.png"
    assert EvaluationSource(evaluation).image_name(3) == "/home/anna/pets/cat/0003.png"
    found = document(evaluation, typed=TypedNames("../run", "pets"))
    assert (found["model"], found["data"]) == ("../run", "pets")
    assert found["command"].startswith("resnet-gui evaluate /home/anna/runs/20261129-resnet-20 --data /home/anna/pets")


def test_a_class_without_pictures_and_one_never_answered_are_no_zeros() -> None:
    evaluation = made_evaluation(4, ("a", "b", "c"), skill=40.0)
    without = document(made_evaluation(2, ("a", "b", "c"), skill=40.0))
    assert [each["label"] for each in without["classes"]] == ["a", "b"]
    assert document(evaluation)["unreadable"] == 1
    lost = (LeftOutPicture("x.png", "cannot be read"), LeftOutPicture("class 'c'", "not counted"))
    mapped = document(made_evaluation(left_out=lost, mapping=(*range(9), -1)))
    assert mapped["unreadable"] == 1
    assert mapped["mapping"]["truck"] == ""


def test_every_part_that_was_measured_stands_in_document_and_lines() -> None:
    first = made_evaluation()
    second = made_evaluation(seed=5, model=ModelIdentity(name="plain-20", path="plain"))
    write_depth(first.folder)
    made_robustness(first.folder)
    beside = MeasuredBeside(copies=made_copies())
    found = document(first, other=second, beside=beside)
    text = "\n".join(evaluation_lines(EvaluationSource(first, second, beside)))
    assert [each["path"] for each in found["depth"]["locations"]][:2] == ["stem", "layer1.0"]
    assert "stem 38.0%, 2_1 43.0%" in text
    assert len(found["robustness"]["curves"]) == 7
    assert "50 of 60 pictures, evenly drawn with seed 0" in text
    outcome = found["comparison"]["outcome"]
    assert outcome["both"] + outcome["first"] == found["correct"] == found["comparison"]["top1"]["count"]
    assert len(found["comparison"]["first_alone"]) == outcome["first"]
    assert found["comparison"]["sentence"] in text
    assert [copy["number"] for copy in found["copies"]["exact"]] == [3]
    assert "1 of 60 exactly, 1 nearly" in text
    assert found["cka"]["pictures"] == 200


def test_lines_begin_with_the_counts_and_name_the_worst_of_many_classes() -> None:
    source = EvaluationSource(made_evaluation())
    lines = list(evaluation_lines(source))
    assert lines[0].startswith(f"{source.answers.top1.count} of 60 right: top-1 ")
    assert lines[0].endswith("images/s (fp32, fused); 1 could not be read")
    assert [line.split()[0] for line in lines[1:11]] == list(LABELS)
    assert any(line.startswith("temperature ") for line in lines)
    assert "left out: 1 (cannot be read)" in lines
    many = list(evaluation_lines(EvaluationSource(made_evaluation(90, [f"n{number}" for number in range(30)]))))
    assert many[1] == "the 20 of 30 classes that are answered worst:"
    shares = [float(line.split(" right, ")[1].split("%")[0]) for line in many[2:22]]
    assert shares == sorted(shares)


def lines_of(evaluation: Evaluation, **fields: Any) -> str:
    return "\n".join(evaluation_lines(EvaluationSource(evaluation, **fields)))


def test_every_figure_of_calibration_says_its_temperature() -> None:
    text = lines_of(made_evaluation(), temperature=1.7)
    (line,) = (line for line in text.splitlines() if line.startswith("calibration:"))
    assert "bins at temperature 1.7; log-loss" in line
    assert line.endswith("at temperature 1")
    assert "at temperature 1" not in lines_of(made_evaluation())


def test_a_temperature_that_makes_the_other_half_worse_is_remarked() -> None:
    fitted = made_evaluation().answers.temperature
    assert fitted is not None
    worse = msgspec.structs.replace(fitted, loss_after=fitted.loss_before + 1, at_edge=True)
    assert temperature_remark(worse).endswith("so 1 is the better one here")
    assert "end of what was searched" in temperature_remark(worse)
    mixed = msgspec.structs.replace(fitted, loss_after=0.0, ece_after=fitted.ece_before + 0.1, at_edge=False)
    assert temperature_remark(mixed).endswith("and the ECE larger")
    assert temperature_remark(msgspec.structs.replace(mixed, ece_after=0.0)) == ""


def test_top5_of_few_classes_and_a_single_class_are_said_to_be_that() -> None:
    assert "top-5 100.00% (of 3 classes);" in lines_of(made_evaluation(9, ("a", "b", "c"), skill=40.0))
    assert "means over 1 class:" in lines_of(made_evaluation(1, ("a", "b"), skill=40.0))


def test_a_class_is_often_taken_for_another_only_after_the_second_picture() -> None:
    text = lines_of(made_evaluation(3, ("a", "b", "c"), skill=-9.0))
    assert "most confused: no class is taken twice for another; 3 pairs once" in text
    often = lines_of(made_evaluation(60, ("a", "b", "c"), skill=-9.0))
    assert " 1 of " not in next(line for line in often.splitlines() if line.startswith("most confused"))


def test_two_classes_of_one_name_are_told_apart() -> None:
    text = lines_of(made_evaluation(30, ("crane", "tench", "crane"), skill=-9.0))
    assert "crane 2" in next(line for line in text.splitlines() if line.startswith("  crane")).partition("taken for")[2]
    record = made_evaluation(3, ("crane", "tench", "crane"), mapped_by="user", data_classes=("a", "t", "m=n")).record
    assert shlex.split(measure_command(record))[-7:-1] == [
        "--map", "a=crane (0)", "--map", "t=tench", "--map", "m\\=n=crane (2)"
    ]  # fmt: skip


def test_a_test_and_an_interval_that_contradict_each_other_are_said_to() -> None:
    apart = PairedComparison(
        pictures=100, both=50, first=9, second=2, neither=39, difference=ShareDifference(0.07, 0.001, 0.14), p=0.065,
        test="exact binomial",
    )  # fmt: skip
    assert contradiction_words(apart).startswith(
        "The interval has no 0 in it though McNemar's test shows no difference"
    )
    assert contradiction_words(msgspec.structs.replace(apart, p=0.01)) == ""


def test_a_row_of_digits_is_no_figure() -> None:
    assert (loss_text(0.51234), loss_text(3e38)) == ("0.5123", "3e+38")


def test_what_no_option_can_repeat_is_named() -> None:
    first = made_evaluation()
    theirs = ModelIdentity(name="plain-20", path="plain", key="ema")
    second = made_evaluation(seed=5, model=theirs, asked={"device": "cpu", "views": 10})
    sample = DrawnSample(50, 60, 7)
    curve = CorruptionCurve("shift", (0.0, 1.0), (40,))
    attack = AttackAccuracy(Attack(0.01, 1), 0.01, 10)
    write_robustness(
        first.folder,
        RobustnessRecord(sample=sample, classes=10, shape=(3, 8, 8), curves=(curve,), attacks=(attack,)),
    )
    assert repeat_command(EvaluationSource(first, second), private=False).lacking == (
        "attacks by the gradient", "the seed 7 of the pictures that are corrupted", "the key ema of the second model",
        "options of the second model alone",
    )  # fmt: skip


def test_likeness_that_is_not_known_is_no_zero_and_a_damaged_file_is_refused() -> None:
    assert "#999999" in likeness_svg([[None]], ["stem"], ["stem"])
    evaluation = made_evaluation()
    write_depth(evaluation.folder)
    (evaluation.folder / CKA_FILE).write_bytes(b"{")
    with pytest.raises(InputError, match=CKA_FILE):
        _ = EvaluationSource(evaluation).cka
    (evaluation.folder / CKA_FILE).unlink()
    assert EvaluationSource(evaluation).cka is None
