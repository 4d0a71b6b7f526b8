import { writeFileAtomic } from '../../adapters/files/atomic-write.js';
import { BOT_STATES, type BotState } from '../../domain/lifecycle/bot-state.js';
import type { ChildSupervisor } from './child-supervisor.js';
import type { MainHome } from './main-home.js';

/** The state of the bot as people see it, and why it is in it. */
export interface ShownState {
  readonly state: BotState;
  readonly reason: string;
}

export interface ShownStateOptions {
  readonly home: Pick<MainHome, 'state' | 'reason'>;
  readonly children: () => readonly Pick<ChildSupervisor, 'name' | 'state' | 'figures'>[];
  /** The file for scripts and commands; the projector writes it from the journal. */
  readonly path: string;
}

/**
 * The state of the bot while its engine works without the journal: the engine has it, and no reader of the journal sees it. Main then
 * writes the state file too, so that a command that waits for an end sees the end.
 */
export class StateWithoutJournal {
  #written: BotState | undefined;

  constructor(private readonly options: ShownStateOptions) {}

  get shown(): ShownState {
    const { home } = this.options;
    const known = { state: home.state, reason: home.reason ?? '' };
    const state = this.#engineState();
    if (state === undefined || state === home.state) return known;
    return { state, reason: 'the engine works without the journal, which gets this state when it is back' };
  }

  /** Writes the state file when the engine came to another state without the journal. Throws what the file system throws. */
  write(): void {
    const state = this.#engineState();
    if (state === undefined) {
      this.#written = undefined;
      return;
    }
    const shown = this.#written ?? this.options.home.state;
    if (state !== shown) writeFileAtomic(this.options.path, `${state}\n`, 0o644);
    this.#written = state;
  }

  /** What the engine says, while it works without the journal. */
  #engineState(): BotState | undefined {
    const engine = this.options.children().find(({ name, state }) => name === 'engine' && state === 'running');
    if (engine?.figures['journal_away'] === undefined) return undefined;
    return (Object.keys(BOT_STATES) as BotState[]).find((state) => state === engine.figures['state']);
  }
}
