/**
 * What the sections of the page are built of: tables, and charts with the values behind them.
 * @module
 */
import type { DrawnChart } from "../charts/mod.ts";
import { type Html, html, trusted } from "./html.ts";

/** A table that scrolls in a box of its own where it is wider than the page; words stand left, values right. */
export function table(
  caption: string,
  head: readonly string[],
  rows: readonly (readonly string[])[],
  kind: "values" | "words" = "values",
): Html {
  return html`
    <div class="scroll" role="region" aria-label="${caption}" tabindex="0">
      <table class="${kind}">
        <caption>${caption}</caption>
        <thead>
          <tr>${head.map((name) =>
            name === ""
              ? html`<th scope="col"><span class="unseen">figure</span></th>`
              : html`<th scope="col">${name}</th>`
          )}</tr>
        </thead>
        <tbody>
    ${rows.map(([name, ...cells]) =>
      html`
        <tr><th scope="row">${name}</th>${cells.map((cell) => html`<td>${cell}</td>`)}</tr>
      `
    )}</tbody>
      </table>
    </div>
  `;
}

/** A chart, on light and on dark ground, of which the style shows one; its values fold out, or stand beside it. */
export function figure(chart: DrawnChart, values: "folded" | "beside" = "folded"): Html {
  const { name, title, caption, light, dark } = chart;
  const behind = table(
    values === "folded" ? title : `${title}: values`,
    chart.table.head,
    chart.table.rows,
  );
  return html`<figure id="chart-${name}">
<h3>${title}</h3>
<div class="on-light">${trusted(light)}</div>
<div class="on-dark">${trusted(dark)}</div>
<figcaption>${caption}</figcaption>
${
    values === "beside" ? null : html`
      <details><summary>Numbers<span class="unseen"> of ${title}</span></summary>
      ${behind}</details>
    `
  }</figure>
${values === "beside" ? behind : null}`;
}

/** A section with its heading; nothing where it has no content. */
export function section(id: string, title: string, ...content: (Html | null)[]): Html | null {
  const filled = content.filter((part) => part !== null);
  if (filled.length === 0) return null;
  return html`
    <section id="${id}" aria-labelledby="${id}-title">
    <h2 id="${id}-title">${title}</h2>
    ${filled}</section>
  `;
}

/** A list of sentences; null where there are none. */
export function list(lines: readonly string[]): Html | null {
  if (lines.length === 0) return null;
  return html`
    <ul class="lines">
    ${lines.map((line) =>
      html`
        <li>${line}</li>
      `
    )}</ul>
  `;
}
