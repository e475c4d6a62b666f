/** Reports of all kinds, for tests of their pages and charts. */
import { defaultParityOptions, type ParityReport } from "../../../bench/parity/mod.ts";
import type { Report } from "../../../bench/results/report.ts";
import { fakeRun, variedLauncher } from "../runner/fake_run.ts";

/** A report of an experiment with so many seeds. */
export function reportOf(experiment: string, seeds: number): Promise<Report> {
  return fakeRun({ seeds, epochs: 3 }, { launch: variedLauncher }, experiment);
}

/** A report of parity, whose losses part at step 30. */
export async function parityReport(): Promise<Report> {
  const steps = Array.from({ length: 60 }, (_, i) => {
    const difference = i < 2 ? 0 : 1e-8 * 1.5 ** i;
    return { step: i + 1, kerasLoss: 2, torchLoss: 2 + difference, difference };
  });
  const parity: ParityReport = {
    parityVersion: 2,
    options: defaultParityOptions(),
    title: "two models",
    data: "made-up numbers",
    steps,
    tolerance: 1e-3,
    learningRate: 0.001,
    firstExceeded: steps.find(({ difference }) => difference > 1e-3)!,
    layers: [],
    firstDifferent: null,
    initialization: [],
    graphs: null,
    control: null,
    agrees: false,
    interrupted: false,
    notes: ["a note <of> parity"],
  };
  const report = await fakeRun({ styles: ["torch"] });
  return { ...report, plan: [], results: [], configurations: [], comparisons: [], parity };
}

/** A report with more configurations than one table shows. */
function productReport(): Promise<Report> {
  const options = { model: ["published_cnn", "mlp"], recipe: ["published", "fixed"], seeds: 2 };
  return fakeRun(options, { launch: variedLauncher });
}

/** All kinds, by a name for the test. */
export async function reportsOfAllKinds(): Promise<[name: string, report: Report][]> {
  return [
    ["compare, one seed", await reportOf("compare", 1)],
    ["compare, three seeds", await reportOf("compare", 3)],
    ["ablation, one seed", await reportOf("ablation", 1)],
    ["ablation, two seeds", await reportOf("ablation", 2)],
    ["layout, two seeds", await reportOf("layout", 2)],
    ["two models by two recipes", await productReport()],
    ["parity", await parityReport()],
  ];
}
