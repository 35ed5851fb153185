"""Set the project up and run it, its tests, its proofs or its benchmarks; needs nothing but Python 3.11 and pip.

``python3 dev.py setup|run|test|prove|bench|recordings|guide|install|uninstall|lock``. The Makefile is a thin wrapper:
this works without make.
"""

from __future__ import annotations

import ctypes
import hashlib
import importlib.util
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
LOCK = ROOT / "requirements.lock"
STAMP = VENV / ".setup-done"

# Shared library -> Debian package. What Qt loads to draw a window offscreen, then what an X11 desktop adds.
LIBRARIES: Mapping[str, str] = {
    "libglib-2.0.so.0": "libglib2.0-0",
    "libGL.so.1": "libgl1",
    "libEGL.so.1": "libegl1",
    "libdbus-1.so.3": "libdbus-1-3",
    "libfontconfig.so.1": "libfontconfig1",
    "libcairo.so.2": "libcairo2",  # of no part of the program: CairoSVG reads in tests what it has written
    "libxkbcommon.so.0": "libxkbcommon0",
    "libxcb-cursor.so.0": "libxcb-cursor0",
    "libxcb-icccm.so.4": "libxcb-icccm4",
    "libxcb-keysyms.so.1": "libxcb-keysyms1",
    "libxcb-shape.so.0": "libxcb-shape0",
    "libxkbcommon-x11.so.0": "libxkbcommon-x11-0",
    # The X11 platform plugin links these too; on Debian 12 they only come along with Mesa.
    "libX11-xcb.so.1": "libx11-xcb1",
    "libxcb-randr.so.0": "libxcb-randr0",
    "libxcb-sync.so.1": "libxcb-sync1",
    "libxcb-xfixes.so.0": "libxcb-xfixes0",
}

# What is kept in the tree but made by the program itself, and what makes it anew.
MAKERS = {"recordings": "benchmarks/recordings.py", "guide": "docs/make_guide_pictures.py"}

# Modules of benchmarks/ that measure nothing by themselves: what the benchmarks share.
SHARED = {
    "beside.py", "drawn.py", "engine_client.py", "same_tests.py", "start_weights.py", "table.py", "tour.py",
    "tour_home.py", "tour_pages.py", "tour_step.py", "window_edits.py",
}  # fmt: skip

# Where designs and files are drawn at random, so that more examples prove more.
ROOMS = [
    "analysis", "base", "checkpoints", "data", "design", "evaluation", "export", "network", "protocol", "runs",
    "training",
]  # fmt: skip
DRAWN = [f"tests/{room}" for room in ROOMS] + [
    "tests/gui/shell/test_presses.py",
    "tests/gui/design/test_network_view.py",
    "tests/gui/design/test_layer_table.py",
    "tests/gui/design/test_layer_filter.py",
]


class SetupError(Exception):
    """Something that the person at the keyboard has to know or do, in one sentence."""


def say(text: str) -> None:
    """Print a progress line."""
    print(f"[resnet-gui] {text}", flush=True)


def call(command: Sequence[str | Path], **extra_env: str) -> int:
    """Run a command in the project's folder and return its exit code."""
    env = {**os.environ, **extra_env}
    return subprocess.run([str(part) for part in command], cwd=ROOT, env=env, check=False).returncode


def fingerprint() -> str:
    """Digest of everything that the installed environment depends on."""
    digest = hashlib.sha256(f"{sys.version} {ROOT}".encode())
    for path in (LOCK, ROOT / "pyproject.toml", Path(__file__)):
        digest.update(path.read_bytes())
    return digest.hexdigest()


def missing_packages() -> list[str]:
    """Debian packages of the shared libraries that cannot be loaded; empty off Linux."""
    if not sys.platform.startswith("linux"):
        return []
    missing = []
    for library, package in LIBRARIES.items():
        try:
            ctypes.CDLL(library)
        except OSError:
            missing.append(package)
    return missing


def apt_prefix() -> list[str]:
    """What makes apt-get run as root here: nothing for root, sudo where there is one.

    Raises:
        SetupError: neither.
    """
    if os.geteuid() == 0:
        return []
    sudo = shutil.which("sudo")
    if sudo is None:
        raise SetupError("not root")
    return [sudo]


def apt_line(names: str) -> str:
    """The command that a person would type."""
    sudo = "sudo " if os.geteuid() != 0 and shutil.which("sudo") else ""
    return f"{sudo}apt-get update && {sudo}apt-get install -y --no-install-recommends {names}"


def install_libraries() -> None:
    """Install the system libraries that Qt needs and that are not there."""
    packages = missing_packages()
    if not packages:
        return
    names = " ".join(packages)
    apt = shutil.which("apt-get")
    if apt is None:
        raise SetupError(f"Qt needs system libraries that are missing; install what your system calls: {names}")
    try:
        prefix = apt_prefix()
    except SetupError:
        raise SetupError(f"Qt needs system libraries and you are not root; as root, run: {apt_line(names)}") from None
    say(f"installing system libraries: {names}")
    command = [*prefix, "env", "DEBIAN_FRONTEND=noninteractive", apt, "-qq", "-o", "Dpkg::Use-Pty=0"]
    # A failed update may still leave a usable list (one dead mirror of several); the install decides.
    call([*command, "update"])
    if call([*command, "install", "-y", "--no-install-recommends", *packages]) != 0:
        raise SetupError(f"the system libraries could not be installed; run: {apt_line(names)}")


