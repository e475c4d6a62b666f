/**
 * Callbacks: stop early, keep the best, write a table, say something of one's own.
 *
 *   deno run --permission-set=default keras_style/examples/callbacks.ts
 * @module
 */
import { datasets, keras } from "@tandem/tandem";

const { callbacks, layers } = keras;

/** Trains until it gets no better, and prints what the callbacks left behind. */
export async function main(
  print: (...values: unknown[]) => void = console.log,
  { limit = 1000, epochs = 40 } = {},
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    keras.setRandomSeed(1);
    const { train, test } = await datasets.loadDataset("shapes10", { limit });
    const model = new keras.Sequential([
      keras.Input({ shape: [32, 32, 3] }),
      new layers.Conv2D({ filters: 8, kernelSize: 5, strides: 4, activation: "relu" }),
      new layers.BatchNormalization(),
      new layers.Flatten(),
      new layers.Dense({ units: 10, activation: "softmax" }),
    ]);
    model.compile({
      optimizer: new keras.optimizers.Adam({ learningRate: 0.02 }),
      loss: "sparseCategoricalCrossentropy",
      metrics: ["accuracy"],
    });
    const stopping = new callbacks.EarlyStopping({
      monitor: "val_loss",
      patience: 3,
      restoreBestWeights: true,
    });
    const { epoch, history } = await model.fit(...keras.imagesOf(train), {
      epochs,
      verbose: 0,
      validationData: keras.imagesOf(test),
      callbacks: [
        stopping,
        new callbacks.ReduceLROnPlateau({ patience: 2, factor: 0.5 }),
        new callbacks.ModelCheckpoint({
          filepath: `${folder}/epoch{epoch:02d}-{val_loss:.2f}.safetensors`,
          saveBestOnly: true,
        }),
        new callbacks.CSVLogger({ filename: `${folder}/training.csv` }),
        new callbacks.LambdaCallback({
          onTrainBegin: () => print("training begins"),
          onTrainEnd: () => print("training ends"),
        }),
      ],
    });
    print(`trained ${epoch.length} of ${epochs} epochs, the best was ${stopping.bestEpoch + 1}`);
    const [loss] = await model.evaluate(...keras.imagesOf(test), { verbose: 0 });
    print("its weights are back:", loss === Math.min(...history.val_loss));
    const saved = Array.from(Deno.readDirSync(folder), ({ name }) => name)
      .filter((name) => name.startsWith("epoch")).sort();
    print(`saved when better: ${saved.length} models, the last one is ${saved.at(-1)}`);
    const best = await keras.loadModel(`${folder}/${saved.at(-1)}`);
    const [lossOfBest] = await best.evaluate(...keras.imagesOf(test), { verbose: 0 });
    print("it is the best one:", lossOfBest === loss);
    const [head, ...lines] = (await Deno.readTextFile(`${folder}/training.csv`)).trim().split(
      "\r\n",
    );
    print(`training.csv: ${head}, ${lines.length} lines`);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

if (import.meta.main) await main();
