/** Every text of a report from elsewhere is words wherever it is shown. */
import { assert, assertEquals, assertFalse, assertMatch } from "@std/assert";
import fc from "fast-check";
// @ts-types="@types/commonmark"
import { Parser } from "commonmark";
import {
  markdownCode,
  markdownText,
  shellWord,
  terminalText,
  visibleLines,
  xmlText,
} from "../../../bench/output/escape.ts";

/** The same texts at every run; more of them by hand. */
fc.configureGlobal({ seed: 15, numRuns: 1000 });

/** Texts of the characters that mean something somewhere, and of whole attacks. */
const hostile = fc.array(
  fc.oneof(
    fc.constantFrom(
      ..."`*_[]<>|~!&$#+-=\\:@/()'\"{}.1 \n\r\t\u001b\u0000\u007f\u0085\u202e\u2066\ud800axé漢",
    ),
    fc.constantFrom(
      "http://",
      "www.",
      "```",
      "<b>",
      "](",
      "![",
      "::",
      "##[",
      "]]>",
      "&amp;",
      "1. ",
      "- ",
    ),
  ),
  { maxLength: 24 },
).map((parts) => parts.join(""));

/** What commonmark makes of a text: its nodes' types, and the words in them. */
function parsed(markdown: string): { types: Set<string>; words: string } {
  const walker = new Parser().parse(markdown).walker();
  const types = new Set<string>();
  let words = "";
  for (let step = walker.next(); step; step = walker.next()) {
    if (!step.entering) continue;
    types.add(step.node.type);
    if (step.node.type === "text") words += step.node.literal;
  }
  return { types, words };
}

Deno.test("Markdown: words stay words, at the beginning of a line, in a list and in a table", () => {
  fc.assert(fc.property(hostile, (text) => {
    const escaped = markdownText(text);
    const { types, words } = parsed(escaped);
    const allowed = new Set(["document", "paragraph", "text"]);
    assertEquals([...types].filter((type) => !allowed.has(type)), [], escaped);
    assertEquals(words, visibleLines(text).replaceAll("\n", "\\u000a").trim());
    assertFalse(/(?<!\\)\|/.test(escaped), "a cell ends");
    // GitHub's autolinks: a scheme or www. that nothing interrupts.
    assertFalse(/(https?|ftp):\/\/|www\.\S/i.test(escaped), escaped);
    const inList = parsed(`- ${escaped}`);
    assertEquals(
      [...inList.types].sort(),
      [
        ...new Set(["document", "list", "item", ...(words === "" ? [] : ["paragraph", "text"])]),
      ].sort(),
    );
  }));
});

Deno.test("Markdown: a block of code ends where it is meant to", () => {
  fc.assert(fc.property(hostile, (text) => {
    const { types } = parsed(`${markdownCode(text, "sh")}\n\nafter`);
    assertEquals([...types].sort(), ["code_block", "document", "paragraph", "text"]);
  }));
});

/** What bash makes of a word of ours. */
function asBash(word: string): string {
  const quoted = /^\$'((?:[^'\\]|\\.)*)'$/s.exec(word);
  if (quoted) {
    return quoted[1].replace(
      /\\(u[0-9a-f]{4}|.)/gs,
      (_, code) => code.length > 1 ? String.fromCharCode(parseInt(code.slice(1), 16)) : code,
    );
  }
  let text = "";
  for (const [, plain, single, escaped] of word.matchAll(/([\w./:,@=-]+)|'([^']*)'|\\(.)/gs)) {
    text += plain ?? single ?? escaped;
  }
  return text;
}

Deno.test("a shell takes an argument as one word, and nothing of it as a command", () => {
  fc.assert(fc.property(hostile, (text) => {
    const word = shellWord(text);
    assertMatch(word, /^([\w./:,@=-]+|('[^']*'|\\')+|\$'([^'\\]|\\.)*')$/s);
    assertEquals(asBash(word), text.toWellFormed());
    assertEquals(visibleLines(word), word);
  }));
});

Deno.test("a terminal sees no control characters, and a CI log no commands", () => {
  fc.assert(fc.property(hostile, (text) => {
    const shown = terminalText(text);
    // deno-lint-ignore no-control-regex
    assertFalse(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/.test(shown));
    assertFalse(/^\s*(::|##)/.test(shown));
    // deno-lint-ignore no-control-regex
    assertFalse(/[\u0000-\u0008\u000b-\u001f\ud800-\udfff\ufffe\uffff]/.test(xmlText(text)));
  }));
});

Deno.test("plain words stay as they are", () => {
  for (
    const text of ["torch/keras-rmsprop", "keras_advanced", "0.5000", "321 MiB", "± 0.3", "(a, b)"]
  ) {
    assertEquals([markdownText(text), terminalText(text), xmlText(text)], [text, text, text]);
  }
  assertEquals(shellWord("--data-set=cifar10"), "--data-set=cifar10");
  assert(markdownText("| --- |") === "\\| --- \\|");
});