def installer() -> list[str]:
    """The command that installs Python packages into ``.venv``.

    Raises:
        SetupError: there is neither uv nor pip.
    """
    uv = shutil.which("uv")
    if uv is not None:
        return [uv, "pip", "install", "--python", str(PYTHON)]
    if importlib.util.find_spec("pip") is None:
        raise SetupError(f"pip is missing for this Python; on Debian, run: {apt_line('python3-pip')}")
    return [sys.executable, "-m", "pip", "--python", str(PYTHON), "install", "--disable-pip-version-check"]


def install_lock(install: Sequence[str]) -> tuple[bool, bool]:
    """Install the lock; returns whether that succeeded, and whether a package was not what the lock says."""
    command = [*install, "-q", "--require-hashes", "-r", str(LOCK)]
    with subprocess.Popen(command, cwd=ROOT, stderr=subprocess.PIPE, text=True) as process:
        forged = False
        for line in process.stderr or ():
            sys.stderr.write(line)
            forged |= "HASHES" in line or "hash mismatch" in line.casefold()
    return process.returncode == 0, forged


def install_python_packages() -> None:
    """Make ``.venv`` and install the lock and this project into it."""
    install = installer()
    if not PYTHON.exists() or call([PYTHON, "-c", ""]) != 0:
        say("creating .venv")
        shutil.rmtree(VENV, ignore_errors=True)
        # Debian's python3 comes without ensurepip; pip outside the environment can fill it.
        if call([sys.executable, "-m", "venv", "--without-pip", VENV]) != 0:
            raise SetupError("the virtual environment .venv could not be created (see above)")
    say("installing the locked Python packages: about 3 GB the first time, mostly PyTorch; some minutes of silence")
    done, forged = install_lock(install)
    if forged:
        raise SetupError(
            "a downloaded package is not the one that requirements.lock names (see above); nothing was used"
        )
    if not done:
        say("WARNING: the lock could not be satisfied here; installing the version ranges of pyproject.toml instead")
        if call([*install, "-q", "-e", f"{ROOT}[dev]"]) != 0:
            raise SetupError("the Python packages could not be installed (see above)")
    # hatchling comes from the lock, so nothing is fetched for this step.
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    if call([*install, "-q", "--no-deps", "--no-build-isolation", "-e", ROOT], PATH=path) != 0:
        raise SetupError("the project itself could not be installed into .venv (see above)")


def setup() -> None:
    """Bring the environment up to date; under a second when nothing changed."""
    if sys.version_info < (3, 11):  # noqa: UP036 (this file is the one that older Pythons meet)
        raise SetupError(f"Python 3.11 or newer is needed, this is {sys.version.split()[0]}")
    install_libraries()
    wanted = fingerprint()
    if STAMP.exists() and STAMP.read_text(encoding="ascii") == wanted and PYTHON.exists():
        return
    install_python_packages()
    STAMP.write_text(wanted, encoding="ascii")
    say("set-up is complete")


def run(arguments: Sequence[str]) -> int:
    """Open the window, or run the given command of ``resnet-gui``."""
    # Ctrl+C is for the program, which closes in order; this one waits for it.
    signal.signal(signal.SIGINT, lambda *_: None)
    return call([PYTHON, "-m", "resnet_gui", *arguments])


def pytest(*arguments: str) -> int:
    """Run pytest without a screen; ``tests/conftest.py`` keeps the user's runs out of it."""
    # Where Python may not keep what it compiles, each of a hundred engines would compile the program anew.
    return call([PYTHON, "-m", "pytest", *arguments], QT_QPA_PLATFORM="offscreen", PYTHONDONTWRITEBYTECODE="")


