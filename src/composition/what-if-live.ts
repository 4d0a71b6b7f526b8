import { VirtualClock } from '../adapters/clock/virtual-clock.js';
import { VirtualPacer } from '../adapters/clock/virtual-pacer.js';
import type { DrivenClock, SessionDeps } from '../app/day/session-deps.js';
import { CommandQueue } from '../app/live/command-queue.js';
import { LiveSession } from '../app/live/live-session.js';
import { withChanges, type PastSession } from '../app/what-if/past-session.js';
import { engineRuns, type EngineRun, type SessionInput } from '../app/what-if/recorded-runs.js';
import { parseSettings, type Settings } from '../domain/config/settings.js';
import type { RecordedEvent } from '../events/event.js';
import { invariant } from '../kernel/errors.js';
import { epochMs, MINUTE_MS, parseUtcText, plusMs } from '../kernel/time.js';
import type { TimeBudget } from '../strategies/time-budget.js';

/** What the replay of a live session needs from its world. */
export interface LiveReplayParts {
  readonly session: PastSession;
  /** Settings that win over those of the session, also when it changed them. */
  readonly changes: Readonly<Record<string, string>>;
  /** The dependencies of one engine process, with a venue of its own over the one account. */
  readonly depsOf: (settings: Settings, venueClock: DrivenClock) => Omit<SessionDeps, 'settings' | 'onProgress'>;
  /** Adds an event of another process to the journal of the replay. */
  readonly copy: (event: RecordedEvent) => Promise<void>;
  readonly onProgress: (done: number, total: number) => void;
}

/** A replay depends on no machine: what a strategy took too long for shows as a difference. */
const UNLIMITED: TimeBudget = { run: (work) => ({ ended: true, value: work() }) };
/** Progress is shown this often, in time of the session. */
const PROGRESS_MS = 10 * MINUTE_MS;

/**
 * Replays the session of a running bot: its engine processes one after the other, each with the commands and the events of
 * other processes that it received, at their times.
 */
export async function playLiveSession(parts: LiveReplayParts): Promise<void> {
  await new LiveReplay(parts).play();
}

class LiveReplay {
  /** As the worker would save them now. */
  #settings: Readonly<Record<string, string>>;

  constructor(private readonly parts: LiveReplayParts) {
    this.#settings = parts.session.settings;
  }

  async play(): Promise<void> {
    const { session } = this.parts;
    for (const run of engineRuns(session.opened.date, session.during)) {
      if ((await this.#run(run)) === 'closed') return;
    }
    invariant(false, 'REPLAY_UNFINISHED', `the replay of ${session.opened.date} did not come to its close`);
  }

  async #run(run: EngineRun): Promise<'closed' | 'shutdown' | 'left'> {
    const { startsAt, endsAt, inputs } = run;
    const pacer = new VirtualPacer(startsAt);
    const earlier = inputs.filter(({ at }) => at <= startsAt);
    for (const input of earlier) if (input.kind === 'event') await this.#copy(input.event);
    const deps = this.parts.depsOf(this.#newest(), new VirtualClock(epochMs(0)));
    const { clock } = deps;
    if (startsAt > clock.now()) clock.advanceTo(startsAt);
    const commands = new CommandQueue({ wake: () => pacer.wake(), killSession: () => undefined });
    const settings = (): Settings => this.#newest();
    const session = new LiveSession({
      ...{ ...deps, pacer, commands, settings },
      purpose: 'trade',
      budget: UNLIMITED,
      hooks: {},
    });
    const take = (input: SessionInput): Promise<void> => this.#take(input, session, commands);
    for (const input of earlier) if (input.kind === 'command') await take(input);
    for (const input of inputs) if (input.at > startsAt) pacer.plan(input.at, () => take(input));
    if (endsAt !== undefined) pacer.plan(endsAt, () => session.leave());
    this.#planProgress(pacer);
    return session.run();
  }

  async #take(input: SessionInput, session: LiveSession, commands: CommandQueue): Promise<void> {
    if (input.kind === 'event') {
      await this.#copy(input.event);
      session.followed();
      return;
    }
    const { command } = input;
    // the outcome is an event of the replay
    if (command.kind === 'kill') void session.kill(command.reason, command.actor);
    else void commands.put(command);
  }

  async #copy(event: RecordedEvent): Promise<void> {
    if (event.type === 'ConfigChanged') this.#settings = withChanges(this.#settings, event.data);
    await this.parts.copy(event);
  }

  #newest(): Settings {
    return parseSettings({ ...this.#settings, ...this.parts.changes });
  }

  #planProgress(pacer: VirtualPacer): void {
    const { opened } = this.parts.session;
    const [opensAt, closesAt] = [parseUtcText(opened.opensAt), parseUtcText(opened.closesAt)];
    const total = Math.round((closesAt - opensAt) / MINUTE_MS);
    for (let at = plusMs(opensAt, PROGRESS_MS); at <= closesAt; at = plusMs(at, PROGRESS_MS)) {
      pacer.plan(at, () => this.parts.onProgress(Math.round((at - opensAt) / MINUTE_MS), total));
    }
  }
}
