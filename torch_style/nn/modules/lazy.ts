/**
 * Modules whose input features are known from their first input: called once, they are what they stand for. Parameters are
 * there from the first call on: make the optimizer behind it. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#lazy-modules-initialization
 * @module
 */
import { randomState, restoreRandomState } from "../../random.ts";
import type { Tensor } from "../../tensor.ts";
import { BatchNorm1d, BatchNorm2d, BatchNorm3d, type BatchNormOptions } from "./batch_norm.ts";
import {
  Conv1d,
  type Conv1dOptions,
  Conv2d,
  type Conv2dOptions,
  Conv3d,
  type Conv3dOptions,
} from "./conv.ts";
import {
  ConvTranspose1d,
  ConvTranspose2d,
  ConvTranspose3d,
  type ConvTransposeModuleOptions,
} from "./conv_transpose.ts";
import type { Pair, Single, Triple } from "../functional/window.ts";
import { Linear, type LinearOptions } from "./linear.ts";
import { BufferRegistry } from "../buffers.ts";
import { type AnyModule, Module } from "./module.ts";
import {
  InstanceNorm1d,
  InstanceNorm2d,
  InstanceNorm3d,
  type InstanceNormOptions,
} from "./normalization.ts";

/** Becomes the module that `make` gives for the features of its first input. */
abstract class LazyModule extends Module<[Tensor], Tensor> {
  /** The module for so many features. */
  protected abstract make(features: number): AnyModule;

  /** The axis that holds the features. */
  protected featureAxis(_input: Tensor): number {
    return 1;
  }

  /** What was given is checked at once, as if it were for so many features; no random number is used up. */
  protected check(features = 1): void {
    const before = randomState();
    try {
      this.make(features);
    } finally {
      restoreRandomState(before);
    }
  }

  override forward(input: Tensor): Tensor {
    const made = this.make(input.shape.at(this.featureAxis(input))!);
    made.train(this.training);
    // What it was made of lazily goes, so that it prints and saves like the other.
    for (const field of Object.keys(this)) {
      delete (this as unknown as Record<string, unknown>)[field];
    }
    Object.assign(this, made);
    BufferRegistry.of(made).copyTo(BufferRegistry.of(this));
    Object.setPrototypeOf(this, Object.getPrototypeOf(made));
    return (this as unknown as Module<[Tensor], Tensor>).forward(input);
  }
}

/** {@linkcode Linear} without inFeatures */
export class LazyLinear extends LazyModule {
  constructor(readonly outFeatures: number, readonly options: LinearOptions = {}) {
    super();
    this.check();
  }
  protected override featureAxis(): number {
    return -1;
  }
  protected override make(features: number): AnyModule {
    return new Linear(features, this.outFeatures, this.options);
  }
}

// deno-lint-ignore no-explicit-any
type Class = new (...given: any[]) => AnyModule;

/** A convolution without inChannels. */
abstract class LazyConv<Size, Options extends object> extends LazyModule {
  protected abstract readonly rank: number;
  protected abstract readonly type: Class;

  constructor(
    readonly outChannels: number,
    readonly kernelSize: Size,
    readonly options: Options = {} as Options,
  ) {
    super();
    const { groups = 1 } = options as { groups?: number };
    this.check(groups);
  }
  protected override featureAxis(): number {
    // Of a batch and of one sample the channels stand before the axes that windows move over.
    return -1 - this.rank;
  }
  protected override make(features: number): AnyModule {
    return new this.type(features, this.outChannels, this.kernelSize, this.options);
  }
}

/** {@linkcode Conv1d} without inChannels */
export class LazyConv1d extends LazyConv<Single, Conv1dOptions> {
  protected override get rank() {
    return 1;
  }
  protected override get type(): Class {
    return Conv1d;
  }
}
/** {@linkcode Conv2d} without inChannels */
export class LazyConv2d extends LazyConv<Pair, Conv2dOptions> {
  protected override get rank() {
    return 2;
  }
  protected override get type(): Class {
    return Conv2d;
  }
}
/** {@linkcode Conv3d} without inChannels */
export class LazyConv3d extends LazyConv<Triple, Conv3dOptions> {
  protected override get rank() {
    return 3;
  }
  protected override get type(): Class {
    return Conv3d;
  }
}
/** {@linkcode ConvTranspose1d} without inChannels */
export class LazyConvTranspose1d extends LazyConv<Single, ConvTransposeModuleOptions<Single>> {
  protected override get rank() {
    return 1;
  }
  protected override get type(): Class {
    return ConvTranspose1d;
  }
}
/** {@linkcode ConvTranspose2d} without inChannels */
export class LazyConvTranspose2d extends LazyConv<Pair, ConvTransposeModuleOptions<Pair>> {
  protected override get rank() {
    return 2;
  }
  protected override get type(): Class {
    return ConvTranspose2d;
  }
}
/** {@linkcode ConvTranspose3d} without inChannels */
export class LazyConvTranspose3d extends LazyConv<Triple, ConvTransposeModuleOptions<Triple>> {
  protected override get rank() {
    return 3;
  }
  protected override get type(): Class {
    return ConvTranspose3d;
  }
}

/** A normalization without numFeatures. */
abstract class LazyNorm<Options extends object> extends LazyModule {
  protected abstract readonly type: Class;

  constructor(readonly options: Options = {} as Options) {
    super();
    this.check();
  }
  protected override make(features: number): AnyModule {
    return new this.type(features, this.options);
  }
}

/** {@linkcode BatchNorm1d} without numFeatures */
export class LazyBatchNorm1d extends LazyNorm<BatchNormOptions> {
  protected override get type(): Class {
    return BatchNorm1d;
  }
}
/** {@linkcode BatchNorm2d} without numFeatures */
export class LazyBatchNorm2d extends LazyNorm<BatchNormOptions> {
  protected override get type(): Class {
    return BatchNorm2d;
  }
}
/** {@linkcode BatchNorm3d} without numFeatures */
export class LazyBatchNorm3d extends LazyNorm<BatchNormOptions> {
  protected override get type(): Class {
    return BatchNorm3d;
  }
}
/** {@linkcode InstanceNorm1d} without numFeatures */
export class LazyInstanceNorm1d extends LazyNorm<InstanceNormOptions> {
  protected override get type(): Class {
    return InstanceNorm1d;
  }
}
/** {@linkcode InstanceNorm2d} without numFeatures */
export class LazyInstanceNorm2d extends LazyNorm<InstanceNormOptions> {
  protected override get type(): Class {
    return InstanceNorm2d;
  }
}
/** {@linkcode InstanceNorm3d} without numFeatures */
export class LazyInstanceNorm3d extends LazyNorm<InstanceNormOptions> {
  protected override get type(): Class {
    return InstanceNorm3d;
  }
}
