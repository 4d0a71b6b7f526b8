import { appliedReason } from '../../domain/config/pending-settings.js';
import type { Settings } from '../../domain/config/settings.js';
import { openSession } from '../../domain/session/session-open.js';
import { STREAMS } from '../../events/streams.js';
import type { Clock } from '../../kernel/time.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import { settingsRecord } from '../settings/settings-record.js';
import { faultOf, type BootChecks, type NotReady } from './readiness.js';

export interface LoopSettingsDeps {
  readonly checks: Pick<BootChecks, 'settings'>;
  readonly appender: EngineAppender;
  readonly clock: Clock;
}

/** The settings that the engine loop works with: those of the open session, else those of the next one (RUN-30). */
export class LoopSettings {
  #current: Settings | undefined;

  constructor(private readonly deps: LoopSettingsDeps) {}

  /** The newest valid settings; undefined before the first. */
  get current(): Settings | undefined {
    return this.#current;
  }

  /** Settings that passed the checks. */
  accept(settings: Settings): void {
    this.#current = settings;
  }

  /** Reads them; throws a ConfigError with all faults. */
  read(): Settings {
    const { checks, appender, clock } = this.deps;
    this.#current = checks.settings(openSession(appender.state, clock.now()));
    return this.#current;
  }

  /** Reads them; the fault leaves the last valid ones in place. */
  reload(): NotReady | undefined {
    try {
      this.read();
      return undefined;
    } catch (error) {
      return faultOf(error);
    }
  }

  /**
   * Records pending changes that are in force now, before a session begins with them: that they were saved is in the journal,
   * and after a crash this finds nothing left to record.
   */
  async recordApplied(): Promise<void> {
    const { appender, clock } = this.deps;
    const settings = this.#current;
    if (settings === undefined) return;
    await appender.decideOnNewest(STREAMS.config, (state) => {
      const open = openSession(state, clock.now());
      const due = Object.values(state.pendingSettings).filter(({ session }) => session !== open);
      return due.length === 0 ? [] : settingsRecord(state, settings, appliedReason(due));
    });
  }
}
