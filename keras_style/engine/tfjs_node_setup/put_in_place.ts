/**
 * The steps from nothing to a tfjs-node that computes.
 * @module
 */
import { statfs } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { installHint, isSetupPlatform, type Platform, SETUP_FOLDER } from "../tfjs_node.ts";
import { compileAddon, findCompiler, unpackLibraries } from "./addon.ts";
import { installPackage } from "./npm_package.ts";
import { type Program, runProgram } from "./programs.ts";
import { SetupError } from "./setup_error.ts";
import {
  checkKnownFile,
  downloadWheel,
  pythonProgram,
  TENSORFLOW_WHEEL,
} from "./tensorflow_wheel.ts";

/** Options of {@linkcode putInPlace}. */
export interface SetupOptions {
  /** The project's node_modules folder, absolute. */
  readonly modules: string;
  /** A wheel that is there already; downloaded unless given. */
  readonly wheel?: string;
  /** Python with pip. */
  readonly python: string;
  /** Takes a line a step. */
  readonly say: (line: string) => void;
  /** Whether pip's progress is to be seen. */
  readonly shown: boolean;
  readonly platform?: Platform;
}

/** The libraries, the wheel they come from and the npm packages, before the wheel is thrown away. */
const SPACE = 1600 * 2 ** 20;

/**
 * Puts tfjs-node into a node_modules folder, unless it is there and computes. It is built beside its place and moved
 * there once it has computed a matrix product.
 *
 * @throws {SetupError} saying what is missing; what was there before is left as it was
 */
export async function putInPlace(options: SetupOptions): Promise<void> {
  const { modules, wheel, say, platform = Deno.build } = options;
  checkPlatform(platform);
  const place = `${modules}/${SETUP_FOLDER}`;
  if (await isInPlace(place, say)) return;
  if (wheel !== undefined) await checkKnownFile(wheel, TENSORFLOW_WHEEL);
  const compiler = await findCompiler();
  say(`compiler: ${compiler.name}`);
  const partial = `${place}.partial`;
  await removeTree(partial);
  await Deno.mkdir(partial, { recursive: true });
  await checkSpace(partial);
  try {
    await build(partial, compiler, options);
    await removeTree(place);
    await Deno.rename(partial, place);
  } finally {
    await removeTree(partial);
  }
  say(`in place: ${place}`);
}

async function build(
  partial: string,
  compiler: Program,
  { wheel: given, python, say, shown }: SetupOptions,
): Promise<void> {
  say("npm package: deno install, without its scripts");
  const { folder, headers } = await installPackage(partial);
  const wheel = given ?? await download(`${partial}/wheel`, python, say, shown);
  say("libraries: unpacking");
  const { files, bytes } = await unpackLibraries(wheel, folder);
  say(`libraries: ${files} files, ${mebibytes(bytes)}`);
  if (given === undefined) await removeTree(`${partial}/wheel`);
  say(`addon: compiling with ${compiler.name}`);
  await compileAddon(compiler, folder, headers);
  say(`self-check: ${await selfCheck(folder)}`);
}

async function download(
  folder: string,
  python: string,
  say: (line: string) => void,
  shown: boolean,
): Promise<string> {
  const { name, bytes } = TENSORFLOW_WHEEL;
  say(`libraries: pip download of ${name}, ${mebibytes(bytes)}`);
  await Deno.mkdir(folder);
  const wheel = await downloadWheel(pythonProgram(python), folder, shown);
  await checkKnownFile(wheel, TENSORFLOW_WHEEL);
  say("libraries: size and sha256 are right");
  return wheel;
}

function checkPlatform(platform: Platform): void {
  if (isSetupPlatform(platform)) return;
  throw new SetupError(
    `this set-up works on linux x86_64, here is ${platform.os} ${platform.arch}: TensorFlow's libraries ` +
      `come from a wheel for it. Try the package's own download: ${
        installHint("tfjs-node", platform)
      }`,
  );
}

/** Whether an earlier run's work is there and computes. */
async function isInPlace(place: string, say: (line: string) => void): Promise<boolean> {
  const folder = `${place}/node_modules/@tensorflow/tfjs-node`;
  try {
    await Deno.stat(folder);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
  try {
    say(`already in place: ${folder}\nself-check: ${await selfCheck(folder)}`);
    return true;
  } catch (error) {
    if (!(error instanceof SetupError)) throw error;
    say(`${folder} is there but does not compute and is made anew: ${error.message}`);
    return false;
  }
}

/** In a process of its own: a library that does not fit may end it. */
async function selfCheck(folder: string): Promise<string> {
  const program = fileURLToPath(new URL("./matrix_product.ts", import.meta.url));
  const deno: Program = {
    name: "deno",
    purpose: "computes a matrix product",
    remedy: "Put Deno on PATH (npm has it: npm install --global deno)",
  };
  const may = ["--allow-read", "--allow-env", "--allow-sys", "--allow-ffi", "--no-prompt"];
  const args = ["run", "--quiet", "--no-check", ...may, program, folder];
  return (await runProgram(deno, args)).trim();
}

async function checkSpace(folder: string): Promise<void> {
  const { bavail, bsize } = await statfs(folder);
  if (bavail * bsize >= SPACE) return;
  throw new SetupError(
    `${folder} has ${mebibytes(bavail * bsize)} of free space, expected at least ${
      mebibytes(SPACE)
    }`,
  );
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 2 ** 20)} MiB`;
}

async function removeTree(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
