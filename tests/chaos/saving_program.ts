/**
 * A program that trains and saves after every step, and goes on from what it saved: `saving_program.ts IDIOM FILE STEPS`. Prints
 * a line with the step and a hash of all its state at its end.
 */
import { createHash } from "node:crypto";
import { keras, torch } from "../../mod.ts";

const [idiom, path, count] = Deno.args;
/** Keras' own files hold no state of the random numbers, so that training does without. */
const isRandom = !path.endsWith(".keras");
const steps = Number(count);

async function isThere(): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}

async function trainTorch(): Promise<unknown> {
  torch.manualSeed(3);
  const module = new torch.nn.Sequential(
    new torch.nn.Linear(8, 64),
    new torch.nn.BatchNorm1d(64),
    new torch.nn.Dropout(0.2),
    new torch.nn.Linear(64, 2),
  );
  const optimizer = new torch.optim.Adam(module.parameters(), { lr: 0.01 });
  const scheduler = new torch.optim.lrScheduler.ExponentialLR(optimizer, 0.95);
  const training = { module, optimizer, scheduler };
  const first = await isThere() ? (await torch.loadCheckpoint(path, training)).step as number : 0;
  for (let step = first; step < steps; step++) {
    optimizer.zeroGrad();
    (module(torch.rand([16, 8])) as torch.Tensor).square().mean().backward();
    await optimizer.step();
    scheduler.step();
    await torch.saveCheckpoint(path, training, { step: step + 1 });
  }
  // All of it, state and random numbers too.
  return await Deno.readFile(path);
}

async function trainKeras(): Promise<unknown> {
  keras.utils.setRandomSeed(3);
  const made = new keras.Sequential([
    keras.Input({ shape: [8] }),
    new keras.layers.Dense({ units: 32, activation: "relu" }),
    new keras.layers.Dropout({ rate: isRandom ? 0.2 : 0 }),
    new keras.layers.Dense({ units: 1 }),
  ]);
  made.compile({ optimizer: "adam", loss: "mse" });
  const model = await isThere() ? await keras.loadModel(path) : made;
  const x = Array.from(
    { length: 32 },
    (_, i) => Array.from({ length: 8 }, (_, j) => Math.sin(i * 8 + j)),
  );
  const y = x.map(([a, b]) => [a * b]);
  const first = Number(await model.optimizer.iterations.data()) / 2;
  for (let epoch = first; epoch < steps; epoch++) {
    await model.fit(x, y, {
      ...{ batchSize: 16, initialEpoch: epoch, epochs: epoch + 1 },
      ...{ shuffle: isRandom, verbose: 0 },
    });
    await model.save(path);
  }
  const variables = [...model.weights, ...model.optimizer.variables];
  return await Promise.all(variables.map((variable) => variable.data()));
}

// Zips and their notes hold the time, so it is the values that are held against each other.
const state = await (idiom === "torch" ? trainTorch() : trainKeras());
console.log(createHash("sha256").update(String(state)).digest("hex"));
