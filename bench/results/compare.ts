/**
 * Holds a report against an older one: what got slower, faster, better or worse, beyond the noise.
 * @module
 */
import { shortList } from "../../onnx/mod.ts";
import {
  type ConfigurationFigures,
  type FigureName,
  missingTrials,
  type Report,
} from "./report.ts";
import { type MeanInterval, predictionHalfWidth, welchInterval } from "./statistics.ts";
import { earlierValues, type HistoryLine, machineOf } from "./history.ts";
import { differentOptions } from "./same_experiment.ts";

/** Two reports cannot be compared; the message says what differs. */
export class CompareError extends Error {
  override name = "CompareError";
}

/** What a figure's change amounts to. `unjudged`: times of different machines. */
export type ChangeKind = "better" | "worse" | "same" | "unjudged";

/** One figure of one configuration, old and new. */
export interface Change {
  configuration: string;
  figure: ComparedFigure;
  old: number;
  new: number;
  /** Change relative to the old value: 0.1 is a tenth more; null where that is 0. */
  relative: number | null;
  /** How much of a relative change is noise; null where nothing tells, or the old value is 0. */
  noise: number | null;
  /** Where the noise is known from. */
  noiseFrom: "seeds" | "history" | "test images" | null;
  kind: ChangeKind;
  /** Whether it is worse by more than the limit. */
  regression: boolean;
}

/** The outcome of a comparison. */
export interface ReportComparison {
  changes: Change[];
  /** Figures that are worse by more than the limit, and configurations that the new report should have and lacks. */
  regressions: number;
  notes: string[];
}

/** Figures that are compared, and whether more is better. */
const compared = {
  testAccuracy: { isTime: false, moreIsBetter: true },
  stepMs: { isTime: true, moreIsBetter: false },
  fitSeconds: { isTime: true, moreIsBetter: false },
} as const satisfies Partial<Record<FigureName, { isTime: boolean; moreIsBetter: boolean }>>;

/** A figure that is compared. */
export type ComparedFigure = keyof typeof compared;

/** Options of {@linkcode compareReports}. */
export interface CompareOptions {
  /** The limit of a regression: 0.1 is a tenth worse. */
  readonly failOver: number;
  /** Figures of earlier reports. */
  readonly history?: readonly HistoryLine[];
}

/**
 * Compares two reports of one experiment.
 *
 * @throws {CompareError} if they are of different experiments or have no configuration in common
 */
export function compareReports(
  before: Report,
  after: Report,
  { failOver, history = [] }: CompareOptions,
): ReportComparison {
  const differences = differentOptions.between(before, after);
  if (differences.length > 0) {
    throw new CompareError(
      `the reports are of different experiments: ${shortList(differences, "; ", 2)}`,
    );
  }
  const sameMachine = machineOf(before.environment) === machineOf(after.environment);
  const changes = measured(after).flatMap((configuration) => {
    const old = measured(before).find(({ name }) => name === configuration.name);
    if (!old) return [];
    return (Object.keys(compared) as ComparedFigure[]).flatMap((figure) => {
      const [a, b] = [old.figures[figure], configuration.figures[figure]];
      if (!a || !b) return [];
      const values = earlierValues(history, after, configuration.name, figure);
      const testImages = testImagesOf(after, configuration);
      return [
        changeOf(configuration.name, figure, [a, b], { values, failOver, sameMachine, testImages }),
      ];
    });
  });
  if (changes.length === 0) throw new CompareError("the reports have no figure in common");
  const names = (report: Report) => measured(report).map(({ name }) => name);
  const alone = (a: Report, b: Report) => names(a).filter((name) => !names(b).includes(name));
  const failed = alone(before, after).filter((name) => lacks(after, name));
  const notes = [
    ...failed.map((name) => `regression: ${name} could not be measured in the new report`),
    ...alone(before, after).filter((name) => !failed.includes(name))
      .map((name) => `${name} is in the old report only`),
    ...alone(after, before).map((name) => `${name} is in the new report only`),
  ];
  if (!sameMachine) {
    notes.push(
      `times are not judged, for the machines differ: ${machineOf(before.environment)} and ` +
        machineOf(after.environment),
    );
  }
  const worse = changes.filter(({ regression }) => regression).length;
  return { changes, regressions: worse + failed.length, notes };
}

/** The configurations with trials that are done. */
function measured({ configurations }: Report): ConfigurationFigures[] {
  return configurations.filter(({ seeds }) => seeds.length > 0);
}

/** Images on which the accuracy of a configuration was measured. */
function testImagesOf({ datasets }: Report, { axes }: ConfigurationFigures): number {
  return (datasets.find(({ asked }) => asked === axes.dataset) ?? datasets[0]).testImages;
}

/** Whether a report was to train a configuration and has no trial of it that is done. */
function lacks(report: Report, configuration: string): boolean {
  const missing = missingTrials(report);
  return report.plan.some((trial) =>
    trial.configuration === configuration && missing.includes(trial.id)
  );
}

interface Judging {
  values: readonly number[];
  failOver: number;
  sameMachine: boolean;
  testImages: number;
}

function changeOf(
  configuration: string,
  figure: ComparedFigure,
  [before, after]: [MeanInterval, MeanInterval],
  judging: Judging,
): Change {
  const difference = after.mean - before.mean;
  const { half, noiseFrom } = noiseOf(figure, before, after, judging);
  const { isTime, moreIsBetter } = compared[figure];
  const loss = moreIsBetter ? -difference : difference;
  const limit = judging.failOver * Math.abs(before.mean);
  // Where nothing tells the noise, only the limit keeps chance from being called a change.
  const isSame = Math.abs(difference) <= (half ?? limit);
  const unjudged = isTime && !judging.sameMachine;
  const kind = unjudged ? "unjudged" : isSame ? "same" : loss > 0 ? "worse" : "better";
  const share = (value: number) => before.mean === 0 ? null : value / Math.abs(before.mean);
  return {
    configuration,
    figure,
    old: before.mean,
    new: after.mean,
    relative: share(difference),
    noise: half === null ? null : share(half),
    noiseFrom,
    kind,
    regression: kind === "worse" && loss > limit,
  };
}

/** How far two means may lie apart by chance, in the figure's own unit. */
function noiseOf(
  figure: ComparedFigure,
  before: MeanInterval,
  after: MeanInterval,
  { values, testImages }: Judging,
): { half: number | null } & Pick<Change, "noiseFrom"> {
  const interval = welchInterval(before, after);
  if (interval) return { half: (interval.high - interval.low) / 2, noiseFrom: "seeds" };
  const half = predictionHalfWidth(values);
  if (half !== null) return { half, noiseFrom: "history" };
  if (figure !== "testAccuracy") return { half: null, noiseFrom: null };
  // A share of so many images is known no better than this, whatever the seed does.
  return { half: shareHalfWidth(before.mean, testImages), noiseFrom: "test images" };
}

/** Half the 95 % interval of the difference of two shares (normal approximation of the binomial distribution). */
function shareHalfWidth(share: number, count: number): number {
  return 1.96 * Math.sqrt(2 * share * (1 - share) / count);
}
