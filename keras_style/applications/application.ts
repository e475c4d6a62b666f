/**
 * What the networks of this folder share: their options, where they begin and how they end.
 * Follows keras/src/applications/imagenet_utils.py of Keras 3.
 * @module
 */
import type { ActivationOption } from "../activations/get.ts";
import { imageDataFormat } from "../data_format.ts";
import { InputLayer } from "../layers/core/input_layer.ts";
import type { InitializerIdentifier } from "../initializers/mod.ts";
import { KerasTensor, type Shape } from "../layers/keras_tensor.ts";
import * as layers from "../layers/mod.ts";
import { Model } from "../models/mod.ts";
import { checkChoice, checkNumber, readOptions, show } from "../options.ts";

/** Options of all networks, as in https://keras.io/api/applications/ */
export interface ApplicationOptions {
  /** Whether the network ends in a classifier, for images of one size; true unless given. */
  readonly includeTop?: boolean;
  /** A file of weights for this network, of Keras 2 or 3 or this idiom's own; new weights unless given. */
  readonly weights?: string | URL | null;
  /** Where the network begins, instead of an input of its own. */
  readonly inputTensor?: KerasTensor | null;
  /** Dimensions of an image without the batch axis; with `includeTop` those of the paper unless given. */
  readonly inputShape?: Shape | null;
  /** How a network without classifier ends: in vectors, or (unless given) in what its last convolution gives. */
  readonly pooling?: "avg" | "max" | null;
  /** 1000 unless given. */
  readonly classes?: number;
  /** "softmax" unless given; null for logits. */
  readonly classifierActivation?: ActivationOption;
  readonly name?: string | null;
}

/** A network by architecture. With a file of weights it is made and then filled. */
export interface Application<Options extends object = Record<never, never>> {
  (options: ApplicationOptions & Options & { readonly weights: string | URL }): Promise<Model>;
  (options?: ApplicationOptions & Options & { readonly weights?: null }): Model;
}

/** Options as they were read. */
export interface Settings extends Required<Omit<ApplicationOptions, "weights">> {
  readonly weights: string | URL | null;
}

/** What is particular about a network. */
interface Network<Own> {
  /** What models are called unless they are given a name. */
  readonly name: string | ((settings: Settings & Own, shape: Shape) => string);
  /** Rows and columns of the images in the paper. */
  readonly size: number | ((shape: Shape | null) => number);
  /** Fewest rows and columns. */
  readonly least: number;
  /** From images to predictions (or features). */
  readonly body: (images: KerasTensor, settings: Settings & Own) => KerasTensor;
}

const DEFAULTS = {
  includeTop: true,
  weights: null,
  inputTensor: null,
  inputShape: null,
  pooling: null,
  classes: 1000,
  classifierActivation: "softmax",
  name: null,
};

/** Makes the function that makes a network. @param own further options with their defaults */
export function defineApplication<Own extends object = Record<never, never>>(
  owner: string,
  network: Network<Required<Own>>,
  own: Required<Own> = {} as Required<Own>,
): Application<Own> {
  const make = (options: ApplicationOptions & Own = {} as Own): Model | Promise<Model> => {
    const known = { ...DEFAULTS, ...own } as Record<string, unknown>;
    const settings = readOptions(owner, options, known) as unknown as Settings & Required<Own>;
    checkSettings(owner, settings);
    const { shape, images } = beginning(owner, network, settings);
    const { name, weights } = settings;
    const made = new Model({
      inputs: settings.inputTensor ? sourcesOf(images) : images,
      outputs: network.body(images, settings),
      name: name ??
        (typeof network.name === "string" ? network.name : network.name(settings, shape)),
    });
    return weights === null ? made : made.loadWeights(weights).then(() => made);
  };
  return make as Application<Own>;
}

function checkSettings(owner: string, { weights, pooling, classes }: Settings): void {
  if (weights !== null && !(weights instanceof URL) && typeof weights !== "string") {
    throw new TypeError(`${owner}: weights is ${show(weights)}, expected null or a path`);
  }
  if (weights === "imagenet") {
    throw new TypeError(
      `${owner}: weights is "imagenet", expected null or the path of a file: nothing is downloaded; Keras' files ` +
        `lie under https://storage.googleapis.com/tensorflow/keras-applications/`,
    );
  }
  if (pooling !== null) checkChoice(owner, "pooling", pooling, ["avg", "max"]);
  checkNumber(owner, "classes", classes, { from: 1, integer: true });
}

