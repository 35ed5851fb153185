"""The report of an evaluation: static, alone, without a path of this computer, with every figure and its command."""

from __future__ import annotations

import html
import re
import shlex
from pathlib import Path

import pytest

from resnet_gui.evaluation.folder import Evaluation
from resnet_gui.evaluation.record import LeftOutPicture, ModelIdentity
from resnet_gui.export.evaluation.charts import matrix_svg
from resnet_gui.export.evaluation.source import EvaluationSource, MeasuredBeside
from resnet_gui.export.evaluation_report import evaluation_report, report_pictures
from resnet_gui.export.report.drawing import readable_on, viridis
from tests.export.made_evaluation import (
    LABELS,
    made_copies,
    made_evaluation,
    made_robustness,
    write_depth,
)
from tests.export.tag_reader import read

OTHER = ModelIdentity(name="plain-20", path="/home/anna/plain-20")


def report_of(evaluation: Evaluation) -> str:
    """The report of an evaluation beside which nothing was measured."""
    return evaluation_report(EvaluationSource(evaluation), {}, "today")


def whole_report() -> str:
    """The report of an evaluation beside which everything was measured."""
    first, second = made_evaluation(), made_evaluation(seed=5, model=OTHER)
    for one in (first, second):
        write_depth(one.folder)
    made_robustness(first.folder)
    pictures = {number: b"\x89PNG" + bytes([number]) for number in report_pictures(first)[1:]}
    return evaluation_report(EvaluationSource(first, second, MeasuredBeside(copies=made_copies())), pictures, "today")


def text_of(report: str) -> str:
    """The words of a report."""
    return html.unescape(re.sub(r"<[^>]*>", "", report))


def command(report: str) -> list[str]:
    """The words of a report's command."""
    found = re.search(r"<pre>(.*?)</pre>", report, re.DOTALL)
    assert found is not None
    return shlex.split(text_of(found[1]))


def test_a_report_is_well_formed_runs_nothing_and_fetches_nothing() -> None:
    report = whole_report()
    found = read(report)
    assert not found.tags & {"script", "link", "iframe", "object", "embed", "form", "base"}
    fetched = [value for name, value in found.attributes if name.startswith("on") or name in {"src", "href"}]
    assert len(fetched) > 5
    assert all(value.startswith("data:image/png;base64,") for value in fetched)
    assert re.search(r"@import|https?:|file:", report) is None
    assert set(re.findall(r"url\(([^)]*)\)", report)) <= {"#sure"}


def test_a_report_has_every_figure_with_the_pictures_that_it_stands_on() -> None:
    evaluation = made_evaluation()
    answers = evaluation.answers
    text = text_of(report_of(evaluation))
    top1 = answers.top1
    assert f"{100 * top1.value:.2f} %" in text
    assert f"{100 * top1.low:.2f} to {100 * top1.high:.2f}, 95 % interval; {top1.count} of 60 pictures" in text
    for each in answers.by_class:
        assert each.recall is not None
        assert f"{100 * each.recall.low:.1f} to {100 * each.recall.high:.1f}" in text
    fitted = answers.temperature
    assert fitted is not None
    for words in (f"{fitted.value:.3f}, fitted on 30 pictures", f"ECE {100 * fitted.ece_before:.2f} % →", "15 bins"):
        assert words in text
    assert "1 found" not in text
    assert "broken.png" in text


def test_what_was_measured_beside_it_has_its_sheets_and_what_was_not_has_none() -> None:
    beside = ("Against plain-20", "By depth", "Likeness of all blocks", "Corruption", "Among training pictures too")
    report, plain = whole_report(), report_of(made_evaluation())
    for title in beside:
        assert title in report
        assert title not in plain
    for words in ("McNemar", "severity", "4_3", "σ 0.08", "7 bits differ", "the same pixels", "6 of 6"):
        assert words in report
    assert "4 of 4" in plain


def test_nothing_of_this_computer_is_printed() -> None:
    report = whole_report()
    assert re.search(r"anna|/home|20261129-resnet-20/|evaluations", report, re.IGNORECASE) is None
    assert "cat/0003.png" in report


