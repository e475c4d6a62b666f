/**
 * Deno lets a program that may start only some others pass no variables of the dynamic linker on to them: starting fails
 * where one is set, as in most images of CUDA.
 *
 * Source: https://docs.deno.com/runtime/fundamentals/security/#environment-variables-for-subprocesses
 * @module
 */

/** For the environment of a process that is started: the linker's variables are empty there. */
export const NO_LINKER_VARIABLES: Readonly<Record<string, string>> = Object.fromEntries([
  ...["LIBRARY_PATH", "PRELOAD", "AUDIT", "BIND_NOW", "BIND_NOT", "DEBUG", "ORIGIN_PATH", "PROFILE"]
    .map((name) => [`LD_${name}`, ""]),
  ...["LIBRARY_PATH", "FRAMEWORK_PATH", "INSERT_LIBRARIES", "FALLBACK_LIBRARY_PATH"]
    .map((name) => [`DYLD_${name}`, ""]),
]);
