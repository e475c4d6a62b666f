/**
 * Modules that put elements around their input. Each follows the page of its name under
 * https://docs.pytorch.org/docs/stable/nn.html#padding-layers
 * @module
 */
import { type Call, type Kind, kinds, signature } from "../../arguments.ts";
import { windowSize } from "../functional/window.ts";
import type { Tensor } from "../../tensor.ts";
import { pad, type PadMode } from "../functional/padding.ts";
import { Module } from "./module.ts";
import { floatText, tupleText } from "../python_text.ts";

/** So many on all sides, or before and after the last axis, the last but one, ... */
export type Padding = number | readonly number[];

const padding = windowSize as Kind<Padding>;
const PAD = signature("Pad", ["padding", padding]);
const CONSTANT_PAD = signature("ConstantPad", ["padding", padding], ["value", kinds.number]);

type PadArguments = Call<typeof PAD, Record<never, never>, [padding: Padding]>;
type ConstantPadArguments = Call<
  typeof CONSTANT_PAD,
  Record<never, never>,
  [padding: Padding, value: number]
>;

abstract class PadNd extends Module<[Tensor]> {
  /** Before and after the last axis, the last but one, ... */
  readonly padding: readonly number[];
  private readonly padMode: PadMode;

  constructor(mode: PadMode, rank: number, padding: Padding) {
    super();
    this.padMode = mode;
    this.padding = typeof padding === "number"
      ? new Array<number>(2 * rank).fill(padding)
      : padding;
    if (this.padding.length !== 2 * rank) {
      throw new Error(
        `${this.constructor.name}: padding has ${this.padding.length} values, expected ${2 * rank}`,
      );
    }
  }

  /** What mode "constant" fills with. */
  protected fillValue(): number {
    return 0;
  }

  override forward(input: Tensor): Tensor {
    return pad(input, this.padding, { mode: this.padMode, value: this.fillValue() });
  }

  override extraRepr(): string {
    return tupleText(this.padding);
  }
}

abstract class ConstantPadNd extends PadNd {
  constructor(rank: number, padding: Padding, readonly value: number) {
    super("constant", rank, padding);
  }
  protected override fillValue(): number {
    return this.value;
  }
  override extraRepr(): string {
    return `padding=${tupleText(this.padding)}, value=${floatText(this.value)}`;
  }
}

/** One value around [n, c, l] */
export class ConstantPad1d extends ConstantPadNd {
  constructor(
    ...given: ConstantPadArguments
  ) {
    const { padding, value } = CONSTANT_PAD.named("ConstantPad1d").read(given);
    super(1, padding, value);
  }
}

/** One value around [n, c, h, w] */
export class ConstantPad2d extends ConstantPadNd {
  constructor(
    ...given: ConstantPadArguments
  ) {
    const { padding, value } = CONSTANT_PAD.named("ConstantPad2d").read(given);
    super(2, padding, value);
  }
}

/** One value around [n, c, d, h, w] */
export class ConstantPad3d extends ConstantPadNd {
  constructor(
    ...given: ConstantPadArguments
  ) {
    const { padding, value } = CONSTANT_PAD.named("ConstantPad3d").read(given);
    super(3, padding, value);
  }
}

/** Zeros around [n, c, l] */
export class ZeroPad1d extends PadNd {
  constructor(...given: PadArguments) {
    const { padding } = PAD.named("ZeroPad1d").read(given);
    super("constant", 1, padding);
  }
}

/** Zeros around [n, c, h, w] */
export class ZeroPad2d extends PadNd {
  constructor(...given: PadArguments) {
    const { padding } = PAD.named("ZeroPad2d").read(given);
    super("constant", 2, padding);
  }
}

/** Zeros around [n, c, d, h, w] */
export class ZeroPad3d extends PadNd {
  constructor(...given: PadArguments) {
    const { padding } = PAD.named("ZeroPad3d").read(given);
    super("constant", 3, padding);
  }
}

/** [n, c, l] mirrored at its ends */
export class ReflectionPad1d extends PadNd {
  constructor(...given: PadArguments) {
    const { padding } = PAD.named("ReflectionPad1d").read(given);
    super("reflect", 1, padding);
  }
}

/** [n, c, h, w] mirrored at its edges */
export class ReflectionPad2d extends PadNd {
  constructor(...given: PadArguments) {
    const { padding } = PAD.named("ReflectionPad2d").read(given);
    super("reflect", 2, padding);
  }
}

/** [n, c, d, h, w] mirrored at its edges */
export class ReflectionPad3d extends PadNd {
  constructor(...given: PadArguments) {
    const { padding } = PAD.named("ReflectionPad3d").read(given);
    super("reflect", 3, padding);
  }
}

/** [n, c, l] with its ends repeated */
export class ReplicationPad1d extends PadNd {
  constructor(...given: PadArguments) {
    const { padding } = PAD.named("ReplicationPad1d").read(given);
    super("replicate", 1, padding);
  }
}

/** [n, c, h, w] with its edges repeated */
export class ReplicationPad2d extends PadNd {
  constructor(...given: PadArguments) {
    const { padding } = PAD.named("ReplicationPad2d").read(given);
    super("replicate", 2, padding);
  }
}

/** [n, c, d, h, w] with its edges repeated */
export class ReplicationPad3d extends PadNd {
  constructor(...given: PadArguments) {
    const { padding } = PAD.named("ReplicationPad3d").read(given);
    super("replicate", 3, padding);
  }
}

/** [n, c, l] continued at its other end */
export class CircularPad1d extends PadNd {
  constructor(...given: PadArguments) {
    const { padding } = PAD.named("CircularPad1d").read(given);
    super("circular", 1, padding);
  }
}

/** [n, c, h, w] continued at its other edges */
export class CircularPad2d extends PadNd {
  constructor(...given: PadArguments) {
    const { padding } = PAD.named("CircularPad2d").read(given);
    super("circular", 2, padding);
  }
}

/** [n, c, d, h, w] continued at its other edges */
export class CircularPad3d extends PadNd {
  constructor(...given: PadArguments) {
    const { padding } = PAD.named("CircularPad3d").read(given);
    super("circular", 3, padding);
  }
}