@pytest.mark.parametrize(
    "sentence",
    [
        "/home/anna/pets/cat/broken.png is no picture.",
        r"C:\Users\Anna is gone.",
        "~/x cannot be read",
        "../x is no picture",
    ],
)
def test_a_sentence_in_which_a_path_stands_is_withheld_or_loses_it(sentence: str) -> None:
    left_out = (LeftOutPicture("/home/anna/pets/cat/broken.png", sentence), LeftOutPicture("class 'x'", "and/or 2"))
    text = text_of(report_of(made_evaluation(left_out=left_out, notices=(sentence, "A fit/size differs."))))
    assert re.search(r"anna|Users|\.\./|~", text) is None
    assert "and/or 2" in text
    assert "A fit/size differs." in text
    assert "the program says why" in text


def test_a_person_s_own_folder_has_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Path, "home", lambda: Path("/home/anna"))
    text = text_of(report_of(made_evaluation(data="/home/anna", data_name="anna")))
    assert "resnet-20 on pictures of one’s own" in text
    assert "anna" not in text


def test_names_are_escaped() -> None:
    labels = ("<b>x</b>", "a & b", *LABELS[2:])
    report = report_of(made_evaluation(labels=labels, data_name="<i>pets</i>"))
    read(report)
    assert "&lt;b&gt;x&lt;/b&gt;" in report


def test_the_command_asks_for_what_was_measured_with_words_in_place_of_paths() -> None:
    found = command(whole_report())
    assert found[:7] == ["resnet-gui", "evaluate", "MODEL", "--data", "DATA", "--device", "cpu"]
    assert "--depth" in found
    assert found[found.index("--pictures") + 1] == "50"
    assert found[found.index("--corruptions") + 1].startswith("gaussian_blur,gaussian_noise,")
    assert found[found.index("--compare") + 1] == "MODEL2"
    assert found[-3:] == ["--again", "--report", "REPORT.html"]


def test_the_command_has_every_option_that_was_asked_for() -> None:
    evaluation = made_evaluation(
        model=ModelIdentity(name="resnet-20", path="cifar10-resnet20", key="ema", weights="last"), data="cifar10",
        asked={"device": "auto", "views": 10, "labels": "/home/anna/l.txt", "input": [3, 40, 40], "mode": "fast",
               "changes": {"mean": [-0.5], "std": None, "resize": 0}, "assigned": ["stem_pool=max"],
               "lesions": ["layer1.0"]},
        data_classes=("cats", *LABELS[1:]), mapping=(3, -1, *range(2, 10)), mapped_by="user",
    )  # fmt: skip
    report = evaluation_report(EvaluationSource(evaluation, temperature=1.5), {}, "today")
    line = shlex.join(command(report))
    for words in (
        "evaluate cifar10-resnet20 --data cifar10", "--key ema", "--weights last", "--mode fast", "--views 10",
        "--input 3x40x40", "--resize 0", "--mean=-0.5", "--set stem_pool=max", "--classes CLASSES", "--map cats=cat",
        "--map automobile= ", "--temperature 1.5",
    ):  # fmt: skip
        assert words in line
    assert "no option for blocks layer1.0 turned off" in text_of(report)


def test_of_many_classes_a_part_is_shown_and_said_and_the_report_stays_small() -> None:
    labels = [f"a class with a rather long name {number}" for number in range(200)]
    report = report_of(made_evaluation(600, labels))
    text = text_of(report)
    assert "The 20 of 200 classes with the most wrong answers" in text
    assert "the 20 of 200 with pictures that are answered worst" in text
    assert len(report) < 200_000


def test_a_single_picture_and_a_network_that_is_always_right_have_reports() -> None:
    right = text_of(report_of(made_evaluation(7, ("a", "b"), skill=9.0, left_out=(), description=None)))
    assert "100.00 %" in right
    assert "every picture was counted" in right
    assert "Wrong, most sure first" not in right
    single = text_of(report_of(made_evaluation(1, ("a", "b"))))
    assert "a single picture cannot be halved" in single
    assert "have no picture here" in single


def test_a_cell_is_as_bright_as_its_share_and_its_number_can_be_read() -> None:
    drawn = matrix_svg([[9, 0], [0, 0]], ["a", "b"], [9, 0])
    assert f"rgb({','.join(map(str, viridis(1.0)))})" in drawn
    assert drawn.count(">9<") == 1
    assert viridis(0.0) == (68, 1, 84)
    assert readable_on(viridis(1.0)) == "#15191E"
    assert readable_on(viridis(0.0)) == "#FFFFFF"
