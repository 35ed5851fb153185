"""The settings' file: read as it is, written whole, and shared by every window that is open."""

from __future__ import annotations

import contextlib
import errno
import logging
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from resnet_gui.base.files import write_atomic
from resnet_gui.gui.appearance import settings_path
from resnet_gui.gui.kept.encoding import encode_settings
from resnet_gui.gui.kept.merge import merge_settings, waiting_key
from resnet_gui.gui.settings import SHARED, Settings, put_aside, readable_settings
from resnet_gui.protocol.jobs import Train

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

CLAIM_SECONDS: Final = 1.0
"""How long the start of a waiting run waits for the lock; the window does meanwhile."""

Stamp = tuple[int, int, int] | None
"""What differs when the file was written anew; None while there is none."""


class FileNews(NamedTuple):
    """The contents of the file, as they were read after another window had written it.

    Attributes:
        stamp: of the file.
        version: of what this window had read or written last.
        fields: of the file; None where they cannot be read.
    """

    stamp: Stamp
    version: int
    fields: dict[str, Any] | None


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
        self._version = 0
        self._claimed: set[object] = set()
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
                    self._merge_into(path, self._without_claimed(as_fields(settings)))
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

    def read_news(self) -> FileNews | None:
        """What stands in the file, if another window has written it since this one has looked; any thread may ask.

        Cheap while nothing has: one look at the file's time.
        """
        path = settings_path()
        stamp, version = _stamp(path), self._version
        return None if stamp == self._seen else FileNews(stamp, version, _readable(path))

    def bring_in(self, news: FileNews, settings: bytes) -> dict[str, Any]:
        """What is to be taken over of news, of what windows share.

        Args:
            news: as they were read; they count no more if this window has written since, and are read again then.
            settings: this window's, encoded.

        Returns:
            Fields that are to be taken over, with what this window has changed itself brought into them.
        """
        # The window does not wait for a write that a thread is at: there will be other news then.
        if not self._lock.acquire(blocking=False):
            return {}
        try:
            if news.version != self._version:
                return {}
            self._seen = news.stamp
            if news.fields is None:
                return {}
            mine, theirs = self._without_claimed(as_fields(settings)), self._without_claimed(news.fields)
            merged = merge_settings(self._base, mine, theirs)
            self._base |= {name: theirs[name] for name in SHARED if name in theirs}
            return {name: merged[name] for name in SHARED if name in merged and merged[name] != mine.get(name)}
        finally:
            self._lock.release()

    def claim(self, job: Train) -> bool:
        """Take a waiting run out of the file, so that one window alone begins it; whether that is this one.

        Raises:
            TimeoutError: another program holds the file.
        """
        path, key = settings_path(), (job.run, job.job)
        with self._lock:
            known = key in map(waiting_key, self._base.get("queue", ()))
            try:
                with self._hold(path.with_name(f"{path.name}.lock"), CLAIM_SECONDS):
                    is_there = self._take_out(path, key)
            except TimeoutError:
                raise
            except OSError as error:
                # No other window can write there either, and each looks whether the run's folder is there.
                LOG.warning("A waiting run could not be taken out of the settings: %s", error)
                is_there = True
            if known and not is_there:
                return False
            self._claimed.add(key)
            self._base = self._without_claimed(self._base)
            self._version += 1
        return True

    def _take_out(self, path: Path, key: tuple[str, int]) -> bool:
        """Write the file without a waiting run; whether it stood there, or there is no file that could say so."""
        before, theirs = _stamp(path), self._present(path)
        if theirs is None:
            return True
        left = [job for job in theirs.get("queue", ()) if waiting_key(job) != key]
        if len(left) == len(theirs.get("queue", ())):
            return False
        write_atomic(path, msgspec.json.format(msgspec.json.encode(theirs | {"queue": left}), indent=2))
        if before == self._seen:
            self._seen = _stamp(path)
        return True

    def _without_claimed(self, fields: dict[str, Any]) -> dict[str, Any]:
        """Settings without the runs that this window has begun: what was read or encoded before has them still."""
        if not self._claimed or "queue" not in fields:
            return fields
        return fields | {"queue": [job for job in fields["queue"] if waiting_key(job) not in self._claimed]}

    @contextlib.contextmanager
    def _hold(self, path: Path, seconds: float | None = None) -> Iterator[None]:
        """Keep other windows from writing meanwhile, if the disk can do that.

        Raises:
            TimeoutError: another program holds the lock all the time.
        """
        # Here and not above: the window is there before anything is to be written.
        from filelock import lock_descriptor

        with path.open("ab") as file:
            until = time.monotonic() + (LOCK_SECONDS if seconds is None else seconds)
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
        self._version += 1
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


def _stamp(path: Path) -> Stamp:
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
