/**
 * What a call of a layer passes on to the layers that are called within it.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";

/** The call of the outermost layer, while it goes on. */
export interface CallContext {
  /** Whether layers are being trained; undefined where nobody said. */
  training: boolean | undefined;
  /** Losses added so far, by whichever layer. */
  readonly losses: tf.Tensor[];
}

let current: CallContext | undefined;

/** Runs the call of a layer: within the outermost one's context, or as the outermost itself. */
export function withinCall<T>(
  training: boolean | undefined,
  onEntry: () => void,
  run: (context: CallContext) => T,
): T {
  if (!current) {
    onEntry();
    current = { training, losses: [] };
    try {
      return run(current);
    } finally {
      current = undefined;
    }
  }
  const context = current;
  const before = context.training;
  context.training = training ?? before;
  try {
    return run(context);
  } finally {
    context.training = before;
  }
}

/** The call that goes on; undefined outside of all calls. */
export function callContext(): CallContext | undefined {
  return current;
}

const building: string[] = [];

/** Runs the making of a layer's weights; its name becomes a part of theirs. */
export function whileBuilding<T>(layer: string, run: () => T): T {
  building.push(layer);
  try {
    return run();
  } finally {
    building.pop();
  }
}

/** The layers whose weights are being made, outermost first, such as "bidirectional/forward_lstm". */
export function buildPath(): string {
  return building.join("/");
}
