/**
 * What a model computed on the way to its outputs, as values: recorded from a model here, or read from a dump.
 * @module
 */
import type { ShapedValues } from "../comparing/alignment.ts";
import type { Rearrangement } from "../comparing/rearrangement.ts";

/** One result of one layer, module or op. */
export interface Result extends ShapedValues {
  /** Such as `conv2d`, `conv2d/relu`, `features.0` or `relu()`. */
  readonly name: string;
  /** The class of the layer or module, or the op. */
  readonly kind: string;
  /** Indices of the results that it is computed from. */
  readonly from: readonly number[];
  /** How its axes should stand in PyTorch; as they are unless given. */
  readonly expected?: Rearrangement;
  /** Index of the other side's result of the paired module. */
  readonly twin?: number;
  /** What it was given, where that is known. */
  readonly input?: ShapedValues & { readonly expected?: Rearrangement };
  /** Whether it is a layer's or a module's, and not an op's between them. */
  readonly isCall: boolean;
  /** Ops between it and the results that it is computed from. */
  readonly ops: readonly string[];
  /** Where it is a function of the single values of another result. */
  readonly curve?: ResultCurve;
  /** Functions of single values between it and `above`, at the points of `grid`. */
  readonly functions?: readonly Float32Array[];
  /** Indices of the nearest results above, those inside its layer or module too. */
  readonly above?: readonly number[];
}

/** What a result is of another one's single values. */
export interface ResultCurve {
  /** Index of the other result; the model's inputs are -1, -2, ... */
  readonly of: number;
  /** At the points of `grid`. */
  readonly values: Float32Array;
}

/** A model's outputs, each as it may be compared: probabilities, what they were computed from, their logarithms. */
export interface Output {
  readonly name: string;
  readonly forms:
    readonly (ShapedValues & { readonly name: string; readonly expected?: Rearrangement })[];
  /** Indices of the results that it is, or is computed from. */
  readonly from: readonly number[];
}

/** What PyTorch's model gives. */
export interface TorchOutput extends ShapedValues {
  /** Index of the result that it is, where it is one. */
  readonly of?: number;
}
