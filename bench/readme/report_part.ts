/**
 * What README.md shows of a `report.md` in `bench/evidence/`: where it was measured, the command, its first table.
 * @module
 */

const EVIDENCE = new URL("../evidence/", import.meta.url);

/**
 * The paragraphs about one report.
 *
 * @param folder of the report, in `bench/evidence/`
 * @param rows names of the table's rows that are shown; all unless given
 */
export async function reportPart(folder: string, rows?: readonly string[]): Promise<string[]> {
  const text = await Deno.readTextFile(new URL(`${folder}/report.md`, EVIDENCE));
  return paragraphsOf(folder, text, rows);
}

/** {@linkcode reportPart} of a text. @throws {Error} naming a row, or a part of the report, that is not there */
export function paragraphsOf(folder: string, text: string, rows?: readonly string[]): string[] {
  const path = `bench/evidence/${folder}/report.md`;
  const [figures, environment] = tablesOf(text);
  const command = /^```sh\n[^]*?\n```$/m.exec(text)?.[0];
  if (!figures || !environment || !command) {
    throw new Error(`${path} lacks its tables or its command, expected a report of the bench`);
  }
  const [date, processor] = ["date", "processor"].map((name) => cellsOf(row(environment, name))[1]);
  const [header, rule] = figures;
  const shown = rows?.map((name) => row(figures, name)) ?? figures.slice(2);
  return [
    `[\`${folder}\`](${path}): ${processor}, ${date.slice(0, 10)}:`,
    command,
    [header, rule, ...shown].join("\n"),
  ];

  function row(table: readonly string[], name: string): string {
    const found = table.find((line) => cellsOf(line)[0] === name);
    if (found === undefined) throw new Error(`${path} has no row "${name}"`);
    return found;
  }
}

/** Markdown's tables, each its lines. */
function tablesOf(text: string): string[][] {
  const blocks = text.split("\n\n").map((block) => block.split("\n"));
  return blocks.filter((lines) => lines.every((line) => line.startsWith("|")));
}

function cellsOf(line: string): string[] {
  return line.split("|").slice(1, -1).map((cell) => cell.trim());
}
