/**
 * A recipe's optimizer in the PyTorch idiom.
 * @module
 */
import { type LazyArray, ops } from "../../../onnx/mod.ts";
import { nn, optim, type Tensor } from "../../../torch_style/mod.ts";
import type { UpdateContext } from "../../../torch_style/optim/optimizer.ts";
import type { Recipe } from "../../recipes/mod.ts";

/** Batch normalization's modules. */
export const batchNorms = [nn.BatchNorm1d, nn.BatchNorm2d, nn.BatchNorm3d] as const;

/** Parameters that are trained alike. */
interface Group {
  readonly params: Tensor[];
  readonly lr: number;
  readonly weightDecay: number;
}

/** A weight that is shrunk before its step, and what the step is then made with: no decay in the gradient. */
function shrunk<O extends optim.Hyperparameters & { weightDecay: number }>(
  parameter: LazyArray,
  context: UpdateContext<O>,
): [LazyArray, UpdateContext<O>] {
  const { lr, weightDecay } = context.options;
  if (weightDecay === 0) return [parameter, context];
  const options = { ...context.options, weightDecay: 0 };
  return [ops.mul(context.feed(1 - lr * weightDecay), parameter), { ...context, options }];
}

/** Is to `SGD` what `AdamW` is to `Adam`. */
class DecoupledSGD extends optim.SGD {
  protected override update(parameter: LazyArray, context: UpdateContext<optim.SGDOptions>) {
    return super.update(...shrunk(parameter, context));
  }
}

/** Is to `RMSprop` what `AdamW` is to `Adam`. */
class DecoupledRMSprop extends optim.RMSprop {
  protected override update(parameter: LazyArray, context: UpdateContext<optim.RMSpropOptions>) {
    return super.update(...shrunk(parameter, context));
  }
}

const decoupled = { SGD: DecoupledSGD, RMSprop: DecoupledRMSprop, Adam: optim.AdamW };

/** The optimizer of a recipe, for a network's parameters. */
export function torchOptimizer(network: nn.Module, recipe: Recipe): optim.Optimizer {
  const { weightDecay, torch: { optimizer: { name, ...constants } } } = recipe;
  const classes = weightDecay?.kind === "decoupled" ? decoupled : optim;
  // The schema has checked that the options are the class' own.
  const Class = classes[name] as new (groups: Group[], options: object) => optim.Optimizer;
  return new Class(groupsOf(network, recipe), constants);
}

/** Parameters in groups of one learning rate and one weight decay. */
function groupsOf(network: nn.Module, recipe: Recipe): Group[] {
  const { weightDecay, normRateFactor, torch: { optimizer: { lr } } } = recipe;
  const norms = new Set<Tensor>(normParameters(network));
  const groups = new Map<string, Group>();
  for (const parameter of network.parameters()) {
    if (!parameter.requiresGrad) continue;
    const isDecayed = weightDecay !== null &&
      (weightDecay.on === "all" || parameter.shape.length > 1);
    const factor = norms.has(parameter) ? normRateFactor : 1;
    // PyTorch multiplies the decay by the group's rate.
    const own = { lr: lr * factor, weightDecay: isDecayed ? weightDecay.rate / factor : 0 };
    const key = JSON.stringify(own);
    const group = groups.get(key) ?? { params: [], ...own };
    groups.set(key, group);
    group.params.push(parameter);
  }
  return [...groups.values()];
}

/** Weights and biases of normalizations. */
function normParameters(network: nn.Module): Tensor[] {
  const kinds = [
    ...batchNorms,
    ...[nn.InstanceNorm1d, nn.InstanceNorm2d, nn.InstanceNorm3d],
    ...[nn.GroupNorm, nn.LayerNorm, nn.RMSNorm],
  ];
  return network.modules().filter((module) => kinds.some((kind) => module instanceof kind))
    .flatMap((module) => module.parameters());
}
