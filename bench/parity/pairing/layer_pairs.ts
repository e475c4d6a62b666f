/**
 * Which module of the PyTorch model is which layer of the Keras model.
 * @module
 */
import type { Layer } from "../../../keras_style/layers/layer.ts";
import type { nn, Tensor } from "../../../torch_style/mod.ts";
import {
  holdsWeights,
  layerLabels,
  moduleLabels,
  type NamedModule,
  stackedLayers,
  tensorOf,
  variableOf,
} from "./layer_parameters.ts";
import type { LayerNames } from "../models/model_pair.ts";
import { sameLayout } from "../comparing/feature_layout.ts";
import { findNamed } from "./named_layers.ts";
import { ParityError } from "../parity_error.ts";
import { sameShape, withoutOnes } from "../comparing/rearrangement.ts";
import { chainFrom, packedNames, projectionRule, sameSource } from "./packed_modules.ts";
import type { Positions } from "./unit_positions.ts";
import {
  isKnownModule,
  isOfKind,
  type LayerRule,
  sameWeight,
  stackedRule,
  type WeightRule,
  weightRulesOf,
} from "./weight_rules.ts";

/** A layer with weights and the modules that hold the same weights. */
export interface LayerPair {
  readonly layer: Layer;
  readonly modules: readonly NamedModule[];
  readonly rule: LayerRule;
}

/** Something with weights that has no counterpart. */
export type Unpaired =
  | { readonly side: "Keras"; readonly layer: Layer }
  | { readonly side: "PyTorch"; readonly module: NamedModule };

/** All of them. */
export interface LayerPairing {
  readonly pairs: readonly LayerPair[];
  readonly unpaired: readonly Unpaired[];
}

/** `dense (Dense)`. */
export function layerText(layer: Layer): string {
  return `${layer.name} (${layer.getClassName()})`;
}

/** `fc1 (Linear)`. */
export function moduleText({ path, module }: NamedModule): string {
  return `${path || "the model itself"} (${module.constructor.name})`;
}

/** A line for something that has no counterpart. */
export function unpairedText(unpaired: Unpaired): string {
  return unpaired.side === "Keras"
    ? `Keras' ${layerText(unpaired.layer)}`
    : `PyTorch's ${moduleText(unpaired.module)}`;
}

/**
 * Pairs layers with modules: those named in `named` as it says, the others by their place in the two graphs, their kinds and
 * the shapes of their weights; in the order in which they are written where that does not tell.
 *
 * @param layers of the Keras model, in the order in which they are written
 * @throws {ParityError} if `named` names what is not there
 */
export function pairLayers(
  layers: readonly Layer[],
  model: nn.AnyModule,
  named: readonly LayerNames[] = [],
  positions?: Positions,
): LayerPairing {
  const weighted = [...new Set(layers)].filter((layer) => layer.weights.length > 0);
  const modules = model.namedModules().map(([path, module]) => ({ path, module }));
  const pairing = new Pairing(weighted, modules.filter((item) => holdsWeights(item.module)));
  for (const names of named) pairing.name(...findNamed(names, weighted, modules));
  pairing.takePackedProjections(positions);
  for (const fit of ["all", "kind"] as const) pairing.takeStacks(fit, positions);
  for (const fit of ["all", "kernels"] as const) pairing.takeFitting(fit, positions);
  pairing.takeOwnParameters();
  pairing.takeFitting("kind", positions);
  return pairing.result();
}

/** How well a rule's weights have to fit: all there in both, only those that both have, or the kinds alone. */
type Fit = "all" | "kernels" | "kind";

interface Candidate {
  readonly layer: Layer;
  readonly rule: LayerRule;
  readonly modules: readonly NamedModule[];
  readonly score: number;
  readonly apart: number;
}

class Pairing {
  readonly #pairs = new Map<Layer, LayerPair>();
  readonly #taken = new Set<NamedModule>();
  readonly #parameters = new Map<NamedModule, Set<string>>();

  constructor(readonly layers: readonly Layer[], readonly modules: readonly NamedModule[]) {}

  get #openLayers(): Layer[] {
    return this.layers.filter((layer) => !this.#pairs.has(layer));
  }

  get #openModules(): NamedModule[] {
    return this.modules.filter((item) => !this.#taken.has(item) && !this.#parameters.has(item));
  }

