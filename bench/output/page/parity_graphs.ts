/**
 * Both models' graphs side by side, and how far values differ where they do.
 * @module
 */
import type {
  LayerRow,
  ParityGraph,
  ParityGraphNode,
  ParityReport,
  RowStatus,
} from "../../parity/report/report.ts";
import { type Html, html } from "./html.ts";

/** More calls than these are no drawing. */
const MOST_NODES = 600;
const [row, width, gap, left] = [26, 270, 150, 60];

/** The graphs, with the first difference marked; null where none were recorded. */
export function parityGraphs({ graphs }: ParityReport): Html | null {
  if (!graphs) return null;
  const { keras, torch } = graphs;
  if (keras.nodes.length + torch.nodes.length > MOST_NODES || keras.nodes.length === 0) return null;
  const [kerasRows, torchRows] = rowsOf(keras, torch);
  const height = (Math.max(...kerasRows, ...torchRows) + 1) * row + 40;
  const right = left + width + gap;
  const first = keras.nodes.findIndex(({ status }) => status === "differs");
  // What Keras has no counterpart of.
  const lone = first < 0 ? torch.nodes.findIndex(({ status }) => status === "differs") : -1;
  const found = keras.nodes[first] ?? torch.nodes[lone];
  const label = found
    ? `Both models' graphs: the first to differ is ${found.name}`
    : "Both models' graphs: every result of Keras' has its counterpart";
  return html`
    <div class="scroll" role="region" aria-label="Graphs" tabindex="0">
      <svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="${label}" width="${right +
        width + left}"
        height="${height}" font-size="12">
    <text x="${left}" y="18" fill="currentColor" font-weight="600">Keras</text>
    <text x="${right}" y="18" fill="currentColor" font-weight="600">PyTorch</text>
    ${keras.nodes.map(({ twin, status }, i) =>
      twin === null || !torch.nodes[twin] ? null : line(
        [left + width, middle(kerasRows[i])],
        [right, middle(torchRows[twin])],
        colours[status],
      )
    )}${keras.nodes.map((node, i) => edges(node, i, kerasRows, left, -1))}${torch.nodes.map((
      node,
      i,
    ) => edges(node, i, torchRows, right + width, 1))}${keras.nodes.map((node, i) =>
      box(node, left, kerasRows[i], i === first)
    )}${torch.nodes.map((node, i) =>
      box(node, right, torchRows[i], i === lone || (first >= 0 && node.twin === first))
    )}</svg>
    </div>
    <p
      class="small">Green: the same values. Grey: compared with what follows. Red: differs; the first has a frame.
    Orange: follows from it.</p>
  `;
}

/** The values that differ in the first rows that do, by powers of ten. */
export function differenceHistograms({ layers }: ParityReport): Html | null {
  const shown = layers.filter(({ status, histogram }) =>
    status === "differs" && (histogram?.length ?? 0) > 0
  ).slice(0, 6);
  return shown.length === 0 ? null : html`
    <h3>How many values differ by how much</h3>
    ${shown.map(histogram)}
  `;
}

const colours: Readonly<Record<RowStatus, string>> = {
  agrees: "#2e8b57",
  within: "#8a8f98",
  differs: "#d03030",
  follows: "#e08a3c",
  "not compared": "#d03030",
};

const middle = (at: number) => 40 + at * row + row / 2 - 4;

/** Twins stand in one row where the order of calls allows it. */
function rowsOf(keras: ParityGraph, torch: ParityGraph): [number[], number[]] {
  const torchRows: number[] = [];
  const kerasRows = keras.nodes.map((_, i) => i);
  let last = -1;
  torch.nodes.forEach(({ twin }, i) => {
    last = Math.max(last + 1, twin ?? 0);
    torchRows[i] = last;
  });
  return [kerasRows, torchRows];
}

function box(
  { name, kind, shape, status }: ParityGraphNode,
  x: number,
  at: number,
  isFirst: boolean,
): Html {
  const y = 40 + at * row - 4;
  const text = `${name} ${kind} [${shape.join(", ")}]`;
  const short = text.length > 42 ? `${text.slice(0, 41)}…` : text;
  return html`
    <g>
      <title>${text}: ${status}</title>
      <rect x="${x}" y="${y}" width="${width}" height="${row - 6}" rx="4"
        fill="${colours[status]}" fill-opacity="${isFirst
          ? 0.35
          : 0.12}" stroke="${colours[status]}" stroke-width="${isFirst ? 3 : 1}" />
      <text x="${x + 8}" y="${y + 14}" fill="currentColor">${short}</text>
    </g>
  `;
}

/** Arcs beside the column, for what does not come from the row above. */
function edges(
  { from }: ParityGraphNode,
  i: number,
  rows: readonly number[],
  x: number,
  side: -1 | 1,
): Html[] {
  return from.filter((at) => at !== i - 1 && rows[at] !== undefined).map((at) => {
    const reach = Math.min(50, 8 + 3 * Math.abs(rows[i] - rows[at])) * side;
    const [y1, y2] = [middle(rows[at]), middle(rows[i])];
    return html`
      <path
        d="M${x} ${y1} C${x + reach} ${y1} ${x + reach} ${y2} ${x} ${y2}"
        fill="none" stroke="currentColor" stroke-opacity="0.4" />
    `;
  });
}

function line(from: readonly number[], to: readonly number[], colour: string): Html {
  return html`
    <line x1="${from[0]}" y1="${from[1]}" x2="${to[0]}" y2="${to[1]}" stroke="${colour}"
      stroke-opacity="0.6" />
  `;
}

function histogram({ name, part, pass, histogram }: LayerRow): Html {
  const bins = histogram!;
  const most = Math.max(...bins.map(({ count }) => count));
  const title = `${name}, ${part} (${pass})`;
  const bar = 44;
  return html`
    <p class="small">${title}</p>
    <svg xmlns="http://www.w3.org/2000/svg" role="img" aria-label="Differences of ${title}"
      width="${bins.length * bar + 10}" height="110" font-size="11">${bins.map(
        ({ exponent, count }, i) => {
          const height = Math.max(2, 60 * count / most);
          const x = 5 + i * bar;
          return html`
            <g>
              <title>${count} values, from 1e${exponent}</title>
              <rect x="${x}" y="${80 - height}" width="${bar - 6}" height="${height}" fill="#d03030"
                fill-opacity="0.7" />
              <text x="${x}" y="${74 - height}" fill="currentColor">${count}</text>
              <text x="${x}" y="98" fill="currentColor">1e${exponent}</text>
            </g>
          `;
        },
      )}</svg>
  `;
}
