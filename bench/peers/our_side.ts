/**
 * A side of `deno task bench:peers` in TypeScript, run as a program: `our_side.ts SIDE [THREADS]`. Reads requests, a line each, from
 * standard input and answers each with a line.
 * @module
 */
import process from "node:process";
import config from "../../deno.json" with { type: "json" };
import { limitThreads } from "../../onnx/mod.ts";
import { linesOf } from "../runner/processes/child.ts";
import { type Answers, type Request, SIDE_TITLES, type SideName } from "./requests.ts";
import type { Side, SideMaker } from "./side.ts";

/** Loads what the side needs, and nothing of the others. */
async function makerOf(name: SideName): Promise<SideMaker> {
  switch (name) {
    case "torch_style":
      return (await import("./torch_idiom.ts")).torchSide;
    case "torch_style_onnx":
      return (await import("./torch_idiom.ts")).torchOnnxSide;
    case "keras_style":
      return (await import("./keras_idiom.ts")).kerasSideOn("onnxruntime");
    case "keras_style_onnx":
      return (await import("./keras_idiom.ts")).kerasOnnxSide;
    case "keras_style_tfjs_node":
      return (await import("./keras_idiom.ts")).kerasSideOn("tfjs-node");
    default:
      throw new Error(`"${name}" is none of ${Object.keys(SIDE_TITLES).join(", ")}`);
  }
}

/** Highest resident memory so far, as the system keeps it, MiB. */
function peakMiB(): number {
  return process.resourceUsage().maxRSS / 2 ** 10;
}

/** Answers one request after the other. */
class Answerer {
  #work: (() => Promise<number>) | null = null;

  constructor(readonly make: SideMaker) {}

  async answer(request: Request): Promise<Answers[Request["do"]]> {
    switch (request.do) {
      case "hello":
        return { version: `${config.version} on onnxruntime-node and Deno ${Deno.version.deno}` };
      case "prove":
        return await this.#prove(request);
      case "nearby":
        throw new Error("nearby: a peer is asked for it, not Tandem");
      case "prepare": {
        const start = performance.now();
        const side = await this.make(request);
        this.#work = request.measure === "step" ? () => side.step() : () => side.infer();
        await this.#work();
        return { firstMs: performance.now() - start };
      }
      case "run":
        return await this.#run(request.times);
    }
  }

  async #prove(request: Extract<Request, { do: "prove" }>): Promise<Answers["prove"]> {
    const side: Side = await this.make(request);
    await side.save(request.weights);
    side.withoutDropout();
    const { parameters } = side;
    return { parameters, losses: [await side.step(), await side.step()] };
  }

  async #run(times: number): Promise<Answers["run"]> {
    const ms: number[] = [];
    for (let i = 0; i < times; i++) {
      const start = performance.now();
      await this.#work!();
      ms.push(performance.now() - start);
    }
    return { ms, peakMiB: peakMiB() };
  }
}

if (import.meta.main) {
  const [side, threads] = Deno.args;
  if (threads) limitThreads(Number(threads));
  const answerer = new Answerer(await makerOf(side as SideName));
  for await (const line of linesOf(Deno.stdin.readable)) {
    const answer = await answerer.answer(JSON.parse(line)).catch((error) => ({
      error: String(error instanceof Error ? error.message : error).split("\n")[0].slice(0, 400),
    }));
    console.log(JSON.stringify(answer));
  }
}
