import { assert, assertEquals, assertLess } from "@std/assert";
import { decode } from "sixel";
import {
  encodePng,
  Image,
  showImage,
  terminalProtocol,
  terminalSequence,
} from "../../plotting/mod.ts";

const TERMINAL_VARIABLES =
  /^(TERM|TERM_PROGRAM|TERM_PROGRAM_VERSION|LC_TERMINAL|TMUX|KITTY_.*|WEZTERM_.*|GHOSTTY_.*|KONSOLE_.*)$/;

/** What is found with these variables of the terminal and no others. */
async function protocolWith(variables: Record<string, string>, isTerminal = true) {
  const before = Object.entries(Deno.env.toObject()).filter(([name]) =>
    TERMINAL_VARIABLES.test(name)
  );
  try {
    for (const [name] of before) Deno.env.delete(name);
    for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
    return await terminalProtocol(isTerminal);
  } finally {
    for (const name of Object.keys(variables)) Deno.env.delete(name);
    for (const [name, value] of before) Deno.env.set(name, value);
  }
}

Deno.test("the terminal's way of taking images is read from its variables", async () => {
  assertEquals(await protocolWith({ TERM: "xterm-256color" }), undefined);
  assertEquals(await protocolWith({ TERM: "xterm-kitty" }), "kitty");
  assertEquals(await protocolWith({ KITTY_WINDOW_ID: "1" }), "kitty");
  assertEquals(
    await protocolWith({ TERM_PROGRAM: "iTerm.app", TERM_PROGRAM_VERSION: "3.4.0" }),
    "iterm2",
  );
  assertEquals(
    await protocolWith({ TERM_PROGRAM: "vscode", TERM_PROGRAM_VERSION: "1.90.0" }),
    "iterm2",
  );
  assertEquals(await protocolWith({ TERM: "foot" }), "sixel");
  assertEquals(await protocolWith({ TERM: "mlterm" }), "sixel");
});

Deno.test("no images inside a multiplexer, nor where the output is no terminal", async () => {
  assertEquals(await protocolWith({ KITTY_WINDOW_ID: "1", TMUX: "/tmp/tmux" }), undefined);
  assertEquals(await protocolWith({ KITTY_WINDOW_ID: "1", TERM: "screen" }), undefined);
  assertEquals(await protocolWith({ KITTY_WINDOW_ID: "1", TERM: "dumb" }), undefined);
  assertEquals(await protocolWith({ TERM: "xterm-kitty" }, false), undefined);
});

/** An image that does not compress: more than one chunk of kitty's. */
const noise = await encodePng({
  data: Uint8Array.from(
    { length: 48 * 48 * 3 },
    (_, i) => Math.imul(i + 9, i * i * 0x9e3779b1) >>> 24,
  ),
  width: 48,
  height: 48,
  channels: 3,
});

Deno.test("kitty gets the PNG in chunks, the last of which says so", async () => {
  const sequence = await terminalSequence(noise, "kitty");
  // deno-lint-ignore no-control-regex
  const chunks = [...sequence.matchAll(/\x1b_G([^;]*);([^\x1b]*)\x1b\\/g)];
  assertEquals(chunks.map(([whole]) => whole).join(""), sequence);
  assert(chunks.length > 1);
  assertEquals(chunks[0][1], "f=100,a=T,q=2,m=1");
  assertEquals(chunks.at(-1)![1], "m=0");
  assert(chunks.every(([, , data]) => data.length <= 4096));
  assertEquals(bytesOf(chunks.map(([, , data]) => data).join("")), noise);
});

Deno.test("iTerm2 gets the PNG with its size", async () => {
  const sequence = await terminalSequence(noise, "iterm2");
  // deno-lint-ignore no-control-regex
  const [, size, data] = sequence.match(/^\x1b\]1337;File=inline=1;size=(\d+):(.*)\x07$/)!;
  assertEquals(Number(size), noise.length);
  assertEquals(bytesOf(data), noise);
});

/** Share of the pixels whose colour comes back from sixel, about. */
async function sameInSixel(channels: number, colour: (x: number, y: number) => number[]) {
  const size = 40;
  const colours = Array.from(
    { length: size * size },
    (_, i) => colour(i % size, Math.floor(i / size)),
  );
  const data = Uint8Array.from(colours.flat());
  const png = await encodePng({ data, width: size, height: size, channels });
  const image = decode(await terminalSequence(png, "sixel"));
  const near = colours.filter(([r, g = r, b = r], i) => {
    const value = image.data32[Math.floor(i / size) * image.width + i % size];
    return [r, g, b].every((v, c) => Math.abs(v - ((value >> (8 * c)) & 255)) < 24);
  });
  return near.length / colours.length;
}

Deno.test("sixel's colours are those of the image, grey ones too", async () => {
  const quarters = [[255, 0, 0], [0, 0, 255], [255, 255, 255], [0, 160, 80]];
  const quarter = (x: number, y: number) => (x < 20 ? 0 : 1) + (y < 20 ? 0 : 2);
  assertLess(0.95, await sameInSixel(3, (x, y) => quarters[quarter(x, y)]));
  assertLess(0.95, await sameInSixel(1, (x, y) => [quarter(x, y) * 80]));
});

Deno.test("an image is shown where it can be, and then not a second time", async () => {
  const written: string[] = [];
  const terminal = (protocol?: "iterm2") => ({
    protocol,
    write: (text: string) => void written.push(text),
  });
  const unseen = await showImage(noise, { name: "noise", terminal: terminal() });
  assertEquals([unseen.shown, written], [false, []]);
  const seen = await showImage(noise, { name: "noise", terminal: terminal("iterm2") });
  assert(seen.shown);
  assertEquals(written.length, 1);
  assert(written[0].endsWith("\x07\n"));
});

Deno.test("a notebook is sent the image at once, and then not with the cell's value", async () => {
  const sent: unknown[] = [];
  const notebook = {
    broadcast: (...message: unknown[]) => Promise.resolve(void sent.push(message)),
  };
  const image = await showImage(noise, { name: "noise", width: 24, notebook });
  assertEquals(sent, [["display_data", {
    data: { "image/png": noise.toBase64(), "text/plain": "noise" },
    metadata: { "image/png": { width: 24 } },
    transient: {},
  }]]);
  assertEquals(Object.keys(formsOf(image)), ["text/plain"]);
});

Deno.test("a notebook shows an image that is the value of a cell", () => {
  const image = new Image(noise, "noise");
  const forms = formsOf(image);
  assertEquals(forms["text/plain"], "noise");
  assertEquals(bytesOf(forms["image/png"]), noise);
});

/** What Jupyter is given for the value of a cell. */
function formsOf(value: Image): Record<string, string> {
  const display = Symbol.for("Jupyter.display") as unknown as "display";
  return (value as unknown as Record<string, () => Record<string, string>>)[display]();
}

function bytesOf(base64: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
}
