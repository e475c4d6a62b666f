/**
 * Images inside a notebook or a terminal.
 * @module
 */
import { decodePng } from "./png.ts";

/** How terminals take images. */
export type TerminalProtocol = "kitty" | "iterm2" | "sixel";

/** Where an image is shown. */
export interface Terminal {
  /** How it takes images; undefined if it does not. */
  readonly protocol: TerminalProtocol | undefined;
  write(text: string): void;
}

/** What is used of https://docs.deno.com/runtime/reference/cli/jupyter/#io-pub-channel-broadcasting */
export interface Notebook {
  broadcast(message: "display_data", content: Record<string, unknown>): Promise<void>;
}

/** Options of {@linkcode showImage}. */
export interface ShowOptions {
  /** What it is called where no image can be shown; "image" unless given. */
  readonly name?: string;
  /** Width on the page in CSS pixels, where the PNG has more; its own width unless given. */
  readonly width?: number;
  /** Where it was written to, for the returned image. */
  readonly files?: readonly string[];
  /** The standard output unless given; then no notebook is looked for. */
  readonly terminal?: Terminal;
  /** The one that this runs in unless given. */
  readonly notebook?: Notebook;
}

/** A notebook's forms of a value, by media type. */
export type MediaBundle = Record<string, string | object>;

/**
 * A PNG that notebooks show: as the value of a cell it is displayed. Follows
 * https://docs.deno.com/runtime/reference/cli/jupyter/#rich-content-output
 */
export class Image {
  /** Whether it was shown already; the value of a cell is then only named. */
  shown = false;

  constructor(
    /** The file's bytes. */
    readonly png: Uint8Array<ArrayBuffer>,
    readonly name = "image",
    /** Where it was written to. */
    readonly files: readonly string[] = [],
  ) {}

  /** What Jupyter is given. */
  [Symbol.for("Jupyter.display")](): MediaBundle {
    const text = { "text/plain": this.name };
    return this.shown ? text : { ...text, "image/png": base64(this.png) };
  }
}

/**
 * Shows a PNG at once where it can be seen: in a notebook's cell, in a terminal that takes images. Elsewhere,
 * also where the standard output goes to a file or a pipe, nothing is printed.
 *
 * @returns the image, whose `shown` says whether it was
 *
 * @example
 * ```ts
 * import { rasterize, showImage } from "./mod.ts";
 * const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><circle cx="4" cy="4" r="4"/></svg>`;
 * const image = await showImage(await rasterize(svg), { name: "a dot" });
 * console.log(image.shown);
 * ```
 */
export async function showImage(
  png: Uint8Array<ArrayBuffer>,
  { name, width, files, terminal, notebook = terminal ? undefined : jupyter() }: ShowOptions = {},
): Promise<Image> {
  const image = new Image(png, name, files);
  if (notebook) {
    const data = { "image/png": base64(png), "text/plain": image.name };
    const metadata = width === undefined ? {} : { "image/png": { width } };
    await notebook.broadcast("display_data", { data, metadata, transient: {} });
    image.shown = true;
    return image;
  }
  const { protocol, write } = terminal ?? await standardOutput();
  if (protocol) {
    write(await terminalSequence(png, protocol) + "\n");
    image.shown = true;
  }
  return image;
}

/** The notebook that this runs in. */
function jupyter(): Notebook | undefined {
  try {
    // Outside a notebook reading it throws.
    return (Deno as unknown as { jupyter?: Notebook }).jupyter;
  } catch {
    return undefined;
  }
}

async function standardOutput(): Promise<Terminal> {
  const encoder = new TextEncoder();
  return {
    protocol: await terminalProtocol(Deno.stdout.isTerminal()),
    write: (text) => writeAll(encoder.encode(text)),
  };
}

function writeAll(bytes: Uint8Array): void {
  for (let done = 0; done < bytes.length;) done += Deno.stdout.writeSync(bytes.subarray(done));
}

/**
 * How the terminal of this process takes images, as far as its environment tells.
 *
 * @param isTerminal whether the output goes to it; if not, the answer is undefined
 */
export async function terminalProtocol(isTerminal: boolean): Promise<TerminalProtocol | undefined> {
  // A multiplexer swallows images, and passes on the variables of the terminal around it.
  const term = Deno.env.get("TERM") ?? "";
  if (!isTerminal || Deno.env.get("TMUX") || /^(screen|tmux|dumb)/.test(term)) return undefined;
  const { createSupportsTerminalGraphics } = await import("supports-terminal-graphics");
  const { kitty, iterm2, sixel } = createSupportsTerminalGraphics({ isTTY: true });
  if (kitty) return "kitty";
  if (iterm2) return "iterm2";
  return sixel || term.startsWith("foot") ? "sixel" : undefined;
}

/** The characters that show a PNG in a terminal. */
export function terminalSequence(
  png: Uint8Array<ArrayBuffer>,
  protocol: TerminalProtocol,
): Promise<string> {
  switch (protocol) {
    case "kitty":
      return Promise.resolve(kittySequence(png));
    case "iterm2":
      return Promise.resolve(iterm2Sequence(png));
    case "sixel":
      return sixelSequence(png);
  }
}

const KITTY_CHUNK = 4096;

/** https://sw.kovidgoyal.net/kitty/graphics-protocol/: a PNG (f=100), shown at once (a=T), no answer (q=2). */
function kittySequence(png: Uint8Array): string {
  const data = base64(png);
  const parts: string[] = [];
  for (let begin = 0; begin < data.length; begin += KITTY_CHUNK) {
    const more = begin + KITTY_CHUNK < data.length ? 1 : 0;
    const control = begin === 0 ? `f=100,a=T,q=2,m=${more}` : `m=${more}`;
    parts.push(`\x1b_G${control};${data.slice(begin, begin + KITTY_CHUNK)}\x1b\\`);
  }
  return parts.join("");
}

/** https://iterm2.com/documentation-images.html */
function iterm2Sequence(png: Uint8Array): string {
  return `\x1b]1337;File=inline=1;size=${png.length}:${base64(png)}\x07`;
}

async function sixelSequence(png: Uint8Array): Promise<string> {
  const [{ image2sixel }, { data, width, height, channels }] = await Promise.all([
    import("sixel"),
    decodePng(png),
  ]);
  const rgba = new Uint8Array(width * height * 4).fill(255);
  for (let pixel = 0; pixel < width * height; pixel++) {
    for (let c = 0; c < 4; c++) {
      const source = channels < 3 ? (c < 3 ? 0 : 1) : c;
      const missing = c === 3 && channels % 2 === 1;
      if (!missing) rgba[pixel * 4 + c] = data[pixel * channels + source];
    }
  }
  return image2sixel(rgba, width, height, 256);
}

function base64(bytes: Uint8Array): string {
  return (bytes as Uint8Array & { toBase64(): string }).toBase64();
}
