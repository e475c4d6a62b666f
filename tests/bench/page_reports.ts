/** Reports of all kinds, for tests of their pages and charts. */
import type { GridCommand } from "../../bench/runner/mod.ts";
import { defaultParityOptions, type ParityReport } from "../../bench/parity/mod.ts";
import type { Report } from "../../bench/results/report.ts";
import { fakeRun, variedRunners } from "./fake_run.ts";

/** A report of a command with so many seeds. */
export function reportOf(command: GridCommand, seeds: number): Promise<Report> {
  return fakeRun({ seeds, epochs: 3 }, { runners: variedRunners() }, command);
}

/** A report of parity mode, whose losses part at step 30. */
export async function parityReport(): Promise<Report> {
  const steps = Array.from({ length: 60 }, (_, i) => {
    const difference = i < 2 ? 0 : 1e-8 * 1.5 ** i;
    return { step: i + 1, kerasLoss: 2, torchLoss: 2 + difference, difference };
  });
  const parity: ParityReport = {
    parityVersion: 1,
    options: defaultParityOptions(),
    title: "two models",
    data: "made-up numbers",
    steps,
    tolerance: 1e-3,
    learningRate: 0.001,
    firstExceeded: steps.find(({ difference }) => difference > 1e-3)!,
    layers: [],
    firstDifferent: null,
    control: null,
    agrees: false,
    interrupted: false,
    notes: ["a note <of> parity"],
  };
  const report = await fakeRun({ styles: ["torch"] });
  return { ...report, plan: [], results: [], groups: [], comparisons: [], parity };
}

/** All kinds, by a name for the test. */
export async function reportsOfAllKinds(): Promise<[name: string, report: Report][]> {
  return [
    ["run, one seed", await reportOf("run", 1)],
    ["run, three seeds", await reportOf("run", 3)],
    ["ladder, one seed", await reportOf("ladder", 1)],
    ["ladder, two seeds", await reportOf("ladder", 2)],
    ["layout, two seeds", await reportOf("layout", 2)],
    ["parity", await parityReport()],
  ];
}
