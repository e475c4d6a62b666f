/**
 * What an experiment is: which configurations it has and how its results are presented. Nothing else in the bench knows
 * an experiment by its name.
 * @module
 */
import type { Recipe } from "../recipes/recipe.ts";
import type { BenchOptions } from "../runner/options.ts";
import type { PlannedConfiguration } from "../runner/plan.ts";
import type { Axes, StyleName } from "../runner/trials/trial.ts";
import type { Ablation } from "./ablation_list.ts";

/** What is known of a model before it is trained. */
export interface ModelChoice {
  name: string;
  title: string;
  source: string | null;
  /** A user's module, as an absolute path; null for a model of the bench. */
  file: string | null;
  /** The idioms in which it is written. */
  idioms: ("keras" | "torch")[];
}

/** What an experiment is made of. */
export interface ExperimentInput {
  models: ModelChoice[];
  /** With what flags set. */
  recipes: Recipe[];
  datasets: string[];
  styles: StyleName[];
  /** The list of changes and its recipes, with what flags set; null unless the experiment takes one. */
  ablation: ResolvedAblation | null;
}

/** An ablation whose recipes are read. */
export interface ResolvedAblation extends Omit<Ablation, "from" | "end"> {
  from: Recipe;
  end: { style: StyleName; recipe: Recipe; title: string } | null;
}

/** The names of axes. */
export type AxisName = keyof Axes;

/** How the results of an experiment are presented; kept in its report, so that whoever shows it needs nothing else. */
export interface Presentation {
  /** Of tables and pages; what follows is "on" and the data set. */
  title: string;
  /**
   * `figures`: a row a figure; `steps`: a row a configuration, with what it changed against the one before; `networks`: a
   * row a network, with which idiom is faster and which ends better, before the figures.
   */
  table: "figures" | "steps" | "networks";
  /** The chart that answers the experiment's question, by its name, and its heading; null where all do. */
  lead: { chart: "steps" | "step-time"; title: string } | null;
  /** Which pairs of configurations deserve a sentence: those that differ in one of the axes alone; null: none. */
  verdicts: { figures: ("testAccuracy" | "stepMs")[]; axes: AxisName[] } | null;
}

/** A flag that says what an experiment is made of. */
export type AxisFlag = "model" | "recipe" | "dataset" | "styles" | "ablation" | "peers";

/** An experiment. */
export interface Experiment {
  /** In reports. */
  readonly name: string;
  /** On the command line. */
  readonly command: string;
  /** One line. */
  readonly summary: string;
  /** What it takes of these. */
  readonly flags: readonly AxisFlag[];
  /** What flags that are not given mean, where it is something else than in other experiments. */
  readonly defaults?: Partial<Pick<BenchOptions, "model" | "recipe">>;
  /** Command lines, without `deno task bench`, and what they do. */
  readonly examples: readonly (readonly [line: string, what: string])[];
  readonly presentation: (input: ExperimentInput) => Presentation;
  /** In the order of tables. */
  readonly configurations: (input: ExperimentInput) => PlannedConfiguration[];
}
