/**
 * The sections in words and tables: figures at a glance, environment, options, how to reproduce.
 * @module
 */
import { formatParity, verdict } from "../../parity/report/format.ts";
import { missingTrials, type Report } from "../../results/report.ts";
import { commandLine, environmentRows, notices, remarkLine, remarks } from "../markdown.ts";
import { networkTables } from "../network_table.ts";
import { figureTables, overviewRows } from "../table.ts";
import { verdictLines } from "../verdicts.ts";
import { list, section, table } from "./blocks.ts";
import { type Html, html } from "./html.ts";
import { differenceHistograms, parityGraphs } from "./parity_graphs.ts";

/** More cards than these are no glance. */
const MOST_CARDS = 4;

/** What is to be known before anything else: that the report is not whole, or the data another. */
export function warnings(report: Report): (Html | null)[] {
  const missing = missingTrials(report);
  const why = report.interrupted ? "the run was interrupted" : "not everything could be measured";
  const which = missing.length === 0 ? "" : `; missing: ${missing.join(", ")}`;
  return [
    report.complete && missing.length === 0 ? null : html`
      <p class="warning"><strong>Incomplete:</strong> ${why}${which}.</p>
    `,
    ...notices(report).map((notice) =>
      html`
        <p class="warning"><strong>Note:</strong> ${notice}</p>
      `
    ),
  ];
}

/** A card a configuration with its accuracy and time. */
export function cards({ configurations }: Report): Html | null {
  const shown = configurations.filter(({ figures }) => figures.testAccuracy !== null);
  if (shown.length === 0 || shown.length > MOST_CARDS) return null;
  return html`
    <ul class="cards">
    ${shown.map(({ name, figures }) => {
      const { testAccuracy, fitSeconds, stepMs } = figures;
      const { mean, high } = testAccuracy!;
      const half = high === null ? null : html`
        <span class="half">± ${((high - mean) * 100).toFixed(1)}</span>
      `;
      return html`
        <li>
          <h3>${name}</h3>
          <p class="big">${(mean * 100).toFixed(1)} %${half}</p>
          <p class="what">test accuracy</p>
          <p class="small">${fitSeconds
            ? `fit ${fitSeconds.mean.toFixed(1)} s`
            : null}${fitSeconds && stepMs ? " · " : null}${stepMs
            ? `step ${stepMs.mean.toFixed(1)} ms`
            : null}</p>
        </li>
      `;
    })}</ul>
  `;
}

/** A row a configuration, where there are many. */
function overviewTable(report: Report): Html | null {
  const rows = overviewRows(report);
  return rows === null ? null : table("All configurations", rows[0], rows.slice(1));
}

/** The side-by-side tables. */
export function figuresSection(report: Report): Html | null {
  const tables = figureTables(report).filter(({ rows: [head] }) => head.length > 1);
  if (tables.length === 0) return null;
  const seeds = Math.max(0, ...report.configurations.map((one) => one.seeds.length));
  const caption = seeds > 1
    ? `All figures; means over ${seeds} seeds ± half the 95 % interval`
    : "All figures; one seed";
  const networks = report.experiment.table === "networks" ? networkTables(report) : [];
  return section(
    "figures",
    "Side by side",
    cards(report),
    ...networks.map(({ caption, rows: [head, ...rows] }) => table(caption, head, rows)),
    overviewTable(report),
    ...tables.map(({ title, rows: [head, ...rows] }) =>
      title === null ? table(caption, head, rows) : html`
        <h3>${title}</h3>
        ${table(`${title}: ${caption.toLowerCase()}`, head, rows)}
      `
    ),
  );
}

/** What the intervals allow to say. */
export function verdictSection(report: Report): Html | null {
  return section("verdicts", "What the intervals say", list(verdictLines(report)));
}

/** Notes and errors. */
export function remarkSection(report: Report): Html | null {
  return section(
    "remarks",
    "Remarks",
    list(remarks(report).map(remarkLine)),
  );
}

/** Parity mode's tables. */
export function paritySection({ parity }: Report): Html | null {
  if (!parity) return null;
  return section(
    "layers",
    "Layer by layer",
    html`
      ${verdict(parity).split("\n").map((line) =>
        html`
          <p>${line}</p>
        `
      )}
    `,
    parityGraphs(parity),
    differenceHistograms(parity),
    html`
      <pre class="scroll" role="region" aria-label="Parity, layer by layer" tabindex="0">${formatParity(
        parity,
      )}</pre>
    `,
  );
}

/** The machines. */
export function environmentSection({ environment, parts }: Report): Html | null {
  const others = parts.map(({ shard, environment: e }) => [
    shard ? `${shard.index}/${shard.count}` : "whole",
    `${e.cpuModel ?? "unknown"}, ${e.cores ?? "unknown"} cores`,
    e.date,
  ]);
  return section(
    "environment",
    "Environment",
    table("Machine and software", ["what", "value"], environmentRows(environment), "words"),
    others.length === 0
      ? null
      : table("Joined from", ["shard", "processor", "date"], others, "words"),
  );
}

/** What was asked for. */
export function optionSection({ options }: Report): Html | null {
  const rows = Object.entries(options).map(([name, value]) => [name, optionText(value)]);
  return section(
    "options",
    "Options",
    table("Options of the run", ["option", "value"], rows, "words"),
  );
}

function optionText(value: unknown): string {
  if (value === null) return "not given";
  if (Array.isArray(value)) return value.join(", ");
  if (typeof value === "object") return Object.values(value).join("/");
  return String(value);
}

/** The command to get this report again. */
export function reproduceSection(report: Report): Html | null {
  const commit = /^[0-9a-f]{40,64}$/.exec(report.environment.gitCommit ?? "")?.[0] ?? null;
  const steps = [commit === null ? null : `git checkout ${commit}`, commandLine(report)];
  return section(
    "reproduce",
    "How to reproduce",
    html`
      <pre class="scroll" role="region" aria-label="Commands" tabindex="0"><code>${steps.filter((
        step,
      ) => step !== null).join("\n")}</code></pre>
    `,
  );
}
