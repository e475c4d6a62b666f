/**
 * Datasets whose samples are changed on their way, and images in folders.
 * @module
 */
import { tensor } from "../creation.ts";
import type { Tensor } from "../tensor.ts";
import type { Dataset, Sample } from "./dataset.ts";

/** Options of {@linkcode TransformedDataset}. */
export interface TransformOptions {
  /** What the first tensor of a sample becomes: an image, by a transform of `torch.transforms`. */
  readonly transform?: (input: Tensor) => Tensor;
  /** What the second tensor becomes: the label. */
  readonly targetTransform?: (target: Tensor) => Tensor;
}

/**
 * A dataset whose samples are changed each time that they are asked for. PyTorch's datasets take transforms themselves; this
 * is for those that do not.
 *
 * @example
 * ```ts
 * import { datasets, torch } from "@tandem/tandem";
 * const { train } = await datasets.loadDataset("shapes10", { limit: 20 });
 * const { Compose, RandomCrop, RandomHorizontalFlip } = torch.transforms;
 * const images = new torch.data.TransformedDataset(new torch.ImageDataset(train), {
 *   transform: new Compose([new RandomCrop(32, { padding: 4 }), new RandomHorizontalFlip()]),
 * });
 * console.log(images.getItem(0)[0].shape); // [3, 32, 32]
 * ```
 */
export class TransformedDataset implements Dataset {
  constructor(readonly dataset: Dataset, readonly options: TransformOptions) {}

  get length(): number {
    return this.dataset.length;
  }

  getItem(index: number): Sample {
    const [input, target, ...rest] = this.dataset.getItem(index);
    const { transform, targetTransform } = this.options;
    const changed = transform ? transform(input) : input;
    if (target === undefined) return [changed];
    return [changed, targetTransform ? targetTransform(target) : target, ...rest];
  }
}

/** Options of {@linkcode ImageFolder.open}. */
export interface ImageFolderOptions extends TransformOptions {
  /** Makes an image of a file's bytes: a decoder, and `torch.transforms.ToTensor`. */
  readonly loader: (bytes: Uint8Array<ArrayBuffer>, path: string) => Tensor;
  /** Endings of files that are images, in lower case; the usual ones unless given. */
  readonly extensions?: readonly string[];
}

const EXTENSIONS = [".jpg", ".jpeg", ".png", ".ppm", ".bmp", ".pgm", ".tif", ".tiff", ".webp"];

/**
 * Images in folders, a folder each class: classes are numbered in the order of their names. A file is read when its sample is
 * asked for.
 * Follows https://docs.pytorch.org/vision/stable/generated/torchvision.datasets.ImageFolder.html
 */
export class ImageFolder implements Dataset {
  private constructor(
    /** Names of the classes. */
    readonly classes: readonly string[],
    /** Each image's file and class. */
    readonly samples: readonly (readonly [path: string, target: number])[],
    readonly options: ImageFolderOptions,
  ) {}

  /**
   * Looks through the folders below `root`.
   *
   * @throws {Error} if there is no folder, or one without an image
   */
  static async open(root: string, options: ImageFolderOptions): Promise<ImageFolder> {
    const entries = await Array.fromAsync(Deno.readDir(root));
    const classes = entries.filter((entry) => entry.isDirectory).map((entry) => entry.name).sort();
    if (classes.length === 0) throw new Error(`Couldn't find any class folder in ${root}.`);
    const extensions = options.extensions ?? EXTENSIONS;
    const samples: [string, number][] = [];
    for (const [target, name] of classes.entries()) {
      const files = await filesBelow(`${root}/${name}`);
      const images = files.filter((path) =>
        extensions.some((end) => path.toLowerCase().endsWith(end))
      ).sort();
      if (images.length === 0) {
        throw new Error(
          `Found no valid file for the class ${name}. Supported extensions are: ${
            extensions.join(", ")
          }`,
        );
      }
      samples.push(...images.map((path): [string, number] => [path, target]));
    }
    return new ImageFolder(classes, samples, options);
  }

  /** The number of each class. */
  get classToIdx(): Record<string, number> {
    return Object.fromEntries(this.classes.map((name, i) => [name, i]));
  }

  get length(): number {
    return this.samples.length;
  }

  getItem(index: number): Sample {
    const [path, target] = this.samples[index];
    const { loader, transform, targetTransform } = this.options;
    const image = loader(Deno.readFileSync(path), path);
    const label = tensor(target);
    return [transform ? transform(image) : image, targetTransform ? targetTransform(label) : label];
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await Array.fromAsync(Deno.readDir(folder));
  const found = await Promise.all(entries.map((entry) => {
    const path = `${folder}/${entry.name}`;
    // Links are not followed: a loop of them would never end.
    return entry.isDirectory ? filesBelow(path) : entry.isFile ? [path] : [];
  }));
  return found.flat();
}
