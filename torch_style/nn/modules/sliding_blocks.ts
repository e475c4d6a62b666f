/**
 * Blocks of images as columns, power pooling, neighbouring channels and the inverse of maximum pooling, as modules. Each
 * follows the page of its name under https://docs.pytorch.org/docs/stable/nn.html
 * @module
 */
import {
  type Call,
  type Declarations,
  kinds,
  type Signature,
  signature,
  type ValuesOf,
} from "../../arguments.ts";
import type { Tensor } from "../../tensor.ts";
import {
  maxUnpool1d,
  maxUnpool2d,
  maxUnpool3d,
  type MaxUnpooling,
  type UnpoolOptions,
} from "../functional/max_pooling_with_indices.ts";
import {
  LOCAL_RESPONSE,
  localResponseNorm,
  type LocalResponseOptions,
  lpPool1d,
  lpPool2d,
  lpPool3d,
  type LPPooling,
  type LPPoolOptions,
} from "../functional/power_pooling.ts";
import { type BlockOptions, FOLD, fold, UNFOLD, unfold } from "../functional/sliding_blocks.ts";
import {
  type Pair,
  perAxis,
  type Single,
  type Triple,
  type WindowSize,
} from "../functional/window.ts";
import { Module } from "./module.ts";
import { boolText, dimensionsText, floatText, tupleText } from "../python_text.ts";

function text(value: unknown): string {
  return dimensionsText(value as Pair);
}

/** What a module was made with, read by a signature. */
abstract class WithOptions<
  S extends Signature<Declarations>,
  Inputs extends readonly unknown[] = [Tensor],
> extends Module<Inputs, Tensor> {
  readonly options: ValuesOf<S>;
  constructor(takes: S, given: readonly unknown[]) {
    super();
    this.options = takes.named(new.target.name).read(given) as ValuesOf<S>;
  }
}

/** Blocks of [n, c, h, w] as columns */
export class Unfold extends WithOptions<typeof UNFOLD> {
  constructor(...given: Call<typeof UNFOLD, BlockOptions, [kernelSize: Pair]>) {
    super(UNFOLD, given);
  }
  override forward(input: Tensor): Tensor {
    const { kernelSize, ...options } = this.options;
    return unfold(input, kernelSize as Pair, options as BlockOptions);
  }
  override extraRepr(): string {
    const { kernelSize, dilation, padding, stride } = this.options;
    return `kernel_size=${text(kernelSize)}, dilation=${text(dilation)}, padding=${
      text(padding)
    }, stride=${text(stride)}`;
  }
}

/** The sum of blocks, given as columns, where they lie in an image */
export class Fold extends WithOptions<typeof FOLD> {
  constructor(...given: Call<typeof FOLD, BlockOptions, [outputSize: Pair, kernelSize: Pair]>) {
    super(FOLD, given);
  }
  override forward(input: Tensor): Tensor {
    const { outputSize, kernelSize, ...options } = this.options;
    return fold(input, outputSize as Pair, kernelSize as Pair, options as BlockOptions);
  }
  override extraRepr(): string {
    const { outputSize, kernelSize, dilation, padding, stride } = this.options;
    return `output_size=${text(outputSize)}, kernel_size=${text(kernelSize)}, dilation=${
      text(dilation)
    }, ` +
      `padding=${text(padding)}, stride=${text(stride)}`;
  }
}

const size = kinds.either(kinds.integer, kinds.integers);
const LP_POOL = signature(
  "LPPool",
  ["normType", kinds.number],
  ["kernelSize", size],
  ["stride", kinds.nullable(size), null],
  ["ceilMode", kinds.boolean, false],
);

/** The p-norm of windows. */
abstract class LPPool<E extends WindowSize> extends WithOptions<typeof LP_POOL> {
  protected abstract readonly pool: LPPooling<E>;

