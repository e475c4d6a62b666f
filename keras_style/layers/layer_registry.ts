/**
 * Classes of layers and models by name, for what is made from saved configurations.
 * @module
 */
import { shortText } from "../../onnx/mod.ts";
import { getCustomObjects, getRegisteredName, type SavedObject } from "../registry.ts";

/** A layer as far as others need to know it. */
export interface ConfigurableLayer {
  getClassName(): string;
  getConfig(): Record<string, unknown>;
}

/** A class of layers. */
export interface LayerConstructor {
  readonly name: string;
  // deno-lint-ignore no-explicit-any
  fromConfig(config: any): ConfigurableLayer;
}

const classes = new Map<string, LayerConstructor>();

/** Makes the classes of layers among a module's exports known under their names. */
export function registerLayers(...modules: readonly object[]): void {
  for (const [name, value] of modules.flatMap((module) => Object.entries(module))) {
    if (typeof value === "function" && isLayerObject(value.prototype)) classes.set(name, value);
  }
}

/** Whether a name is that of a class of this idiom's own. */
export function isOwnLayer(name: string): boolean {
  return classes.has(name);
}

/** The class of a name: a user's own, or one of this idiom's; undefined where there is none. */
export function layerClassOf(name: string): LayerConstructor | undefined {
  const custom = getCustomObjects();
  const own = Object.hasOwn(custom, name)
    ? custom[name]
    : Object.hasOwn(custom, `Custom>${name}`)
    ? custom[`Custom>${name}`]
    : undefined;
  if (typeof own === "function" && typeof own.fromConfig === "function") return own;
  return classes.get(name);
}

/** Whether something is a layer. */
export function isLayerObject(value: unknown): value is ConfigurableLayer {
  const layer = value as Partial<ConfigurableLayer> | null;
  return (typeof value === "function" || typeof value === "object") && value !== null &&
    typeof layer?.getClassName === "function" && typeof layer.getConfig === "function";
}

/** Layers by their numbers, while models are saved or made. */
interface SharedLayers {
  readonly ids: Map<ConfigurableLayer, number>;
  readonly layers: Map<number, ConfigurableLayer>;
}

let shared: SharedLayers | undefined;

/**
 * Runs the saving or the making of models in which layers may stand in several places, such as in a model and in a model
 * within it: they stay one. Follows `ObjectSharingScope` of keras/src/saving/serialization_lib.py of Keras 3.
 */
export function sharingLayers<T>(run: () => T): T {
  if (shared) return run();
  shared = { ids: new Map(), layers: new Map() };
  try {
    return withoutSingleIds(run());
  } finally {
    shared = undefined;
  }
}

/** Plain data in which only layers that stand in several places have numbers. */
function withoutSingleIds<T>(saved: T): T {
  const found = new Map<unknown, { sharedObjectId?: number }[]>();
  const visit = (value: unknown): void => {
    if (typeof value !== "object" || value === null) return;
    const object = value as { sharedObjectId?: number };
    const id = object.sharedObjectId;
    if (id !== undefined) found.set(id, [...found.get(id) ?? [], object]);
    Object.values(value).forEach(visit);
  };
  visit(saved);
  for (const [first, ...others] of found.values()) {
    if (others.length === 0) delete first.sharedObjectId;
  }
  return saved;
}

/** The number of a layer, where such are given. */
function sharedId(layer: ConfigurableLayer): { readonly sharedObjectId?: number } {
  if (!shared) return {};
  const { ids } = shared;
  const id = ids.get(layer) ?? ids.size + 1;
  ids.set(layer, id);
  return { sharedObjectId: id };
}

/** Class and configuration of a layer, under the name that its class is registered by. */
export function savedLayer(layer: ConfigurableLayer): SavedObject {
  const { buildInputShape } = layer as { readonly buildInputShape?: unknown };
  return {
    className: getRegisteredName(layer.constructor),
    config: layer.getConfig(),
    ...buildInputShape === undefined ? {} : { buildShape: buildInputShape },
    ...sharedId(layer),
  };
}

/**
 * A layer as it was saved.
 *
 * @throws {Error} for a class that is neither Keras' nor known as a custom object
 */
export function layerFromSaved(saved: SavedObject): ConfigurableLayer {
  const { className, config, sharedObjectId: id } = (saved ?? {}) as Partial<SavedObject>;
  if (typeof className !== "string" || typeof config !== "object" || config === null) {
    throw new TypeError(
      `a layer is ${shortText(saved)}, expected an object with className and config`,
    );
  }
  const known = id === undefined ? undefined : shared?.layers.get(id);
  if (known) return known;
  const Class = layerClassOf(className);
  if (Class) {
    const layer = Class.fromConfig(config);
    if (id !== undefined) shared?.layers.set(id, layer);
    return layer;
  }
  throw new Error(
    `layer class ${shortText(className)} is not known, expected it in customObjects` +
      (/^\w{1,60}$/.test(className) ? `: { ${className} }` : ""),
  );
}
