/**
 * Holds a report against an older one: what got slower, faster, better or worse, beyond the noise.
 * @module
 */
import type { FigureName } from "./configurations.ts";
import { missingCells } from "./merge.ts";
import type { Report } from "./report.ts";
import { predictionHalfWidth, type Spread, welchInterval } from "./statistics_mod.ts";
import { earlierValues, type HistoryLine, machineOf } from "./history.ts";
import { differentOptions } from "./same_experiment.ts";

/** Two reports cannot be compared; the message says what differs. */
export class CompareError extends Error {
  override name = "CompareError";
}

/** What a figure's change amounts to. `unjudged`: times of different machines. */
export type ChangeKind = "better" | "worse" | "same" | "unjudged";

/** One figure of one group, old and new. */
export interface Change {
  group: string;
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
  /** Figures that are worse by more than the limit, and groups that the new report should have and lacks. */
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
 * @throws {CompareError} if they are of different experiments or have no group in common
 */
export function compareReports(
  before: Report,
  after: Report,
  { failOver, history = [] }: CompareOptions,
): ReportComparison {
  const differences = differentOptions.between(before, after);
  if (differences.length > 0) {
    throw new CompareError(`the reports are of different experiments: ${differences.join("; ")}`);
  }
  const sameMachine = machineOf(before.environment) === machineOf(after.environment);
  const changes = after.groups.flatMap((group) => {
    const old = before.groups.find(({ name }) => name === group.name);
    if (!old) return [];
    return (Object.keys(compared) as ComparedFigure[]).flatMap((figure) => {
      const [a, b] = [old.figures[figure], group.figures[figure]];
      if (!a || !b) return [];
      const values = earlierValues(history, after, group.name, figure);
      const { testImages } = after.dataset;
      return [
        changeOf(group.name, figure, [a, b], { values, failOver, sameMachine, testImages }),
      ];
    });
  });
  if (changes.length === 0) throw new CompareError("the reports have no figure in common");
  const names = (report: Report) => report.groups.map(({ name }) => name);
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

/** Whether a report was to train a group and has no complete training of it. */
function lacks(report: Report, group: string): boolean {
  return missingCells(report).some((id) => id.startsWith(`${group}/seed-`));
}

interface Judging {
  values: readonly number[];
  failOver: number;
  sameMachine: boolean;
  testImages: number;
}

function changeOf(
  group: string,
  figure: ComparedFigure,
  [before, after]: [Spread, Spread],
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
    group,
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
  before: Spread,
  after: Spread,
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
