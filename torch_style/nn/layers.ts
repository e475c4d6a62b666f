/**
 * Modules without parameters: activations, pooling, dropout, flatten.
 * @module
 */
import type { Tensor } from "../tensor.ts";
import { dropout, maxPool2d, type Pair, type PoolOptions } from "./functional.ts";
import { Module } from "./module.ts";

/** max(x, 0). Follows `torch.nn.ReLU`. */
export class ReLU extends Module {
  override forward(input: Tensor): Tensor {
    return input.relu();
  }
}

/** Exponentials along an axis that sum to 1. Follows `torch.nn.Softmax`. */
export class Softmax extends Module {
  constructor(readonly dim: number) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return input.softmax(this.dim);
  }
  override extraRepr(): string {
    return `dim=${this.dim}`;
  }
}

/** Drops elements while training. Follows `torch.nn.Dropout`. */
export class Dropout extends Module {
  constructor(readonly p = 0.5) {
    super();
    if (!(p >= 0 && p <= 1)) {
      throw new Error(`dropout probability has to be between 0 and 1, but got ${p}`);
    }
  }
  override forward(input: Tensor): Tensor {
    return dropout(input, this.p, this.training);
  }
  override extraRepr(): string {
    return `p=${this.p}, inplace=False`;
  }
}

/** All axes but the first as one. Follows `torch.nn.Flatten`. */
export class Flatten extends Module {
  constructor(readonly startDim = 1, readonly endDim = -1) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return input.flatten(this.startDim, this.endDim);
  }
  override extraRepr(): string {
    return `start_dim=${this.startDim}, end_dim=${this.endDim}`;
  }
}

/** Largest element of each window. Follows `torch.nn.MaxPool2d`. */
export class MaxPool2d extends Module {
  constructor(readonly kernelSize: Pair, readonly options: PoolOptions = {}) {
    super();
  }
  override forward(input: Tensor): Tensor {
    return maxPool2d(input, this.kernelSize, this.options);
  }
  override extraRepr(): string {
    const { stride = this.kernelSize, padding = 0 } = this.options;
    return `kernel_size=${this.kernelSize}, stride=${stride}, padding=${padding}, dilation=1, ceil_mode=False`;
  }
}
