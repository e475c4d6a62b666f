/**
 * TensorFlow's libraries, as PyPI has them: one wheel, known by its size and checksum.
 * @module
 */
import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { type Program, runProgram } from "./programs.ts";
import { SetupError } from "./setup_error.ts";

/** A file that is known byte for byte. */
export interface KnownFile {
  readonly name: string;
  readonly bytes: number;
  readonly sha256: string;
}

/** The build for CPUs; of the wheels for several Pythons any would do, their libraries are the same. */
export const TENSORFLOW_WHEEL = {
  name: "tensorflow_cpu-2.21.0-cp311-cp311-manylinux_2_27_x86_64.whl",
  bytes: 273_829_956,
  sha256: "2b847d217b02ee7731ed91431daf3250daa0196c3c94614d23be27232e6e5b6c",
} as const satisfies KnownFile;

/** What tells pip to take that wheel, whatever Python it runs in. */
const TAGS = [
  ["--platform", "manylinux_2_27_x86_64"],
  ["--implementation", "cp"],
  ["--python-version", "3.11"],
  ["--abi", "cp311"],
].flat();

/** Python with pip. */
export function pythonProgram(name: string): Program {
  return {
    name,
    purpose: "fetches TensorFlow's libraries with pip",
    remedy: "Install Python 3 with pip (Debian: apt-get install python3 python3-pip), or fetch " +
      `${TENSORFLOW_WHEEL.name} elsewhere and give it with --wheel`,
  };
}

/**
 * Downloads the wheel with pip, which knows the mirrors this machine is set up for.
 *
 * @param folder an empty folder for it
 * @param shown whether pip's progress is to be seen
 * @returns the wheel's path
 * @throws {SetupError} if Python, pip or the network is missing
 */
export async function downloadWheel(
  python: Program,
  folder: string,
  shown: boolean,
): Promise<string> {
  await requirePip(python);
  const requirements = `${folder}/requirements.txt`;
  const { sha256 } = TENSORFLOW_WHEEL;
  await Deno.writeTextFile(requirements, `tensorflow-cpu==2.21.0 --hash=sha256:${sha256}\n`);
  await runProgram(
    python,
    [
      ...["-m", "pip", "--disable-pip-version-check", "download", "--no-deps", "--no-cache-dir"],
      ...["--only-binary=:all:", "--require-hashes", ...TAGS, "--dest", folder, "-r", requirements],
    ],
    { shown },
  );
  return `${folder}/${TENSORFLOW_WHEEL.name}`;
}

async function requirePip(python: Program): Promise<void> {
  try {
    await runProgram(python, ["-m", "pip", "--version"]);
  } catch (error) {
    if (error instanceof SetupError && error.message.includes("No module named pip")) {
      throw new SetupError(`${python.name} has no pip: it ${python.purpose}. ${python.remedy}`);
    }
    throw error;
  }
}

/**
 * Makes sure that a file is the one that is known.
 *
 * @throws {SetupError} naming the file, what it is and what was expected
 */
export async function checkKnownFile(path: string, known: KnownFile): Promise<void> {
  const { size } = await statOf(path);
  if (size !== known.bytes) {
    throw new SetupError(`${path} has ${size} bytes, expected ${known.bytes} as ${known.name} has`);
  }
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path)) hash.update(chunk);
  const sha256 = hash.digest("hex");
  if (sha256 === known.sha256) return;
  throw new SetupError(`${path} has sha256 ${sha256}, expected ${known.sha256} of ${known.name}`);
}

async function statOf(path: string): Promise<Deno.FileInfo> {
  try {
    const info = await Deno.stat(path);
    if (info.isFile) return info;
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new SetupError(`${path} does not exist, expected the file ${TENSORFLOW_WHEEL.name}`);
  }
  throw new SetupError(`${path} is no file, expected ${TENSORFLOW_WHEEL.name}`);
}
