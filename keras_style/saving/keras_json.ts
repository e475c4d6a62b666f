/**
 * Saved objects as Keras 3 writes them: names in snake case, each class with its module.
 * Follows keras/src/saving/serialization_lib.py of Keras 3.
 * @module
 */
import { isPlainObject } from "../layers/nested.ts";
import type { Kind } from "./keras_settings.ts";

/** A saved object in Keras' JSON. */
export interface KerasObject {
  readonly module: string | null;
  readonly class_name: string;
  readonly config: unknown;
  readonly registered_name: string | null;
  readonly [further: string]: unknown;
}

/** What a nested object is, by the setting that it stands in. */
export function kindOf(name: string): Kind {
  if (name.endsWith("nitializer")) return "initializers";
  if (name.endsWith("egularizer")) return "regularizers";
  if (name.endsWith("onstraint")) return "constraints";
  if (name === "seed") return "random";
  return name === "learningRate" || name === "learning_rate" ? "schedules" : "layers";
}

/** In Keras, what a graph within gives at the end counts its calls from 1: the graph itself is call 0. */
export function shifted(
  [name, node, tensor]: readonly unknown[],
  layers: readonly unknown[],
  by: number,
): unknown[] {
  const layer = (layers as Record<string, unknown>[]).find((one) => one?.name === name);
  const config = layer?.config as Record<string, unknown> | undefined;
  const isGraph = config && Object.hasOwn(config, "output_layers");
  return [name, isGraph ? Number(node) + by : node, tensor];
}

export function mapPlaces(
  places: unknown,
  change: (place: readonly unknown[]) => unknown,
): unknown {
  if (Array.isArray(places) && typeof places[0] === "string") return change(places);
  if (Array.isArray(places)) return places.map((one) => mapPlaces(one, change));
  if (!isPlainObject(places)) return places;
  return Object.fromEntries(
    Object.entries(places).map(([key, one]) => [key, mapPlaces(one, change)]),
  );
}
