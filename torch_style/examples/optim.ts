/**
 * Optimizers with groups and a schedule: warm-up, then a cosine.
 *
 *   deno run --permission-set=default torch_style/examples/optim.ts
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn, optim } = torch;

/** Fits a line and prints how the rate and the loss move. */
export async function main(print: (...values: unknown[]) => void = console.log): Promise<number> {
  torch.manualSeed(1);
  const model = new nn.Linear(1, 1);
  const optimizer = new optim.AdamW([
    { params: [model.weight], weightDecay: 0 },
    { params: [model.bias!], weightDecay: 0, lr: 0.2 },
  ], { lr: 0.3 });
  const scheduler = new optim.lrScheduler.SequentialLR(optimizer, [
    new optim.lrScheduler.LinearLR(optimizer, { startFactor: 0.1, totalIters: 5 }),
    new optim.lrScheduler.CosineAnnealingLR(optimizer, 195),
  ], [5]);
  const x = torch.linspace(-1, 1, 20).unsqueeze(1);
  const y = x.mul(3).sub(1);
  let loss = torch.zeros([]);
  for (let step = 0; step < 200; step++) {
    optimizer.zeroGrad();
    loss = nn.functional.mseLoss(model(x), y);
    loss.backward();
    await optimizer.step();
    scheduler.step();
    if (step % 50 === 0) print(`step ${step}: loss ${(await loss.item()).toFixed(4)}`);
  }
  print(
    `y = ${(await model.weight.item()).toFixed(2)} x + ${(await model.bias!.item()).toFixed(2)}`,
  );
  return await loss.item();
}

if (import.meta.main) await main();
