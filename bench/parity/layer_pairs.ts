/**
 * Which module of the PyTorch model is which layer of the Keras model.
 * @module
 */
import type { Layer } from "../../keras_style/layers/layer.ts";
import type { nn } from "../../torch_style/mod.ts";
import type { LayerNames } from "./model_pair.ts";
import { ParityError } from "./parity_error.ts";
import { mappedClasses, weightRuleOf } from "./weight_rules.ts";

/** A module with its path in the model. */
export interface NamedModule {
  readonly path: string;
  readonly module: nn.AnyModule;
}

/** A layer with weights and the modules that hold the same weights. */
export interface LayerPair {
  readonly layer: Layer;
  readonly modules: readonly NamedModule[];
}

/** `dense (Dense)`. */
export function layerText(layer: Layer): string {
  return `${layer.name} (${layer.getClassName()})`;
}

/** `fc1 (Linear)`. */
export function moduleText({ path, module }: NamedModule): string {
  return `${path || "the model itself"} (${module.constructor.name})`;
}

/**
 * Pairs layers with modules: those named in `named` as it says, the others in the order in which they were made.
 *
 * @param layers of the Keras model, in the order of computation
 * @throws {ParityError} naming the first layer or module that is left over or meets one of another kind
 */
export function pairLayers(
  layers: readonly Layer[],
  model: nn.AnyModule,
  named: readonly LayerNames[] = [],
): LayerPair[] {
  const weighted = [...new Set(layers)].filter((layer) => layer.weights.length > 0);
  for (const layer of weighted) requireRule(layer);
  const modules = model.namedModules().map(([path, module]) => ({ path, module }));
  const byName = new Map(named.map((names) => findNamed(names, weighted, modules)));
  const taken = new Set([...byName.values()].flat());
  const left = modules.filter((item) => holdsWeights(item.module) && !taken.has(item));
  const pairs = weighted.map((layer) => {
    const chosen = byName.get(layer) ?? left.splice(0, weightRuleOf(layer)!.modules.length);
    return { layer, modules: chosen };
  });
  for (const pair of pairs) requireKinds(pair, pairs, left);
  if (left.length > 0) {
    throw new ParityError(
      `PyTorch's ${
        moduleText(left[0])
      } has weights but no layer of the Keras model is left for it; ` +
        overview(weighted, modules),
    );
  }
  return pairs;
}

function requireRule(layer: Layer): void {
  if (weightRuleOf(layer)) return;
  throw new ParityError(
    `Keras' ${layerText(layer)} cannot be paired: weights are known how to map for ` +
      mappedClasses.join(", "),
  );
}

function holdsWeights(module: nn.AnyModule): boolean {
  return module.ownParameters().length > 0 || module.ownBuffers().length > 0;
}

function findNamed(
  [name, paths]: LayerNames,
  layers: readonly Layer[],
  modules: readonly NamedModule[],
): [Layer, NamedModule[]] {
  const layer = layers.find((layer) => layer.name === name);
  if (!layer) {
    const known = layers.map((layer) => layer.name).join(", ");
    throw new ParityError(
      `pairs: the Keras model has no layer "${name}" with weights, it has ${known}`,
    );
  }
  const chosen = [paths].flat().map((path) => {
    const found = modules.find((item) => item.path === path);
    if (found) return found;
    const known = modules.filter((item) => holdsWeights(item.module)).map((item) => item.path);
    throw new ParityError(
      `pairs: the PyTorch model has no module "${path}", those with weights are ${
        known.join(", ")
      }`,
    );
  });
  return [layer, chosen];
}

function requireKinds(
  { layer, modules }: LayerPair,
  pairs: readonly LayerPair[],
  left: readonly NamedModule[],
): void {
  const wanted = weightRuleOf(layer)!.modules;
  const all = () =>
    overview(pairs.map((pair) => pair.layer), [...pairs.flatMap((pair) => pair.modules), ...left]);
  if (modules.length < wanted.length) {
    throw new ParityError(
      `Keras' ${layerText(layer)} has no module in the PyTorch model; ${all()}`,
    );
  }
  wanted.forEach((pattern, i) => {
    if (pattern.test(modules[i].module.constructor.name)) return;
    throw new ParityError(
      `Keras' ${layerText(layer)} meets PyTorch's ${
        moduleText(modules[i])
      }, which is of another kind; ${all()}`,
    );
  });
}

function overview(layers: readonly Layer[], modules: readonly NamedModule[]): string {
  const held = modules.filter((item) => holdsWeights(item.module));
  return `with weights Keras has ${layers.map(layerText).join(", ") || "nothing"} and PyTorch ` +
    `${held.map(moduleText).join(", ") || "nothing"}; say which is which by "pairs" in the file`;
}
