/**
 * Parts of README.md that are written and not typed: each stands between two marks.
 * @module
 */

/**
 * README.md with the part of a name written anew.
 *
 * @throws {Error} if its marks are not there
 * @example
 * ```ts
 * const readme = "# Tandem\n\n<!-- readme:figures peers -->\n\n<!-- end of peers -->\n";
 * withPart(readme, "peers", ["Twice as fast."]); // with the text between the marks
 * ```
 */
export function withPart(readme: string, name: string, paragraphs: readonly string[]): string {
  const [begin, end] = [`<!-- readme:figures ${name} -->`, `<!-- end of ${name} -->`];
  const [before, rest] = readme.split(begin);
  const after = rest?.split(end)[1];
  if (after === undefined) throw new Error(`README.md lacks ${begin} and ${end}`);
  // Lines as long as they are: a formatter would make others of them.
  const [from, to] = ["start", "end"].map((where) => `<!-- deno-fmt-ignore-${where} -->`);
  return [before + begin, from, ...paragraphs, to, end + after].join("\n\n");
}
