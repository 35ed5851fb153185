#!/usr/bin/env bash
# torch 2.15.0, torchrun (python -m torch.distributed.run), with the argparse of Python 3.11.
#
# One would guess: what stands after the name of the script belongs to the script. So it does for an option that is
# torchrun's own to the letter (--standalone, --role), and for one that is no beginning of any (--lr).
# Seen: an option of the script that is only the BEGINNING of torchrun's options stops the launch with exit code 2,
# "ambiguous option: --run could match --run-path, --run_path". Since torchrun spells its options twice, with "-" and
# with "_", even the beginning of a single one is ambiguous: --run, --max, --log, --start, --local, --monitor. (A
# beginning of an option of one spelling, --stand, passes.) argparse sorts the whole line into options and others
# before it gives anything to the script. A training script with --run, --log or --max cannot be launched with these
# on the line; the longer --run-folder can.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet torch==2.15.0
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import subprocess
import sys
from pathlib import Path

Path("script.py").write_text("import sys; print('script got', sys.argv[1:])")
taken = ["--run", "--max", "--log", "--start", "--local", "--monitor"]
given = ["--standalone", "--role", "--lr", "--run-folder", "--stand"]
torchrun = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "1"]
same = True
for option in taken + given:
    command = [*torchrun, "script.py", option, "x"]
    launched = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if option in taken:
        right = launched.returncode == 2 and f"ambiguous option: {option} could match" in launched.stderr
    else:
        right = launched.returncode == 0 and f"script got {[option, 'x']}" in launched.stdout
    said = (launched.stderr if option in taken else launched.stdout).strip().splitlines()[-1:]
    print(option, launched.returncode, *said)
    same &= right
print("PASS" if same else "FAIL: the options go elsewhere now")
sys.exit(not same)
END
