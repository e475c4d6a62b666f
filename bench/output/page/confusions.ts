/**
 * The section on confusions: a matrix a configuration, and images of its worst mistakes.
 * @module
 */
import { decodePng } from "../../../plotting/mod.ts";
import type { DrawnChart } from "../charts/mod.ts";
import type { Report } from "../../results/report.ts";
import type { ShownConfusion } from "../../runner/trials/trial.ts";
import { confusionChartName } from "../charts/confusion_matrix.ts";
import { withResults } from "../../results/configurations.ts";
import { figure, section } from "./blocks.ts";
import { type Html, html } from "./html.ts";

/** Base64 of an image that is worth showing has at most so many characters. */
const MOST_CHARACTERS = 40_000;
/** Width and height in pixels. */
const MOST_EXTENT = 256;

/** Matrices and images. */
export async function confusionSection(
  report: Report,
  charts: readonly DrawnChart[],
): Promise<Html | null> {
  const parts: Html[] = [];
  for (const { configuration, results } of withResults(report)) {
    const { name } = configuration;
    const chart = charts.find((one) => one.name === confusionChartName(name));
    const shown = results.find(({ worst }) => worst.length > 0);
    if (!chart && !shown) continue;
    const samples = shown ? await samplesOf(name, shown.seed, shown.worst) : null;
    parts.push(html`
      <div class="confusion">
      ${chart ? figure(chart) : null}${samples}</div>
    `);
  }
  return parts.length === 0 ? null : section("confusions", "Confusions", ...parts);
}

async function samplesOf(
  configuration: string,
  seed: number,
  worst: readonly ShownConfusion[],
): Promise<Html> {
  const items: Html[] = [];
  for (const { actual, predicted, count, images } of worst) {
    const shown = await Promise.all(
      images.map((image, i) => imageOf(image, `${actual} taken for ${predicted}, image ${i + 1}`)),
    );
    items.push(html`
      <li>
        <p><strong>${actual}</strong> taken for <strong>${predicted}</strong> <span class="count">${count} times</span></p>
        <p class="images">${shown}</p>
      </li>
    `);
  }
  return html`
    <div class="samples">
      <h3>Worst confusions of ${configuration}, seed ${seed}</h3>
      <ul>
    ${items}</ul>
    </div>
  `;
}

/** A report may come from anywhere: only what really is a small PNG becomes an image. */
async function imageOf(base64: string, words: string): Promise<Html> {
  const size = await pngSize(base64);
  if (!size) return html`<span class="count">(no image that can be shown)</span>`;
  const { width, height } = size;
  return html`
    <img src="data:image/png;base64,${base64}" alt="${words}" width="${width}"
      height="${height}">
  `;
}

async function pngSize(base64: string): Promise<{ width: number; height: number } | null> {
  if (base64.length > MOST_CHARACTERS || !/^[A-Za-z0-9+/]+={0,2}$/.test(base64)) return null;
  try {
    const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
    // The size stands in the header: looked at before anything is unpacked.
    const header = new DataView(bytes.buffer);
    if (Math.max(header.getUint32(16), header.getUint32(20)) > MOST_EXTENT) return null;
    const { width, height } = await decodePng(bytes);
    return { width, height };
  } catch {
    return null;
  }
}
