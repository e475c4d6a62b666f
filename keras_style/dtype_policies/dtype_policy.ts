/**
 * What layers compute in, and what their weights are of. Source: keras/src/dtype_policies/dtype_policy.py of Keras 3.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import { shortText } from "../../onnx/mod.ts";
import type { FloatType } from "../engine/mod.ts";

/** Names of policies. */
export type PolicyName =
  | FloatType
  | "mixed_float16"
  | "mixed_bfloat16"
  | "int32"
  | "bool"
  | "string"
  | "complex64";

/** Element types: those of TensorFlow.js, and the short floating point ones. */
export type ElementType = FloatType | tf.DataType;

const MIXED: Readonly<Record<string, FloatType>> = {
  mixed_float16: "float16",
  mixed_bfloat16: "bfloat16",
};

/** Both spellings are taken. */
const CAMEL: Readonly<Record<string, string>> = {
  mixedFloat16: "mixed_float16",
  mixedBfloat16: "mixed_bfloat16",
};

const PLAIN = ["float32", "float16", "bfloat16", "int32", "bool", "string", "complex64"];

/**
 * A policy by its name: "float32", or "mixed_float16" and "mixed_bfloat16", in which layers compute in the short type and keep
 * their weights in float32. Layers take one as `dtype`; {@linkcode setDtypePolicy} sets that of all others.
 * Follows https://keras.io/api/mixed_precision/policy/
 *
 * @throws {TypeError} naming a policy that there is not
 *
 * @example
 * ```ts
 * import { keras } from "@tandem/tandem";
 * const policy = new keras.DTypePolicy("mixed_float16");
 * console.log(policy.computeDtype, policy.variableDtype); // float16 float32
 * ```
 */
export class DTypePolicy {
  readonly name: PolicyName;
  /** What layers compute in. */
  readonly computeDtype: ElementType;
  /** What weights are of. */
  readonly variableDtype: ElementType;

  constructor(name: string = dtypePolicy().name) {
    const own = typeof name === "string" ? CAMEL[name] ?? name : name;
    if (typeof own !== "string" || !(PLAIN.includes(own) || Object.hasOwn(MIXED, own))) {
      throw new TypeError(
        `DTypePolicy: name is ${shortText(name)}, expected one of ${
          [...Object.keys(MIXED), ...PLAIN].join(", ")
        }`,
      );
    }
    this.name = own as PolicyName;
    this.computeDtype = MIXED[own] ?? own as ElementType;
    this.variableDtype = MIXED[own] ? "float32" : own as ElementType;
  }

  /** The settings to make another such policy from. */
  getConfig(): { name: PolicyName } {
    return { name: this.name };
  }

  /** A policy of the settings that {@linkcode DTypePolicy.getConfig} gave. */
  static fromConfig({ name }: { readonly name: string }): DTypePolicy {
    return new this(name);
  }

  toString(): string {
    return `<DTypePolicy "${this.name}">`;
  }
}

/** What stands for a policy: one, its name, or its settings as {@linkcode serialize} gives them. */
export type PolicyIdentifier =
  | DTypePolicy
  | PolicyName
  | { readonly className: "DTypePolicy"; readonly config: { readonly name: string } };

let global: DTypePolicy | undefined;

/** The policy of layers that are given no `dtype`: "float32" until {@linkcode setDtypePolicy} sets another. */
export function dtypePolicy(): DTypePolicy {
  return global ??= new DTypePolicy("float32");
}

/**
 * Sets the policy of layers that are made from now on and given no `dtype`. Follows https://keras.io/api/mixed_precision/policy/
 *
 * @throws {TypeError} naming a policy that there is not, or of which no layers can be
 */
export function setDtypePolicy(policy: PolicyIdentifier): void {
  const chosen = get(policy);
  if (!/float/.test(chosen.name)) {
    throw new TypeError(`setDtypePolicy: policy is ${chosen}, expected one of floating point`);
  }
  global = chosen;
}

/** The policy that an identifier stands for; the global one for null. @throws {TypeError} naming what is none */
export function get(identifier: PolicyIdentifier | null = null): DTypePolicy {
  if (identifier === null) return dtypePolicy();
  if (identifier instanceof DTypePolicy) return identifier;
  return typeof identifier === "object" ? deserialize(identifier) : new DTypePolicy(identifier);
}

/** A policy as plain data. */
export function serialize({ name }: DTypePolicy) {
  return { className: "DTypePolicy", config: { name } } as const;
}

/** The policy that {@linkcode serialize} gave. @throws {TypeError} naming a policy that there is not */
export function deserialize(saved: { readonly config: { readonly name: string } }): DTypePolicy {
  return new DTypePolicy(saved.config?.name);
}

/** A type as TensorFlow.js knows it. */
export function asTensorType(dtype: ElementType): tf.DataType {
  return isFloatType(dtype) ? "float32" : dtype;
}

/** Whether values of a type have fractions. */
export function isFloatType(dtype: ElementType): dtype is FloatType {
  return dtype === "float32" || dtype === "float16" || dtype === "bfloat16";
}