def test(arguments: Sequence[str]) -> int:
    """Lint, then strict types beside the tests: mypy is busy on one core for a minute."""
    steps: list[list[str | Path]] = [
        [PYTHON, "-m", "ruff", "check", "."],
        [PYTHON, "-m", "ruff", "format", "--check", "."],
    ]
    for step in steps:
        say(" ".join(str(part) for part in step[2:]))
        if call(step) != 0:
            return 1
    say("mypy and pytest")
    with subprocess.Popen([PYTHON, "-m", "mypy"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as types:
        # Three on two cores: engines that start and people that are waited for leave gaps.
        code = pytest("--forks", "3", *arguments)
        said, _ = types.communicate()
    say("mypy: " + said.decode(errors="replace").strip())
    return code or int(types.returncode != 0)


def benchmarks() -> list[Path]:
    """The scripts that measure; what they share and what makes files anew lies beside them."""
    makers = {ROOT / script for script in MAKERS.values()}
    return sorted(
        script for script in (ROOT / "benchmarks").glob("*.py") if script.name not in SHARED and script not in makers
    )


def bench() -> int:
    """Run every benchmark; each prints one table."""
    return max((call([PYTHON, script], QT_QPA_PLATFORM="offscreen") for script in benchmarks()), default=0)


def prove(arguments: Sequence[str]) -> int:
    """The long proofs, then those over drawn designs and files with fifty times as many examples, drawn anew."""
    if pytest("-m", "prove", *arguments) != 0:
        return 1
    command: list[str | Path] = [PYTHON, "-m", "pytest", "--forks", "2", "--timeout", "3600", *DRAWN, *arguments]
    return call(command, QT_QPA_PLATFORM="offscreen", RESNET_GUI_EXAMPLES="50")


def lock() -> int:
    """Write ``requirements.lock`` anew from ``pyproject.toml``; needs uv."""
    options = "--extra dev --extra onnx --extra tensorboard --universal --python-version 3.11 --generate-hashes"
    options += " --no-header --no-annotate"
    return call(["uv", "pip", "compile", "pyproject.toml", *options.split(), "-q", "-o", LOCK])


def user_places() -> Mapping[str, Path]:
    """Where a person's own programs lie on a free desktop: the command, its entry in the menu, and its icon."""
    data = Path(os.environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share")
    return {
        "resnet-gui": Path.home() / ".local" / "bin" / "resnet-gui",
        "resnet-explorer.desktop": data / "applications" / "resnet-explorer.desktop",
        "resnet-explorer.svg": data / "icons" / "hicolor" / "scalable" / "apps" / "resnet-explorer.svg",
    }


def _is_foreign(command: Path) -> bool:
    """Whether something lies in the command's place that is not a link to this program's."""
    return (command.exists() or command.is_symlink()) and not (
        command.is_symlink() and command.readlink() == BIN / "resnet-gui"
    )


def install() -> None:
    """Put the program of this folder into the menu and onto the path of this user.

    Raises:
        SetupError: something else lies where the command would, or this system has no such places.
    """
    if not sys.platform.startswith("linux"):
        raise SetupError("there is no menu of this kind here; 'pipx install .' gives the command resnet-gui")
    command, entry, icon = user_places().values()
    target = BIN / "resnet-gui"
    if _is_foreign(command):
        raise SetupError(f"{command} is there already and is not this program's; remove it first")
    for path in (command, entry, icon):
        path.parent.mkdir(parents=True, exist_ok=True)
    command.unlink(missing_ok=True)
    command.symlink_to(target)
    text = (ROOT / "assets" / entry.name).read_text(encoding="utf-8")
    # Quoted as the specification of desktop entries asks; a menu does not know the shell's path.
    quoted = "".join(f"\\{sign}" if sign in '"`$\\' else sign for sign in str(target)).replace("%", "%%")
    entry.write_text(text.replace("Exec=resnet-gui", f'Exec="{quoted}"'), encoding="utf-8")
    shutil.copyfile(ROOT / "assets" / icon.name, icon)
    list_kinds(entry.parent)
    for path in (command, entry, icon):
        say(f"wrote {path}")
    if str(command.parent) not in os.environ.get("PATH", "").split(os.pathsep):
        say(f"{command.parent} is not on your PATH yet; a new login may add it")


def uninstall() -> None:
    """Take away what ``install`` has put there; runs, data sets and settings stay."""
    command, *others = user_places().values()
    if _is_foreign(command):
        raise SetupError(f"{command} is not this program's; nothing was removed")
    for path in (command, *others):
        if path.is_symlink() or path.is_file():
            path.unlink()
            say(f"removed {path}")
    list_kinds(others[0].parent)


def list_kinds(entries: Path) -> None:
    """Have the list of which entry of a menu opens which kinds of files made anew, where there is a tool for it."""
    tool = shutil.which("update-desktop-database")
    if tool is None or not entries.is_dir():
        return
    subprocess.run([tool, "-q", entries], check=False)
    cache = entries / "mimeinfo.cache"
    if cache.is_file() and cache.read_text(encoding="utf-8").strip() in {"", "[MIME Cache]"}:
        cache.unlink()


def main(arguments: Sequence[str]) -> int:
    """Run the named command after a set-up."""
    name, rest = (arguments[0], arguments[1:]) if arguments else ("", [])
    try:
        match name:
            case "setup":
                setup()
                return 0
            case "lock":
                return lock()
            case "uninstall":
                uninstall()
                return 0
            case "run" | "test" | "prove" | "bench" | "recordings" | "guide" | "install":
                setup()
            case _:
                print(__doc__)
                return 2
        match name:
            case "run":
                return run(rest)
            case "test":
                return test(rest)
            case "prove":
                return prove(rest)
            case "install":
                install()
                return 0
            case "recordings" | "guide":
                return call([PYTHON, MAKERS[name], *rest], OMP_NUM_THREADS="1")
            case _:
                return bench()
    except KeyboardInterrupt:
        return 130
    except SetupError as error:
        print(f"resnet-gui: {error}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
