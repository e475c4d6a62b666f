import { assertEquals } from "@std/assert";
import { defaultRuntime } from "../../../onnx/mod.ts";
import * as torch from "../../../torch_style/mod.ts";

const { optim } = torch;

/** Optimizers whose first step is the same program as all others. */
const ONE_PROGRAM: Readonly<Record<string, (params: torch.Tensor[]) => torch.optim.Optimizer>> = {
  "SGD": (params) => new optim.SGD(params, { lr: 0.1 }),
  "SGD with momentum": (params) => new optim.SGD(params, { lr: 0.1, momentum: 0.9 }),
  "SGD with Nesterov momentum": (params) =>
    new optim.SGD(params, { lr: 0.1, momentum: 0.9, nesterov: true }),
  "RMSprop with momentum": (params) => new optim.RMSprop(params, { lr: 0.1, momentum: 0.9 }),
  "Adam": (params) => new optim.Adam(params, { lr: 0.1 }),
  "AdamW": (params) => new optim.AdamW(params, { lr: 0.1 }),
  "Adagrad": (params) => new optim.Adagrad(params, { lr: 0.1 }),
};

for (const [name, make] of Object.entries(ONE_PROGRAM)) {
  Deno.test(`${name}: three steps are one program`, async () => {
    const runtime = defaultRuntime();
    await runtime.clear();
    const weight = torch.full([64, 64], 0.5).requiresGrad_();
    const optimizer = make([weight]);
    const { compiled, runs } = runtime.statistics;
    for (let step = 0; step < 3; step++) {
      optimizer.zeroGrad();
      weight.mm(weight).square().sum().backward();
      await optimizer.step();
    }
    assertEquals([runtime.statistics.runs - runs, runtime.statistics.compiled - compiled], [3, 1]);
  });
}
