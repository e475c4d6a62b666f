/**
 * tfjs-node's native part: TensorFlow's libraries and the addon that is compiled against them.
 * @module
 */
import { firstAvailable, type Program, runProgram } from "./programs.ts";
import { type Unpacked, unpackMembers } from "./unpack_members.ts";

const LIBRARIES = ["libtensorflow_cc.so.2", "libtensorflow_framework.so.2"] as const;

/** The C API's headers and those that they include; the others are for C++ and 500 times as large. */
const HEADERS = [
  "tensorflow/c/",
  "tensorflow/core/platform/ctstring",
  "tsl/platform/ctstring",
  "xla/tsl/c/",
] as const;

const INCLUDE = "tensorflow/include/";

/** Where node-pre-gyp, which the package asks, looks for it. */
const ADDON = "lib/napi-v8/tfjs_binding.node";

/** The libraries have 815 MiB. */
const UNPACKED_LIMIT = 1024 * 2 ** 20;

/** Where a member of the wheel goes in the package, if it is needed. */
export function placeOf(member: string): string | undefined {
  const library = LIBRARIES.find((name) => member === `tensorflow/${name}`);
  if (library) return `deps/lib/${library}`;
  if (!member.startsWith(INCLUDE) || !member.endsWith(".h")) return undefined;
  const header = member.slice(INCLUDE.length);
  return HEADERS.some((start) => header.startsWith(start)) ? `deps/include/${header}` : undefined;
}

/** Unpacks libraries and headers into the package. @throws {SetupError} naming the wheel */
export function unpackLibraries(wheel: string, folder: string): Promise<Unpacked> {
  return unpackMembers(wheel, folder, {
    place: placeOf,
    required: [
      ...LIBRARIES.map((name) => `tensorflow/${name}`),
      `${INCLUDE}tensorflow/c/c_api.h`,
      `${INCLUDE}tensorflow/c/eager/c_api.h`,
    ],
    limit: UNPACKED_LIMIT,
  });
}

const COMPILER = {
  purpose: "compiles tfjs-node's addon",
  remedy: "Install a C++ compiler (Debian: apt-get install g++)",
};

/** A C++ compiler. @throws {SetupError} if there is none */
export function findCompiler(): Promise<Program> {
  return firstAvailable(["g++", "c++"].map((name) => ({ name, ...COMPILER })));
}

/**
 * Compiles the addon from the package's own sources, as its binding.gyp says.
 *
 * @param folder the package, with the libraries unpacked in it
 * @param nodeHeaders where node_api.h lies
 * @throws {SetupError} with the compiler's last lines
 */
export async function compileAddon(
  compiler: Program,
  folder: string,
  nodeHeaders: string,
): Promise<void> {
  await Deno.mkdir(`${folder}/lib/napi-v8`, { recursive: true });
  await runProgram(
    compiler,
    [
      ...["-std=c++17", "-O2", "-fPIC", "-shared", "-DNAPI_VERSION=8", "-I", nodeHeaders],
      ...["-I", "..", "-I", "deps/include", "binding/tfjs_backend.cc", "binding/tfjs_binding.cc"],
      ...["-o", ADDON, "-L", "deps/lib", ...LIBRARIES.map((name) => `-l:${name}`)],
      "-Wl,-rpath,$ORIGIN/../../deps/lib",
    ],
    { cwd: folder },
  );
}
