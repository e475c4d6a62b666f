/**
 * Builds a model that waited for its first data.
 * @module
 */
import { isHostArray } from "../data/host_rows.ts";
import { isPlainObject } from "../layers/nested.ts";
import { isListOfArrays, type LabelSet, type SampleSet } from "./check_data.ts";
import type { TrainedModel } from "./trained_model.ts";

/** What the parts of some samples are called: by the model's inputs, or where it is not built by themselves. */
export function keysFor(
  model: TrainedModel | undefined,
  samples: LabelSet,
  name: string,
): readonly string[] {
  if (model?.isSpecified) return model.inputSpecs.map((input) => input.name);
  if (isByName(samples)) return Object.keys(samples);
  if (!isListOfArrays(samples)) return [name];
  const list = samples as readonly unknown[];
  return list.length === 1 ? [name] : list.map((_, i) => String(i));
}

/** Builds a model for inputs like these, unless it is built. */
export function buildFor(
  model: TrainedModel,
  samples: SampleSet,
  rowShapes: readonly (readonly number[])[],
): void {
  if (model.isSpecified) return;
  const shapes = rowShapes.map((shape) => [null, ...shape]);
  if (isByName(samples)) {
    const names = Object.keys(samples);
    model.specify(Object.fromEntries(names.map((name, i) => [name, shapes[i]])));
  } else {
    model.specify(shapes.length === 1 ? shapes[0] : shapes);
  }
}

function isByName(samples: LabelSet): samples is Readonly<Record<string, never>> {
  return isPlainObject(samples) && !isHostArray(samples);
}
