/** What a report becomes in each place, held against what a harmless one becomes: texts of a report are words everywhere. */
// @ts-types="@types/commonmark"
import { Parser } from "commonmark";
import { printReport } from "../../../bench/cli/output_options.ts";
import { chartsOf } from "../../../bench/output/charts/mod.ts";
import { formatJUnit } from "../../../bench/output/junit.ts";
import { commandLine, formatMarkdown } from "../../../bench/output/markdown.ts";
import { reportPage } from "../../../bench/output/page/mod.ts";
import type { Report } from "../../../bench/results/report.ts";

/** Words that end what they stand in, in every place. */
export const attack =
  "\u001b[31m\u202e\u0000\ud800::error::x\n# H\n![i](http://e.example/i)<script>a</script>" +
  "\"'><img src=x onerror=a()>|`a`\n```\n$(touch x)`touch x`; touch y\n]]><x/>&lt;www.e.example\r\n- item";

/** Fields with values of their own kind, which a schema allows no other text for. */
const fixed: ReadonlySet<string> = new Set([
  ...["table", "chart", "figures", "axes", "styles", "style", "layout", "device", "kerasEngine"],
  ...["state", "figure", "kind", "date", "images", "pass", "status"],
]);

/** A report in which every text begins with another; what refers to a name still does. */
export function withEveryText<T>(value: T, text: string, isFixed = false): T {
  if (typeof value === "string") return (isFixed ? value : text + value) as T;
  if (Array.isArray(value)) return value.map((one) => withEveryText(one, text, isFixed)) as T;
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => {
      // The axes of a configuration are an object with names in it, those of an experiment a list of fields.
      const keeps = fixed.has(key) && !(key === "axes" && !Array.isArray(one));
      return [key, withEveryText(one, text, keeps)];
    }),
  ) as T;
}

/** What is wrong with what a place shows; empty where nothing is. */
export type Faults = string[];

