#!/usr/bin/env bash
# tensorboard 2.21.0 with tensorboard-data-server 0.7.2, protobuf 7.36.2 (Python 3.11). Serves on the loopback address
# only.
#
# One would guess: TensorBoard's page shows the points that are in the event file, the same whichever of its two
# readers reads.
# Seen: they disagree as soon as a step is not above the one before. The reader in use by default (the data server)
# takes that for a restart and deletes every earlier point from that step on; the other (--load_fast=false) and
# EventAccumulator keep all. Steps 0 to 7 and then 5, 6 (a run resumed from a checkpoint): 7 points against 10. A step
# that starts anew each epoch: only the last epoch is left. One late point (0, 1, 2, 4, 3) deletes the newer 4.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet tensorboard==2.21.0 tensorboard-data-server==0.7.2 protobuf==7.36.2
    FINDINGS_VENV=venv
fi
"$FINDINGS_VENV"/bin/python - <<'END'
import json
import socket
import subprocess
import sys
import time
import urllib.request

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.compat.proto.summary_pb2 import Summary
from tensorboard.summary.writer.event_file_writer import EventFileWriter


def write(folder: str, steps: list[int]) -> None:
    writer = EventFileWriter(f"{folder}/run")
    for number, step in enumerate(steps):
        value = Summary.Value(tag="loss", simple_value=float(number))
        writer.add_event(Event(wall_time=1e9 + number, step=step, summary=Summary(value=[value])))
    writer.close()


def served(folder: str, *options: str) -> list[int]:
    """The steps on TensorBoard's page."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "tensorboard.main", "--logdir", folder, "--host", "127.0.0.1", "--port", str(port)]
    server = subprocess.Popen([*command, *options], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    address = f"http://127.0.0.1:{port}/data/plugin/scalars/scalars?tag=loss&run=run"
    try:
        for _ in range(120):
            time.sleep(0.5)
            try:
                with urllib.request.urlopen(address, timeout=5) as answer:
                    if points := json.load(answer):
                        return [step for _, step, _ in points]
            except OSError:
                continue  # not up yet, or has not read the file
    finally:
        server.terminate()
        server.wait()
    raise SystemExit("FAIL: TensorBoard answers nothing")


same = True
for number, (steps, kept) in enumerate((
    ([*range(8), 5, 6], [*range(7)]), ([*range(5), *range(5), *range(5)], [*range(5)]), ([0, 1, 2, 4, 3], [0, 1, 2, 3]),
)):  # fmt: skip
    write(str(number), steps)
    accumulator = EventAccumulator(f"{number}/run")
    accumulator.Reload()
    accumulated = [event.step for event in accumulator.Scalars("loss")]
    fast, slow = served(str(number)), served(str(number), "--load_fast=false")
    print("written", steps, "by default", fast, "--load_fast=false", slow, "EventAccumulator", accumulated)
    same &= fast == kept and slow == accumulated == steps
print("PASS" if same else "FAIL: they read differently now")
sys.exit(not same)
END
