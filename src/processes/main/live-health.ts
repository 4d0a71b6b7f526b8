import { readFile } from 'node:fs/promises';
import { removeBriefFile, replaceBriefFile } from '../../adapters/files/brief-file.js';
import { briefingOf, type Briefing, type EngineFacts } from '../../domain/conditions/briefing.js';
import { overallOf, type Condition } from '../../domain/conditions/condition.js';
import { liveConditions, type LiveFacts, type ProcessNow } from '../../domain/conditions/live.js';
import { statusFileOf, type StatusFile } from '../../domain/conditions/status-file.js';
import { heldHaltsOf } from '../../app/live/held-halts.js';
import { isSimulated } from '../../domain/config/simulated.js';
import { EVENT_CONTEXTS } from '../../events/generated/catalog.js';
import type { EventType, Position, RecordedEvent } from '../../events/event.js';
import type { TradeBotError } from '../../kernel/errors.js';
import { parseDateText, parseUtcText, toUtcText, type Clock, type DateText, type EpochMs } from '../../kernel/time.js';
import { composeBotIdentity } from '../../kernel/identity.js';
import type { HealthNow } from '../ipc/messages.js';
import type { ChildSupervisor } from './child-supervisor.js';
import type { MainOptions } from './main-options.js';
import type { MainHome } from './main-home.js';
import { StateWithoutJournal } from './shown-state.js';

export interface LiveHealthOptions {
  readonly home: Pick<MainHome, 'state' | 'reason' | 'statusPath' | 'openPositions' | 'identityParts' | 'streams'>;
  /** The space that is set aside on the disk is not there. */
  readonly reserveMissing: () => boolean;
  /** Why no command can reach main. */
  readonly localFault: () => TradeBotError | undefined;
  /** How the terminal was lost. */
  readonly terminalLost: () => string | undefined;
  readonly children: () => readonly Pick<ChildSupervisor, 'name' | 'state' | 'silentMs' | 'figures'>[];
  /** Time of the bot's world. */
  readonly clock: Clock;
  /** The machine's clock: for those who ask how old the file is. */
  readonly wall: Clock;
  /** How many times faster than the machine's clock the bot's world goes. */
  readonly speed: number;
  /** Milliseconds of a clock that only goes forwards. */
  readonly ticks: () => number;
  readonly pid: number;
  /** Where the file for `tradebot status` is. */
  readonly path: string;
  /** Where the file with the state of the bot is. */
  readonly statePath: string;
}

const LOOK_MS = 2_000;
/** These events are in no figure of status.json. */
const NOT_IN_FILE: readonly EventType[] = [...EVENT_CONTEXTS.access, ...EVENT_CONTEXTS.secrets];

/**
 * How the bot stands at the present time (OUT-5): the table of conditions with the processes that main sees, for the page and for
 * `tradebot status` (a file, each 2 s while the disk takes it). Blocks nothing.
 */
export class LiveHealth {
  #file: StatusFile | undefined;
  #newest: Position | undefined;
  /** An event that the file must show, and when main saw it. */
  #awaited: { readonly position: Position; readonly at: number } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #looking = false;

  /** Of a main with these options. */
  static of(
    main: MainOptions,
    home: MainHome,
    sees: Pick<LiveHealthOptions, 'children' | 'reserveMissing' | 'localFault'>,
  ): LiveHealth {
    const { clock, wall, pid, base, terminalLost, timeScale } = main;
    return new LiveHealth({
      ...{
        home,
        clock,
        wall,
        pid,
        terminalLost,
        path: base.output.health,
        statePath: base.control.botState,
        speed: timeScale?.speed ?? 1,
      },
      ...sees,
      ticks: () => performance.now(),
    });
  }

  readonly #state: StateWithoutJournal;

  constructor(private readonly options: LiveHealthOptions) {
    const { home, children, statePath: path } = options;
    this.#state = new StateWithoutJournal({ home, children, path });
  }

  start(): void {
    this.#timer = setInterval(() => void this.look(), LOOK_MS);
  }

  /** The file goes with main: without one nothing reports. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await removeBriefFile(this.options.path);
  }

  /** An event of any process. */
  follow(event: RecordedEvent): void {
    if (!NOT_IN_FILE.includes(event.type)) this.#newest = event.position;
  }

