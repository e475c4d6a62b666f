#!/usr/bin/env bash
# A bench in shards, as a Slurm array of eight. On the login node, at the repository's root:
#
#   deno install --frozen
#   array=$(sbatch --parsable bench/schedulers/slurm_array.sh --seeds 8)
#   sbatch --dependency="afterany:$array" --wrap "deno task bench merge shards --out report"
#
# Arguments after the script's name are the bench's. After a break or a failure, only what is missing:
#
#   sbatch --array=3,5 bench/schedulers/slurm_array.sh --seeds 8
#
# For GPUs: deno install --frozen --allow-scripts=npm:onnxruntime-node, #SBATCH --gpus=1, and --device cuda.
#SBATCH --job-name=tandem-bench
#SBATCH --array=1-8
#SBATCH --cpus-per-task=4
#SBATCH --mem=8G
#SBATCH --time=02:00:00
#SBATCH --output=slurm_%a.txt
set -euo pipefail

# Not SLURM_ARRAY_TASK_COUNT: that is 2 for --array=3,5, while the shards stay those of eight.
shards=${SHARDS:-8}
shard=${SLURM_ARRAY_TASK_ID:?start this with sbatch, as an array job}
if ((shard < 1 || shard > shards)); then
  echo "array index $shard: expected 1 to $shards; for another number of shards, set SHARDS too" >&2
  exit 2
fi

# Slurm runs a copy of this script, in the folder that sbatch was called in.
deno task bench run "$@" --shard "$shard/$shards" --out "shards/$shard"
