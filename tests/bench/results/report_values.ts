/** All of a report that chance of the machine has no part in. */
export function valuesOf(report: { results: Record<string, unknown>[] }) {
  return report.results.map(({ trial, testLoss, testAccuracy, confusion, history }) => ({
    ...{ trial, testLoss, testAccuracy, confusion },
    losses: (history as { loss: number; valLoss: number }[]).map((
      { loss, valLoss },
    ) => [loss, valLoss]),
  }));
}
