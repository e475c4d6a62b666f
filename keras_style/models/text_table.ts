/**
 * A table of fixed width in box characters, as Python's `rich` draws it for Keras.
 * @module
 */

/** A column of a {@linkcode formatTable}. */
export interface Column {
  readonly title: string;
  /** Characters inside, without the blank on either side. */
  readonly width: number;
  readonly align: "left" | "right";
}

/** The table's text, with a line between any two rows. */
export function formatTable(columns: readonly Column[], rows: readonly string[][]): string {
  const rule = (left: string, line: string, cross: string, right: string) =>
    left + columns.map(({ width }) => line.repeat(width + 2)).join(cross) + right;
  const head = formatRow(columns, columns.map(({ title }) => title), "┃");
  const body = rows.map((row) => formatRow(columns, row, "│"));
  return [
    rule("┏", "━", "┳", "┓"),
    head,
    rule("┡", "━", "╇", "┩"),
    body.join(`\n${rule("├", "─", "┼", "┤")}\n`),
    rule("└", "─", "┴", "┘"),
  ].filter((part) => part !== "").join("\n");
}

function formatRow(columns: readonly Column[], cells: readonly string[], edge: string): string {
  const wrapped = cells.map((cell, i) => wrap(cell, columns[i].width));
  const height = Math.max(...wrapped.map((lines) => lines.length));
  return Array.from({ length: height }, (_, line) => {
    const parts = columns.map(({ width, align }, i) => {
      const text = wrapped[i][line] ?? "";
      return ` ${align === "right" ? text.padStart(width) : text.padEnd(width)} `;
    });
    return edge + parts.join(edge) + edge;
  }).join("\n");
}

/** Breaks at blanks; a word that is too long is cut. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(" ")) {
    const longer = lines.length > 0 ? `${lines.at(-1)} ${word}` : word;
    if (lines.length > 0 && longer.length <= width) lines[lines.length - 1] = longer;
    else lines.push(word);
  }
  return lines.map((line) => line.length > width ? `${line.slice(0, width - 1)}…` : line);
}