/** The kinds of tags in a text of HTML or XML, with the names of their attributes; a `<` that begins none is a fault. */
export function tagsOf(markup: string): { tags: Set<string>; faults: Faults } {
  const tags = new Set<string>();
  const faults: Faults = [];
  const tag = /<(\/?[A-Za-z][\w:-]*|!DOCTYPE|\?xml)((?:\s+[\w:-]+(?:="[^"<]*")?)*)\s*[/?]?>/y;
  for (let at = markup.indexOf("<"); at >= 0; at = markup.indexOf("<", at)) {
    tag.lastIndex = at;
    const found = tag.exec(markup);
    if (!found) {
      faults.push(`no tag: ${JSON.stringify(markup.slice(at, at + 60))}`);
      return { tags, faults };
    }
    const names = [...found[2].matchAll(/\s([\w:-]+)(?==|\s|$)(?:="[^"]*")?/g)].map(([, name]) =>
      name
    );
    tags.add(`${found[1]} ${names.sort().join(" ")}`);
    at += found[0].length;
  }
  return { tags, faults };
}

// deno-lint-ignore no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069\ud800-\udfff]/u;

function controlFaults(where: string, text: string): Faults {
  const found = CONTROL.exec(text);
  return found ? [`${where}: a control character ${found[0].charCodeAt(0).toString(16)}`] : [];
}

/** Tags that a page, a chart or an XML file of ours can have. */
const ours =
  /^\/?(html|head|meta|title|style|body|a|header|h[1-4]|p|nav|ul|li|main|section|div|table|caption|thead|tbody|tr|th|td|span|strong|figure|figcaption|details|summary|pre|code|footer|img|svg|g|path|text|rect|line|defs|clippath|tspan|lineargradient|stop|testsuites?|testcase|properties|property|failure|skipped|system-out|\?xml|!doctype)$/i;

/** Whether there are tags or attributes that we do not write. */
function markupFaults(where: string, markup: string): Faults {
  const { tags, faults } = tagsOf(markup);
  for (const tag of tags) {
    const [name, ...attributes] = tag.split(" ");
    if (!ours.test(name)) faults.push(`a tag ${name}`);
    const strange = attributes.find((one) => /^on|^(srcdoc|action|formaction)$/i.test(one));
    if (strange) faults.push(`an attribute ${strange}`);
    if (/^img /.test(tag) && tag !== "img alt height src width") faults.push(`an image ${tag}`);
  }
  if (/(?:href|src)="(?!#|data:image\/png;base64,)/.test(markup)) {
    faults.push("a link to elsewhere");
  }
  return [...faults.map((fault) => `${where}: ${fault}`), ...controlFaults(where, markup)];
}

/** Whether Markdown has anything but our own headings, lists, tables and code. */
export function markdownFaults(markdown: string): Faults {
  const faults: Faults = controlFaults("Markdown", markdown);
  const walker = new Parser().parse(markdown).walker();
  for (let step = walker.next(); step; step = walker.next()) {
    const { type, level, firstChild } = step.node;
    if (!step.entering) continue;
    if (["image", "link", "html_block", "html_inline", "code", "emph"].includes(type)) {
      faults.push(`Markdown: a node ${type}`);
    }
    const isOurs = level === 1 ? firstChild?.literal?.startsWith("Tandem") : level === 3 ||
      ["What the intervals say", "Remarks", "Environment", "Reproduce"]
        .includes(firstChild?.literal ?? "");
    if (type === "heading" && !isOurs) faults.push(`Markdown: a heading ${firstChild?.literal}`);
  }
  const outside = markdown.replace(/^(`{3,})(?:\w+)\n[\s\S]*?\n\1$/gm, "");
  if (/(https?|ftp):\/\/|www\.\S/i.test(outside)) faults.push("Markdown: a link by itself");
  return faults;
}

/** What the places that need no drawing show. */
export function textFaults(report: Report): Faults {
  const printed: string[] = [];
  const { log } = console;
  console.log = (...parts: unknown[]) => printed.push(parts.join(" "));
  try {
    printReport(report, ["report"], { json: false });
    printReport(report, ["report"], { json: true });
  } finally {
    console.log = log;
  }
  const terminal = printed.join("\n");
  const faults = controlFaults("terminal", terminal);
  if (/^\s*(::|##\[)/m.test(terminal)) faults.push("terminal: a command for a CI log");
  if (JSON.stringify(JSON.parse(printed.at(-1)!)) !== JSON.stringify(report)) {
    faults.push("terminal: the JSON is another");
  }
  const command = commandLine(report);
  faults.push(...controlFaults("shell", command));
  if (!/^deno task bench( ([\w./:,@=-]+|('[^']*'|\\')+|\$'([^'\\]|\\.)*'))*$/s.test(command)) {
    faults.push("shell: a command line with more than words");
  }
  return [
    ...faults,
    ...markdownFaults(formatMarkdown(report)),
    ...markupFaults("JUnit", formatJUnit(report).replace(/<!\[CDATA\[[\s\S]*?\]\]>/g, "")),
  ];
}

/** The largest drawing, in pixels; see `charts/mod.ts`. */
const MOST_PIXELS = 4_000 * 16_000;

/** What the page and the charts show. */
export async function drawnFaults(report: Report): Promise<Faults> {
  const charts = await chartsOf(report);
  const faults = charts.flatMap(({ name, light, dark }) => [
    ...markupFaults(`chart ${name}`, light),
    ...markupFaults(`chart ${name}`, dark),
    ...(/^[\w-]{1,120}$/.test(name) ? [] : [`chart ${JSON.stringify(name)}: no name of a file`]),
    ...(pixelsOf(light) <= MOST_PIXELS ? [] : [`chart ${name}: ${pixelsOf(light)} pixels`]),
  ]);
  const page = await reportPage(report, charts);
  return [...faults, ...markupFaults("page", page.replace(/<style>[\s\S]*?<\/style>/, ""))];
}

function pixelsOf(svg: string): number {
  const [, width, height] = /width="([\d.e+]+)" height="([\d.e+]+)"/.exec(svg) ?? [];
  return Number(width) * Number(height);
}
