/**
 * The report as one page: everything is in it, nothing is fetched, nothing is run.
 * @module
 */
import type { DrawnChart } from "../charts/mod.ts";
import type { Report } from "../../results/report.ts";
import { images, titleOf } from "../markdown.ts";
import { figure, section } from "./blocks.ts";
import { confusionSection } from "./confusions.ts";
import {
  environmentSection,
  figuresSection,
  optionSection,
  paritySection,
  remarkSection,
  reproduceSection,
  verdictSection,
  warnings,
} from "./facts.ts";
import { type Html, html, trusted } from "./html.ts";
import { styleSheet } from "./style.ts";

/** No script, no network: images and styles of the page itself only. */
const POLICY =
  "default-src 'none'; img-src data:; style-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

const timeCharts = ["accuracy-against-time", "fit-time", "step-time", "throughput"];

/** The sections that show charts, by the charts' names. */
const chartSections: readonly { id: string; title: string; names: readonly string[] }[] = [
  { id: "parity", title: "Step by step", names: ["parity"] },
  { id: "learning", title: "Learning", names: ["validation-accuracy", "validation-loss"] },
  { id: "time", title: "Time", names: timeCharts },
];

/**
 * The text of report.html.
 *
 * @param charts of the same report
 *
 * @example
 * ```ts
 * import { chartsOf } from "../charts/mod.ts";
 * import { readReport } from "../../results/read_report.ts";
 * import { reportPage } from "./mod.ts";
 * const report = await readReport("report");
 * await Deno.writeTextFile("report.html", await reportPage(report, await chartsOf(report)));
 * ```
 */
export async function reportPage(report: Report, charts: readonly DrawnChart[]): Promise<string> {
  const title = `Tandem: ${titleOf(report)}`;
  const { lead } = report.experiment;
  const leading = lead ? [{ id: "lead", title: lead.title, names: [lead.chart] }] : [];
  const others = chartSections.map((one) => ({
    ...one,
    names: one.names.filter((name) => name !== lead?.chart),
  }));
  const withCharts = [...leading, ...others].map(({ id, title, names }) => {
    const shown = charts.filter(({ name }) => names.includes(name));
    if (shown.length === 0) return null;
    return {
      id,
      title,
      content: section(
        id,
        title,
        html`
          <div class="charts">
          ${shown.map((chart) => figure(chart, shown.length === 1 ? "beside" : "folded"))}</div>
        `,
      ),
    };
  });
  const figures = { id: "figures", title: "Side by side", content: figuresSection(report) };
  const first = withCharts.filter((one) => one?.id === "lead");
  const sections = [
    // The chart that answers the experiment's question, before the many figures.
    ...first,
    figures,
    { id: "verdicts", title: "What the intervals say", content: verdictSection(report) },
    ...withCharts.filter((one) => !first.includes(one)),
    { id: "layers", title: "Layer by layer", content: paritySection(report) },
    { id: "confusions", title: "Confusions", content: await confusionSection(report, charts) },
    { id: "remarks", title: "Remarks", content: remarkSection(report) },
    { id: "environment", title: "Environment", content: environmentSection(report) },
    { id: "options", title: "Options", content: optionSection(report) },
    { id: "reproduce", title: "How to reproduce", content: reproduceSection(report) },
  ].flatMap((one) => one === null || one.content === null ? [] : [one]);
  return html`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="${trusted(POLICY)}">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <meta name="color-scheme" content="light dark">
        <meta name="referrer" content="no-referrer">
        <title>${title}</title>
        <style>${trusted(styleSheet())}</style>
      </head>
      <body>
        <a class="skip" href="#content">Skip to the content</a>
        <header>
    <h1>${title}</h1>
    <p class="about">${images(report).join("\n")}</p>
    <p class="about">${machine(report)}</p>
    ${warnings(report)}<nav aria-label="Sections"><ul>
    ${sections.map(({ id, title }) =>
      html`
        <li><a href="#${id}">${title}</a></li>
      `
    )}</ul></nav>
        </header>
        <main id="content" tabindex="-1">
    ${sections.map(({ content }) => content)}</main>
        <footer>
          <p>Made by Tandem from report.json beside this page; the charts lie in charts/ as SVG and PNG.</p>
        </footer>
      </body>
    </html>
  `.text;
}

function machine({ environment: e }: Report): Html {
  return html`${e.date.replace("T", " ").replace(/\.\d+Z$/, " UTC")} · ${
    e.cpuModel ?? "unknown processor"
  }, ${e.cores ?? "unknown"} cores · ${e.os}`;
}
