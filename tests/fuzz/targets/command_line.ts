/** Command lines of the bench, of known and unknown words: read, or refused by name; nothing is trained. */
import { complete } from "../../../bench/cli/commands/completions.ts";
import { commands } from "../../../bench/cli/commands/mod.ts";
import { flags } from "../../../bench/cli/flags.ts";
import { readOptions } from "../../../bench/cli/options.ts";
import { parseArguments } from "../../../bench/cli/parse.ts";
import { UsageError } from "../../../bench/cli/usage_error.ts";
import { main } from "../../../bench/main.ts";
import { readParityOptions } from "../../../bench/parity/options.ts";
import { loadRecipe } from "../../../bench/recipes/mod.ts";
import { DatasetOptionError, parseDatasetOptions } from "../../../fixtures/mod.ts";
import type { Random } from "../../../fixtures/random.ts";
import { pick, TEXTS } from "../mutation.ts";
import { attempt, expect, type Outcome, type Target } from "../target.ts";

const names = [...Object.keys(flags), "help", "json", "quiet", "fresh", "profile", "nothing"];

const values = [
  ...TEXTS,
  ..."keras torch,keras mlp ./m.ts shapes10 size=8 size=8x8,bits=16 0 1 -1 1e3 0x10 5e-324 1e400"
    .split(" "),
  ..."2/5 0/0 10% 1000% .65 1 00 18446744073709551616 9999999999999999999999 cpu cuda".split(" "),
];

function randomArguments(random: Random): string[] {
  const args: string[] = [];
  if (random.below(2) === 0) {
    args.push(pick(random, [...commands.map(({ name }) => name), ...TEXTS]));
  }
  for (let left = random.below(5); left > 0; left--) {
    const [name, value] = [pick(random, names), pick(random, values)];
    switch (random.below(5)) {
      case 0:
        args.push(`--${name}=${value}`);
        break;
      case 1:
        args.push(`--${name}`);
        break;
      case 2:
        args.push(value);
        break;
      case 3:
        args.push(`-${value}`);
        break;
      default:
        args.push(`--${name}`, value);
    }
  }
  return args;
}

/** A list of all flags is a help worth its length. */
const judging = { quotes: true, longest: 500 };

const target: Target = {
  name: "command_line",
  prepare: () =>
    Promise.resolve(async (random): Promise<Outcome> => {
      const args = randomArguments(random);
      const command = commands.find(({ name }) => name === args[0]) ?? commands[0];
      const rest = command.name === args[0] ? args.slice(1) : args;
      const read = await attempt(() => {
        const parsed = parseArguments(rest, command);
        if (command.name === "parity") readParityOptions(parsed);
        else if (command.flags.includes("epochs")) readOptions(parsed);
      }, judging);
      if ("error" in read) {
        const isOurs = read.error instanceof UsageError || read.error instanceof DatasetOptionError;
        expect(isOurs, `${read.error.name} is no error of the command line`);
      }
      await attempt(() => parseDatasetOptions(pick(random, values)), judging);
      await attempt(
        () => loadRecipe(pick(random, TEXTS.filter((text) => !text.includes("/")))),
        judging,
      );
      await attempt(() => complete(commands, args), judging);
      const isOther = args.length > 0 && !args[0].startsWith("-") && command.name !== args[0];
      if (isOther || args.includes("--help")) {
        const code = await attempt(() => main(args));
        expect("value" in code && [0, 2].includes(code.value), "main threw");
      }
      return "error" in read ? "refused" : "taken";
    }),
};

export default target;
