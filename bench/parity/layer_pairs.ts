/**
 * Which module of the PyTorch model is which layer of the Keras model.
 * @module
 */
import type { Layer } from "../../keras_style/layers/layer.ts";
import * as kerasLayers from "../../keras_style/layers/mod.ts";
import type { nn } from "../../torch_style/mod.ts";
import type { LayerNames } from "./model_pair.ts";
import { ParityError } from "./parity_error.ts";
import { sameShape } from "./rearrangement.ts";
import {
  isKnownModule,
  isOfKind,
  type LayerRule,
  mappedClasses,
  sameWeight,
  weightRulesOf,
} from "./weight_rules.ts";

/** A module with its path in the model. */
export interface NamedModule {
  readonly path: string;
  readonly module: nn.AnyModule;
}

/** A layer with weights and the modules that hold the same weights. */
export interface LayerPair {
  readonly layer: Layer;
  readonly modules: readonly NamedModule[];
  readonly rule: LayerRule;
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
 * Pairs layers with modules: those named in `named` as it says, the others in the order in which they are written. Layers of
 * classes of one's own meet the parameters of modules of one's own: of the same shapes, in order.
 *
 * @param layers of the Keras model, in the order in which they are written
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
  const free = modules.filter((item) => holdsWeights(item.module) && !taken.has(item));
  const left = free.filter(({ module }) => isKnownModule(module));
  const own = new OwnModules(free.filter(({ module }) => !isKnownModule(module)));
  const pairs = weighted.map((layer) => {
    const rules = weightRulesOf(layer);
    if (rules.length === 0) return own.pairOf(layer, byName.get(layer));
    const named = byName.get(layer);
    const rule = rules.find((rule) => fits(rule, named ?? left)) ?? rules.at(-1)!;
    return { layer, rule, modules: named ?? left.splice(0, rule.modules.length) };
  });
  for (const pair of pairs) requireKinds(pair, pairs, left);
  left.push(...own.untouched());
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

/** Whether the first modules are those of a rule. */
function fits({ modules: kinds }: LayerRule, modules: readonly NamedModule[]): boolean {
  return kinds.every((kind, i) => modules[i] !== undefined && isOfKind(modules[i].module, kind));
}

/** Modules of the user's classes, whose parameters are taken one by one. */
class OwnModules {
  readonly #taken = new Map<NamedModule, Set<string>>();

  constructor(readonly modules: readonly NamedModule[]) {}

  /** @throws {ParityError} if a weight finds no parameter of its shape */
  pairOf(layer: Layer, named: readonly NamedModule[] = this.modules): LayerPair {
    const modules: NamedModule[] = [];
    const weights = layer.ownWeights().map(({ name, variable }) => {
      const found = named.flatMap((item) =>
        this.#free(item).map((entry) => [item, ...entry] as const)
      )
        .find(([, , { shape }]) => sameShape(shape, variable.shape));
      if (!found) {
        throw new ParityError(
          `Keras' ${
            layerText(layer)
          }: no parameter [${variable.shape}] of a module of one's own is left for ${name}`,
        );
      }
      const [item, parameter] = found;
      this.#taken.set(item, (this.#taken.get(item) ?? new Set()).add(parameter));
      if (!modules.includes(item)) modules.push(item);
      return sameWeight(name, parameter, modules.indexOf(item));
    });
    return { layer, modules, rule: { modules: modules.map(() => /^/), weights } };
  }

  #free(item: NamedModule) {
    return item.module.ownParameters().filter(([name]) => !this.#taken.get(item)?.has(name));
  }

  /** Those of which a parameter is left. */
  untouched(): NamedModule[] {
    return this.modules.filter((item) => this.#free(item).length > 0);
  }
}

/** Keras' own classes are known or not; the weights of a class of one's own are taken as they are. */
function requireRule(layer: Layer): void {
  if (weightRulesOf(layer).length > 0) return;
  if (!(layer.getClassName() in kerasLayers) && layer.sublayers().length === 0) return;
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
  { layer, modules, rule }: LayerPair,
  pairs: readonly LayerPair[],
  left: readonly NamedModule[],
): void {
  const wanted = rule.modules;
  const all = () =>
    overview(pairs.map((pair) => pair.layer), [...pairs.flatMap((pair) => pair.modules), ...left]);
  if (modules.length < wanted.length) {
    throw new ParityError(
      `Keras' ${layerText(layer)} has no module in the PyTorch model; ${all()}`,
    );
  }
  wanted.forEach((pattern, i) => {
    if (isOfKind(modules[i].module, pattern)) return;
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