/** The axis of channels of [n, rows, columns, channels]. */
export function channelAxis(): 3 | 1 {
  return imageDataFormat() === "channels_last" ? 3 : 1;
}

function beginning(
  owner: string,
  { size, least }: Network<never>,
  { inputTensor, inputShape, includeTop }: Settings,
): { shape: Shape; images: KerasTensor } {
  if (inputTensor !== null) {
    if (!(inputTensor instanceof KerasTensor)) {
      throw new TypeError(
        `${owner}: inputTensor is ${show(inputTensor)}, expected a symbolic tensor`,
      );
    }
    const shape = inputTensor.shape.slice(1);
    checkShape(owner, "inputTensor", shape, least, includeTop);
    return { shape, images: inputTensor };
  }
  const side = typeof size === "number" ? size : size(inputShape);
  const sides = includeTop ? [side, side] : [null, null];
  const usual = channelAxis() === 3 ? [...sides, 3] : [3, ...sides];
  const shape = inputShape ?? usual;
  checkShape(owner, "inputShape", shape, least, includeTop);
  return { shape, images: layers.Input({ shape }) };
}

function checkShape(
  owner: string,
  option: string,
  shape: Shape,
  least: number,
  includeTop: boolean,
): void {
  const sides = Array.isArray(shape) && shape.length === 3
    ? channelAxis() === 3 ? shape.slice(0, 2) : shape.slice(1)
    : [];
  const fits = sides.length === 2 &&
    sides.every((side) => side === null ? !includeTop : Number.isInteger(side) && side >= least);
  if (fits) return;
  const sizes = includeTop ? `of at least ${least}` : `of at least ${least}, or null`;
  throw new RangeError(
    `${owner}: ${option} is ${show(shape)}, expected rows and columns ${sizes}, and channels`,
  );
}

/** The inputs that a symbolic tensor comes from. */
function sourcesOf(tensor: KerasTensor, found = new Set<KerasTensor>()): KerasTensor[] {
  if (tensor.operation instanceof InputLayer) found.add(tensor);
  else for (const input of tensor.node.inputs) sourcesOf(input, found);
  return [...found];
}

/** How a network ends. */
interface Ending {
  /** Whether the poolings have names. */
  readonly named?: boolean;
  /** Share of the features that is dropped before the classifier. */
  readonly dropout?: number;
  readonly kernelInitializer?: InitializerIdentifier;
  /** Whether the classifier's pooling has its name where the others have none. */
  readonly namedTop?: boolean;
}

/** A classifier over means of the features, or the features themselves. */
export function ending(x: KerasTensor, settings: Settings, options: Ending = {}): KerasTensor {
  const { named = true, namedTop = named, dropout = 0, kernelInitializer } = options;
  if (!settings.includeTop) return pooled(x, settings, named);
  const means = layers.GlobalAveragePooling2D(namedTop ? { name: "avg_pool" } : {})(x);
  const kept = dropout > 0 ? layers.Dropout({ rate: dropout, name: "top_dropout" })(means) : means;
  return layers.Dense({
    units: settings.classes,
    activation: settings.classifierActivation,
    ...kernelInitializer ? { kernelInitializer } : {},
    name: "predictions",
  })(kept);
}

/** Features as vectors, where that is wanted. */
export function pooled(x: KerasTensor, { pooling }: Settings, named: boolean): KerasTensor {
  if (pooling === "avg") {
    return layers.GlobalAveragePooling2D(named ? { name: "avg_pool" } : {})(x);
  }
  if (pooling === "max") return layers.GlobalMaxPooling2D(named ? { name: "max_pool" } : {})(x);
  return x;
}

/** How many zeros go before and behind rows and columns so that a convolution of stride 2 sees all, as TensorFlow's "same". */
export function paddingForStride2(
  x: KerasTensor,
  kernelSize: number,
): [[number, number], [number, number]] {
  const [rows, columns] = channelAxis() === 3 ? x.shape.slice(1, 3) : x.shape.slice(2, 4);
  const half = Math.floor(kernelSize / 2);
  // Keras looks at the rows alone.
  const adjust = (size: number | null) => rows === null || size === null ? 1 : 1 - size % 2;
  return [[half - adjust(rows), half], [half - adjust(columns), half]];
}

/** Filters as a multiple of a divisor, at most a tenth fewer. */
export function makeDivisible(filters: number, divisor: number): number {
  const rounded = Math.max(divisor, Math.floor((filters + divisor / 2) / divisor) * divisor);
  return rounded < 0.9 * filters ? rounded + divisor : rounded;
}
