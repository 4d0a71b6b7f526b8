import type { Actor } from '../../events/event.js';
import { TradeBotError } from '../../kernel/errors.js';
import { classify } from '../errors/classify.js';
import type { CommandOutcome } from './commands.js';
import type { SessionRunner } from './session-runner.js';

const NOT_LOADED = {
  code: 'SESSION_NOT_BEGUN',
  remedy: 'Check the market data and its credentials, then start the bot again.',
} as const;

/** What a session over a real feed waits for before it can be made. */
export interface Preparation {
  /** Loads what the feed gives of the day. It may fail, or never answer. */
  readonly load: () => Promise<void>;
  /** How long it is awaited; calls the given function once, and returns what cancels that. */
  readonly limit: (late: () => void) => () => void;
  /** Positions are open: the session begins whatever the feed says, because they need their stops and exits. */
  readonly cannotWait: boolean;
  /** Makes the session; `loaded` is false when the day has to do without what was not loaded. */
  readonly make: (loaded: boolean) => SessionRunner;
  readonly late: () => TradeBotError;
  /** Called when the session has ended, or did not begin. */
  readonly end: () => void;
}

/**
 * A session whose feed is asked for its day first. A kill, and a session with open positions, never wait for a feed: the
 * session begins without what was not loaded.
 */
export class PreparedSession implements SessionRunner {
  #inner: SessionRunner | undefined;
  #left = false;
  #urgent: () => void = () => undefined;
  #made: (inner: SessionRunner) => void = () => undefined;
  readonly #isMade = new Promise<SessionRunner>((resolve) => (this.#made = resolve));
  readonly #isUrgent = new Promise<'urgent'>((resolve) => (this.#urgent = () => resolve('urgent')));

  constructor(private readonly preparation: Preparation) {}

  async run(): Promise<'closed' | 'shutdown' | 'left'> {
    try {
      const loaded = await this.#load();
      if (this.#left) return 'left';
      if (loaded instanceof TradeBotError && !this.preparation.cannotWait) throw loaded;
      const inner = this.preparation.make(loaded === 'loaded');
      this.#inner = inner;
      this.#made(inner);
      return await inner.run();
    } finally {
      this.preparation.end();
    }
  }

  leave(): void {
    this.#left = true;
    this.#urgent();
    this.#inner?.leave();
  }

  followed(): void {
    this.#inner?.followed();
  }

  /** The session that is made at once has the kill before it does anything else. */
  kill(reason: string, actor: Actor): Promise<CommandOutcome> {
    this.#urgent();
    if (this.#inner !== undefined) return this.#inner.kill(reason, actor);
    return this.#isMade.then((inner) => inner.kill(reason, actor));
  }

  async #load(): Promise<'loaded' | 'urgent' | TradeBotError> {
    const { load, limit, late } = this.preparation;
    let cancel: () => void = () => undefined;
    const isLate = new Promise<TradeBotError>((resolve) => (cancel = limit(() => resolve(late()))));
    const loading = load().then(
      () => 'loaded' as const,
      (error: unknown) => {
        if (error instanceof TradeBotError) return error;
        const { message } = classify(error);
        return new TradeBotError('DataError', 'refuse', { ...NOT_LOADED, message, cause: error });
      },
    );
    try {
      return await Promise.race([loading, this.#isUrgent, isLate]);
    } finally {
      cancel();
    }
  }
}
