"""Folders of the system itself, in which files are made up while they are asked for: nobody's data lie there."""

from __future__ import annotations

import os
import re
from pathlib import Path
from typing import Final

MOUNTS: Final = Path("/proc/self/mounts")
"""Linux' list of file systems; elsewhere there is none, and no folder of this kind is known."""

SYSTEM_KINDS: Final = frozenset(
    {
        *("proc", "sysfs", "cgroup", "cgroup2", "devpts", "devtmpfs", "debugfs", "tracefs", "securityfs", "bpf"),
        *("configfs", "mqueue", "pstore", "fusectl", "efivarfs", "hugetlbfs", "binfmt_misc", "nsfs", "selinuxfs"),
    }
)
"""Kinds of file systems that hold no files of people."""


def system_devices(mounts: Path = MOUNTS) -> dict[int, str]:
    """Number of the device -> kind, of every file system of the system that this process sees."""
    try:
        lines = mounts.read_text(encoding="utf-8", errors="surrogateescape").splitlines()
    except OSError:
        return {}
    found: dict[int, str] = {}
    for line in lines:
        fields = line.split(" ")
        if len(fields) < 3 or fields[2] not in SYSTEM_KINDS:
            continue
        try:
            # A space in a name is written as \040.
            place = re.sub(r"\\([0-7]{3})", lambda code: chr(int(code[1], 8)), fields[1])
            found[os.stat(place).st_dev] = fields[2]  # noqa: PTH116 (a name that is no text stays as it is)
        except OSError:
            continue
    return found


def system_kind(folder: Path) -> str:
    """Kind of the system's file system that a folder lies in; empty for a folder of people, or none."""
    try:
        return system_devices().get(folder.stat().st_dev, "")
    except (OSError, ValueError):
        return ""


def made_up(folder: Path, kind: str) -> str:
    """The sentence about such a folder that was named for its pictures."""
    return f"{folder} is a folder of the system ({kind}), which holds no pictures; name another folder."
