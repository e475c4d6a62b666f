/**
 * Images of a data set with the names of their classes.
 * @module
 */
import { extname } from "node:path";
import {
  element,
  encodePng,
  escapeXml,
  FONT_STACK,
  type Image,
  type Pixels,
  rasterize,
  svgDocument,
  textMeasure,
  type Theme,
  themeColours,
  type ThemeName,
  writeWhole,
} from "../../plotting/mod.ts";
import { hostRows, type Samples } from "../data/host_rows.ts";
import { readOptions } from "../options.ts";
import { firstImages } from "./pixel_bytes.ts";
import { present, PRESENT_DEFAULTS, type PresentOptions } from "./present.ts";

/** Options of {@linkcode showSamples}. */
export interface ShowSamplesOptions extends PresentOptions {
  /** Rows of the grid; 3 unless given. */
  readonly rows?: number;
  /** Images in a row; 4 unless given. */
  readonly cols?: number;
  /** The PNG's file; `samples.png` unless given. */
  readonly path?: string;
  /** A line above the grid; none unless given. */
  readonly title?: string;
  /** Colours around the images; `light` unless given. */
  readonly theme?: ThemeName;
}

const GAP = 12;
const FONT_SIZE = 13;
const LABEL_HEIGHT = 22;
const TITLE_SIZE = 16;
const TITLE_HEIGHT = 30;
/** The smaller side of a tile, about. */
const TILE = 96;
const MOST = 100;

/**
 * Draws the first images in a grid, each over the name of its class, and writes it as a PNG. In a notebook, and in a
 * terminal that takes images, the grid is shown too. Fewer images than positions leave the rest empty.
 *
 * @param images images [n, height, width, channels] or [n, height, width]: integers from 0 to 255 or floats from
 * 0 to 1; 1, 3 or 4 channels
 * @param labels classes [n] or [n, 1], as indices into the names
 * @returns the image; its `files` holds the path
 * @throws {RangeError} if a shape, a value, a class, `rows` or `cols` is out of range
 * @throws {ImageFileError} if the file cannot be written
 *
 * @example
 * ```ts
 * import { datasets, keras } from "@tandem/tandem";
 * const { train, classNames } = await datasets.loadDataset("shapes10", { limit: 100 });
 * const [images, labels] = keras.imagesOf(train);
 * const { files } = await keras.showSamples(images, labels, classNames, { rows: 3, cols: 4 });
 * console.log(files); // [ "samples.png" ]
 * ```
 */
export async function showSamples(
  images: Samples,
  labels: Samples,
  classNames: readonly string[],
  options: ShowSamplesOptions = {},
): Promise<Image> {
  const own = readOptions("showSamples", options, {
    rows: 3,
    cols: 4,
    path: "samples.png",
    title: undefined,
    theme: "light" as const,
    ...PRESENT_DEFAULTS,
  });
  const { rows, cols, path, theme, title } = own;
  checkGrid(rows, cols, path);
  const colours = themeColours(theme);
  const pixels = await firstImages("images", images, rows * cols);
  const names = await namesOf(labels, classNames, pixels.length);
  const { svg, width } = await drawGrid(pixels, names, cols, colours, title);
  const png = await rasterize(svg, { scale: 2, background: colours.ground });
  await writeWhole(path, png);
  const name = title ?? `${pixels.length} images: ${names.join(", ")}`;
  return await present(png, { name, width, files: [path] }, own);
}

function checkGrid(rows: number, cols: number, path: string): void {
  for (const [name, value] of [["rows", rows], ["cols", cols]] as const) {
    if (!Number.isInteger(value) || value < 1 || value > MOST) {
      throw new RangeError(
        `showSamples: ${name} is ${value}, expected an integer from 1 to ${MOST}`,
      );
    }
  }
  if (typeof path !== "string" || extname(path).toLowerCase() !== ".png") {
    throw new TypeError(
      `showSamples: path is ${JSON.stringify(path)}, expected a file's name that ends in .png`,
    );
  }
}

