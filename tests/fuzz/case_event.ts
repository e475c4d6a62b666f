/** What the process that runs cases tells the one that started it, a line each. */

/** What such a line begins with. */
export const EVENT = "fuzz: ";

/** The start or the end of a case. */
export type CaseEvent =
  | { readonly start: number }
  | {
    readonly end: number;
    readonly outcome: "taken" | "refused" | "fault";
    /** What is wrong, of a fault. */
    readonly why?: string;
  };
