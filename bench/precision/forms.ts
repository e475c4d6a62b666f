/**
 * A trained network's file in float32, float16 and two forms of eight bits: size, accuracy and speed of each.
 * @module
 */
import * as ort from "onnxruntime-node";
import { join } from "node:path";
import { median } from "simple-statistics";
import {
  type CalibrationFeeds,
  convertFloatToFloat16,
  openSession,
  type Provider,
  quantizeDynamic,
  quantizeStatic,
  runSession,
} from "../../onnx/mod.ts";
import { classesByOnnx, type ImageBatch } from "../styles/onnx_inference.ts";

/** The forms of a file, the trained one first. */
export const FORMS = ["float32", "float16", "int8 dynamic", "int8 static"] as const;

/** One of them. */
export type Form = typeof FORMS[number];

/** What a form of a network is worth. Figures are null where it could not be run. */
export interface FormFigures {
  readonly form: Form;
  readonly bytes: number | null;
  /** Share of the test images that it is right about. */
  readonly accuracy: number | null;
  /** Share of them where it gives the class that float32 gives. */
  readonly agreement: number | null;
  /** Milliseconds an image takes in large batches, and one alone: medians. */
  readonly imageMs: number | null;
  readonly singleMs: number | null;
  /** Why there are no figures; null where there are. */
  readonly error: string | null;
}

/** A trained network and what it is tried on. */
export interface TrainedFile {
  readonly path: string;
  readonly device: Provider;
  /** Classes of the test images. */
  readonly labels: ArrayLike<number>;
  /** The test images, in order, and images that nothing is measured on. */
  batches(): AsyncIterable<ImageBatch>;
  calibration(): AsyncIterable<ImageBatch>;
}

/** Batches that ranges of activations are taken of. */
const CALIBRATION_BATCHES = 2;
/** Runs of a single image: some before the clock, and those whose median counts. */
const [WARM_UP, RUNS] = [5, 40];

/** Makes every form, beside the file, and measures it. */
export async function measureForms(file: TrainedFile): Promise<FormFigures[]> {
  const measured: FormFigures[] = [];
  let right: Int32Array | undefined;
  for (const form of FORMS) {
    try {
      const path = await formOf(form, file);
      const { classes, ...speed } = await runForm(path, file);
      right ??= classes;
      const share = (expected: ArrayLike<number>) =>
        classes.filter((value, i) => value === expected[i]).length / classes.length;
      const { size: bytes } = await Deno.stat(path);
      const [accuracy, agreement] = [share(file.labels), share(right)];
      measured.push({ form, bytes, accuracy, agreement, ...speed, error: null });
    } catch (error) {
      const none = { bytes: null, accuracy: null, agreement: null, imageMs: null, singleMs: null };
      measured.push({ form, ...none, error: (error as Error).message.split("\n")[0] });
    }
  }
  return measured;
}

async function formOf(form: Form, { path, calibration }: TrainedFile): Promise<string> {
  if (form === "float32") return path;
  const to = join(path, "..", `${form.replace(" ", "_")}.onnx`);
  if (form === "float16") await convertFloatToFloat16(path, to);
  else if (form === "int8 dynamic") await quantizeDynamic(path, to, { perChannel: true });
  else await quantizeStatic(path, to, feeds(path, calibration()), { perChannel: true });
  return to;
}

async function* feeds(
  path: string,
  batches: AsyncIterable<ImageBatch>,
): AsyncGenerator<CalibrationFeeds> {
  const session = await openSession(path, "cpu", { threads: 1 });
  const [input] = session.inputNames;
  await session.release();
  let left = CALIBRATION_BATCHES;
  for await (const batch of batches) {
    yield { [input]: batch };
    if (--left === 0) return;
  }
}

async function runForm(path: string, { device, batches }: TrainedFile) {
  const session = await openSession(path, device);
  const clock = new BatchClock();
  try {
    const classes = await classesByOnnx(() => session, clock.timed(batches()));
    return {
      classes,
      imageMs: clock.imageMs,
      singleMs: await singleImageMs(session, clock.first!),
    };
  } finally {
    await session.release();
  }
}

/** Takes the time that whoever reads batches spends on each. */
class BatchClock {
  first: ImageBatch | undefined;
  readonly #times: number[] = [];

  async *timed(batches: AsyncIterable<ImageBatch>): AsyncGenerator<ImageBatch> {
    for await (const batch of batches) {
      this.first ??= batch;
      const begin = performance.now();
      yield batch;
      this.#times.push((performance.now() - begin) / batch.shape[0]);
    }
  }

  /** Milliseconds an image: the median of all batches but the first, which opens what the others use. */
  get imageMs(): number {
    return median(this.#times.length > 1 ? this.#times.slice(1) : this.#times);
  }
}

async function singleImageMs(
  session: ort.InferenceSession,
  { data, shape: [count, ...image] }: ImageBatch,
): Promise<number> {
  const one = data.slice(0, data.length / count);
  const input = { [session.inputNames[0]]: new ort.Tensor("float32", one, [1, ...image]) };
  const times: number[] = [];
  for (let run = 0; run < WARM_UP + RUNS; run++) {
    const begin = performance.now();
    await runSession(session, input);
    times.push(performance.now() - begin);
  }
  return median(times.slice(WARM_UP));
}