/** The names of the first samples' classes. */
async function namesOf(
  labels: Samples,
  classNames: readonly string[],
  count: number,
): Promise<string[]> {
  const { data, shape } = await hostRows("labels", labels, "int32");
  if (shape.length > 2 || (shape[1] ?? 1) !== 1 || shape[0] < count) {
    throw new RangeError(
      `labels has shape [${shape}], expected [n] or [n, 1] with a class for every image`,
    );
  }
  return Array.from(data.subarray(0, count), (label, i) => {
    const name = classNames[label];
    if (typeof name !== "string") {
      throw new RangeError(
        `labels[${i}] is ${label}, expected a class from 0 to ${classNames.length - 1}`,
      );
    }
    return name;
  });
}

async function drawGrid(
  pixels: readonly Pixels[],
  names: readonly string[],
  cols: number,
  colours: Theme,
  title?: string,
): Promise<{ svg: string; width: number }> {
  const zoom = Math.max(1, Math.round(TILE / Math.min(pixels[0].width, pixels[0].height)));
  const [tileWidth, tileHeight] = [pixels[0].width * zoom, pixels[0].height * zoom];
  const top = GAP + (title ? TITLE_HEIGHT : 0);
  const usedCols = Math.min(cols, pixels.length);
  const width = GAP + usedCols * (tileWidth + GAP);
  const height = top + Math.ceil(pixels.length / cols) * (tileHeight + LABEL_HEIGHT + GAP);
  const shorten = await shortener(tileWidth + GAP / 2);
  const tiles = await Promise.all(pixels.map(async (image, i) => {
    const x = GAP + (i % cols) * (tileWidth + GAP);
    const y = top + Math.floor(i / cols) * (tileHeight + LABEL_HEIGHT + GAP);
    const size = { x, y, width: tileWidth, height: tileHeight };
    return await drawTile(image, size) +
      drawLabel(names[i], shorten(names[i]), x + tileWidth / 2, y + tileHeight + 17, colours.ink);
  }));
  const heading = title
    ? [textAt(width / 2, GAP + TITLE_SIZE, TITLE_SIZE, colours.ink, escapeXml(title), 600)]
    : [];
  const ground = element("rect", { width, height, fill: colours.ground });
  const name = title ?? "Images with the names of their classes";
  return { svg: svgDocument({ width, height, name }, [ground, ...heading, ...tiles]), width };
}

interface Box {
  readonly x: number;
  readonly y: number;
  readonly width: number;
  readonly height: number;
}

/** An image, its pixels as squares. */
async function drawTile(image: Pixels, { x, y, width, height }: Box): Promise<string> {
  const href = `data:image/png;base64,${(await encodePng(image)).toBase64()}`;
  return element("image", { x, y, width, height, "image-rendering": "optimizeSpeed", href });
}

function drawLabel(name: string, shown: string, x: number, y: number, fill: string): string {
  const whole = shown === name ? "" : element("title", {}, escapeXml(name));
  return textAt(x, y, FONT_SIZE, fill, whole + escapeXml(shown));
}

function textAt(
  x: number,
  y: number,
  size: number,
  fill: string,
  content: string,
  weight?: 600,
): string {
  const look = { "font-family": FONT_STACK, "font-size": size, "font-weight": weight, fill };
  return element("text", { x, y, "text-anchor": "middle", ...look }, content);
}

/** Cuts what is too wide. */
async function shortener(width: number): Promise<(text: string) => string> {
  const widthOf = await textMeasure();
  return (text) => {
    if (widthOf(text, { size: FONT_SIZE }) <= width) return text;
    const letters = [...text];
    while (letters.length > 0 && widthOf(`${letters.join("")}…`, { size: FONT_SIZE }) > width) {
      letters.pop();
    }
    return `${letters.join("").trimEnd()}…`;
  };
}
