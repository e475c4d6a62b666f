/**
 * The weights that a layer or a module holds itself.
 * @module
 */
import type { Layer } from "../../../keras_style/layers/layer.ts";
import type { nn, Tensor } from "../../../torch_style/mod.ts";
import { product } from "../comparing/rearrangement.ts";
import { classNames, isOfKind, weightRulesOf } from "./weight_rules.ts";

/** A module with its path in the model. */
export interface NamedModule {
  readonly path: string;
  readonly module: nn.AnyModule;
}

/** Sizes of the weights of a layer, module by module as PyTorch would have it. */
export function layerLabels(layer: Layer): string[] {
  const [rule] = weightRulesOf(layer);
  if (!rule) return [sizesText(layer.ownWeights().map(({ variable }) => variable.size))];
  return rule.modules.map((_, at) => {
    const sizes = new Map<string, number>();
    for (const { keras, torch, module, kerasPart } of rule.weights) {
      const variable = module === at ? variableOf(layer, keras) : undefined;
      if (!variable) continue;
      const size = variable.size / (kerasPart?.[1] ?? 1);
      sizes.set(torch, (sizes.get(torch) ?? 0) + size);
    }
    return sizesText([...sizes.values()]);
  });
}

/** The same of a module; of each layer where it is a stack of recurrent ones. */
export function moduleLabels(module: nn.AnyModule): string[] {
  if (isOfKind(module, /^MultiheadAttention$/)) {
    return [module, ...module.children()].map((one) => sizesText(ownSizes(one)));
  }
  const layers = stackedLayers(module);
  if (layers < 2) return [sizesText(ownSizes(module))];
  return Array.from({ length: layers }, (_, at) => {
    const end = new RegExp(`_l${at}(_reverse)?$`);
    return sizesText(ownSizes(module, (name) => end.test(name)));
  });
}

function ownSizes(of: nn.AnyModule, isMeant: (name: string) => boolean = () => true): number[] {
  const zeroed = classNames(of).some((name) => name === "LSTM" || name === "RNN");
  return [...of.ownParameters(), ...of.ownBuffers()].filter(([name, { dtype }]) =>
    dtype === "float32" && !(zeroed && name.startsWith("bias_hh")) && isMeant(name)
  ).map(([, { shape }]) => product(shape));
}

/** How many recurrent layers a module is; 0 for other modules. */
export function stackedLayers(module: nn.AnyModule): number {
  return module.ownParameters().filter(([name]) => /^weight_ih_l\d+$/.test(name)).length;
}

function sizesText(sizes: readonly number[]): string {
  return sizes.toSorted((a, b) => a - b).join("+");
}

/** Whether a module has parameters or buffers of its own. */
export function holdsWeights(module: nn.AnyModule): boolean {
  return module.ownParameters().length > 0 || module.ownBuffers().length > 0;
}

/** @param name of the weight, behind those of the layers or fields in the layer that it is in: `query/kernel` */
export function variableOf(
  layer: Pick<Layer, "ownWeights" | "sublayers">,
  name: string,
): ReturnType<Layer["ownWeights"]>[number]["variable"] | undefined {
  const [first, ...rest] = name.split("/");
  if (rest.length === 0) {
    return layer.ownWeights().find((weight) => weight.name === name)?.variable;
  }
  const field = (layer as unknown as Record<string, unknown>)[first];
  const inner = layer.sublayers().find((one) => one === field || one.name === first);
  return inner && variableOf(inner as Layer, rest.join("/"));
}

/** A parameter or buffer of a module itself. */
export function tensorOf(owner: nn.AnyModule, name: string): Tensor | undefined {
  return [...owner.ownParameters(), ...owner.ownBuffers()].find(([own]) => own === name)?.[1];
}
