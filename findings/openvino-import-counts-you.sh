#!/usr/bin/env bash
# openvino 2026.4.1 with openvino-telemetry 2025.2.0, which it requires (Python 3.11). Needs no display.
#
# One would guess: an inference library does nothing at import, and usage statistics are sent by its converters alone, to
# those who have agreed.
# Seen: "import openvino" imports its converter's package, which begins telemetry. Where nobody was ever asked, consent is
# taken as given: a client's id and a count of events appear in ~/intel, and an event "import" is to be sent. With a file
# ~/intel/openvino_telemetry that holds 0, which "opt_in_out --opt_out" writes, neither appears; nor where the package
# openvino_telemetry cannot be imported, without which openvino works. Here nothing leaves the computer: every request is
# sent to a closed port of its own.

set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
if [[ -z ${FINDINGS_VENV:-} ]]; then # or an environment that has the packages already
    python3 -m venv venv
    venv/bin/pip install --quiet openvino==2026.4.1 openvino-telemetry==2025.2.0
    FINDINGS_VENV=venv
fi
export http_proxy=http://127.0.0.1:9 https_proxy=http://127.0.0.1:9 HTTP_PROXY=http://127.0.0.1:9 HTTPS_PROXY=http://127.0.0.1:9
import_it() { HOME=$folder/$1 "$FINDINGS_VENV"/bin/python -c "$2" >/dev/null 2>&1; }
mkdir asked never without
import_it never "import openvino"
mkdir asked/intel
printf 0 >asked/intel/openvino_telemetry
import_it asked "import openvino"
import_it without "import sys; sys.modules['openvino_telemetry'] = sys.modules['openvino.tools.ovc'] = None
import openvino; openvino.Core()"
seen="never asked: $(cd never && find . -type f | sort | tr '\n' ' ')| opted out: $(cd asked && find . -type f | sort | tr '\n' ' ')| without: $(cd without && find . -type f | tr '\n' ' ')"
echo "$seen"
[[ $seen == "never asked: ./intel/openvino_ga_cid ./intel/stats | opted out: ./intel/openvino_telemetry | without: " ]]
