#!/usr/bin/env bash
# Every path of the program on a CUDA device, once, in under ten minutes; then the tables of the benchmarks on it.
#
# Usage: benchmarks/cuda.sh [--dry-run] [FOLDER]
#
#  FOLDER     CIFAR pictures in folders: ResNet-18's small form is trained on them to its accuracy.
#  --dry-run  on the CPU, without what would fill its memory, and without tables: whether the script itself is right.
#
# Prints OK or FAILED for each path, with the seconds that it took; ends with 1 if one failed. What a path has printed
# stays in a temporary folder, whose name is said at the end.
set -u
DEVICE=cuda
if [ "${1:-}" = --dry-run ]; then
  DEVICE=cpu
  shift
fi
FOLDER=${1:-}
ROOT=$(cd "$(dirname "$0")/.." && pwd)
PYTHON=${PYTHON:-$ROOT/.venv/bin/python}
OUT=$(mktemp -d)
export PYTHONPATH=$ROOT RESNET_GUI_HOME=$OUT/home
FAILED=0

program() { "$PYTHON" -m resnet_gui "$@"; }

check() { # TITLE COMMAND...: run it and say how it went
  local title=$1 log begun
  shift
  log=$OUT/$(printf %s "$title" | tr -c 'a-z0-9A-Z\n' -).log
  begun=$(date +%s)
  if "$@" >"$log" 2>&1; then
    printf 'OK      %4d s  %s\n' $(($(date +%s) - begun)) "$title"
  else
    FAILED=1
    printf 'FAILED  %4d s  %s: %s\n' $(($(date +%s) - begun)) "$title" "$(tail -n 1 "$log")"
  fi
}

train() { # RUN OPTIONS...: the digits network, briefly
  local run=$1
  shift
  program train digits-resnet --data digits --epochs 3 --device $DEVICE --run "$OUT/$run" "$@"
}

refuses() { # WORDS COMMAND...: it fails with one line that holds the words, not with a traceback
  local words=$1 said
  shift
  if said=$("$@" 2>&1); then
    echo "it was to be refused"
    return 1
  fi
  echo "$said"
  ! grep -q Traceback <<<"$said" && grep -qi "$words" <<<"$said"
}

interrupted() { # a training that is killed goes on, to the weights of one that was not
  train whole --epochs 12 --precision fp32 --seed 5 || return 1
  train killed --epochs 12 --precision fp32 --seed 5 &
  local child=$!
  until [ -s "$OUT/killed/last.pt" ]; do
    kill -0 $child 2>/dev/null || break
    sleep 0.1
  done
  pkill -KILL -f "$OUT/killed"
  wait $child
  program train --resume "$OUT/killed" || return 1
  "$PYTHON" - "$OUT/whole/best.safetensors" "$OUT/killed/best.safetensors" <<'PY'
import sys
import torch
from safetensors.torch import load_file

one, other = map(load_file, sys.argv[1:])
far = max(float((one[name].double() - other[name].double()).abs().max()) for name in one)
print("the same bits" if all(torch.equal(one[name], other[name]) for name in one) else f"at most {far:.2e} apart")
sys.exit(far > 1e-2)
PY
}

several() { # three trainings at once
  local pids=() pid
  for number in 1 2 3; do
    train "several-$number" --seed $number &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || return 1; done
}

"$PYTHON" - <<'PY'
import torch

print("torch", torch.__version__)
if torch.cuda.is_available():
    print(torch.cuda.get_device_name(0), torch.cuda.get_device_properties(0).total_memory // 2**20, "MiB")
PY

for precision in fp32 bf16 fp16; do
  if [ $DEVICE = cuda ] || [ $precision != fp16 ]; then
    check "train in $precision" train "train-$precision" --precision $precision
  fi
done
for layout in contiguous channels-last; do check "train $layout" train "train-$layout" --set layout=$layout; done
check "train, compiled" train train-compiled --set compile=true
check "train, recomputed" train train-recomputed --set recompute=true
check "train, accumulated, averaged" train train-ema --set accumulate=2 --set ema=0.99
check "train from weights, frozen" train train-init --init "$OUT/train-fp32" --freeze stage2
check "killed and resumed" interrupted
check "extended" program train --extend "$OUT/train-fp32" --epochs 5
check "three at once" several
check "sweep" program sweep digits-resnet --data digits --epochs 1 --set lr=0.05,0.1 --seeds 2 --folder "$OUT/sweep" \
  --device $DEVICE --workers 2
if [ $DEVICE = cuda ]; then
  check "out of memory" refuses memory program train resnet152 --data digits --input 1x2048x2048 --batch-size 512 \
    --device cuda --run "$OUT/too-large"
fi

SAMPLES=("$ROOT"/assets/samples/*.jpg)
for mode in exact fast; do
  check "predict, $mode" program predict cifar10-resnet20 "${SAMPLES[@]}" --mode $mode --device $DEVICE
done
check "predict, ten views" program predict cifar10-resnet20 "${SAMPLES[@]}" --views 10 --device $DEVICE
check "evaluate by depth" program evaluate "$OUT/train-fp32" --data digits --depth --device $DEVICE
check "evaluate under corruptions" program evaluate "$OUT/train-fp32" --data digits --corruptions --pictures 200 \
  --device $DEVICE
for method in grad-cam integrated-gradients smoothgrad occlusion lrp; do
  check "explain: $method" program explain cifar10-resnet20 "${SAMPLES[0]}" --method $method -o "$OUT/$method" \
    --device $DEVICE
done
check "Lab: shattered gradients" program lab run shattered-gradients --seeds 1 --device $DEVICE
check "Lab: lesions" program lab run lesion-study --seeds 1 --device $DEVICE

if [ -n "$FOLDER" ]; then
  check "ResNet-18 on CIFAR to its accuracy" "$PYTHON" "$ROOT/benchmarks/train.py" --device $DEVICE --formats bf16 \
    --pictures "$FOLDER" --accuracy 0.94 --no-window --no-starts
fi
if [ $DEVICE = cuda ]; then
  "$PYTHON" "$ROOT/benchmarks/predict.py" --device cuda --no-window
  "$PYTHON" "$ROOT/benchmarks/train.py" --device cuda --no-window --no-starts --rounds 1
fi
echo "What each has printed: $OUT"
exit $FAILED
