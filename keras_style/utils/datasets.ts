/**
 * Data sets divided, and of image files in folders. Follows https://keras.io/api/data_loading/
 * @module
 */
import * as tf from "@tensorflow/tfjs";
import { fileURLToPath } from "node:url";
import { RandomStream } from "../../onnx/mod.ts";
import { Dataset, type Element } from "../data/dataset.ts";
import { type Interpolation, resizeImages } from "../layers/preprocessing/resize_matrix.ts";
import { checkChoice, checkNumber, readOptions, show } from "../options.ts";
import { drawPermutation } from "../random/seed.ts";
import {
  type ColorMode,
  type DecodedImage,
  decodeImage,
  type ImageDecoder,
  inColors,
} from "./decode_image.ts";

/** Options of {@linkcode splitDataset}; one of the sizes is needed. */
export interface SplitOptions {
  /** How many elements the first part has; a number below 1 is a share. */
  readonly leftSize?: number | null;
  /** How many elements the second part has; a number below 1 is a share. */
  readonly rightSize?: number | null;
}

/**
 * A data set as two, in order.
 *
 * @throws {RangeError} for a data set without an end, or parts that do not fit
 */
export function splitDataset<E extends Element>(
  dataset: Dataset<E>,
  options: SplitOptions,
): [left: Dataset<E>, right: Dataset<E>] {
  const { leftSize, rightSize } = readOptions("splitDataset", options, {
    leftSize: null,
    rightSize: null,
  });
  const count = dataset.cardinality();
  if (count === undefined || count === Infinity) {
    throw new RangeError(
      `splitDataset: the data set has ${count} elements, expected a known number`,
    );
  }
  const sizeOf = (size: number) => size < 1 ? Math.round(size * count) : size;
  if (leftSize === null && rightSize === null) {
    throw new TypeError("splitDataset: leftSize and rightSize are missing, expected one of them");
  }
  const left = leftSize === null ? count - sizeOf(rightSize!) : sizeOf(leftSize);
  const right = rightSize === null ? count - left : sizeOf(rightSize);
  checkNumber("splitDataset", "leftSize", left, { from: 0, to: count, integer: true });
  checkNumber("splitDataset", "rightSize", right, { from: 0, to: count - left, integer: true });
  return [dataset.take(left), dataset.skip(left).take(right)];
}

/** Options of {@linkcode imageDatasetFromDirectory}. */
export interface ImageDirectoryOptions {
  /** "rgb" unless given: images of 3 channels, whatever the files have. */
  readonly colorMode?: ColorMode;
  /** Makes pixels of a file's bytes; PNG and JPEG are read unless given. */
  readonly decode?: ImageDecoder;
  /** "int" (unless given), "categorical" (one-hot), "binary" (two folders), or null for images alone. */
  readonly labelMode?: "int" | "categorical" | "binary" | null;
  /** The folders that are classes, in order; all, sorted, unless given. */
  readonly classNames?: readonly string[] | null;
  /** [rows, columns] of all images; [256, 256] unless given. */
  readonly imageSize?: readonly [number, number];
  /** 32 unless given; null for images one by one. */
  readonly batchSize?: number | null;
  /** Whether the order is random (and another one in each pass); true unless given. */
  readonly shuffle?: boolean;
  /** Makes the division into training and validation repeatable; needed with `validationSplit` and `shuffle`. */
  readonly seed?: number | null;
  /** Which share of the files is for validation; none unless given. */
  readonly validationSplit?: number | null;
  /** Which part is wanted, with `validationSplit`. */
  readonly subset?: "training" | "validation" | null;
  /** "bilinear" unless given. */
  readonly interpolation?: Interpolation;
  /** Endings of files that are images. */
  readonly extensions?: readonly string[];
}

/** A data set of images with the names of their classes. */
export type ImageDataset = Dataset<Element> & { readonly classNames: readonly string[] };

const DEFAULTS = {
  decode: decodeImage as ImageDecoder,
  colorMode: "rgb" as ColorMode,
  labelMode: "int",
  classNames: null,
  imageSize: [256, 256] as readonly [number, number],
  batchSize: 32,
  shuffle: true,
  seed: null,
  validationSplit: null,
  subset: null,
  interpolation: "bilinear",
  extensions: [".png", ".jpg", ".jpeg", ".bmp", ".gif"] as readonly string[],
};

/**
 * Images of files in a folder a class (and in the folders of that), read when they are wanted: [rows, columns, channels] from 0
 * to 255, and labels. Hidden folders are no classes.
 *
 * @throws {RangeError} if there are no classes or no images, other folders than `classNames`, or not two classes that are "binary"
 */