  /** @throws {ParityError} if the modules are of other kinds */
  name(layer: Layer, modules: readonly NamedModule[]): void {
    const stack = stackedLayers(modules[0].module);
    if (stack > 1 && modules.length === 1) {
      const at = [...this.#pairs.values()].filter((pair) => pair.modules[0] === modules[0]).length;
      const rule = at < stack ? stackedRule(layer, at, stack) : null;
      if (rule && ofKinds(rule, modules)) return this.#take(layer, rule, modules);
    }
    const rules = weightRulesOf(layer);
    const rule =
      rules.find((rule) => ofKinds(rule, modules) && fits(layer, rule, modules, "all")) ??
        rules.find((rule) => ofKinds(rule, modules));
    if (rule) this.#take(layer, rule, modules);
    else if (rules.length === 0 || modules.every(({ module }) => !isKnownModule(module))) {
      this.#takeParameters(layer, modules);
    } else {
      throw new ParityError(
        `pairs: Keras' ${layerText(layer)} and PyTorch's ${
          modules.map(moduleText).join(", ")
        } are of different kinds`,
      );
    }
  }

  #take(layer: Layer, rule: LayerRule, modules: readonly NamedModule[]): void {
    this.#pairs.set(layer, { layer, rule, modules });
    for (const item of modules) this.#taken.add(item);
  }

