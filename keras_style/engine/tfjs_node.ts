/**
 * TensorFlow.js' own engines over libtensorflow. They are no dependency of this project: their native part
 * comes from a download that often fails, so they are loaded where somebody has put them.
 * @module
 */
import { createRequire } from "node:module";
import { fileURLToPath } from "node:url";
import util from "node:util";

/** The packages that bring libtensorflow. */
export type TfjsNodePackage = "tfjs-node" | "tfjs-node-gpu";

/** The version that fits this project's TensorFlow.js. */
export const TFJS_NODE_VERSION = "4.22.0";

/**
 * Where `deno task setup:tfjs-node` puts the package, within a node_modules folder: beside what Deno installs,
 * since Deno removes packages that it does not know from its own folder.
 */
export const SETUP_FOLDER = `.tandem/tfjs-node-${TFJS_NODE_VERSION}`;

/** Finds and loads the packages; replaced in tests. */
export interface TfjsNodeLoader {
  /** Where the package lies, if it is installed. Touches no network. */
  find(name: TfjsNodePackage): Promise<string | undefined>;
  /** Loads it, which registers the backend `tensorflow`. */
  load(name: TfjsNodePackage): Promise<void>;
}

/** The machine a hint is for. */
export interface Platform {
  readonly os: string;
  readonly arch: string;
}

/** Whether the package's addon can be compiled against PyPI's TensorFlow here. */
export function isSetupPlatform({ os, arch }: Platform): boolean {
  return os === "linux" && arch === "x86_64";
}

/** How a package is installed, for messages. */
export function installHint(name: TfjsNodePackage, platform: Platform = Deno.build): string {
  const specifier = `npm:@tensorflow/${name}@${TFJS_NODE_VERSION}`;
  const official = `deno cache --allow-scripts=${specifier} ${specifier}`;
  if (name !== "tfjs-node" || !isSetupPlatform(platform)) return official;
  return `deno task setup:tfjs-node, or, where its own download works, ${official}`;
}

/** Looks into the node_modules of this project and of the current folder. */
export const tfjsNodeLoader: TfjsNodeLoader = {
  async find(name) {
    const scoped = `@tensorflow/${name}`;
    const versioned = `@tensorflow+${name}@${TFJS_NODE_VERSION}`;
    const indices = [`.deno/${versioned}/node_modules/${scoped}`, scoped];
    if (name === "tfjs-node") indices.unshift(`${SETUP_FOLDER}/node_modules/${scoped}`);
    for (const folder of moduleFolders()) {
      for (const place of indices) {
        if (await isFolder(`${folder}/${place}`)) return `${folder}/${place}`;
      }
    }
    return undefined;
  },
  async load(name) {
    const folder = await this.find(name);
    if (folder === undefined) throw new Error(`@tensorflow/${name} is in no node_modules folder`);
    loadFrom(folder);
  },
};

/**
 * Loads the package that lies in a folder. By its path, not by its name: a name would be written into the
 * project's lock file, which must not know the package.
 *
 * @throws {Error} if the package or its native part does not load
 */
export function loadFrom(folder: string): void {
  restoreIsNullOrUndefined();
  // Otherwise libtensorflow tells of the processor it finds.
  if (!Deno.env.has("TF_CPP_MIN_LOG_LEVEL")) Deno.env.set("TF_CPP_MIN_LOG_LEVEL", "1");
  createRequire(`${folder}/package.json`)(folder);
}

function moduleFolders(): string[] {
  const folders = [`${Deno.cwd()}/node_modules`];
  const project = new URL("../../node_modules", import.meta.url);
  if (project.protocol === "file:") folders.push(fileURLToPath(project));
  return [...new Set(folders)];
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await Deno.stat(path)).isDirectory;
  } catch {
    return false;
  }
}

/** tfjs-node calls a function that newer Node versions, and Deno, no longer have. */
function restoreIsNullOrUndefined(): void {
  const legacy = util as unknown as { isNullOrUndefined?: (value: unknown) => boolean };
  legacy.isNullOrUndefined ??= (value) => value === null || value === undefined;
}
