/** `bench precision`: the forms of a network's file, and how they are shown. */
import { assert, assertEquals, assertMatch } from "@std/assert";
import { FORMS, measureForms } from "../../../bench/precision/forms.ts";
import {
  precisionChart,
  precisionMarkdown,
  type PrecisionReport,
} from "../../../bench/precision/report.ts";
import { readEnvironment } from "../../../bench/results/environment.ts";
import * as torch from "../../../torch_style/mod.ts";
import { inFolder } from "../../in_folder.ts";

const SHAPE = [20, 3, 8, 8];

/** Images, their classes by a network, and its file. */
async function trained(folder: string) {
  torch.manualSeed(3);
  const { nn } = torch;
  const network = new nn.Sequential(
    new nn.Conv2d(3, 32, 3),
    new nn.BatchNorm2d(32),
    new nn.ReLU(),
    new nn.MaxPool2d(2),
    new nn.Flatten(),
    new nn.Linear(32 * 9, 64),
    new nn.ReLU(),
    new nn.Linear(64, 4),
  ).eval();
  const images = torch.randn(SHAPE);
  const path = `${folder}/network.onnx`;
  await torch.onnx.export(network, images, path);
  const labels = await network(images).argmax(1).data() as ArrayLike<bigint>;
  const data = await images.data() as Float32Array;
  async function* batches() {
    await Promise.resolve();
    yield { data, shape: SHAPE };
    yield { data, shape: SHAPE };
  }
  const twice = [...Array.from(labels, Number), ...Array.from(labels, Number)];
  return { path, device: "cpu", labels: twice, batches, calibration: batches } as const;
}

Deno.test("each form of a network's file has its size, accuracy and speed", () =>
  inFolder(async (folder) => {
    const forms = await measureForms(await trained(folder));
    assertEquals(forms.map(({ form, error }) => [form, error]), FORMS.map((form) => [form, null]));
    const [float32, float16, ...eights] = forms;
    assertEquals([float32.accuracy, float32.agreement], [1, 1]);
    assert(float16.bytes! < 0.6 * float32.bytes!);
    for (const { bytes, accuracy, agreement, imageMs, singleMs } of eights) {
      assert(bytes! < 0.45 * float32.bytes!, `${bytes} of ${float32.bytes}`);
      assert(accuracy! > 0.7 && accuracy === agreement, `${accuracy}`);
      assert(imageMs! > 0 && singleMs! > 0);
    }
  }));

const figures = { bytes: 2048, accuracy: 0.5, agreement: 1, imageMs: 0.25, singleMs: 1.5 };

async function report(): Promise<PrecisionReport> {
  const nothing = { bytes: null, accuracy: null, agreement: null, imageMs: null, singleMs: null };
  return {
    schemaVersion: 1,
    experiment: "precision",
    command: "deno task bench precision",
    environment: await readEnvironment(),
    device: "webgpu",
    testImages: 200,
    rows: [
      {
        trial: "torch/seed-1",
        error: null,
        forms: [
          { form: "float32", ...figures, error: null },
          { form: "float16", ...nothing, error: "this WebGPU device has no float16" },
          { form: "int8 static", ...figures, accuracy: 0.4875, error: null },
        ],
      },
      { trial: "keras/seed-1", error: "diverged | at step 3", forms: [] },
    ],
  };
}

Deno.test("a table names what was measured, and why something was not", async () => {
  const text = precisionMarkdown(await report());
  assertMatch(text, /torch\/seed-1 +\| float32 .*\| +2 \| +50\.00 % \| +– \|/);
  assertMatch(text, /float16: this WebGPU device has no float16 \| +– \|/);
  assertMatch(text, /int8 static .*−1\.25 \|/);
  assertMatch(text, /keras\/seed-1 +\| diverged \\\| at step 3/);
});

Deno.test("the chart shows accuracy, time and size of what was measured; of nothing there is none", async () => {
  const { rows } = await report();
  const svg = await precisionChart(rows, "light");
  for (const title of ["accuracy, %", "ms an image", "file, KiB", "int8 static"]) {
    assert(svg!.includes(title), title);
  }
  assertEquals(await precisionChart(rows.slice(1), "dark"), null);
});
