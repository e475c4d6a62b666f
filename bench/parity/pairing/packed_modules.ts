/**
 * Several layers that are one module in PyTorch: projections in one matrix, recurrent layers in a stack.
 * @module
 */
import type { Layer } from "../../../keras_style/layers/layer.ts";
import type { nn } from "../../../torch_style/mod.ts";
import { tensorOf } from "./layer_parameters.ts";
import { sameShape } from "../comparing/rearrangement.ts";
import type { Positions } from "./unit_positions.ts";
import { isOfKind, type LayerRule, weightRulesOf } from "./weight_rules.ts";

const packed = [
  [/^MultiheadAttention$/, ["in_proj_weight", "in_proj_bias"]],
  [/^Linear$/, ["weight", "bias"]],
] as const;

/** The names of a matrix that is three square ones below each other, and of its bias. */
export function packedNames(module: nn.AnyModule): readonly [string, string] | null {
  const names = packed.find(([kind]) => isOfKind(module, kind))?.[1];
  const shape = names && tensorOf(module, names[0])?.shape;
  return names && shape && shape[0] === 3 * shape[1] ? names : null;
}

/** The rule of one of three dense layers that are one matrix. */
export function projectionRule(
  layer: Layer,
  [matrix, bias]: readonly [string, string],
  at: number,
): LayerRule {
  const [{ weights }] = weightRulesOf(layer);
  return {
    modules: [/^/],
    weights: weights.map((weight) => ({
      ...weight,
      torch: weight.keras === "kernel" ? matrix : bias,
      part: [at, 3] as const,
    })),
  };
}

/** A layer and those behind it, each given the one before and nothing else; null where there are not so many. */
export function chainFrom(layer: Layer, count: number, { keras }: Positions): Layer[] | null {
  const chain = [layer];
  while (chain.length < count) {
    const order = keras.get(chain.at(-1)!)?.order;
    const next = [...keras].find(([, { given }]) => given.length === 1 && given[0] === order)?.[0];
    if (order === undefined || !next) return null;
    chain.push(next);
  }
  return chain;
}

/** Whether two layers are given the same. */
export function sameSource(a: Layer, b: Layer, { keras }: Positions): boolean {
  const [first, second] = [keras.get(a)?.given, keras.get(b)?.given];
  return first !== undefined && second !== undefined && sameShape(first, second);
}
