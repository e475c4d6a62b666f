#!/usr/bin/env bash
# A bench in shards, as processes of this machine, and their joined report.
#
#   bench/schedulers/local_processes.sh SHARDS OUT [FLAGS OF THE BENCH...]
#   JOBS=4 bench/schedulers/local_processes.sh 8 report --seeds 4 --limit 10000
#
# JOBS is how many run at once, by default 2: more give a result sooner, but each gets a smaller part of the machine, so
# times are only comparable where JOBS is the same. The shards lie in OUT/shards and their output in OUT/logs.
# Started again after a break, shards that were cut off go on from their last finished epoch; finished ones start anew.
# Exit code: 0 done; 1 when a shard failed or the joined report is incomplete; 2 for wrong usage.
set -euo pipefail

fail() {
  echo "local_processes.sh: $1" >&2
  exit 2
}

shards=${1-}
out=${2-}
jobs=${JOBS:-2}
[[ $shards =~ ^[1-9][0-9]*$ ]] || fail "SHARDS is \"$shards\"; expected an integer from 1 on"
[[ -n $out && $out != -* ]] || fail "OUT is \"$out\"; expected the folder of the report"
[[ $jobs =~ ^[1-9][0-9]*$ ]] || fail "JOBS is \"$jobs\"; expected an integer from 1 on"
shift 2

mkdir -p "$out"
out=$(cd "$out" && pwd)
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
mkdir -p "$out/shards" "$out/logs"
deno install --frozen --quiet # Once, before all of them want to.

# shellcheck disable=SC2317  # xargs calls it.
run_shard() {
  local shard=$1 of=$2 out=$3
  shift 3
  local log="$out/logs/$shard.txt"
  if deno task bench run "$@" --shard "$shard/$of" --out "$out/shards/$shard" > "$log" 2>&1; then
    echo "shard $shard/$of: done"
  else
    echo "shard $shard/$of: failed with exit code $?; the end of $log:" >&2
    tail -n 5 "$log" >&2
    return 1
  fi
}
export -f run_shard

failed=0
seq 1 "$shards" | xargs -P "$jobs" -I '{}' bash -c 'run_shard "$@"' _ '{}' "$shards" "$out" "$@" || failed=1
# Also where a shard failed: the report then says what is missing.
deno task bench merge "$out/shards" --out "$out" || failed=1
exit "$failed"
