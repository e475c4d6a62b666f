/**
 * Steps of PyTorch and Keras out of what `bench:peers` wrote.
 * @module
 */
import { join } from "node:path";
import { median } from "simple-statistics";
import { parseUntrustedJson, shortText } from "../../onnx/mod.ts";
import { isProven, type PeersReport } from "../peers/report.ts";
import { isOurs, SIDE_TITLES } from "../peers/requests.ts";
import { faultFinder } from "../schema_fault.ts";
import type { Environment } from "./environment.ts";
import { ReportError } from "./read_report.ts";
import type { PeerStep } from "./report.ts";

const side = { enum: Object.keys(SIDE_TITLES) };
const model = { type: "string", maxLength: 300 };
const error = { type: ["string", "null"] };

const faultOf = faultFinder({
  type: "object",
  required: ["experiment", "environment", "threads", "proofs", "rows"],
  properties: {
    experiment: { const: "peers" },
    environment: {
      type: "object",
      required: ["cpuModel", "cores"],
      properties: {
        cpuModel: { type: ["string", "null"] },
        cores: { type: ["integer", "null"] },
      },
    },
    threads: { type: "integer", minimum: 1 },
    proofs: {
      type: "array",
      items: {
        type: "object",
        required: ["model", "peer", "error"],
        properties: { model, peer: side, error },
      },
    },
    rows: {
      type: "array",
      items: {
        type: "object",
        required: ["model", "measure", "batch", "side", "rounds", "error"],
        properties: {
          ...{ model, side, error },
          measure: { type: "string" },
          batch: { type: "integer", minimum: 1 },
          rounds: { type: "array", items: { type: "number", exclusiveMinimum: 0 } },
        },
      },
    },
  },
});

/** What the steps are to stand beside. */
export interface BesidePeers {
  /** Of the machine. */
  readonly environment: Pick<Environment, "cpuModel" | "cores">;
  /** Null: as many as the machine has cores. */
  readonly threads: number | null;
}

/**
 * Reads the steps of the other frameworks: of networks that are proven the same, and that did not fail.
 *
 * @param path of peers.json, or of the folder that it lies in
 * @throws {ReportError} if there are none, they are damaged, or were timed on another machine or with other threads
 */
export async function readPeerSteps(path: string, beside: BesidePeers): Promise<PeerStep[]> {
  const file = path.endsWith(".json") ? path : join(path, "peers.json");
  const report = await read(file);
  const fault = faultOf(report);
  if (fault !== null) {
    const { instancePath, message } = fault;
    throw new ReportError(`--peers: "${file}" is none of bench:peers: ${instancePath} ${message}`);
  }
  const peers = report as unknown as PeersReport;
  refuseOthers(file, peers, beside);
  return peers.rows.filter(({ model, measure, side, rounds, error }) =>
    measure === "step" && !isOurs(side) && rounds.length > 0 && error === null &&
    isProven(peers, model, side)
  ).map(({ model, batch, side, rounds }) => ({
    ...{ model, batch, title: SIDE_TITLES[side] },
    stepMs: median([...rounds]),
  }));
}

function refuseOthers(
  file: string,
  { environment: { cpuModel, cores }, threads }: PeersReport,
  { environment: here, ...beside }: BesidePeers,
): void {
  if (cpuModel !== here.cpuModel || cores !== here.cores) {
    throw new ReportError(
      `--peers: "${file}" was timed on another machine: ${shortText(cpuModel)}, ${cores} cores; ` +
        `this one is ${shortText(here.cpuModel)}, ${here.cores} cores`,
    );
  }
  const own = beside.threads ?? here.cores;
  if (own !== threads) {
    throw new ReportError(
      `--peers: "${file}" was timed on ${threads} threads, these trials have ${own}; ` +
        `expected the same number, such as --threads ${threads}`,
    );
  }
}

async function read(file: string): Promise<unknown> {
  try {
    return parseUntrustedJson(await Deno.readTextFile(file));
  } catch (error) {
    const why = error instanceof Deno.errors.NotFound
      ? "there is no such file; `deno task bench:peers` writes one"
      : (error as Error).message;
    throw new ReportError(`--peers: cannot read "${file}": ${why}`);
  }
}
