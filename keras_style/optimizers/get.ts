/**
 * Optimizers by name.
 * @module
 */
import { Adam } from "./adam.ts";
import { Optimizer } from "./optimizer.ts";
import { RMSprop } from "./rmsprop.ts";
import { SGD } from "./sgd.ts";

/** An optimizer or its name. */
export type OptimizerIdentifier = Optimizer | string;

const byName: Readonly<Record<string, () => Optimizer>> = {
  rmsprop: () => new RMSprop(),
  sgd: () => new SGD(),
  adam: () => new Adam(),
};

/** The optimizer that is meant. Throws for an unknown name. */
export function getOptimizer(identifier: OptimizerIdentifier): Optimizer {
  if (identifier instanceof Optimizer) return identifier;
  const name = String(identifier).toLowerCase();
  if (Object.hasOwn(byName, name)) return byName[name]();
  throw new Error(
    `compile: optimizer is ${JSON.stringify(identifier)}, expected an optimizer or one of ` +
      Object.keys(byName).join(", "),
  );
}
