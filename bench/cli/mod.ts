/** The command line of the bench. @module */
export * from "./flag.ts";
export * from "./flags.ts";
export * from "./options.ts";
export * from "./parse.ts";
export * from "./usage_error.ts";
