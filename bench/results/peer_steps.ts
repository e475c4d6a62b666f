/**
 * Steps of PyTorch and Keras out of what `bench:peers` wrote.
 * @module
 */
import { Ajv } from "ajv";
import { join } from "node:path";
import { median } from "simple-statistics";
import { parseUntrustedJson, shortText } from "../../onnx/mod.ts";
import type { PeersReport } from "../peers/report.ts";
import { isOurs, SIDE_TITLES } from "../peers/requests.ts";
import type { Environment } from "./environment.ts";
import { ReportError } from "./read_report.ts";
import type { PeerStep } from "./report.ts";

const validate = new Ajv({ allowUnionTypes: true }).compile({
  type: "object",
  required: ["experiment", "environment", "rows"],
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
    rows: {
      type: "array",
      items: {
        type: "object",
        required: ["model", "measure", "batch", "side", "rounds"],
        properties: {
          model: { type: "string", maxLength: 300 },
          measure: { type: "string" },
          batch: { type: "integer", minimum: 1 },
          side: { enum: Object.keys(SIDE_TITLES) },
          rounds: { type: "array", items: { type: "number", exclusiveMinimum: 0 } },
        },
      },
    },
  },
});

/**
 * Reads the steps of the other frameworks.
 *
 * @param path of peers.json, or of the folder that it lies in
 * @param here the machine that they are to stand beside
 * @throws {ReportError} if there are none, they are damaged, or were timed on another machine
 */
export async function readPeerSteps(path: string, here: Environment): Promise<PeerStep[]> {
  const file = path.endsWith(".json") ? path : join(path, "peers.json");
  const report = await read(file);
  if (!validate(report)) {
    const [{ instancePath, message }] = validate.errors!;
    throw new ReportError(`--peers: "${file}" is none of bench:peers: ${instancePath} ${message}`);
  }
  const { environment: { cpuModel, cores }, rows } = report as unknown as PeersReport;
  if (cpuModel !== here.cpuModel || cores !== here.cores) {
    throw new ReportError(
      `--peers: "${file}" was timed on another machine: ${shortText(cpuModel)}, ${cores} cores; ` +
        `this one is ${shortText(here.cpuModel)}, ${here.cores} cores`,
    );
  }
  return rows.filter(({ measure, side, rounds }) =>
    measure === "step" && !isOurs(side) && rounds.length > 0
  ).map(({ model, batch, side, rounds }) => ({
    ...{ model, batch, title: SIDE_TITLES[side] },
    stepMs: median([...rounds]),
  }));
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
