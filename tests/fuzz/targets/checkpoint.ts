/** A training's whole state: `torch.loadCheckpoint`. */
import { torch } from "../../../mod.ts";
import type { Random } from "../../../fixtures/random.ts";
import { mutatedJson, mutatedValue, pick } from "../mutation.ts";
import { attempt, expect, type Outcome, type Target } from "../target.ts";
import { fileOf, mutatedFile, partsOf } from "./safetensors.ts";
import { bytesOfModule, bytesOfOptimizer } from "./state_bytes.ts";

const { optim } = torch;
const { lrScheduler } = optim;

type Parameters = torch.nn.Parameter[];

/** Optimizers and schedulers whose states differ in kind. */
const kinds = [
  (p: Parameters) => {
    const optimizer = new optim.SGD(p, { lr: 0.1, momentum: 0.9 });
    return { optimizer, scheduler: new lrScheduler.StepLR(optimizer, 2, 0.5) };
  },
  (p: Parameters) => {
    const optimizer = new optim.Adam(
      [{ params: p.slice(0, 2), lr: 0.01 }, { params: p.slice(2) }],
      {
        amsgrad: true,
      },
    );
    return { optimizer, scheduler: new lrScheduler.ReduceLROnPlateau(optimizer) };
  },
  (p: Parameters) => {
    const optimizer = new optim.RMSprop(p, { centered: true, momentum: 0.5 });
    const first = new lrScheduler.ConstantLR(optimizer, { totalIters: 1 });
    const then = new lrScheduler.ExponentialLR(optimizer, 0.9);
    return { optimizer, scheduler: new lrScheduler.SequentialLR(optimizer, [first, then], [2]) };
  },
  (p: Parameters) => {
    const optimizer = new optim.Adafactor(p);
    const parts = [
      new lrScheduler.LinearLR(optimizer),
      new lrScheduler.CosineAnnealingLR(optimizer, 5),
    ];
    return { optimizer, scheduler: new lrScheduler.ChainedScheduler(parts) };
  },
  (p: Parameters) => {
    const optimizer = new optim.NAdam(p);
    return { optimizer, scheduler: new lrScheduler.CosineAnnealingWarmRestarts(optimizer, 2) };
  },
];

function training(kind: number) {
  const module = new torch.nn.Sequential(
    new torch.nn.Linear(3, 4),
    new torch.nn.BatchNorm1d(4),
    new torch.nn.Linear(4, 2),
  );
  return { module, ...kinds[kind](module.parameters()) };
}

type Training = ReturnType<typeof training>;

const x = torch.arange(15, { dtype: "float32" }).reshape([5, 3]).div(15);

async function step({ module, optimizer, scheduler }: Training): Promise<void> {
  optimizer.zeroGrad();
  (module(x) as torch.Tensor).square().sum().backward();
  await optimizer.step();
  (scheduler.step as (figure?: number) => void).call(scheduler, 1);
}

async function stateOf({ module, optimizer, scheduler }: Training): Promise<string> {
  const [random] = [await torch.getRngState().tolist()];
  return [
    await bytesOfModule(module),
    await bytesOfOptimizer(optimizer),
    JSON.stringify(scheduler.stateDict()),
    String(random),
  ].join("\n\n");
}

/** A damaged checkpoint: mostly its text, which says the most. */
function mutatedCheckpoint(file: Uint8Array, random: Random): Uint8Array<ArrayBuffer> {
  if (random.below(2) === 0) return mutatedFile(file, random);
  const { header, content } = partsOf(file);
  const metadata = header.__metadata__ as Record<string, string>;
  const tandem = mutatedJson(mutatedValue(JSON.parse(metadata.tandem), random), random);
  return fileOf(JSON.stringify({ ...header, __metadata__: { ...metadata, tandem } }), content);
}

const target: Target = {
  name: "checkpoint",
  async prepare(folder) {
    torch.manualSeed(1);
    const path = `${folder}/checkpoint`;
    const seeds: Uint8Array[] = [];
    const victims: Training[] = [];
    for (const kind of kinds.keys()) {
      const saved = training(kind);
      await step(saved);
      await torch.saveCheckpoint(path, saved, { epoch: 1, best: Infinity });
      seeds.push(await Deno.readFile(path));
      victims.push(training(kind));
      await step(victims[kind]);
    }
    return async (random): Promise<Outcome> => {
      const kind = random.below(kinds.length);
      // Now and then that of another kind of training.
      const seed = random.below(30) === 0 ? pick(random, seeds) : seeds[kind];
      await Deno.writeFile(path, mutatedCheckpoint(seed, random));
      const before = await stateOf(victims[kind]);
      const result = await attempt(() => torch.loadCheckpoint(path, victims[kind]), [path]);
      if ("error" in result) {
        const same = await stateOf(victims[kind]) === before;
        expect(same, `the training changed although loading failed: ${result.error.message}`);
        return "refused";
      }
      await step(victims[kind]);
      await stateOf(victims[kind]);
      // What a valid file with wild values does to the numbers shall not follow the next cases.
      victims[kind] = training(kind);
      await step(victims[kind]);
      return "taken";
    };
  },
};

export default target;