  now(): HealthNow {
    const conditions = this.#conditions();
    return { overall: overallOf(conditions), conditions, briefing: this.#briefing(conditions) };
  }

  #briefing(conditions: readonly Condition[]): Briefing {
    const { home, clock, wall, speed, children } = this.options;
    const { shown } = this.#state;
    const parts = home.identityParts;
    const engine = runningEngine(children());
    return briefingOf({
      ...{ at: clock.now(), machineAt: wall.now(), speed, conditions, file: this.#file },
      ...{ botState: shown.state, stateReason: shown.reason },
      identity: parts === null ? null : composeBotIdentity(parts),
      simulated: parts === null ? null : (this.#file?.simulated ?? isSimulated(null)),
      engine: engine === undefined ? undefined : engineFacts(engine.figures),
    });
  }

  /** Reads status.json and writes how it stands; one look at a time, and a disk that hangs only makes the file old. */
  async look(): Promise<void> {
    if (this.#looking) return;
    this.#looking = true;
    try {
      this.#file = await this.#read();
      this.#await();
      this.#state.write();
      await this.#write();
    } catch {
      // A full disk: the file is then old, and a reader sees that.
    } finally {
      this.#looking = false;
    }
  }

  #conditions(): readonly Condition[] {
    const { home, clock, ticks, children, reserveMissing, localFault, terminalLost, pid } = this.options;
    const { state, reason } = this.#state.shown;
    const processes: readonly ProcessNow[] = children().map((each) => ({
      ...{ name: each.name, state: each.state, silentMs: each.silentMs },
    }));
    return liveConditions({
      ...{ at: clock.now(), botState: state, stateReason: reason, file: this.#file, processes },
      openPositions: home.openPositions(),
      reserveMissing: reserveMissing(),
      journalAway: journalAwayOf(children()),
      heldStreams: home.streams.held,
      heldHalts: heldHaltsOf(runningEngine(children())?.figures ?? {}),
      ...{ localFault: localFault(), terminalLost: terminalLost(), pid },
      fileBehindMs: this.#awaited === undefined ? 0 : ticks() - this.#awaited.at,
    });
  }

  /** Positions grow with their text; a file that has the awaited event is asked for the newest one next. */
  #await(): void {
    const shown = this.#file?.position ?? '';
    if (this.#awaited !== undefined && shown < this.#awaited.position) return;
    const newest = this.#newest;
    this.#awaited =
      newest === undefined || newest <= shown ? undefined : { position: newest, at: this.options.ticks() };
  }

  async #read(): Promise<StatusFile | undefined> {
    const path = this.options.home.statusPath;
    if (path === undefined) return undefined;
    try {
      return statusFileOf(JSON.parse(await readFile(path, 'utf8')));
    } catch {
      return undefined;
    }
  }

  async #write(): Promise<void> {
    const { path, pid, wall } = this.options;
    const text = { at: toUtcText(wall.now()), pid, ...this.now() };
    await replaceBriefFile(path, `${JSON.stringify(text)}\n`);
  }
}

type EngineChild = Pick<ChildSupervisor, 'name' | 'state' | 'figures'>;

function runningEngine(children: readonly EngineChild[]): EngineChild | undefined {
  return children.find(({ name, state }) => name === 'engine' && state === 'running');
}

/** What the engine says of a journal that is away. */
export function journalAwayOf(children: readonly EngineChild[]): LiveFacts['journalAway'] {
  const engine = runningEngine(children);
  const {
    journal_away: since,
    journal_fault: cause,
    events_kept: kept,
    journal_waits_for: who,
  } = engine?.figures ?? {};
  if (since === undefined) return undefined;
  const waits = { waitsForPerson: who === 'person', isLost: who === 'restore' };
  return { since, cause: cause ?? 'no answer', kept: kept ?? '0', ...waits };
}

/** What the figures of the engine say; undefined before it says when it trades next. */
function engineFacts(figures: Readonly<Record<string, string>>): EngineFacts | undefined {
  const { next_session: next, feed_state: state, feed_reason: reason = '', feed_last_data: last } = figures;
  const { closing_orders: orders, closing_positions: positions, closing_seconds: seconds } = figures;
  const { closing_left: left = '', closing_calls: calls } = figures;
  if (next === undefined) return undefined;
  return {
    nextDate: dateIn(next),
    feed:
      state === undefined ? undefined : { state, reason, lastDataAt: last === undefined ? undefined : timeIn(last) },
    closing:
      orders === undefined
        ? undefined
        : {
            orders: Number(orders),
            positions: Number(positions ?? 0),
            seconds: seconds === undefined ? undefined : Number(seconds),
            left,
            calls: calls === undefined ? undefined : Number(calls),
          },
  };
}

function timeIn(text: string): EpochMs | undefined {
  try {
    return parseUtcText(text);
  } catch {
    return undefined;
  }
}

/** The date in the engine's figure of its next session; undefined when it has none in sight. */
function dateIn(figure: string): DateText | undefined {
  try {
    return parseDateText(figure);
  } catch {
    return undefined;
  }
}
