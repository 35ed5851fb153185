"""A plugin of pytest for the order of the tests, and for what runs in one fork."""

from __future__ import annotations

from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

TOGETHER = {
    "tests/engine/predict/test_against_torchvision.py": "answers",
    "tests/engine/export/test_files.py": "onnx",
    "tests/engine/export/test_trained.py": "onnx",
    "tests/cli/test_export.py": "onnx",
    "tests/gui/design/test_exports.py": "onnx",
    "tests/checkpoints/test_identify.py": "oracles",
    "tests/checkpoints/test_identify_strangers.py": "oracles",
    "tests/checkpoints/test_families.py": "oracles",
    "tests/network/test_memory.py": "oracles",
    "tests/network/test_published_networks.py": "oracles",
    "tests/network/test_network.py": "oracles",
    "tests/network/test_ledger.py": "oracles",
    "tests/cli/test_identify.py": "oracles",
    "tests/engine/explain/test_grad_cam.py": "oracles",
    "tests/engine/train/features/test_logistic_regression.py": "oracles",
    "tests/engine/lab/test_probe.py": "oracles",
    "tests/engine/evaluate/depth/test_pca.py": "oracles",
    "tests/engine/evaluate/depth/test_probes.py": "oracles",
    "tests/engine/evaluate/depth/test_service.py": "oracles",
    "tests/engine/evaluate/depth/test_tsne.py": "oracles",
    "tests/test_documents.py": "sources",
    "tests/test_choices_named.py": "sources",
    "tests/test_floors.py": "sources",
    "tests/test_names.py": "sources",
}
"""Files whose tests import libraries of a hundred megabytes each, or hold whole networks or the trees of all sources.

One process has them all.

In this order: what holds most comes first in its process, what leaves most comes last.
"""

LONG = [
    "tests/engine/train/test_distributed.py", "tests/gui/train", "tests/gui/predict", "tests/engine/train",
    "tests/engine/test_process.py", "tests/gui/shell",
]  # fmt: skip
"""Begun first, behind what is together: the end then comes to all processes at about the same time."""


def scope(item: pytest.Item) -> str:
    """What runs in one fork: a file, or those of ``TOGETHER``."""
    name = item.nodeid.partition("::")[0]
    return TOGETHER.get(name, name)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Bring together what belongs together, then what takes long."""
    together = list(TOGETHER)

    def place(item: pytest.Item) -> int:
        name = item.path.relative_to(ROOT).as_posix()
        if name in TOGETHER:
            return together.index(name)
        return len(together) + next((n for n, start in enumerate(LONG) if name.startswith(start)), len(LONG))

    items.sort(key=place)
