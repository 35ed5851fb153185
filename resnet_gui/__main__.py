"""What ``resnet-gui``, and ``python -m resnet_gui``, begin with: the window, before the commands are loaded, or one."""

from __future__ import annotations

import gc
import io
import sys


def main() -> int:
    """Open the window, or run the command that is named; returns the exit code."""
    if len(sys.argv) > 1:
        from resnet_gui.cli.main import main as run_command

        return run_command()
    if isinstance(sys.stdout, io.TextIOWrapper):
        # An output that knows no × or … gets a ? in its place.
        sys.stdout.reconfigure(errors="replace")
    # Nothing that is imported is ever garbage; the window's own collector begins where this ends.
    gc.disable()
    try:
        from resnet_gui.gui.app import run

        return run()
    except (Exception, KeyboardInterrupt) as error:  # noqa: BLE001, RUF100 (the contract: no traceback)
        from resnet_gui.cli.main import exit_code

        return exit_code(error, debug=False)


if __name__ == "__main__":
    sys.exit(main())
