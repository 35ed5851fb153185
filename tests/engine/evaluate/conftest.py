"""A fixture of the tests of evaluations."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.engine.evaluate.colour_network import save_colours


@pytest.fixture(scope="module")
def right(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model that is right by construction; whoever changes its file copies it."""
    return save_colours(tmp_path_factory.mktemp("right") / "right.safetensors")
