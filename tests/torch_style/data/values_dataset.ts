/** Datasets that workers import. */
import * as torch from "../../../torch_style/mod.ts";

/** Sample i is the number i and its square. */
export function squares(length: number, failing = -1): torch.data.Dataset {
  return {
    length,
    getItem(i) {
      if (i === failing) throw new Error(`sample ${i} is broken`);
      return [torch.tensor(i), torch.tensor([i, i * i])];
    },
  };
}

/** Takes its time, the longer the smaller the number, so that later batches are done first. */
export async function slowSquares(length: number): Promise<torch.data.Dataset> {
  await new Promise((resolve) => setTimeout(resolve, 5));
  const inner = squares(length);
  return {
    length,
    getItem(i) {
      const end = performance.now() + (length - i);
      while (performance.now() < end);
      return inner.getItem(i);
    },
  };
}

/** Its worker ends with an error that nobody catches, while a batch is waited for. */
export function crashing(length: number): torch.data.Dataset {
  const never = new Promise<never>(() => {});
  const silent: torch.Tensor = Object.create(torch.Tensor.prototype, {
    data: { value: () => never },
  });
  const getItems = () => {
    setTimeout(() => {
      throw new Error("thrown where nobody catches it");
    });
    return [silent];
  };
  return { length, getItem: getItems, getItems };
}

/** Each worker counts its own share: id, id + workers, ... */
export async function* counting(end: number): AsyncGenerator<torch.data.Sample> {
  const { id, numWorkers } = torch.data.getWorkerInfo() ?? { id: 0, numWorkers: 1 };
  for (let i = id; i < end; i += numWorkers) yield await Promise.resolve([torch.tensor(i)]);
}

/** Sample i is a random number. */
export function random(length: number): torch.data.Dataset {
  return { length, getItem: () => [torch.rand([1])] };
}

let started = -1;

/** Called by each worker first. */
export function remember(id: number): void {
  started = id;
}

/** Each sample says with which number {@linkcode remember} was called, and the worker's seed. */
export function remembered(length: number): torch.data.Dataset {
  const { seed } = torch.data.getWorkerInfo()!;
  return { length, getItem: () => [torch.tensor([started, seed])] };
}
