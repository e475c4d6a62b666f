/**
 * The program of a worker that `torch.multiprocessing.spawn` starts: runs a function of a module.
 * @module
 */
import { limitThreads } from "../../onnx/mod.ts";
import { exportOf } from "../module_export.ts";
import { joinGroup } from "./collectives.ts";
import type { GroupPlace } from "./process_group.ts";

/** A request to a worker. */
export interface SpawnRequest {
  readonly module: string;
  readonly name: string;
  readonly args: readonly unknown[];
  readonly threads: number;
  readonly place: GroupPlace;
}

/** What a worker answers. */
export type SpawnReply =
  | { readonly kind: "done"; readonly result: unknown }
  | { readonly kind: "failed"; readonly message: string };

interface WorkerScope {
  onmessage: (event: MessageEvent<SpawnRequest>) => void;
  postMessage(reply: SpawnReply): void;
}

const scope = globalThis as unknown as WorkerScope;

scope.onmessage = async ({ data: { module, name, args, threads, place } }) => {
  try {
    limitThreads(threads);
    joinGroup(place);
    const result = await (await exportOf(module, name))(place.rank, ...args);
    scope.postMessage({ kind: "done", result });
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    scope.postMessage({ kind: "failed", message });
  }
};
