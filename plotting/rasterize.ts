/**
 * SVG to pixels, by resvg: no browser, no fonts of the machine, the same bytes everywhere.
 * @module
 */
import type { Resvg } from "@resvg/resvg-wasm";
import { FONT_FAMILY, type FontWeight, loadFont } from "./font.ts";
import { escapeXml } from "./svg.ts";

/** Options of {@linkcode rasterize}. */
export interface RasterizeOptions {
  /** Pixels for one unit of the SVG, such as 2 for a screen of high resolution; 1 unless given. */
  readonly scale?: number;
  /** A CSS colour under the image; transparent unless given. */
  readonly background?: string;
}

/** How text is set. */
export interface TextStyle {
  /** Height of the font in units of the SVG. */
  readonly size: number;
  /** 400 unless given. */
  readonly weight?: FontWeight;
}

const MAX_PIXELS = 64e6;

type Engine = typeof Resvg;
type EngineOptions = ConstructorParameters<Engine>[1];

let starting: Promise<{ Resvg: Engine; options: EngineOptions }> | undefined;

/** The WebAssembly module, loaded at the first image. */
function engine(): NonNullable<typeof starting> {
  return starting ??= start();
}

async function start(): Promise<{ Resvg: Engine; options: EngineOptions }> {
  const { initWasm, Resvg } = await import("@resvg/resvg-wasm");
  await initWasm(
    await Deno.readFile(new URL(import.meta.resolve("@resvg/resvg-wasm/index_bg.wasm"))),
  );
  const font = await loadFont();
  const families = { defaultFontFamily: FONT_FAMILY, sansSerifFamily: FONT_FAMILY };
  return { Resvg, options: { font: { fontBuffers: [font[400], font[600]], ...families } } };
}

/**
 * Draws an SVG as a PNG. Text is drawn in our font whatever family it names; nothing outside the SVG is read.
 *
 * @param svg the whole document
 * @returns the PNG's bytes, of `width * scale` by `height * scale` pixels
 * @throws {TypeError} if the text is no SVG
 * @throws {RangeError} if the scale is not above 0 or the image would have more than 64 million pixels
 *
 * @example
 * ```ts
 * import { rasterize } from "./mod.ts";
 * const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle cx="4" cy="4" r="4"/></svg>`;
 * await Deno.writeFile("dot.png", await rasterize(svg, { scale: 2, background: "white" }));
 * ```
 */
export async function rasterize(
  svg: string,
  { scale = 1, background }: RasterizeOptions = {},
): Promise<Uint8Array<ArrayBuffer>> {
  if (!(scale > 0) || scale === Infinity) {
    throw new RangeError(`rasterize: scale is ${scale}, expected a number above 0`);
  }
  const { Resvg, options } = await engine();
  const drawing = parse(Resvg, svg, {
    ...options,
    fitTo: { mode: "zoom", value: scale },
    ...(background === undefined ? {} : { background }),
  });
  try {
    const pixels = drawing.width * drawing.height * scale * scale;
    if (pixels > MAX_PIXELS) {
      throw new RangeError(
        `rasterize: the image would have ${drawing.width * scale} x ${drawing.height * scale} ` +
          `pixels, expected at most ${MAX_PIXELS / 1e6} million`,
      );
    }
    const image = drawing.render();
    try {
      return Uint8Array.from(image.asPng());
    } finally {
      image.free();
    }
  } finally {
    drawing.free();
  }
}

function parse(Resvg: Engine, svg: string, options: EngineOptions): InstanceType<Engine> {
  try {
    return new Resvg(svg, options);
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new TypeError(`rasterize: the text is no SVG that can be drawn: ${why}`);
  }
}

/**
 * Loads the font and returns a function that says how wide a line of text is, in units of the SVG.
 *
 * @example
 * ```ts
 * import { textMeasure } from "./mod.ts";
 * const widthOf = await textMeasure();
 * console.log(widthOf("accuracy", { size: 12 }) > widthOf("loss", { size: 12 })); // true
 * ```
 */
export async function textMeasure(): Promise<(text: string, style: TextStyle) => number> {
  const { Resvg } = await engine();
  const font = await loadFont();
  return (text, { size, weight = 400 }) => {
    const key = `${weight} ${text}`;
    const known = widths.get(key) ?? measure(Resvg, font[weight], text);
    if (widths.size < MAX_WIDTHS) widths.set(key, known);
    return known * size;
  };
}

const MAX_WIDTHS = 10_000;
/** Widths at size 1. */
const widths = new Map<string, number>();
const MEASURED_SIZE = 100;

function measure(Resvg: Engine, font: Uint8Array, text: string): number {
  // The box is that of the ink: between two letters, blanks at the ends count too.
  const inked = (line: string) => {
    const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="1" height="1">` +
      `<text y="${MEASURED_SIZE}" font-size="${MEASURED_SIZE}">${escapeXml(line)}</text></svg>`;
    const image = new Resvg(svg, {
      font: { fontBuffers: [font], defaultFontFamily: FONT_FAMILY },
    });
    const width = image.getBBox()?.width ?? 0;
    image.free();
    return width;
  };
  lettersWidth ??= inked("nn");
  return (inked(`n${text}n`) - lettersWidth) / MEASURED_SIZE;
}

let lettersWidth: number | undefined;