  constructor(...given: Call<typeof LP_POOL, LPPoolOptions<E>, [normType: number, kernelSize: E]>) {
    super(LP_POOL, given);
  }
  override forward(input: Tensor): Tensor {
    const { normType, kernelSize, stride, ceilMode } = this.options;
    const options = { ceilMode, ...(stride === null ? {} : { stride: stride as E }) };
    return this.pool(input, normType, kernelSize as E, options);
  }
  override extraRepr(): string {
    const { normType, kernelSize, stride, ceilMode } = this.options;
    return `norm_type=${floatText(normType)}, kernel_size=${text(kernelSize)}, ` +
      `stride=${stride === null ? "None" : text(stride)}, ceil_mode=${boolText(ceilMode)}`;
  }
}

/** Over [n, c, l] */
export class LPPool1d extends LPPool<Single> {
  protected override get pool() {
    return lpPool1d;
  }
}
/** Over [n, c, h, w] */
export class LPPool2d extends LPPool<Pair> {
  protected override get pool() {
    return lpPool2d;
  }
}
/** Over [n, c, d, h, w] */
export class LPPool3d extends LPPool<Triple> {
  protected override get pool() {
    return lpPool3d;
  }
}

/** Divided by a power of the squares of neighbouring channels */
export class LocalResponseNorm extends WithOptions<typeof LOCAL_RESPONSE> {
  constructor(...given: Call<typeof LOCAL_RESPONSE, LocalResponseOptions, [size: number]>) {
    super(LOCAL_RESPONSE, given);
  }
  override forward(input: Tensor): Tensor {
    const { size, ...options } = this.options;
    return localResponseNorm(input, size, options);
  }
  override extraRepr(): string {
    const { size, alpha, beta, k } = this.options;
    return `${size}, alpha=${floatText(alpha)}, beta=${floatText(beta)}, k=${floatText(k)}`;
  }
}

const MAX_UNPOOL = signature("MaxUnpool", ["kernelSize", size], [
  "stride",
  kinds.nullable(size),
  null,
], ["padding", size, 0]);

/** Options of a call of MaxUnpool. */
export interface UnpoolCallOptions {
  /** Size of the result where more than one fits. */
  readonly outputSize?: readonly number[] | null;
}

/** The inverse of maximum pooling, zeros between. */
abstract class MaxUnpool<E extends WindowSize> extends WithOptions<
  typeof MAX_UNPOOL,
  [input: Tensor, indices: Tensor, options?: UnpoolCallOptions]
> {
  protected abstract readonly unpool: MaxUnpooling<E>;
  protected abstract readonly rank: number;

  constructor(
    ...given: Call<typeof MAX_UNPOOL, Omit<UnpoolOptions<E>, "outputSize">, [kernelSize: E]>
  ) {
    super(MAX_UNPOOL, given);
  }
  override forward(
    input: Tensor,
    indices: Tensor,
    { outputSize = null }: UnpoolCallOptions = {},
  ): Tensor {
    const { kernelSize, stride, padding } = this.options;
    return this.unpool(input, indices, kernelSize as E, {
      stride: (stride ?? kernelSize) as E,
      padding: padding as E,
      outputSize,
    });
  }
  override extraRepr(): string {
    const { kernelSize, stride, padding } = this.options;
    const shown = (value: unknown) => tupleText(perAxis("size", value as WindowSize, this.rank));
    return `kernel_size=${shown(kernelSize)}, stride=${shown(stride ?? kernelSize)}, padding=${
      shown(padding)
    }`;
  }
}

/** To [n, c, l] */
export class MaxUnpool1d extends MaxUnpool<Single> {
  protected override get unpool() {
    return maxUnpool1d;
  }
  protected override get rank() {
    return 1;
  }
}
/** To [n, c, h, w] */
export class MaxUnpool2d extends MaxUnpool<Pair> {
  protected override get unpool() {
    return maxUnpool2d;
  }
  protected override get rank() {
    return 2;
  }
}
/** To [n, c, d, h, w] */
export class MaxUnpool3d extends MaxUnpool<Triple> {
  protected override get unpool() {
    return maxUnpool3d;
  }
  protected override get rank() {
    return 3;
  }
}
