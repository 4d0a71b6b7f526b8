import type { BotState } from '../../../domain/lifecycle/bot-state.js';
import type { Ask, HealthNow, ProcessHealth } from '../../ipc/messages.js';

export type Health = 'ok' | 'degraded';

const KEPT_MS = 2_000;
const ANSWER_WITHIN_MS = 3_000;
const DOWN: readonly ProcessHealth['state'][] = ['waiting to restart', 'given up'];

/** One word for the public; asked of main at most every 2 s, however often somebody asks here. */
export class HealthProbe {
  #kept: { readonly health: Promise<Health>; readonly at: number } | undefined;

  /** `nowMs`: monotonic milliseconds. */
  constructor(
    private readonly state: () => BotState,
    private readonly ask: <T>(ask: Ask, withinMs?: number) => Promise<T>,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  health(): Promise<Health> {
    const now = this.nowMs();
    if (this.#kept === undefined || now - this.#kept.at > KEPT_MS) this.#kept = { health: this.#look(), at: now };
    return this.#kept.health;
  }

  async #look(): Promise<Health> {
    if (this.state() === 'error') return 'degraded';
    try {
      const [processes, { overall }] = await Promise.all([
        this.ask<readonly ProcessHealth[]>({ ask: 'processes' }, ANSWER_WITHIN_MS),
        this.ask<HealthNow>({ ask: 'conditions' }, ANSWER_WITHIN_MS),
      ]);
      return overall === 'Critical' || processes.some(({ state }) => DOWN.includes(state)) ? 'degraded' : 'ok';
    } catch {
      return 'degraded';
    }
  }
}
