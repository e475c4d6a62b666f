/**
 * A training step whose batch several devices share.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import type { DataParallel } from "../distribution/data_parallel.ts";
import { activeBackend, type OnnxRuntimeBackend } from "../engine/mod.ts";
import { maskOf } from "../layers/masks.ts";
import { logitsOf, rememberLogits } from "../losses/softmax_logits.ts";
import { signatureOf } from "../tracing/containers.ts";
import { type Recording, replayElsewhere, tfFunction, Trace } from "../tracing/mod.ts";
import { finishStep, type Gradients, gradientsOfBatch, type StepParts } from "./steps.ts";
import type { Step } from "./trained_model.ts";

type Batch = Parameters<Step>;

/** What a device finds in its share, with what predictions are a softmax or sigmoid of. */
type Found = Gradients & { readonly logits: (tf.Tensor | null)[] };

/** What a device found, and what its variables would become (running statistics). */
type Share = Found & { readonly changed: tf.Tensor[] };

/**
 * The step of a model. Devices compute losses, predictions and gradients of their shares; update and metrics are of the whole batch.
 *
 * @param partsOf what the step is made of
 */
export function distributedStep(
  partsOf: () => StepParts,
): (distribution: DataParallel, batch: Batch) => ReturnType<Step> {
  const recordings = new Map<string, Recording>();
  const gradients = (...[x, y, sampleWeight]: Batch): Found => {
    const found = gradientsOfBatch(partsOf(), x, y, sampleWeight);
    const { predictions } = found;
    if (!predictions.some(maskOf)) {
      return { ...found, logits: predictions.map((prediction) => logitsOf(prediction) ?? null) };
    }
    throw new Error(
      "distribution: the model's outputs have masks, which devices do not share; expected setDistribution(null)",
    );
  };

  function recordingFor(backend: OnnxRuntimeBackend, batch: Batch): [Recording, tf.Tensor[]] {
    const tensors: tf.Tensor[] = [];
    const signature = signatureOf(batch, tensors);
    let recording = recordings.get(signature);
    if (!recording) {
      if (backend.hasPending) backend.flush().catch(() => {});
      recording = new Trace(backend).record(gradients as never, batch);
      recordings.set(signature, recording);
    }
    return [recording, tensors];
  }

  let changing: readonly tf.Variable[] = [];
  const finish = tfFunction((shares: Share[], y: tf.Tensor[], sampleWeight: tf.Tensor[]) => {
    const whole = combined(shares);
    changing.forEach((variable, i) => variable.assign(whole.changed[i]));
    const parts = partsOf();
    // Each output's loss is counted for itself, of the whole batch.
    parts.objective.lossOf(y, whole.predictions, sampleWeight, [tf.scalar(0)]);
    return finishStep(parts, whole, y, sampleWeight);
  }, { dependsOn: () => changing });

  return ({ workers }, [x, y, sampleWeight]) => {
    const backend = backendFor();
    const batches = sharesOf([x, y, sampleWeight], workers.count);
    const shares = batches.map((batch, device) => {
      const [recording, tensors] = recordingFor(backend, batch);
      changing = recording.changed.map(({ variable }) => variable);
      const { result, changed } = replayElsewhere(
        backend,
        recording,
        tensors,
        (...graph) => workers.run(device, ...graph),
      );
      return { ...result as Found, changed };
    });
    const results = finish(shares, y, sampleWeight);
    tf.dispose([batches, shares] as tf.TensorContainer);
    return results;
  };
}

function backendFor(): OnnxRuntimeBackend {
  const backend = activeBackend();
  if (backend) return backend;
  throw new Error(
    `distribution: the engine is ${tf.getBackend()}, expected onnxruntime, which trains on several devices`,
  );
}

/** Equal shares of the samples, the first ones larger by one where they cannot be equal; no empty ones. */
function sharesOf([x, y, sampleWeight]: Batch, devices: number): Batch[] {
  const count = x[0].shape[0];
  const shares: Batch[] = [];
  for (let device = 0, from = 0; device < devices && from < count; device++) {
    const size = Math.ceil((count - from) / (devices - device));
    const cut = (tensor: tf.Tensor) => tf.slice(tensor, from, size);
    shares.push([x.map(cut), y.map(cut), sampleWeight.map(cut)]);
    from += size;
  }
  return shares;
}

/** Means over the shares, by their numbers of samples. */
function combined(shares: readonly Share[]): Share {
  const counts = shares.map(({ predictions }) => predictions[0].shape[0]!);
  const total = counts.reduce((sum, count) => sum + count, 0);
  const mean = (values: readonly tf.Tensor[]) =>
    values.map((value, i) => tf.mul(value, counts[i] / total)).reduce((a, b) => tf.add(a, b));
  const each = <T>(list: (share: Share) => readonly T[], join: (values: T[]) => T) =>
    list(shares[0]).map((_, i) => join(shares.map((share) => list(share)[i])));
  const whole = (parts: tf.Tensor[]) => tf.concat(parts, 0);
  const logits = each(
    (share) => share.logits,
    (parts) => parts[0] === null ? null : whole(parts as tf.Tensor[]),
  );
  return {
    total: mean(shares.map((share) => share.total)),
    predictions: each((share) => share.predictions, whole).map((prediction, i) => {
      const behind = logits[i];
      return behind ? rememberLogits(behind, prediction) : prediction;
    }),
    logits,
    gradients: each(
      (share) => share.gradients,
      (parts) => parts[0] === null ? null : mean(parts as tf.Tensor[]),
    ),
    // Integers count steps: the same on every device.
    changed: each(
      (share) => share.changed,
      (parts) => parts[0].dtype === "float32" ? mean(parts) : parts[0],
    ),
  };
}
