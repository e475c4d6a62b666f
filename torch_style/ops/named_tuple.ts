/** Results with names and an order. @module */
/** Several results under names and in order, as PyTorch gives them: `{ values }` and `[values, indices]` both take it apart. */
export type NamedTuple<Fields> = Readonly<Fields> & Iterable<Fields[keyof Fields]>;

/** Makes a {@linkcode NamedTuple}; the order is that of the fields. */
export function namedTuple<Fields extends object>(fields: Fields): NamedTuple<Fields> {
  const values = Object.values(fields);
  return Object.defineProperty({ ...fields }, Symbol.iterator, {
    value: () => values.values(),
  }) as NamedTuple<Fields>;
}
