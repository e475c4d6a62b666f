/**
 * What comes from outside is checked by JSON Schema, and a schema is compiled when something is first checked by it: for all of them
 * Ajv takes as long as everything else that a command starts with.
 * @module
 */
import { Ajv, type AnySchema, type ErrorObject, type Options, type ValidateFunction } from "ajv";

/**
 * A check by a JSON schema: it gives the first fault of a value, null where it has none.
 *
 * @example
 * ```ts
 * import { faultFinder } from "./schema_fault.ts";
 * const faultOf = faultFinder({ type: "object", required: ["epochs"] });
 * console.log(faultOf({ epochs: 1 })); // null
 * console.log(faultOf({})?.message); // must have required property 'epochs'
 * ```
 */
export function faultFinder(
  schema: AnySchema,
  options: Options = {},
): (value: unknown) => ErrorObject | null {
  let validate: ValidateFunction | undefined;
  return (value) => {
    // Few values are checked by a schema: making its code shorter takes longer than that saves.
    validate ??= new Ajv({ allowUnionTypes: true, code: { optimize: false }, ...options })
      .compile(schema);
    return validate(value) ? null : validate.errors![0];
  };
}
