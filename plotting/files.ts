/**
 * Images as files: written beside their place and then moved there, so that a file is always whole.
 * @module
 */
import { dirname, extname } from "node:path";
import { rasterize, type RasterizeOptions } from "./rasterize.ts";

/** An image cannot be written; the message names the file and says why. */
export class ImageFileError extends Error {
  override name = "ImageFileError";
}

/** Writes bytes or text in one go; folders that are missing are made. @throws {ImageFileError} */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const part = `${path}.${crypto.randomUUID().slice(0, 8)}.part`;
  try {
    await Deno.mkdir(dirname(path), { recursive: true });
    if (typeof content === "string") await Deno.writeTextFile(part, content);
    else await Deno.writeFile(part, content);
    await Deno.rename(part, path);
  } catch (error) {
    await Deno.remove(part).catch(() => {});
    const why = error instanceof Error ? error.message : String(error);
    throw new ImageFileError(`the image "${path}" cannot be written: ${why}`);
  }
}

/**
 * Where the PNG and the SVG of one image go: of `net.png`, `net.svg` and `net` alike, `net.png` and `net.svg`.
 *
 * @param name the option that the path came from, for the error
 * @throws {TypeError} if the path is empty or names another kind of file
 */
export function imagePaths(path: string, name = "path"): { png: string; svg: string } {
  const kind = typeof path === "string" ? extname(path).toLowerCase() : undefined;
  if (kind === undefined || path === "" || (kind !== "" && kind !== ".png" && kind !== ".svg")) {
    throw new TypeError(
      `${name} is ${JSON.stringify(path)}, expected a file's name that ends in .png or .svg`,
    );
  }
  const stem = kind === "" ? path : path.slice(0, -kind.length);
  return { png: `${stem}.png`, svg: `${stem}.svg` };
}

/**
 * Writes an SVG as it is and as a PNG beside it, of twice its size unless given otherwise.
 *
 * @returns the PNG's bytes and the paths of both files
 * @throws {ImageFileError} if a file cannot be written
 * @throws {TypeError} if the path names another kind of file
 *
 * @example
 * ```ts
 * import { writeImage } from "./mod.ts";
 * const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle cx="4" cy="4" r="4"/></svg>`;
 * const { files } = await writeImage("report/dot", svg);
 * console.log(files); // [ "report/dot.png", "report/dot.svg" ]
 * ```
 */
export async function writeImage(
  path: string,
  svg: string,
  options: RasterizeOptions = {},
): Promise<{ png: Uint8Array<ArrayBuffer>; files: string[] }> {
  const paths = imagePaths(path);
  const png = await rasterize(svg, { scale: 2, ...options });
  await writeWhole(paths.svg, svg);
  await writeWhole(paths.png, png);
  return { png, files: [paths.png, paths.svg] };
}
