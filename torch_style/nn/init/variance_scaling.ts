/**
 * First values whose deviation follows from a layer's inputs and outputs.
 * @module
 */
import { sizeOf } from "../../../onnx/mod.ts";
import { type Call, type Kind, kinds, signature } from "../../arguments.ts";
import { type DrawOptions, generatorParameter } from "../../random_source.ts";
import { type Tensor, tensorKind } from "../../tensor.ts";
import { normal_, uniform_ } from "./distributions.ts";

const FAN_IN_AND_FAN_OUT = signature("fanInAndFanOut", ["tensor", tensorKind]);

/** How many inputs (second axis and window) and outputs (first axis and window) an element connects. */
export function fanInAndFanOut(...given: [tensor: Tensor]): [fanIn: number, fanOut: number] {
  const { tensor } = FAN_IN_AND_FAN_OUT.read(given);
  if (tensor.ndim < 2) {
    throw new Error(
      "Fan in and fan out can not be computed for tensor with fewer than 2 dimensions",
    );
  }
  const window = sizeOf(tensor.shape.slice(2));
  return [tensor.shape[1] * window, tensor.shape[0] * window];
}

/** What comes after a layer, under PyTorch's names. */
export type Nonlinearity =
  | "linear"
  | "conv1d"
  | "conv2d"
  | "conv3d"
  | "conv_transpose1d"
  | "conv_transpose2d"
  | "conv_transpose3d"
  | "sigmoid"
  | "tanh"
  | "relu"
  | "leaky_relu"
  | "selu";

const CALCULATE_GAIN = signature(
  "calculateGain",
  ["nonlinearity", kinds.string as unknown as Kind<Nonlinearity>],
  ["param", kinds.number, 0.01],
);

/**
 * What a nonlinearity's input deviation is to be multiplied with.
 *
 * @param param slope of a leaky relu, 0.01 unless given
 */
export function calculateGain(
  ...given: Call<typeof CALCULATE_GAIN, { readonly param?: number }, [nonlinearity: Nonlinearity]>
): number {
  const { nonlinearity, param } = CALCULATE_GAIN.read(given);
  if (nonlinearity === "tanh") return 5 / 3;
  if (nonlinearity === "relu") return Math.SQRT2;
  if (nonlinearity === "leaky_relu") return Math.sqrt(2 / (1 + param * param));
  if (nonlinearity === "selu") return 3 / 4;
  if (nonlinearity === "sigmoid" || /^(linear|conv(_transpose)?[123]d)$/.test(nonlinearity)) {
    return 1;
  }
  throw new Error(`Unsupported nonlinearity ${nonlinearity}`);
}

const XAVIER_UNIFORM_IN_PLACE = signature("xavierUniform_", ["tensor", tensorKind], [
  "gain",
  kinds.number,
  1,
], generatorParameter);

/** Uniform with bound gain * sqrt(6 / (fanIn + fanOut)) (Glorot and Bengio 2010). */
export function xavierUniform_(
  ...given: Call<
    typeof XAVIER_UNIFORM_IN_PLACE,
    { readonly gain?: number } & DrawOptions,
    [tensor: Tensor]
  >
): Tensor {
  const { tensor, gain, ...from } = XAVIER_UNIFORM_IN_PLACE.read(given);
  const [fanIn, fanOut] = fanInAndFanOut(tensor);
  const bound = gain * Math.sqrt(6 / (fanIn + fanOut));
  return uniform_(tensor, -bound, bound, from);
}

const XAVIER_NORMAL_IN_PLACE = XAVIER_UNIFORM_IN_PLACE.named("xavierNormal_");

/** Normal with deviation gain * sqrt(2 / (fanIn + fanOut)) (Glorot and Bengio 2010). */
export function xavierNormal_(
  ...given: Call<
    typeof XAVIER_NORMAL_IN_PLACE,
    { readonly gain?: number } & DrawOptions,
    [tensor: Tensor]
  >
): Tensor {
  const { tensor, gain, ...from } = XAVIER_NORMAL_IN_PLACE.read(given);
  const [fanIn, fanOut] = fanInAndFanOut(tensor);
  return normal_(tensor, 0, gain * Math.sqrt(2 / (fanIn + fanOut)), from);
}

/** Options of the initialisations by He et al. 2015. */
export interface KaimingOptions extends DrawOptions {
  /** Slope of the leaky relu after the layer, 0 unless given. */
  readonly a?: number;
  /** Keep the deviation of what goes forward ("fan_in") or of gradients ("fan_out"); the former unless given. */
  readonly mode?: "fan_in" | "fan_out";
  /** "leaky_relu" unless given. */
  readonly nonlinearity?: Nonlinearity;
}

/** The deviation that keeps that of a layer's input. */
function kaimingDeviation(
  tensor: Tensor,
  { a = 0, mode = "fan_in", nonlinearity = "leaky_relu" }: KaimingOptions,
): number {
  if (mode !== "fan_in" && mode !== "fan_out") {
    throw new Error(`Mode ${mode} not supported, please use one of fan_in, fan_out`);
  }
  const fan = fanInAndFanOut(tensor)[mode === "fan_in" ? 0 : 1];
  return calculateGain(nonlinearity, a) / Math.sqrt(fan);
}

const KAIMING_UNIFORM_IN_PLACE = signature(
  "kaimingUniform_",
  ["tensor", tensorKind],
  ["a", kinds.number, undefined],
  ["mode", kinds.oneOf("fan_in", "fan_out"), undefined],
  ["nonlinearity", kinds.string as unknown as Kind<Nonlinearity>, undefined],
  generatorParameter,
);

/** Uniform with deviation gain / sqrt(fan) (He et al. 2015). */
export function kaimingUniform_(
  ...given: Call<typeof KAIMING_UNIFORM_IN_PLACE, KaimingOptions, [tensor: Tensor]>
): Tensor {
  const { tensor, ...options } = KAIMING_UNIFORM_IN_PLACE.read(given);
  const bound = Math.sqrt(3) * kaimingDeviation(tensor, options);
  return uniform_(tensor, -bound, bound, { generator: options.generator });
}

const KAIMING_NORMAL_IN_PLACE = KAIMING_UNIFORM_IN_PLACE.named("kaimingNormal_");

/** Normal with deviation gain / sqrt(fan) (He et al. 2015). */
export function kaimingNormal_(
  ...given: Call<typeof KAIMING_NORMAL_IN_PLACE, KaimingOptions, [tensor: Tensor]>
): Tensor {
  const { tensor, ...options } = KAIMING_NORMAL_IN_PLACE.read(given);
  const { generator } = options;
  return normal_(tensor, 0, kaimingDeviation(tensor, options), { generator });
}
