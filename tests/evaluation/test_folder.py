"""The folder of an evaluation: whole or not there, read back to the bit, refused in a sentence where it is damaged."""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.base.file_states import file_state
from resnet_gui.base.files import evaluations_folder
from resnet_gui.data.preprocessing import Preprocess
from resnet_gui.design.spec import ResNetSpec
from resnet_gui.evaluation.answers import Answers
from resnet_gui.evaluation.folder import (
    CONFIDENCES_FILE,
    FILES_FILE,
    PICTURES_FILE,
    RECORD_FILE,
    SCORES_FILE,
    TEMPORARY,
    TRUTH_FILE,
    Evaluation,
    find_evaluation,
    has_changed,
    list_evaluations,
    read_evaluation,
    read_record,
    remove_evaluation,
)
from resnet_gui.evaluation.record import ModelIdentity
from resnet_gui.evaluation.writing import OPEN_SECONDS, EvaluationWriter, make_space, renew_evaluation
from tests.evaluation.made_answers import class_names, log_softmax, made_answers, seeded_answers
from tests.evaluation.made_evaluation import add_all, made_record, written_evaluation

ARRAYS = (TRUTH_FILE, SCORES_FILE, CONFIDENCES_FILE, PICTURES_FILE, FILES_FILE)


@pytest.fixture(scope="module")
def answers() -> Answers:
    return seeded_answers(1, 30, 6)


def test_an_evaluation_is_read_as_it_was_measured(answers: Answers) -> None:
    files = tuple(f"class 0/{number}.png" for number in range(30))
    measured = Answers(answers.scores, answers.truth, answers.labels, files)
    folder = written_evaluation(measured)
    evaluation = read_evaluation(folder)
    found, record = evaluation.answers, evaluation.record
    assert folder.parent == evaluations_folder()
    assert folder.name.endswith("-resnet-20-on-pictures")
    assert np.array_equal(found.scores, answers.scores)
    assert np.array_equal(found.truth, answers.truth)
    assert (found.files, found.labels) == (files, answers.labels)
    expected = answers.prepared
    for ours, theirs in ((found.prepared.pictures, expected.pictures), (found.suspects, expected.suspects)):
        assert all(np.array_equal(getattr(ours, name), getattr(theirs, name)) for name in theirs._fields)
    assert found.prepared.confidences == pytest.approx(expected.confidences, rel=1e-6)
    assert (record.pictures, record.correct) == (30, answers.correct.sum())
    assert (found.temperature, record.temperature) == (expected.temperature, expected.temperature)
    assert found.confidence_at(1.0) == pytest.approx(answers.confidence)
    assert [one.folder for one in list_evaluations()[0]] == [folder]


def test_figures_of_an_opened_evaluation_need_no_log_probabilities(answers: Answers) -> None:
    found = read_evaluation(written_evaluation(answers)).answers
    found.scores = np.zeros((0, 0), dtype=np.float32)
    assert found.top1 == answers.top1
    assert found.reliability(2.0).count == answers.reliability(2.0).count
    assert np.array_equal(found.suspects.numbers, answers.suspects.numbers)


def test_two_evaluations_of_one_second_have_folders_of_their_own(answers: Answers) -> None:
    folders = {written_evaluation(answers) for _ in range(3)}
    assert len(folders) == len(list_evaluations()[0]) == 3


