/**
 * TensorFlow.js' own engines over libtensorflow. They are no dependency of this project: their native part
 * comes from a download that often fails, so they are loaded where somebody has put them.
 * @module
 */
import { fileURLToPath } from "node:url";
import util from "node:util";

/** The packages that bring libtensorflow. */
export type TfjsNodePackage = "tfjs-node" | "tfjs-node-gpu";

/** The version that fits this project's TensorFlow.js. */
export const TFJS_NODE_VERSION = "4.22.0";

/** Finds and loads the packages; replaced in tests. */
export interface TfjsNodeLoader {
  /** Where the package lies, if it is installed. Touches no network. */
  find(name: TfjsNodePackage): Promise<string | undefined>;
  /** Loads it, which registers the backend `tensorflow`. */
  load(name: TfjsNodePackage): Promise<void>;
}

/** How a package is installed, for messages. */
export function installHint(name: TfjsNodePackage): string {
  const specifier = `npm:@tensorflow/${name}@${TFJS_NODE_VERSION}`;
  return `deno cache --allow-scripts=${specifier} ${specifier}`;
}

/** Looks into the node_modules of this project and of the current folder. */
export const tfjsNodeLoader: TfjsNodeLoader = {
  async find(name) {
    for (const folder of moduleFolders()) {
      for (
        const path of [
          `.deno/@tensorflow+${name}@${TFJS_NODE_VERSION}/node_modules/@tensorflow/${name}`,
          `@tensorflow/${name}`,
        ]
      ) {
        if (await isFolder(`${folder}/${path}`)) return `${folder}/${path}`;
      }
    }
    return undefined;
  },
  async load(name) {
    restoreIsNullOrUndefined();
    // Put together here, so that neither a check nor an install of this project fetches it.
    const specifier = ["npm:@tensorflow", `${name}@${TFJS_NODE_VERSION}`].join("/");
    await import(specifier);
  },
};

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
