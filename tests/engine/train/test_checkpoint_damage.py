from __future__ import annotations

import random
from pathlib import Path

import pytest

from resnet_gui.base.errors import InputError
from resnet_gui.engine.checkpoint import load_checkpoint, save_checkpoint
from resnet_gui.runs.folder import LAST_FILE
from tests.conftest import daily
from tests.engine.train.test_checkpoint import STATE


@pytest.mark.parametrize("first", daily([0], [1, 2]))
def test_any_flipped_byte_of_a_checkpoint_is_refused(tmp_path: Path, first: int) -> None:
    """Every third byte each day."""
    # torch itself loads most flips as other weights without a word.
    save_checkpoint(tmp_path, STATE)
    path = tmp_path / LAST_FILE
    data = path.read_bytes()
    before = load_checkpoint(tmp_path)
    escaped: list[str] = []
    for at in range(first, len(data), 3):
        damaged = bytearray(data)
        damaged[at] ^= 0x10
        path.write_bytes(damaged)
        try:
            found = load_checkpoint(tmp_path)
        except InputError:
            continue
        except Exception as error:
            escaped.append(f"{at}: {type(error).__name__}")
            continue
        if str(found) != str(before):
            escaped.append(f"{at}: loaded as something else")
    assert not escaped, (len(escaped), escaped[:20])


def test_random_bytes_as_a_checkpoint_are_refused_with_a_sentence(tmp_path: Path) -> None:
    for seed in range(300):
        generator = random.Random(seed)  # noqa: S311 (noise, not a secret)
        (tmp_path / LAST_FILE).write_bytes(b"\x80\x02" + generator.randbytes(generator.randrange(60)))
        with pytest.raises(InputError, match=r"damaged|another version"):
            load_checkpoint(tmp_path)
