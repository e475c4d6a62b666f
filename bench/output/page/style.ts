/**
 * The look of the page.
 * @module
 */
import { FONT_STACK, type Theme, themeColours } from "../../../plotting/mod.ts";

/** The style sheet. Colours are those of the charts. */
export function styleSheet(): string {
  return `
:root { color-scheme: light dark; ${
    variables(themeColours("light"))
  } --panel: #f6f7f9; --warn: #fff4e0; }
@media screen and (prefers-color-scheme: dark) {
  :root { ${variables(themeColours("dark"))} --panel: #1e2125; --warn: #3a2c10; }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; text-size-adjust: 100%; scroll-padding-top: 1rem; }
body {
  margin: 0; background: var(--ground); color: var(--ink);
  font: 1rem/1.55 ${FONT_STACK}; font-variant-numeric: tabular-nums;
}
.skip { position: absolute; left: -100vw; padding: .6rem 1rem; background: var(--ink); color: var(--ground); }
.skip:focus { left: 0; top: 0; z-index: 2; }
header, main, footer { max-width: 72rem; margin: 0 auto; padding: 0 1rem; }
header { padding-top: 2.25rem; }
h1 { font-size: clamp(1.5rem, 1.1rem + 2vw, 2.15rem); line-height: 1.2; letter-spacing: -.015em; margin: 0 0 .5rem; overflow-wrap: anywhere; }
h2 { font-size: 1.3rem; line-height: 1.3; letter-spacing: -.01em; margin: 0 0 1rem; }
h3, h4 { font-size: 1rem; line-height: 1.35; margin: 0 0 .6rem; overflow-wrap: anywhere; }
p { margin: 0 0 .5rem; overflow-wrap: anywhere; }
.about { color: var(--faint); max-width: 85ch; }
section { margin: 2.75rem 0; }
a { color: var(--accent); text-underline-offset: .15em; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
nav ul { display: flex; flex-wrap: wrap; gap: .1rem 1.1rem; list-style: none; margin: 1rem 0 0; padding: 0; font-size: .925rem; }
nav a { display: inline-block; padding: .25rem 0; }
.warning { background: var(--warn); border-left: 4px solid var(--second); padding: .6rem .9rem; border-radius: 0 .4rem .4rem 0; margin-top: 1rem; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
.cards { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 13rem), 1fr)); gap: 1rem; list-style: none; margin: 0 0 1.5rem; padding: 0; }
.cards li { background: var(--panel); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem 1.1rem; }
.cards h3 { font-weight: 600; margin-bottom: .35rem; }
.cards p { margin: 0; }
.big { font-size: 1.9rem; font-weight: 600; line-height: 1.15; letter-spacing: -.02em; }
.half { font-size: 1.05rem; font-weight: 400; letter-spacing: 0; color: var(--faint); }
.what, .small, .count { color: var(--faint); font-size: .875rem; }
.small { margin-top: .5rem !important; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 24rem), 1fr)); gap: 1.25rem; align-items: start; }
@media (min-width: 62rem) { .charts:has(> .scroll) { grid-template-columns: minmax(0, 28rem) minmax(0, 1fr); } }
.charts > .scroll { margin: 0; }
.charts > .scroll :is(th, td) { padding: .4rem .6rem; }
.charts > .scroll table { font-size: .875rem; }
.charts > .scroll thead th { white-space: normal; vertical-align: bottom; }
.charts > .scroll tbody th { white-space: normal; min-width: 9.5rem; }
figure { margin: 0; min-width: 0; background: var(--ground); border: 1px solid var(--line); border-radius: .75rem; padding: 1rem; }
figure svg { display: block; width: 100%; height: auto; max-width: 27rem; margin: 0 auto; }
.on-dark { display: none; }
@media screen and (prefers-color-scheme: dark) { .on-light { display: none; } .on-dark { display: block; } }
figcaption { color: var(--faint); font-size: .875rem; margin-top: .5rem; }
details { margin-top: .6rem; font-size: .925rem; }
summary { cursor: pointer; color: var(--accent); padding: .25rem 0; }
.scroll { overflow-x: auto; max-width: 100%; border: 1px solid var(--line); border-radius: .6rem; margin: 0 0 1rem; }
details .scroll { margin: .5rem 0 0; max-height: 24rem; overflow-y: auto; }
table { border-collapse: collapse; width: 100%; font-size: .925rem; }
caption { text-align: left; color: var(--faint); font-size: .875rem; padding: .6rem .8rem; }
th, td { padding: .4rem .8rem; text-align: right; white-space: nowrap; border-top: 1px solid var(--line); }
thead th { font-weight: 600; border-bottom: 1px solid var(--faint); }
tbody th { font-weight: 400; }
th:first-child { text-align: left; position: sticky; left: 0; background: var(--ground); }
tbody tr:nth-child(even) :is(td, th) { background: var(--panel); }
.words :is(td, th) { text-align: left; }
.words td:last-child { white-space: normal; overflow-wrap: anywhere; width: 100%; min-width: 12rem; }
pre { padding: .9rem 1rem; background: var(--panel); font: .875rem/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace; }
.lines { margin: 0; padding-left: 1.2rem; max-width: 80ch; }
.lines li { margin-bottom: .4rem; overflow-wrap: anywhere; }
.confusion { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 22rem), 1fr)); gap: 1.25rem; align-items: start; margin-bottom: 1.25rem; }
.samples ul { list-style: none; margin: 0; padding: 0; }
.samples { padding: 1rem 0 0; }
.samples li { padding: .75rem 0; border-top: 1px solid var(--line); }
.samples p { margin: 0 0 .4rem; }
.count { white-space: nowrap; }
.images { display: flex; flex-wrap: wrap; gap: .5rem; }
.images img { width: 64px; height: 64px; image-rendering: pixelated; border-radius: .3rem; object-fit: contain; background: var(--panel); }
footer { color: var(--faint); font-size: .875rem; padding-bottom: 3rem; border-top: 1px solid var(--line); padding-top: 1rem; }
@media (max-width: 30rem) {
  th, td { padding: .4rem .6rem; }
  .values tbody th { white-space: normal; min-width: 7.5rem; }
  figure { padding: .75rem .5rem; } figure h3, figcaption, details { margin-left: .25rem; margin-right: .25rem; }
}
@media print {
  .skip, nav { display: none; }
  body { font-size: 10pt; }
  section { margin: 1.2rem 0; }
  figure, .cards li, tr, .samples li { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  .scroll { overflow: visible; max-height: none; }
  table { font-size: 7pt; }
  th, td { white-space: normal; overflow-wrap: anywhere; padding: .15rem .25rem; }
  tbody th { min-width: 4rem; }
  .charts > .scroll :is(th, td) { overflow-wrap: normal; }
  pre { white-space: pre-wrap; }
}
`;
}

function variables({ ground, ink, faint, line, series }: Theme): string {
  return `--ground: ${ground}; --ink: ${ink}; --faint: ${faint}; --line: ${line}; ` +
    `--accent: ${series[0]}; --second: ${series[1]};`;
}
