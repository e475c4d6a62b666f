/**
 * Weights from one idiom to the other, bit for bit.
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { fromHost } from "../../../onnx/mod.ts";
import { Model } from "../../../keras_style/mod.ts";
import { nn, noGrad, Tensor } from "../../../torch_style/mod.ts";
import { type FeatureLayout, sameLayout } from "../comparing/feature_layout.ts";
import { layersAsWritten } from "../recording/keras_calls.ts";
import { flattenOrder } from "./flatten_order.ts";
import { type LayerPair, pairLayers, unpairedText } from "./layer_pairs.ts";
import {
  glanceAtKeras,
  glanceAtTorch,
  kerasPositions,
  type TorchGlance,
} from "../models/model_inputs.ts";
import type { Conversion } from "../../models/conversion.ts";
import { ParityError } from "../parity_error.ts";
import { restore } from "../comparing/rearrangement.ts";
import {
  type PairedWeights,
  pairWeights,
  partOf,
  readWeights,
  type WeightPair,
  wholeTensors,
  wholeVariables,
} from "./weight_pairs.ts";

/** Options of {@linkcode convert}. */
export interface ConvertOptions extends Conversion {
  /** Shape of one input, channels last, where the Keras model leaves dimensions open. */
  readonly inputShape?: readonly number[];
}

/** {@linkcode convert} of models/convert.ts, which says what it does and loads this when it is called. */
export async function convert(
  from: Model | nn.AnyModule,
  to: Model | nn.AnyModule,
  options: ConvertOptions = {},
): Promise<void> {
  if (from instanceof Model && to instanceof nn.Module) {
    await toTorch(weightsOf(from, to, options));
  } else if (from instanceof nn.Module && to instanceof Model) {
    const weights = weightsOf(to, from, options);
    await requireConstants(weights);
    await toKeras(weights);
  } else {
    const kind = (x: unknown) => (x as object)?.constructor?.name ?? String(x);
    throw new TypeError(
      `convert: got ${kind(from)} and ${kind(to)}, expected a keras.Model and a torch.nn.Module`,
    );
  }
}

/**
 * Which weight of a Keras model is which of a PyTorch module.
 *
 * @throws {ParityError} see {@linkcode convert}
 */
export function weightsOf(
  model: Model,
  network: nn.AnyModule,
  { pairs, flattens, inputShape }: ConvertOptions = {},
): PairedWeights {
  const specs = model.inputSpecs;
  if (inputShape && specs.length !== 1) {
    throw new ParityError(
      `convert: inputShape is [${inputShape}], expected none: the Keras model has ${specs.length} inputs`,
    );
  }
  const shapes = specs.length === 1 && inputShape
    ? [[...inputShape]]
    : specs.map(({ shape }) => shape.slice(1));
  const unknown = shapes.find((shape) => shape.some((dimension) => dimension === null));
  if (unknown) {
    throw new ParityError(
      `convert: the Keras model's input shape [${unknown.map((n) => n ?? "?")}] has unknown ` +
        `dimensions; give inputShape`,
    );
  }
  const glance = glanceAtKeras(
    model,
    shapes as number[][],
    flattens ?? "channelsFirst",
    false,
  );
  const torch = glanceAtTorch(network, glance.inputs, false);
  const positions = { keras: kerasPositions(glance), torch: torch.positions };
  const { pairs: layerPairs, unpaired } = pairLayers(
    layersAsWritten(model),
    network,
    pairs,
    positions,
  );
  if (unpaired.length > 0) {
    throw new ParityError(
      `convert: without a counterpart are ${unpaired.map(unpairedText).join(", ")}`,
    );
  }
  const layouts = new Map(layerPairs.map(({ layer, modules }) => {
    const layout = glance.layouts.get(layer) ?? sameLayout;
    const [first] = modules;
    return [layer, flattens || !first ? layout : asFlattened(layout, first, torch)] as const;
  }));
  const weights = pairWeights(layerPairs, (layer) => layouts.get(layer) ?? sameLayout);
  const { lone, misfitting } = weights;
  if (misfitting.length > 0) {
    throw new ParityError(
      `shapes that cannot be paired: ${misfitting.map(({ text }) => text).join("; ")}`,
    );
  }
  if (lone.length === 0) return weights;
  const list = lone.map(({ side, pair, part, path }) =>
    side === "Keras" ? `${pair.layer.name}'s ${part} (Keras)` : `${path} (PyTorch)`
  );
  throw new ParityError(`convert: only one of the two has ${list.join(", ")}`);
}

/** @throws {ParityError} if axes are transposed before a flatten in a way that cannot be followed */
function asFlattened(
  layout: FeatureLayout,
  { path, module }: LayerPair["modules"][number],
  { given, dataflow }: TorchGlance,
): FeatureLayout {
  const array = given.get(module);
  if (layout.kind !== "flattened" || !array) return layout;
  const order = flattenOrder(array, layout.from, dataflow);
  if (order !== "unknown") return order ? { ...layout, order } : layout;
  throw new ParityError(
    `convert: in which order ${path} is given the flattened [${layout.from}] cannot be followed ` +
      `through the module's transposes and indices; give flattens ("channelsFirst" or "channelsLast")`,
  );
}

async function toTorch(weights: PairedWeights): Promise<void> {
  const whole = wholeTensors(await readWeights(weights));
  noGrad(() => {
    for (const [tensor, data] of whole) tensor.copy_(new Tensor(fromHost(data, tensor.shape)));
    for (const { tensor, value } of weights.constant) tensor.fill_(value);
  });
}

/** @throws {ParityError} naming all weights that Keras has as a constant, and that have other values */
async function requireConstants({ constant }: PairedWeights): Promise<void> {
  const wrong: string[] = [];
  for (const { path, tensor, value } of constant) {
    const other = (await tensor.detach().data() as Float32Array).find((own) => own !== value);
    if (other !== undefined) {
      wrong.push(`${path} holds ${other}, Keras' layer has ${value} instead`);
    }
  }
  if (wrong.length > 0) throw new ParityError(`convert: ${wrong.join("; ")}`);
}

async function toKeras({ both }: PairedWeights): Promise<void> {
  const values = await Promise.all(
    both.map(async (weight) => [weight, await torchValues(weight)] as const),
  );
  // A GRU's two biases are one variable.
  for (const [variable, data] of wholeVariables(new Map(values))) {
    tf.tidy(() => variable.assign(tf.tensor(data, variable.shape)));
  }
}

/** What PyTorch has, laid out as in Keras. */
async function torchValues(weight: WeightPair): Promise<Float32Array> {
  const values = await partOf(weight, weight.tensor).detach().data() as Float32Array;
  return restore(values, weight.arrangement).slice();
}