export function imageDatasetFromDirectory(
  directory: string | URL,
  options: ImageDirectoryOptions = {},
): ImageDataset {
  const owner = "imageDatasetFromDirectory";
  const own = readOptions(owner, options, DEFAULTS);
  checkChoice(owner, "colorMode", own.colorMode, ["grayscale", "rgb", "rgba"]);
  if (own.labelMode !== null) {
    checkChoice(owner, "labelMode", own.labelMode, ["int", "categorical", "binary"]);
  }
  const root = directory instanceof URL ? fileURLToPath(directory) : directory;
  const classNames = chosenClasses(owner, root, own.classNames);
  if (own.labelMode === "binary" && classNames.length !== 2) {
    throw new RangeError(
      `${owner}: labelMode is "binary" with the classes ${show(classNames)}, expected two classes`,
    );
  }
  const files = classNames.flatMap((name, label) =>
    imagesIn(`${root}/${name}`, own.extensions).map((path) => ({ path, label }))
  );
  if (files.length === 0) {
    throw new RangeError(
      `${owner}: "${root}" has no images in the folders ${
        show(classNames)
      }, expected a folder for ` +
        `each class with files ending in ${own.extensions.join(", ")}`,
    );
  }
  const part = subsetOf(owner, files, own);
  const images = Dataset.fromIndices<Element>(part.length, (index) => {
    const { path, label } = part[index];
    const decoded = inColors(own.decode(Deno.readFileSync(path), path), own.colorMode);
    const image = pixels(decoded, own.imageSize, own.interpolation);
    return own.labelMode === null
      ? image
      : [image, labelTensor(label, own.labelMode, classNames.length)];
  });
  const ordered = own.shuffle
    ? images.shuffle(part.length, own.seed === null ? {} : { seed: own.seed })
    : images;
  const made = own.batchSize === null ? ordered : ordered.batch(own.batchSize);
  return Object.assign(made, { classNames }) as ImageDataset;
}

/** The folders that are classes: all but hidden ones, or those that are named. */
function chosenClasses(
  owner: string,
  root: string,
  named: readonly string[] | null,
): readonly string[] {
  const folders = [...Deno.readDirSync(root)]
    .filter((entry) => !entry.name.startsWith(".") && isFolder(`${root}/${entry.name}`, entry))
    .map(({ name }) => name).sort();
  const stray = named?.find((name) => !folders.includes(name));
  if (stray === undefined) return named ?? folders;
  throw new RangeError(
    `${owner}: classNames has ${show(stray)}, expected names of folders in "${root}": ${
      show(folders)
    }`,
  );
}

/** Whether it is a folder, or a link to one. */
function isFolder(path: string, { isDirectory, isSymlink }: Deno.DirEntry): boolean {
  return isDirectory || isSymlink && Deno.statSync(path).isDirectory;
}

/** Files of a folder and those within, in the order of Python's sorted `os.walk`; links to folders within are not followed. */
function imagesIn(folder: string, extensions: readonly string[]): string[] {
  return withFolders(folder).sort().flatMap((root) =>
    [...Deno.readDirSync(root)]
      .filter((entry) =>
        extensions.some((ending) => entry.name.toLowerCase().endsWith(ending)) &&
        !isFolder(`${root}/${entry.name}`, entry)
      )
      .map(({ name }) => `${root}/${name}`).sort()
  );
}

/** A folder and all within. */
function withFolders(folder: string): string[] {
  const within = [...Deno.readDirSync(folder)].filter(({ isDirectory }) => isDirectory);
  return [folder, ...within.flatMap(({ name }) => withFolders(`${folder}/${name}`))];
}

/** The files of a part; the same division for the same seed. */
function subsetOf<T>(
  owner: string,
  files: readonly T[],
  options: {
    readonly validationSplit: number | null;
    readonly subset: string | null;
    readonly shuffle: boolean;
    readonly seed: number | null;
  },
): readonly T[] {
  const { validationSplit, subset, shuffle, seed } = options;
  if (validationSplit === null && subset === null) return files;
  checkNumber(owner, "validationSplit", validationSplit, { above: 0, below: 1 });
  checkChoice(owner, "subset", subset, ["training", "validation"]);
  if (shuffle && seed === null) {
    throw new TypeError(
      `${owner}: seed is null, expected a number: without one the parts would overlap`,
    );
  }
  const order = shuffle
    ? [
      ...(seed === null
        ? drawPermutation(files.length)
        : new RandomStream(seed).permutation(files.length)),
    ]
    : files.map((_, i) => i);
  const held = Math.floor(validationSplit! * files.length);
  const cut = files.length - held;
  const kept = subset === "training" ? order.slice(0, cut) : order.slice(cut);
  return kept.map((i) => files[i]);
}

function pixels(
  { data, width, height, channels }: DecodedImage,
  [rows, columns]: readonly [number, number],
  interpolation: Interpolation,
): tf.Tensor {
  return tf.tidy(() => {
    const image = tf.tensor(data as Float32Array, [1, height, width, channels]);
    return tf.squeeze(resizeImages(image, [rows, columns], interpolation), [0]);
  });
}

function labelTensor(label: number, mode: string, classes: number): tf.Tensor {
  if (mode === "int") return tf.scalar(label, "int32");
  if (mode === "binary") return tf.tensor1d([label]);
  return tf.tensor1d(Array.from({ length: classes }, (_, i) => i === label ? 1 : 0));
}