  /** Best places first; each layer and each module once. */
  takeFitting(fit: Fit, positions?: Positions): void {
    const open = this.#openModules;
    const ranks = ranksOf(this.#openLayers, (layer) => layerLabels(layer)[0]);
    const moduleRanks = ranksOf(open, ({ module }) => moduleLabels(module)[0]);
    const candidates = this.#openLayers.flatMap((layer) =>
      weightRulesOf(layer).flatMap((rule) =>
        tuplesOf(rule, open, positions).filter((modules) => fits(layer, rule, modules, fit))
          .map((modules): Candidate => ({
            layer,
            rule,
            modules,
            score: scoreOf(layer, modules, positions),
            apart: Math.abs(ranks.get(layer)! - moduleRanks.get(modules[0])!),
          }))
      )
    );
    candidates.sort((a, b) => b.score - a.score || a.apart - b.apart);
    for (const { layer, rule, modules } of inOrderWhereEqual(candidates, this.layers)) {
      if (this.#pairs.has(layer) || modules.some((item) => this.#taken.has(item))) continue;
      this.#take(layer, rule, modules);
    }
  }

  /** Three dense layers of one input meet one matrix of three times their size. */
  takePackedProjections(positions?: Positions): void {
    if (!positions) return;
    for (const item of this.#openModules) {
      const names = packedNames(item.module);
      const width = names && tensorOf(item.module, names[0])!.shape[1];
      if (!names || this.#openLayers.some((layer) => fitsAny(layer, item))) continue;
      const dense = this.#openLayers.filter((layer) =>
        layer.getClassName() === "Dense" && sameShape(variableOf(layer, "kernel")?.shape ?? [], [
          width!,
          width!,
        ])
      );
      const first = dense.findIndex((layer, i) =>
        [1, 2].every((step) => dense[i + step] && sameSource(layer, dense[i + step], positions))
      );
      if (first < 0) continue;
      dense.slice(first, first + 3).forEach((layer, i) => {
        this.#take(layer, projectionRule(layer, names, i), [item]);
      });
    }
  }

  /** Recurrent layers one behind the other meet one module that has as many. */
  takeStacks(fit: Fit, positions?: Positions): void {
    if (!positions) return;
    for (const item of this.#openModules) {
      const count = stackedLayers(item.module);
      if (count < 2) continue;
      const stack = this.#openLayers.map((layer) => chainFrom(layer, count, positions))
        .find((layers) =>
          layers?.every((layer, at) => {
            const rule = !this.#pairs.has(layer) && stackedRule(layer, at, count);
            return rule && ofKinds(rule, [item]) && fits(layer, rule, [item], fit);
          })
        );
      stack?.forEach((layer, at) => this.#take(layer, stackedRule(layer, at, count)!, [item]));
    }
  }

  /** What is left takes parameters of modules of one's own: of the same shapes, in order. */
  takeOwnParameters(): void {
    for (const layer of this.#openLayers) {
      const own = this.modules.filter((item) =>
        !this.#taken.has(item) && !isKnownModule(item.module)
      );
      this.#takeParameters(layer, own);
    }
  }

  #takeParameters(layer: Layer, among: readonly NamedModule[]): void {
    const modules: NamedModule[] = [];
    const taken: [NamedModule, string][] = [];
    const weights: WeightRule[] = [];
    // Weights of layers within, such as a recurrent layer's cell, have rules.
    if (layer.ownWeights().length < layer.weights.length) return;
    for (const { name, variable } of layer.ownWeights()) {
      const found = among.flatMap((item) =>
        this.#freeParameters(item).map((entry) => [item, ...entry] as const)
      ).find(([item, parameter, { shape }]) =>
        sameShape(withoutOnes(shape), withoutOnes(variable.shape)) &&
        !taken.some(([other, key]) => other === item && key === parameter)
      );
      if (!found) return;
      const [item, parameter] = found;
      taken.push([item, parameter]);
      if (!modules.includes(item)) modules.push(item);
      weights.push(sameWeight(name, parameter, modules.indexOf(item)));
    }
    for (const [item, parameter] of taken) {
      this.#parameters.set(item, (this.#parameters.get(item) ?? new Set()).add(parameter));
    }
    const rule = { modules: modules.map(() => /^/), weights };
    this.#pairs.set(layer, { layer, modules, rule });
  }

  #freeParameters(item: NamedModule): [string, Tensor][] {
    return item.module.ownParameters().filter(([name]) => !this.#parameters.get(item)?.has(name));
  }

  result(): LayerPairing {
    const pairs = this.layers.flatMap((layer) => this.#pairs.get(layer) ?? []);
    const modules = this.modules.filter((item) =>
      this.#parameters.has(item) ? this.#freeParameters(item).length > 0 : !this.#taken.has(item)
    );
    return {
      pairs,
      unpaired: [
        ...this.#openLayers.map((layer) => ({ side: "Keras" as const, layer })),
        ...modules.map((module) => ({ side: "PyTorch" as const, module })),
      ],
    };
  }
}

/** Of each item, how many before it have its label. */
function ranksOf<T>(items: readonly T[], labelOf: (item: T) => string): Map<T, number> {
  const counts = new Map<string, number>();
  return new Map(items.map((item) => {
    const label = labelOf(item);
    const rank = counts.get(label) ?? 0;
    counts.set(label, rank + 1);
    return [item, rank];
  }));
}

/** Where several candidates are equally good, the k-th layer takes the k-th module. */
function inOrderWhereEqual(
  sorted: readonly Candidate[],
  layers: readonly Layer[],
): readonly Candidate[] {
  const order = new Map(layers.map((layer, i) => [layer, i]));
  const groups = Map.groupBy(sorted, ({ score }) => score);
  return [...groups.values()].flatMap((group) =>
    group.toSorted((a, b) => a.apart - b.apart || order.get(a.layer)! - order.get(b.layer)!)
  );
}

function scoreOf(
  layer: Layer,
  modules: readonly NamedModule[],
  positions: Positions | undefined,
): number {
  const own = positions?.keras.get(layer);
  const first = positions?.torch.get(modules[0].module);
  const last = positions?.torch.get(modules.at(-1)!.module) ?? first;
  if (!own || !first || !last) return 0;
  const near = own.near.filter((value, i) => value === first.near[i]).length;
  return 8 * Number(own.above === last.above) + 8 * Number(own.below === first.below) +
    2 * Number(own.aboveWithOps === last.aboveWithOps) +
    2 * Number(own.belowWithOps === first.belowWithOps) + near;
}

/** Modules that a rule's kinds allow: one behind the other where it has several. */
function tuplesOf(
  { modules: kinds }: LayerRule,
  open: readonly NamedModule[],
  positions: Positions | undefined,
): NamedModule[][] {
  const heads = open.filter(({ module }) => isOfKind(module, kinds[0]));
  if (kinds.length === 1) return heads.map((item) => [item]);
  const called = positions
    ? open.filter(({ module }) => positions.torch.has(module)).toSorted((a, b) =>
      positions.torch.get(a.module)!.order - positions.torch.get(b.module)!.order
    )
    : [];
  const tuples = [open, called].flatMap((list) =>
    heads.flatMap((item) => {
      const at = list.indexOf(item);
      const tuple = at < 0 ? [] : list.slice(at, at + kinds.length);
      const ofKind = tuple.length === kinds.length &&
        kinds.every((kind, i) => isOfKind(tuple[i].module, kind));
      return ofKind ? [tuple] : [];
    })
  );
  return tuples;
}

function ofKinds({ modules: kinds }: LayerRule, modules: readonly NamedModule[]): boolean {
  return kinds.length === modules.length &&
    kinds.every((kind, i) => isOfKind(modules[i].module, kind));
}

function fits(layer: Layer, rule: LayerRule, modules: readonly NamedModule[], fit: Fit): boolean {
  if (fit === "kind") return true;
  return rule.weights.every((weight) => {
    const variable = variableOf(layer, weight.keras);
    const tensor = tensorOf(modules[weight.module].module, weight.torch);
    if (!variable && !tensor) return true;
    if (!variable && weight.withoutIt !== undefined && !tensor!.requiresGrad) return true;
    if (!variable || !tensor) return fit === "kernels";
    return arrangedShape(weight, variable.shape, tensor.shape) !== null;
  });
}

function fitsAny(layer: Layer, item: NamedModule): boolean {
  return weightRulesOf(layer).some((rule) =>
    ofKinds(rule, [item].slice(0, rule.modules.length)) && fits(layer, rule, [item], "all")
  );
}

/** The shape that a weight has in PyTorch; null where it cannot be the tensor's. */
export function arrangedShape(
  { arrange, part }: WeightRule,
  shape: readonly number[],
  torch: readonly number[],
): readonly number[] | null {
  try {
    const [first, ...others] = arrange(shape, sameLayout).shape;
    const expected = part ? [first * part[1], ...others] : arrange(shape, sameLayout).shape;
    return sameShape(withoutOnes(expected), withoutOnes(torch)) ? expected : null;
  } catch {
    return null;
  }
}
