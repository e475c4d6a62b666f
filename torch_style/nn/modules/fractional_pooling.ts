/**
 * Fractional pooling as modules. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#pooling-layers
 * @module
 */
import type { Call } from "../../arguments.ts";
import type { Tensor } from "../../tensor.ts";
import {
  FRACTIONAL_POOL,
  fractionalMaxPool2d,
  fractionalMaxPool3d,
  type FractionalPoolOptions,
} from "../functional/fractional_pooling.ts";
import type { Pair, Triple } from "../functional/window.ts";
import { Module } from "./module.ts";

/**
 * Largest element of windows of [n, c, h, w] whose distances vary at random.
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const pool = new torch.nn.FractionalMaxPool2d(2, { outputRatio: 0.6 });
 * console.log(pool(torch.randn([1, 3, 10, 10])).shape); // [1, 3, 6, 6]
 * ```
 */
export class FractionalMaxPool2d extends Module<[Tensor]> {
  readonly kernelSize: Pair;
  readonly options: FractionalPoolOptions<Pair>;

  constructor(
    ...given: Call<typeof FRACTIONAL_POOL, FractionalPoolOptions<Pair>, [kernelSize: Pair]>
  ) {
    super();
    const { kernelSize, ...options } = FRACTIONAL_POOL.named("FractionalMaxPool2d").read(given);
    this.kernelSize = kernelSize as Pair;
    this.options = options as FractionalPoolOptions<Pair>;
  }

  override forward(input: Tensor): Tensor {
    return fractionalMaxPool2d(input, this.kernelSize, this.options);
  }
}

/**
 * Largest element of windows of [n, c, d, h, w] whose distances vary at random.
 *
 * @example
 * ```ts
 * import { torch } from "@tandem/tandem";
 * const pool = new torch.nn.FractionalMaxPool3d(2, { outputSize: [3, 4, 5] });
 * console.log(pool(torch.randn([1, 2, 6, 8, 10])).shape); // [1, 2, 3, 4, 5]
 * ```
 */
export class FractionalMaxPool3d extends Module<[Tensor]> {
  readonly kernelSize: Triple;
  readonly options: FractionalPoolOptions<Triple>;

  constructor(
    ...given: Call<typeof FRACTIONAL_POOL, FractionalPoolOptions<Triple>, [kernelSize: Triple]>
  ) {
    super();
    const { kernelSize, ...options } = FRACTIONAL_POOL.named("FractionalMaxPool3d").read(given);
    this.kernelSize = kernelSize as Triple;
    this.options = options as FractionalPoolOptions<Triple>;
  }

  override forward(input: Tensor): Tensor {
    return fractionalMaxPool3d(input, this.kernelSize, this.options);
  }
}
