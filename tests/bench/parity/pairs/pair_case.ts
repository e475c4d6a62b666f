/** What a small pair of models is and what parity has to say about it. */
import { keras, torch } from "@tandem/tandem";
import type { ModelPair } from "../../../../bench/parity/mod.ts";

/** A pair with its verdict. */
export interface PairCase {
  readonly name: string;
  make(): ModelPair;
  /** null: a right port. Else what the first row that differs says: `layer, part, pass`, and the row's reason. */
  readonly finds: RegExp | null;
  /** Training steps; 2 unless given. */
  readonly steps?: number;
}

export const { layers: L } = keras;
export const { nn, optim } = torch;
export const F = torch.nn.functional;

// deno-lint-ignore no-explicit-any
type Fields = any;

/** A module of fields and a function. */
export function net(
  fields: Record<string, unknown>,
  forward: (m: Fields, ...x: torch.Tensor[]) => torch.Tensor | torch.Tensor[],
  setUp: (m: Fields) => void = () => {},
): torch.nn.Module {
  class Net extends nn.Module {
    constructor() {
      super();
      Object.assign(this, fields);
      setUp(this);
    }
    override forward(...x: torch.Tensor[]): torch.Tensor {
      return forward(this, ...x) as torch.Tensor;
    }
  }
  return new Net();
}

/** A chain of layers behind an input. */
export function chain(shape: number[], ...layers: keras.SequentialPart[]): keras.Model {
  return new keras.Sequential([keras.Input({ shape }), ...layers]);
}

/** A graph of layers. */
export function graph(
  shapes: number[] | number[][],
  // deno-lint-ignore no-explicit-any
  build: (...x: any[]) => any,
): keras.Model {
  const list = (Array.isArray(shapes[0]) ? shapes : [shapes]) as number[][];
  const inputs = list.map((shape) => keras.Input({ shape }));
  return new keras.Model({
    inputs: inputs.length === 1 ? inputs[0] : inputs,
    outputs: build(...inputs),
  });
}

/** A right port. */
export function right(
  name: string,
  kerasModel: () => keras.Model,
  torchModel: () => torch.nn.Module,
  more: Partial<ModelPair> = {},
  steps?: number,
): PairCase {
  return { name, make: () => ({ kerasModel, torchModel, ...more }), finds: null, steps };
}

/** A port with one thing wrong. */
export function wrong(
  name: string,
  finds: RegExp,
  kerasModel: () => keras.Model,
  torchModel: () => torch.nn.Module,
  more: Partial<ModelPair> = {},
  steps?: number,
): PairCase {
  return { name, make: () => ({ kerasModel, torchModel, ...more }), finds, steps };
}
