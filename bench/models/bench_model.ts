/**
 * What a model of the bench is: one network, in the Keras idiom, in the PyTorch idiom, or in both.
 * @module
 */
import type * as tf from "@tensorflow/tfjs";
import type * as keras from "../../keras_style/mod.ts";
import type * as torch from "../../torch_style/mod.ts";
import type { Conversion } from "./conversion.ts";

/** What a network is made for. */
export interface ModelSpec {
  /** Shape of one image, as the idiom has it: Keras [height, width, channels], PyTorch [channels, height, width]. */
  readonly inputShape: readonly number[];
  /** How many logits it gives. */
  readonly classes: number;
}

/** What a Keras builder is given. */
export interface KerasSpec extends ModelSpec {
  /**
   * Keras' `data_format`; `channelsLast` unless given. With `channelsFirst`, `inputShape` is [channels, height, width]
   * too; a builder passes it on to its convolutions and poolings. Only `bench layout` asks for it.
   */
  readonly dataFormat?: keras.DataFormat;
}

/** Makes the network in the Keras idiom; it gives logits [batch, classes]. */
export type KerasBuilder = (spec: KerasSpec) => keras.Model;

/** The network in the PyTorch idiom; it gives logits [batch, classes]. */
export type TorchModelClass = new (spec: ModelSpec) => torch.nn.Module;

/** What a module has of a network in the Keras idiom. */
export interface KerasModelModule {
  readonly kerasModel: KerasBuilder;
  /**
   * Sets the weights that depend on the data, such as filters that whiten it: called once, before training.
   *
   * @param images some training images as the network is given them, in its `dataFormat`
   */
  readonly initializeKerasModel?: (model: keras.Model, images: tf.Tensor) => Promise<void>;
}

/** What a module has of a network in the PyTorch idiom. */
export interface TorchModelModule {
  readonly TorchModel: TorchModelClass;
  /**
   * Sets the weights that depend on the data, such as filters that whiten it: called once, before training.
   *
   * @param images some training images as the network is given them, [n, channels, height, width]
   */
  readonly initializeTorchModel?: (network: torch.nn.Module, images: torch.Tensor) => Promise<void>;
}

/** What others say of a network: its size and how well it does. */
export interface PublishedFigures {
  /** Parameters as they are printed there, such as `0.27 M` or `3,504,872`; null where they are not. */
  readonly parameters: string | null;
  /** Of the images that these are for; [32, 32, 3] unless given. */
  readonly imageShape?: readonly [height: number, width: number, channels: number];
  /** 10 unless given. */
  readonly classes?: number;
  /** How many of those the network here has not, since its filters or positions are for small images; 0 unless given. */
  readonly fewer?: number;
  /** Share of the test images whose class is right, and of which; null where nobody says. */
  readonly accuracy: string | null;
  /** Where that stands. */
  readonly source: string;
}

/** A parameter's name here, and what becomes of it elsewhere: as in `String.replace`. */
export type NameRule = readonly [own: RegExp, other: string];

/** Rules by who names the parameters of the PyTorch idiom so: `torchvision`, `timm`. No rule: they have the same names. */
export type NameMaps = Readonly<Record<string, readonly NameRule[]>>;

/** A model as `bench/models/NAME/model.ts` exports it, or as it is made of a user's file. */
export interface BenchModel {
  /** Short, for tables and file names: letters, digits, `_` and `-`. */
  readonly name: string;
  /** One line for reports. */
  readonly title: string;
  /** A page where the network is described; null where there is none. */
  readonly source: string | null;
  /** Trained values for 32x32x3 images in 10 classes; null where nobody said. */
  readonly parameters: number | null;
  /** How parameters of the PyTorch idiom are called elsewhere. */
  readonly names: NameMaps;
  /** Null where nobody has published this network. */
  readonly published: PublishedFigures | null;
  /** The least height and width of an image that it takes. */
  readonly smallestImage: readonly [height: number, width: number];
  /** Null where the model is not written in the Keras idiom. */
  readonly keras: (() => Promise<KerasModelModule>) | null;
  /** Null where the model is not written in the PyTorch idiom. */
  readonly torch: (() => Promise<TorchModelModule>) | null;
  /** What is said of its conversion from one idiom to the other, where that cannot be read from the two. */
  readonly conversion?: Conversion;
  /** The user's file, absolute; null for a model of the bench. */
  readonly file: string | null;
}

/** A model that the bench brings along: what its folder's `model.ts` says. */
export type BenchModelEntry =
  & Omit<BenchModel, "file" | "names">
  & Partial<Pick<BenchModel, "names">>;

/** A model that cannot be used: the message is one line for the user. */
export class ModelError extends Error {
  override name = "ModelError";
}
