/**
 * The font of all images: with a font of our own an image is the same on every machine.
 * @module
 */

/** The family's name, as a style or an attribute names it. */
export const FONT_FAMILY = "Inter";

/** For an image that a browser may show on a machine without the font. */
export const FONT_STACK = `${FONT_FAMILY}, system-ui, sans-serif`;

/** Weights that are there; others are drawn with the nearest. */
export type FontWeight = 400 | 600;

const FILES: Readonly<Record<FontWeight, string>> = {
  400: "@expo-google-fonts/inter/400Regular/Inter_400Regular.ttf",
  600: "@expo-google-fonts/inter/600SemiBold/Inter_600SemiBold.ttf",
};

let loading: Promise<Readonly<Record<FontWeight, Uint8Array>>> | undefined;

/** The font's files (TrueType), read once. */
export function loadFont(): Promise<Readonly<Record<FontWeight, Uint8Array>>> {
  return loading ??= readFont();
}

async function readFont(): Promise<Readonly<Record<FontWeight, Uint8Array>>> {
  const read = (weight: FontWeight) => Deno.readFile(new URL(import.meta.resolve(FILES[weight])));
  const [regular, semiBold] = await Promise.all([read(400), read(600)]);
  return { 400: regular, 600: semiBold };
}