def steps(monkeypatch: pytest.MonkeyPatch, act: Callable[[int], None]) -> None:
    """Call ``act`` with its number before each file is flushed to disk and before the folder is renamed."""
    numbers, flush, rename = itertools.count(), os.fsync, Path.rename

    def flushed(handle: int) -> None:
        act(next(numbers))
        flush(handle)

    def renamed(path: Path, target: Path) -> Path:
        act(next(numbers))
        return rename(path, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(Path, "rename", renamed)


STEPS = 7
"""Files of an evaluation, and the renaming of its folder; then it is whole."""


def test_whoever_is_killed_between_two_writes_leaves_nothing_that_looks_whole(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    for killed in range(STEPS + 1):
        child = os.fork()
        if not child:

            def die(step: int, last: int = killed) -> None:
                if step == last:
                    os._exit(9)

            try:
                with monkeypatch.context() as patched:
                    steps(patched, die)
                    written_evaluation(answers)
            finally:
                os._exit(0)
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
        left = list(evaluations_folder().iterdir())
        found, problems = list_evaluations()
        if killed < STEPS:
            # Only what has the name of a temporary folder, which is no evaluation, also when it is named.
            assert all(TEMPORARY in path.name for path in left)
            assert (found, problems) == ([], [])
        else:
            # Named, and the name not yet flushed: whole.
            assert len(read_evaluation(found[0].folder).answers) == 30
    # The next one removes what they have left, and nothing else.
    folder = written_evaluation(answers)
    assert sorted(evaluations_folder().iterdir()) == sorted([found[0].folder, folder])


def test_what_another_process_writes_is_not_removed(answers: Answers) -> None:
    with EvaluationWriter("one", answers.labels) as writer:
        add_all(writer, answers)
        with EvaluationWriter("other", answers.labels):
            assert writer.folder.is_dir()
        assert (writer.folder / SCORES_FILE).is_file()
        writer.finish(made_record(answers))
    assert [path.name for path in evaluations_folder().iterdir() if TEMPORARY in path.name] == []


@pytest.mark.parametrize("full", range(STEPS))
def test_a_full_disk_is_a_sentence_and_leaves_nothing(
    answers: Answers, monkeypatch: pytest.MonkeyPatch, full: int
) -> None:
    def refuse(step: int) -> None:
        if step == full:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    steps(monkeypatch, refuse)
    with pytest.raises(InputError, match=r"cannot be written to .*: No space left on device; free space"):
        written_evaluation(answers)
    assert list(evaluations_folder().iterdir()) == []


def test_a_stopped_measurement_leaves_nothing(answers: Answers) -> None:
    with contextlib.suppress(KeyboardInterrupt), EvaluationWriter("one", answers.labels) as writer:
        add_all(writer, answers)
        raise KeyboardInterrupt
    assert list(evaluations_folder().iterdir()) == []


def test_a_place_that_cannot_be_written_is_a_sentence(home: Path) -> None:
    home.write_text("a file")
    with pytest.raises(InputError, match="cannot be written"):
        EvaluationWriter("one", ("cat",))


def test_no_answers_and_answers_of_other_classes_are_refused(answers: Answers) -> None:
    with EvaluationWriter("one", answers.labels) as writer:
        with pytest.raises(InputError, match="nothing to keep"):
            writer.finish(made_record(answers))
        with pytest.raises(InputError, match="do not fit 6 classes"):
            writer.add(log_softmax(np.zeros((2, 5))), np.zeros(2, dtype=np.int32), ("", ""))
        add_all(writer, answers)
        damaged = np.full((1, 6), np.nan, dtype=np.float32)
        with pytest.raises(InputError, match="about picture 30 is no set"):
            writer.add(damaged, np.zeros(1, dtype=np.int32), ("",))


@pytest.fixture(scope="module")
def whole(answers: Answers, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An evaluation of which tests damage copies."""
    place = tmp_path_factory.mktemp("whole")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("RESNET_GUI_HOME", str(place))
        return written_evaluation(answers)


@pytest.fixture
def copied(whole: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(whole, tmp_path / "copy"))


@pytest.mark.parametrize("name", ARRAYS)
@pytest.mark.parametrize("damage", ["missing", "cut", "empty", "garbled"])
def test_a_damaged_folder_is_a_sentence(copied: Path, name: str, damage: str) -> None:
    path = copied / name
    content = path.read_bytes()
    if damage == "missing":
        path.unlink()
    else:
        changed = {"cut": content[: len(content) // 2], "empty": b"", "garbled": b"\x00" * len(content)}
        path.write_bytes(changed[damage])
    with pytest.raises(InputError, match=r"is damaged: .*; measure the model again\."):
        read_evaluation(copied)


def test_arrays_of_another_evaluation_are_refused(copied: Path) -> None:
    np.save(copied / TRUTH_FILE, np.full(30, 6, dtype=np.int32))
    with pytest.raises(InputError, match="its files do not fit each other"):
        read_evaluation(copied)
    np.save(copied / TRUTH_FILE, np.zeros(29, dtype=np.int32))
    with pytest.raises(InputError, match=r"truth\.npy is not of the size that evaluation\.json says"):
        read_evaluation(copied)
    np.save(copied / TRUTH_FILE, np.zeros(30, dtype=np.int64))
    with pytest.raises(InputError, match=r"truth\.npy is not of the size"):
        read_evaluation(copied)


@pytest.mark.parametrize(
    ("content", "words"),
    [("{}", "cannot be used: "), ("[", "cannot be used: "), ("\0", "cannot be used: ")],
)
def test_a_record_that_is_none_is_a_sentence(copied: Path, content: str, words: str) -> None:
    (copied / RECORD_FILE).write_text(content)
    with pytest.raises(InputError, match=words):
        read_evaluation(copied)


def test_a_foreign_folder_and_another_version_are_sentences(copied: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"is no evaluation: it has no evaluation\.json"):
        read_evaluation(tmp_path)
    with pytest.raises(InputError, match="is no evaluation, so it was not removed"):
        remove_evaluation(tmp_path)
    record = (copied / RECORD_FILE).read_text()
    (copied / RECORD_FILE).write_text(record.replace('"version": 1', '"version": 2'))
    with pytest.raises(InputError, match=r"another version of this program \(format 2\)"):
        read_record(copied)


def test_a_damaged_evaluation_is_named_in_the_list_beside_the_others(answers: Answers) -> None:
    good, bad = written_evaluation(answers), written_evaluation(answers)
    (bad / RECORD_FILE).write_text("{}")
    (evaluations_folder() / "notes.txt").write_text("not a folder")
    found, problems = list_evaluations()
    assert [one.folder for one in found] == [good]
    assert len(problems) == 1
    assert str(bad) in problems[0]


def test_an_evaluation_is_found_again_by_what_was_asked_wherever_the_model_lies(answers: Answers) -> None:
    folder = written_evaluation(answers)
    moved = ModelIdentity(name="renamed", path="/elsewhere", weights_sha256="ab")
    asked = made_record(answers).asked
    assert find_evaluation(made_record(answers, model=moved, asked=asked | {"model": "/elsewhere"})).folder == folder
    for change in (
        {"model": ModelIdentity(name="ResNet-20", path="cifar10-resnet20", weights_sha256="ef")},
        {"data_sha": "other"},
        {"spec": ResNetSpec(block="basic", blocks=(1,), widths=(8,))},
        {"preprocess": Preprocess(mean=(0.0,) * 3, std=(1.0,) * 3)},
        {"mapping": (1, 0, 2, 3, 4, -1)},
        {"asked": asked | {"views": 10}},
    ):
        assert find_evaluation(made_record(answers, **change)).folder is None
    remove_evaluation(folder)
    assert find_evaluation(made_record(answers)).folder is None
    assert list(evaluations_folder().iterdir()) == []


def test_a_damaged_evaluation_is_not_found_again_but_named(answers: Answers) -> None:
    older, damaged = written_evaluation(answers), written_evaluation(answers)
    (damaged / SCORES_FILE).unlink()
    found = find_evaluation(made_record(answers))
    assert found.folder == older
    assert len(found.problems) == 1
    assert str(damaged) in found.problems[0]


def test_what_is_found_again_carries_the_names_by_which_it_is_asked_and_the_figures_that_were_counted(
    answers: Answers,
) -> None:
    folder = written_evaluation(answers, made_record(answers, notices=("Of then.", "Of both."), device="cuda"))
    before = read_record(folder)
    moved = ModelIdentity(name="renamed", path="/elsewhere", weights_sha256="ab")
    asked = made_record(answers, model=moved, data="/new", command="resnet-gui /elsewhere", notices=("Of both.",))
    renew_evaluation(folder, asked)
    found = read_record(folder)
    assert (found.model, found.data, found.command) == (moved, "/new", "resnet-gui /elsewhere")
    assert (found.pictures, found.correct, found.measured, found.device) == (
        30,
        before.correct,
        before.measured,
        "cuda",
    )
    assert found.notices == ("Of both.", "Of then.")
    assert read_evaluation(folder).answers.top1 == answers.top1


def test_a_change_of_the_weights_a_picture_or_its_folder_is_seen_without_reading_any(
    answers: Answers, tmp_path: Path
) -> None:
    model, pictures = tmp_path / "model.pt", tmp_path / "set"
    pictures.mkdir()
    model.write_bytes(b"weights")
    paths = [str(pictures / f"{number}.png") for number in range(len(answers))]
    for path in paths:
        Path(path).write_bytes(b"picture")

    def fresh() -> Evaluation:
        states = np.array([file_state(path) for path in paths])
        identity = ModelIdentity(name="net", path=str(model), file=str(model), state=file_state(model))
        record = made_record(answers, model=identity, places={str(pictures): file_state(pictures)})
        with EvaluationWriter("seen", answers.labels) as writer:
            writer.add(answers.scores, answers.truth, paths, states=states)
            return read_evaluation(writer.finish(record))

    def rewrite(path: Path) -> None:
        found = path.stat()
        path.write_bytes(path.read_bytes()[::-1])
        os.utime(path, ns=(found.st_atime_ns, found.st_mtime_ns))

    changes: tuple[Callable[[], object], ...] = (
        lambda: rewrite(model), lambda: rewrite(pictures / "17.png"), lambda: (pictures / "new.png").write_bytes(b"")
    )  # fmt: skip
    for change in changes:
        evaluation = fresh()
        assert not has_changed(evaluation)
        change()
        assert has_changed(evaluation)
    assert not has_changed(read_evaluation(written_evaluation(answers)))


@pytest.mark.skipif(os.name == "nt", reason="Windows has no names that are no text")
def test_a_path_that_is_no_text_is_kept_beside_the_name_by_which_it_is_shown(answers: Answers) -> None:
    paths = [os.fsdecode(b"cat-\xff.png"), *(f"{number}.png" for number in range(1, len(answers)))]
    with EvaluationWriter("one", answers.labels) as writer:
        writer.add(answers.scores, answers.truth, paths)
        found = read_evaluation(writer.finish(made_record(answers))).answers
    assert found.sources.paths == tuple(paths)
    assert found.files == ("cat-?.png", *paths[1:])


def test_those_opened_longest_ago_make_room_and_are_named(answers: Answers) -> None:
    folders = [written_evaluation(answers, made_record(answers, data_name=f"set {number}")) for number in range(3)]
    for age, folder in enumerate(folders):
        os.utime(folder / RECORD_FILE, (time.time() - OPEN_SECONDS - 100 + age,) * 2)
    read_evaluation(folders[0])  # opened last, though measured first
    size = sum(one.size for one in list_evaluations()[0])
    assert make_space(0, size) == ""
    notice = make_space(1, size)
    assert notice.startswith("Removed to keep evaluations below ")
    assert "ResNet-20 on set 1 of " in notice
    assert "set 0" not in notice
    assert [one.folder for one in list_evaluations()[0]] == [folders[2], folders[0]]
    # What is open now stays, whatever it takes, which is said.
    notice = make_space(size // 3, size // 2)
    assert notice.startswith("Removed to keep evaluations below ")
    assert notice.endswith(": those opened in the last 24 hours are not removed.")
    assert [one.folder for one in list_evaluations()[0]] == [folders[0]]


def test_nothing_is_removed_for_an_evaluation_that_is_too_large_alone(answers: Answers) -> None:
    folder = written_evaluation(answers)
    os.utime(folder / RECORD_FILE, (0, 0))
    assert make_space(101, 100).startswith("This evaluation alone takes more than ")
    assert [one.folder for one in list_evaluations()[0]] == [folder]


def test_what_was_removed_for_an_evaluation_stands_in_its_notices(answers: Answers) -> None:
    old = written_evaluation(answers, made_record(answers, data_name="old set"))
    size = sum(one.size for one in list_evaluations()[0])
    os.utime(old / RECORD_FILE, (0, 0))
    with EvaluationWriter("new", answers.labels) as writer:
        add_all(writer, answers)
        folder = writer.finish(made_record(answers, notices=("Kept.",)), most_bytes=size)
    kept, removed = read_record(folder).notices
    assert kept == "Kept."
    assert "ResNet-20 on old set" in removed
    assert [one.folder for one in list_evaluations()[0]] == [folder]


def test_one_picture_of_one_class_is_an_evaluation_too() -> None:
    answers = Answers(log_softmax([[0.0]]), np.zeros(1, dtype=np.int32), class_names(1))
    found = read_evaluation(written_evaluation(answers))
    assert found.record.temperature is None
    assert found.answers.top1.value == 1
    assert made_answers([[0.0]], [0]).counts.tolist() == found.answers.counts.tolist()
