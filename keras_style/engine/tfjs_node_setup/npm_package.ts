/**
 * The npm package tfjs-node, without what its install script would download, in a folder of its own.
 * @module
 */
import { createRequire } from "node:module";
import { dirname, relative } from "node:path";
import { TFJS_NODE_VERSION } from "../tfjs_node.ts";
import { type Program, runProgram } from "./programs.ts";
import { SetupError } from "./setup_error.ts";

/** Node's headers for native addons, of the Node project itself. */
const HEADERS = "node-api-headers";

/** All that the folder's own Deno installs; deno.lock beside this file holds the rest exactly. */
const CONFIG = {
  nodeModulesDir: "auto",
  imports: {
    "@tensorflow/tfjs-node": `npm:@tensorflow/tfjs-node@${TFJS_NODE_VERSION}`,
    [HEADERS]: `npm:${HEADERS}@1.9.0`,
  },
};

const deno: Program = {
  name: "deno",
  purpose: "installs the npm package",
  remedy: "Put Deno on PATH (npm has it: npm install --global deno)",
};

/** Folders of an installed package, absolute. */
export interface InstalledPackage {
  /** tfjs-node itself. */
  readonly folder: string;
  /** Node's headers. */
  readonly headers: string;
}

/**
 * Installs the package into a folder that is within the project's node_modules, where it uses the project's own
 * TensorFlow.js: a second one would register all kernels twice.
 *
 * @throws {SetupError} if it cannot be installed
 */
export async function installPackage(folder: string): Promise<InstalledPackage> {
  await Deno.writeTextFile(`${folder}/deno.json`, JSON.stringify(CONFIG, null, 2));
  await Deno.copyFile(new URL("./deno.lock", import.meta.url), `${folder}/deno.lock`);
  await runProgram(deno, ["install", "--config", "deno.json", "--frozen", "--quiet"], {
    cwd: folder,
  });
  const installed = await Deno.realPath(`${folder}/node_modules/@tensorflow/tfjs-node`);
  await shareTensorFlow(`${folder}/node_modules/.deno`, dirname(installed));
  return {
    folder: installed,
    headers: await Deno.realPath(`${folder}/node_modules/${HEADERS}/include`),
  };
}

/**
 * Replaces the package's copies of TensorFlow.js by small packages that hand out the project's. They are no links:
 * those would need leave to write everywhere.
 */
async function shareTensorFlow(store: string, scope: string): Promise<void> {
  for (const name of await namesIn(store)) {
    if (/^@tensorflow\+(?!tfjs-node@)/.test(name)) await remove(`${store}/${name}`);
  }
  await remove(`${store}/node_modules/@tensorflow`);
  await remove(`${scope}/tfjs`);
  for (const [name, folder] of projectPackages()) {
    const target = JSON.stringify(relative(`${scope}/${name}`, folder));
    await Deno.mkdir(`${scope}/${name}`);
    await Deno.writeTextFile(`${scope}/${name}/index.js`, `module.exports = require(${target});\n`);
  }
}

/** TensorFlow.js and those of its parts that tfjs-node names, as the project has them. */
function projectPackages(): [name: string, folder: string][] {
  const require = createRequire(import.meta.url);
  const inside = createRequire(require.resolve("@tensorflow/tfjs"));
  return ["tfjs", "tfjs-core", "tfjs-layers"].map((name) => {
    const file = (name === "tfjs" ? require : inside).resolve(`@tensorflow/${name}/package.json`);
    const { version } = inside(file) as { version: string };
    if (version === TFJS_NODE_VERSION) return [name, dirname(file)];
    throw new SetupError(
      `@tensorflow/${name} of this project is ${version}, expected ${TFJS_NODE_VERSION} as tfjs-node needs`,
    );
  });
}

async function namesIn(folder: string): Promise<string[]> {
  return (await Array.fromAsync(Deno.readDir(folder))).map(({ name }) => name);
}

async function remove(path: string): Promise<void> {
  await Deno.remove(path, { recursive: true });
}
