/**
 * Optimizers by name.
 * @module
 */
import { Registry, type SavedObject } from "../registry.ts";
import { Adadelta } from "./adadelta.ts";
import { Adafactor } from "./adafactor.ts";
import { Adagrad } from "./adagrad.ts";
import { Adam, AdamW } from "./adam.ts";
import { Adamax } from "./adamax.ts";
import { Ftrl } from "./ftrl.ts";
import { Lamb } from "./lamb.ts";
import { Lion } from "./lion.ts";
import { Muon } from "./muon.ts";
import { Nadam } from "./nadam.ts";
import { Optimizer } from "./optimizer.ts";
import { RMSprop } from "./rmsprop.ts";
import { ScheduleFreeAdamW } from "./schedule_free_adamw.ts";
import { SGD } from "./sgd.ts";

const CLASSES = {
  Adadelta,
  Adafactor,
  Adagrad,
  Adam,
  AdamW,
  Adamax,
  Ftrl,
  Lamb,
  Lion,
  Muon,
  Nadam,
  RMSprop,
  SGD,
  ScheduleFreeAdamW,
};

/** Names of optimizers, in small letters or as their classes. */
export type OptimizerName = Lowercase<keyof typeof CLASSES> | keyof typeof CLASSES;

/** An optimizer, its name, or what {@linkcode serialize} gave. */
export type OptimizerIdentifier = Optimizer | OptimizerName | SavedObject;

const registry = new Registry<Optimizer>("optimizer", Optimizer, CLASSES);

/**
 * The optimizer that is meant.
 *
 * @param option where it stands, for errors: "compile: optimizer"
 * @throws {TypeError} for what is none, naming the known ones
 */
export function get(identifier: OptimizerIdentifier, option: string = "optimizer"): Optimizer {
  const found = registry.resolve(identifier, option);
  if (found) return found;
  throw registry.unknown(option, identifier);
}

/** Class and configuration of an optimizer. */
export function serialize(optimizer: Optimizer): SavedObject {
  return registry.serialize(optimizer);
}

/** An optimizer as it was saved, without its state. */
export function deserialize(saved: SavedObject): Optimizer {
  return registry.deserialize(saved);
}
