/**
 * How the configurations of a report are told apart: by colour, by the dashes of a line and by the shape of its points.
 * @module
 */

const DASHES = [[1, 0], [6, 3], [2, 2], [8, 3, 2, 3], [4, 4], [10, 3], [1, 3], [6, 2, 1, 2, 1, 2]];
const SHAPES = [
  "circle",
  "square",
  "triangle-up",
  "diamond",
  "cross",
  "triangle-down",
  "triangle-right",
  "triangle-left",
];

/** The encodings of a field whose values are the names of configurations; one legend for colour and shape. */
export function seriesEncodings(names: readonly string[]) {
  const domain = [...names];
  const at = <T>(list: readonly T[]) => names.map((_, i) => list[i % list.length]);
  const legend = {
    orient: "bottom" as const,
    direction: "vertical" as const,
    columns: columnsFor(names),
    title: null,
    labelLimit: 290,
    symbolSize: 60,
    symbolOpacity: 1,
  };
  const field = { field: "configuration", type: "nominal" as const };
  return {
    color: { ...field, scale: { domain }, legend },
    shape: { ...field, scale: { domain, range: at(SHAPES) }, legend },
  };
}

/** A line a configuration, each with dashes of its own; they are no encoding, for in a legend they break up the shapes. */
export function dashedLines(names: readonly string[]) {
  return names.map((name, i) => ({
    transform: [{ filter: { field: "configuration", equal: name } }],
    mark: { type: "line" as const, clip: true, strokeDash: DASHES[i % DASHES.length] },
  }));
}

/** As many as fit beside each other. */
function columnsFor(names: readonly string[]): number {
  const longest = Math.max(...names.map((name) => name.length));
  return Math.max(1, Math.min(names.length, Math.floor(44 / (longest + 5))));
}
