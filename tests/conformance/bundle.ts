/**
 * Bundles TensorFlow.js' own tests with our engine, so that both share one TensorFlow.js. The tests are modules
 * whose imports leave the file extensions out, which Deno does not run as they are.
 * @module
 */
import { builtinModules, createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import * as esbuild from "esbuild-wasm/esm/browser.js";

/** Where the tests live, and which there are. */
export interface TestSuite {
  /** The folder of the package. */
  readonly folder: string;
  /** The test files, relative to the folder, in order. */
  readonly files: readonly string[];
}

const ROOT = fileURLToPath(new URL("../../", import.meta.url));
const fromHere = createRequire(import.meta.url);

/** The folder of an npm package as the given file would import it. */
function packageFolder(name: string, importer: string): string {
  const require = importer === "" ? fromHere : createRequire(pathToFileURL(importer));
  return dirname(require.resolve(`${name}/package.json`));
}

/** The tests that the package `@tensorflow/tfjs-core` carries. */
export function findTests(): TestSuite {
  const tfjs = packageFolder("@tensorflow/tfjs", "");
  const folder = packageFolder("@tensorflow/tfjs-core", join(tfjs, "package.json"));
  const files = [...listFiles(folder, "dist")].filter((file) => file.endsWith("_test.js")).sort();
  return { folder, files };
}

function* listFiles(folder: string, below: string): Generator<string> {
  for (const entry of Deno.readDirSync(join(folder, below))) {
    const path = `${below}/${entry.name}`;
    if (entry.isDirectory) yield* listFiles(folder, path);
    else yield path;
  }
}

/** The module that everything begins with: our engine, then the tests, which ask for it by name. */
function entry(suite: TestSuite): string {
  const from = (path: string) => JSON.stringify(path);
  return [
    `import ${from(join(ROOT, "keras_style/engine/mod.ts"))};`,
    `import ${from("conformance:environment")};`,
    ...suite.files.map((file) => `import ${from(join(suite.folder, file))};`),
  ].join("\n");
}

/** One engine to test. Synchronous reads are tested too: they work where the values are on the host. */
function environment(suite: TestSuite, hostLimit: number | undefined): string {
  const path = join(suite.folder, "dist/jasmine_util.js");
  const engine = join(ROOT, "onnx/mod.ts");
  const limited = hostLimit === undefined ? "" : `limitHostWork(${hostLimit});`;
  return `import { limitHostWork } from ${JSON.stringify(engine)};
import { setTestEnvs } from ${JSON.stringify(path)};
${limited}
setTestEnvs([{ name: "onnxruntime", backendName: "onnxruntime", isDataSync: true }]);`;
}

/**
 * One JavaScript module with the tests, TensorFlow.js and our engine. Our npm packages stay outside of it.
 *
 * @param hostLimit up to how many elements the engine may compute in JavaScript
 */
export async function bundleTests(suite: TestSuite, hostLimit?: number): Promise<string> {
  const wasm = join(packageFolder("esbuild-wasm", ""), "esbuild.wasm");
  await esbuild.initialize({
    wasmModule: await WebAssembly.compile(await Deno.readFile(wasm)),
    worker: false,
  });
  const require = JSON.stringify(pathToFileURL(join(suite.folder, "package.json")).href);
  const result = await esbuild.build({
    entryPoints: ["conformance:entry"],
    bundle: true,
    write: false,
    format: "esm",
    platform: "node",
    target: "esnext",
    logLevel: "silent",
    banner: {
      js: `import { createRequire as requireFrom } from "node:module";
const require = requireFrom(${require});`,
    },
    plugins: [modules(suite, hostLimit)],
  });
  return result.outputFiles[0].text;
}

/** How the bundler finds modules: it sees no files by itself. */
function modules(suite: TestSuite, hostLimit: number | undefined): esbuild.Plugin {
  const virtual: Readonly<Record<string, string>> = {
    "conformance:entry": entry(suite),
    "conformance:environment": environment(suite, hostLimit),
  };
  return {
    name: "modules",
    setup(build) {
      build.onResolve({ filter: /.*/ }, ({ path, importer, kind }) => {
        if (path in virtual) return { path, namespace: "virtual" };
        if (kind === "dynamic-import" || path.startsWith("node:")) return { path, external: true };
        return resolve(path, importer, suite);
      });
      build.onLoad({ filter: /.*/ }, async ({ path }) => ({
        contents: virtual[path] ?? await Deno.readTextFile(path),
        loader: path.endsWith(".ts") ? "ts" : path.endsWith(".json") ? "json" : "js",
      }));
    },
  };
}

/** Our own npm packages, which the bundle imports as we do. */
const OURS = ["onnxruntime-node", "onnx-proto"];
/** Asked for only by tests that reach for the network. */
const LATE = ["node-fetch"];

function resolve(path: string, importer: string, suite: TestSuite): esbuild.OnResolveResult {
  if (builtinModules.includes(path)) return { path: `node:${path}`, external: true };
  if (OURS.includes(path) || LATE.includes(path)) return { path, external: true };
  if (path.startsWith(".") || path.startsWith("/")) {
    return { path: asFile(join(path.startsWith("/") ? "/" : dirname(importer), path)) };
  }
  if (path.startsWith("jasmine-core/")) return { path: fromHere.resolve(path) };
  const asked = path === "@tensorflow/tfjs" ? "" : importer;
  const name = path.split("/").slice(0, path.startsWith("@") ? 2 : 1).join("/");
  const folder = packageFolder(name, asked || suite.folder);
  return {
    path: path === name ? mainModule(folder) : asFile(join(folder, path.slice(name.length))),
  };
}

/** A package's ES module where it has one. */
function mainModule(folder: string): string {
  const { module, main } = JSON.parse(Deno.readTextFileSync(join(folder, "package.json")));
  return asFile(join(folder, module ?? main ?? "index.js"));
}

function asFile(path: string): string {
  const found = [path, `${path}.js`, join(path, "index.js")].find((each) => {
    try {
      return Deno.statSync(each).isFile;
    } catch {
      return false;
    }
  });
  if (!found) throw new Error(`there is no module ${path}`);
  return found;
}
