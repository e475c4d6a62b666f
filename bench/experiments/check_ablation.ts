/**
 * Checks an ablation of a user's own.
 * @module
 */
import { shortText } from "../../onnx/mod.ts";
import { faultFinder } from "../schema_fault.ts";
import { shownPath } from "../user_module.ts";
import { styleNames } from "../runner/trials/trial.ts";
import type { Ablation } from "./ablation_list.ts";

/** An ablation that cannot be used; the message is one line for the user. */
export class AblationError extends Error {
  override name = "AblationError";
}

const text = { type: "string", minLength: 1 };
const name = { type: "string", pattern: "^[\\w.-]+$" };
const style = { enum: styleNames };

const faultOf = faultFinder({
  type: "object",
  additionalProperties: false,
  required: ["name", "title", "style", "from", "changes"],
  properties: {
    name,
    title: text,
    style,
    from: text,
    fromTitle: text,
    changes: {
      type: "array",
      minItems: 1,
      items: {
        type: "object",
        additionalProperties: false,
        required: ["name", "recipe"],
        properties: { name, title: text, recipe: { type: "object" } },
      },
    },
    end: {
      type: ["object", "null"],
      additionalProperties: false,
      required: ["style", "recipe"],
      properties: { style, recipe: text, title: text },
    },
  },
}, { verbose: true });

/**
 * An ablation out of anything; words that are not given are made of the names.
 *
 * @param place what it is called in messages, such as `--ablation: ./mine.json`
 * @throws {AblationError} naming the first field that is wrong, its value and what was expected
 */
export function checkAblation(place: string, value: unknown): Ablation {
  const fault = faultOf(value);
  if (fault !== null) {
    const { instancePath, data, message, params } = fault;
    const path = instancePath.slice(1).replaceAll("/", ".") || "it";
    const extra = params.additionalProperty ? ` ${shortText(params.additionalProperty)}` : "";
    const allowed = params.allowedValues ? `: ${params.allowedValues.join(", ")}` : "";
    throw new AblationError(
      `${place}: ${shownPath(path)} is ${shortText(data)}, expected: ${message}${extra}${allowed}`,
    );
  }
  const given = value as Partial<Ablation> & Pick<Ablation, "name" | "changes" | "from">;
  const names = given.changes.map(({ name }) => name);
  const twice = names.find((name, i) => names.indexOf(name) !== i);
  if (twice) throw new AblationError(`${place}: two changes are called "${twice}"`);
  return {
    ...given as Ablation,
    fromTitle: given.fromTitle ?? `${given.from} as it is`,
    changes: given.changes.map((change) => ({ ...change, title: change.title ?? change.name })),
    end: given.end ? { ...given.end, title: given.end.title ?? given.end.recipe } : null,
  };
}
