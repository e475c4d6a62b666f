/**
 * A policy gradient (REINFORCE, Williams 1992): a network learns to balance a pole on a cart. It plays, and actions behind which
 * much reward came are made more likely.
 *
 *   deno run -P torch_style/examples/policy_gradient.ts
 *
 * Sources: https://github.com/pytorch/examples/blob/main/reinforcement_learning/reinforce.py, and
 * https://spinningup.openai.com/en/latest/spinningup/rl_intro3.html for batches of several episodes
 * @module
 */
import { torch } from "@tandem/tandem";

const { nn } = torch;

/** A pole on a cart that is pushed left (0) or right (1). Constants of Barto, Sutton and Anderson 1983. */
class CartPole {
  #state = [0, 0, 0, 0];

  /** @returns position and speed of the cart, angle and speed of the pole */
  async reset(): Promise<number[]> {
    const near = await torch.rand([4]).mul(0.1).sub(0.05).tolist();
    return this.#state = near as number[];
  }

  step(action: number): { state: number[]; reward: number; done: boolean } {
    const [x, speed, angle, angularSpeed] = this.#state;
    const [gravity, poleMass, mass, length, seconds] = [9.8, 0.1, 1.1, 0.5, 0.02];
    const [sin, cos] = [Math.sin(angle), Math.cos(angle)];
    const push = ((action === 1 ? 10 : -10) + poleMass * length * angularSpeed ** 2 * sin) / mass;
    const angularAcceleration = (gravity * sin - cos * push) /
      (length * (4 / 3 - poleMass * cos ** 2 / mass));
    const acceleration = push - poleMass * length * angularAcceleration * cos / mass;
    this.#state = [
      x + seconds * speed,
      speed + seconds * acceleration,
      angle + seconds * angularSpeed,
      angularSpeed + seconds * angularAcceleration,
    ];
    const done = Math.abs(this.#state[0]) > 2.4 || Math.abs(this.#state[2]) > Math.PI / 15;
    return { state: this.#state, reward: 1, done };
  }
}

/** States [n, 4] to logits of the two actions. */
export function makePolicy(): torch.nn.Sequential {
  return new nn.Sequential(new nn.Linear(4, 32), new nn.Tanh(), new nn.Linear(32, 2));
}

/** What was seen, done, and what reward came from then on. */
export interface Batch {
  readonly states: number[][];
  readonly actions: number[];
  readonly returns: number[];
}

/** Rewards from each step to the end of the episode, later ones counting less. */
export function returnsOf(rewards: readonly number[], gamma = 0.99): number[] {
  const returns: number[] = [];
  let sum = 0;
  for (let i = rewards.length - 1; i >= 0; i--) returns[i] = sum = rewards[i] + gamma * sum;
  return returns;
}

/** Plays until there are so many steps. @returns them, and how long episodes were */
async function play(
  policy: torch.nn.Sequential,
  game: CartPole,
  steps: number,
): Promise<{ batch: Batch; lengths: number[] }> {
  const batch: Batch = { states: [], actions: [], returns: [] };
  const lengths: number[] = [];
  while (batch.returns.length < steps) {
    let [state, done] = [await game.reset(), false];
    const rewards: number[] = [];
    while (!done && rewards.length < 200) {
      const logits = torch.noGrad(() => policy(torch.tensor([state]).float()));
      const action = await torch.multinomial(logits.softmax(1), 1).item();
      batch.states.push(state);
      batch.actions.push(action);
      const result = game.step(action);
      ({ state, done } = result);
      rewards.push(result.reward);
    }
    lengths.push(rewards.length);
    batch.returns.push(...returnsOf(rewards));
  }
  // Batches of one size: the training step is compiled once.
  for (const list of [batch.states, batch.actions, batch.returns]) list.length = steps;
  return { batch, lengths };
}

/** Makes actions with large returns more likely. @returns the loss */
export async function update(
  policy: torch.nn.Sequential,
  optimizer: torch.optim.Adam,
  { states, actions, returns }: Batch,
): Promise<number> {
  const weights = torch.tensor(returns).float();
  const advantages = weights.sub(weights.mean()).div(weights.std().add(1e-8));
  optimizer.zeroGrad();
  const logs = nn.functional.logSoftmax(policy(torch.tensor(states).float()), 1);
  const chosen = logs.gather(1, torch.tensor(actions).unsqueeze(1)).squeeze(1);
  const loss = chosen.mul(advantages).mean().neg();
  loss.backward();
  await optimizer.step();
  return await loss.item();
}

/** Plays and learns in turn. @returns by how much the last episodes are longer than the first, as a negative number */
export async function main(print = console.log): Promise<number> {
  torch.manualSeed(27);
  const [policy, game] = [makePolicy(), new CartPole()];
  const optimizer = new torch.optim.Adam(policy.parameters(), { lr: 0.02 });
  const means: number[] = [];
  for (let epoch = 1; epoch <= 12; epoch++) {
    const { batch, lengths } = await play(policy, game, 400);
    const loss = await update(policy, optimizer, batch);
    means.push(lengths.reduce((a, b) => a + b) / lengths.length);
    if (epoch % 3 !== 0) continue;
    print(
      `epoch ${epoch}: loss ${loss.toFixed(3)}, the pole stays up ${
        means.at(-1)!.toFixed(1)
      } steps`,
    );
  }
  return means[0] - means.at(-1)!;
}

if (import.meta.main) await main();
