/** The subcommands that train: one an experiment. @module */
import { type Experiment, experiments } from "../../experiments/mod.ts";
import type { Command } from "../command.ts";
import { experimentFlags, experimentSwitches } from "../options.ts";
import { runExperiment } from "../run_experiment.ts";

/** The default first. */
export const experimentCommands: readonly Command[] = experiments.map(commandOf);

function commandOf(experiment: Experiment): Command {
  return {
    name: experiment.command,
    summary: experiment.summary,
    flags: [...experimentFlags(experiment), "junit", "tensorboard"],
    switches: experimentSwitches,
    defaults: experiment.defaults,
    examples: experiment.examples,
    run: (args) => runExperiment(experiment, args),
  };
}
