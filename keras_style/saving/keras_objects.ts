/**
 * Layers, models, optimizers, losses, metrics and what they are made of, each by itself, as plain data in Keras' form.
 * @module
 */
import * as constraints from "../constraints/mod.ts";
import { Constraint } from "../constraints/mod.ts";
import * as initializers from "../initializers/mod.ts";
import { Initializer } from "../initializers/mod.ts";
import { isLayer } from "../layers/layer.ts";
import { savedLayer, sharingLayers } from "../layers/layer_registry.ts";
import * as losses from "../losses/get.ts";
import { Loss } from "../losses/mod.ts";
import * as metrics from "../metrics/get.ts";
import { Metric } from "../metrics/mod.ts";
import { show } from "../options.ts";
import * as optimizers from "../optimizers/get.ts";
import { Optimizer, schedules } from "../optimizers/mod.ts";
import { SeedGenerator } from "../random/mod.ts";
import { type Configurable, customObjectScope, getRegisteredName } from "../registry.ts";
import * as regularizers from "../regularizers/mod.ts";
import { Regularizer } from "../regularizers/mod.ts";
import { madeLayer } from "./architecture.ts";
import type { CustomObjects } from "./custom_objects.ts";
import { fromKeras } from "./from_keras.ts";
import type { KerasObject } from "./keras_json.ts";
import type { Kind } from "./keras_settings.ts";
import { toKeras } from "./to_keras.ts";

/** Base classes of the kinds, and what makes an object of its class and settings. */
const KINDS: Readonly<
  Record<
    Exclude<Kind, "layers">,
    // deno-lint-ignore no-explicit-any
    readonly [abstract new (...args: any[]) => Configurable, (saved: any) => unknown]
  >
> = {
  optimizers: [Optimizer, optimizers.deserialize],
  schedules: [schedules.LearningRateSchedule, schedules.deserialize],
  losses: [Loss, losses.deserialize],
  metrics: [Metric, metrics.deserialize],
  initializers: [Initializer, initializers.deserialize],
  regularizers: [Regularizer, regularizers.deserialize],
  constraints: [Constraint, constraints.deserialize],
  random: [SeedGenerator, ({ config }) => new SeedGenerator(config)],
};

/**
 * An object as plain data, which Python's `keras.saving.deserialize_keras_object` reads.
 * Follows https://keras.io/api/models/model_saving_apis/serialization_utils/
 *
 * @throws {TypeError} for what is no object of Keras
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const saved = keras.saving.serializeKerasObject(new keras.layers.Dense({ units: 2 }));
 * console.log(saved.class_name); // Dense
 * ```
 */
export function serializeKerasObject(object: unknown): KerasObject {
  if (isLayer(object)) return toKeras(sharingLayers(() => savedLayer(object)));
  for (const [kind, [Base]] of Object.entries(KINDS)) {
    if (!(object instanceof Base)) continue;
    const className = getRegisteredName(object.constructor);
    return toKeras({ className, config: object.getConfig() }, kind as Kind);
  }
  throw new TypeError(
    `serializeKerasObject: object is ${
      show(object)
    }, expected a layer, a model, an optimizer, a loss, ` +
      `a metric, an initializer, a regularizer, a constraint, a schedule or a seed generator`,
  );
}

/** Options of {@linkcode deserializeKerasObject}. */
export interface DeserializeOptions {
  /** Classes and functions that are not Keras' own, by name. */
  readonly customObjects?: CustomObjects;
}

/**
 * An object of plain data, which {@linkcode serializeKerasObject} or Python's `serialize_keras_object` gave. Weights of layers
 * are new.
 *
 * @throws {Error} for a class that is not known, or settings that fit none
 */
export function deserializeKerasObject(
  config: unknown,
  options: DeserializeOptions = {},
): unknown {
  const kind = kindOf((config ?? {}) as Partial<KerasObject>);
  return customObjectScope({ ...options.customObjects }, () => {
    const saved = fromKeras(config, kind);
    return kind === "layers" ? madeLayer(saved) : KINDS[kind][1](saved);
  });
}

/** By Keras' module; a user's own class is looked for among layers. */
function kindOf({ module }: Partial<KerasObject>): Kind {
  const name = /^keras\.(?:optimizers\.)?(\w+)$/.exec(String(module))?.[1] ?? "";
  return Object.hasOwn(KINDS, name) ? name as Kind : "layers";
}
