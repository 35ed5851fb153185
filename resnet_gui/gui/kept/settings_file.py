"""The settings' file: read as it is, written whole, and shared by every window that is open."""

from __future__ import annotations

import contextlib
import errno
import logging
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import msgspec

from resnet_gui.base.files import write_atomic
from resnet_gui.gui.appearance import settings_path
from resnet_gui.gui.kept.encoding import encode_settings
from resnet_gui.gui.kept.merge import merge_settings
from resnet_gui.gui.settings import SHARED, Settings, put_aside, readable_settings

LOG = logging.getLogger(__name__)
LOCK_SECONDS: Final = 5.0
"""How long a write waits for that of another window, which takes milliseconds."""

REASONS: Final = {
    errno.ENOSPC: "disk full",
    errno.EDQUOT: "disk quota used up",
    errno.EROFS: "read-only disk",
    errno.EACCES: "no permission",
    errno.EPERM: "no permission",
}
"""What the usual errors are called in a few words; the others as the system calls them."""
PAUSE_SECONDS: Final = 0.01
"""Between two attempts to get the lock."""

NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOSYS, errno.EOPNOTSUPP, errno.ENOTSUP})
"""What a disk without locks answers, such as that of another computer."""


class SettingsFile:
    """The file of the settings, as one window of several writes it; any thread may.

    Args:
        read: the settings as this window has read them: what counts as unchanged.

    Attributes:
        reason: why the latest write was refused, in a few words; empty if it was not.
    """

    def __init__(self, read: Settings) -> None:
        self._lock = threading.Lock()
        self._base = as_fields(encode_settings(read)[0])
        self._seen = _stamp(settings_path())
        self._tidied = self._unlocked = False
        self.reason = self._unread = ""

    def take_unread(self) -> str:
        """A sentence about what stood in the file and could not be read, once; empty for nothing."""
        with self._lock:
            sentence, self._unread = self._unread, ""
        return sentence

    def write(self, settings: bytes) -> str:
        """Bring what has changed in this window into the file.

        Args:
            settings: this window's, encoded.

        Returns:
            A sentence if that cannot be done, as on a full disk, else nothing.
        """
        path = settings_path()
        with self._lock:
            try:
                path.parent.mkdir(parents=True, exist_ok=True)
                with self._hold(path.with_name(f"{path.name}.lock")):
                    self._merge_into(path, as_fields(settings))
            except TimeoutError:
                return self._refusal("another program holds the file", path)
            except OSError as error:
                return self._refusal(REASONS.get(error.errno or 0, error.strerror or str(error)), path)
            except Exception as error:
                # On a thread nobody else would say so, and the keeper would not try again.
                LOG.exception("The settings could not be written")
                return self._refusal(f"{type(error).__name__}: {error}", path)
            self.reason = ""
        return ""

    def take_news(self, encoded: Callable[[], bytes]) -> dict[str, Any]:
        """What other windows have changed in the file since this one has looked, of what windows share.

        Cheap while nothing has: one look at the file's time. To be asked while this window writes nothing.

        Args:
            encoded: this window's settings; asked for only where another window has written.

        Returns:
            Fields that are to be taken over, with what this window has changed itself brought into them.
        """
        path = settings_path()
        stamp = _stamp(path)
        if stamp == self._seen:
            return {}
        with self._lock:
            self._seen = stamp
            theirs = _readable(path)
            if theirs is None:
                return {}
            mine = as_fields(encoded())
            merged = merge_settings(self._base, mine, theirs)
            self._base |= {name: theirs[name] for name in SHARED if name in theirs}
            return {name: merged[name] for name in SHARED if name in merged and merged[name] != mine.get(name)}

    @contextlib.contextmanager
    def _hold(self, path: Path) -> Iterator[None]:
        """Keep other windows from writing meanwhile, if the disk can do that.

        Raises:
            TimeoutError: another program holds the lock all the time.
        """
        # Here and not above: the window is there before anything is to be written.
        from filelock import lock_descriptor

        with path.open("ab") as file:
            until = time.monotonic() + LOCK_SECONDS
            try:
                while not lock_descriptor(file.fileno(), blocking=False):
                    if time.monotonic() > until:
                        raise TimeoutError(errno.ETIMEDOUT, "another program holds the file", str(path))
                    time.sleep(PAUSE_SECONDS)
            except OSError as error:
                if error.errno not in NO_LOCKS:
                    raise
                if not self._unlocked:
                    self._unlocked = True
                    LOG.warning("The disk of the settings has no locks (%s); they are written without.", error.strerror)
            yield

    def _merge_into(self, path: Path, mine: dict[str, Any]) -> None:
        if not self._tidied:
            self._tidied = True
            # Who writes holds the lock, so these are of windows that were killed while they wrote.
            for left in path.parent.glob(f"{path.name}.tmp-*"):
                left.unlink(missing_ok=True)
        before = _stamp(path)
        theirs = self._present(path)
        # A file that somebody has taken away, or that is none, is written anew as this window has it.
        merged = mine if theirs is None else merge_settings(self._base, mine, theirs)
        if merged != theirs:
            write_atomic(path, msgspec.json.format(msgspec.json.encode(merged), indent=2))
        if before == self._seen:  # else what another window has written is still to be taken over
            self._seen = _stamp(path)
        self._base = mine

    def _present(self, path: Path) -> dict[str, Any] | None:
        """What the file has, without what cannot be read; None if there is no file, or nothing of it can."""
        try:
            data = path.read_bytes()
        except FileNotFoundError:
            return None
        try:
            # What another window, or a newer version, has written must make settings before it is kept.
            msgspec.json.decode(data, type=Settings)
            return as_fields(data)
        except msgspec.MsgspecError as error:
            LOG.warning("The settings on disk could not be read: %s", error)
        kept = put_aside(path)
        try:
            fields = as_fields(data)
        except msgspec.MsgspecError:
            self._unread = f"The settings on disk cannot be read{kept}. They are written anew as this window has them."
            return None
        readable, bad = readable_settings(fields)
        self._unread = f"Settings that another version has written cannot be read ({', '.join(bad)}){kept}."
        return readable

    def _refusal(self, why: str, path: Path) -> str:
        if why != self.reason:
            # It is tried again every second.
            LOG.warning("The settings could not be written: %s", why)
        self.reason = why
        return f"Settings and queue cannot be kept: {why} ({path.name})."


def _stamp(path: Path) -> tuple[int, int, int] | None:
    """What differs when the file was written anew; None while there is none."""
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _readable(path: Path) -> dict[str, Any] | None:
    """What the file has, by field; None where it cannot be read as it is, of which the next write tells."""
    try:
        data = path.read_bytes()
        msgspec.json.decode(data, type=Settings)
        return as_fields(data)
    except (OSError, msgspec.MsgspecError):
        return None


def as_fields(data: bytes) -> dict[str, Any]:
    """Encoded settings by field."""
    return msgspec.json.decode(data, type=dict[str, Any])
