import type { EventData, EventType, RecordedEvent } from '../../events/event.js';
import { epochMs, parseUtcText, plusMs, type DateText, type EpochMs } from '../../kernel/time.js';
import type { EngineCommand } from '../live/commands.js';
import { commandIn } from './recorded-commands.js';

/** What came to a session from outside: a command, or an event of another process. */
export type SessionInput =
  | { readonly kind: 'command'; readonly at: EpochMs; readonly command: EngineCommand }
  | { readonly kind: 'event'; readonly at: EpochMs; readonly event: RecordedEvent };

/** One engine process of a live session. */
export interface EngineRun {
  /** Time of its first event of the session: earlier minutes were only seen. */
  readonly startsAt: EpochMs;
  /** When it ended before the close; undefined for the one that closed the session. */
  readonly endsAt: EpochMs | undefined;
  /** In order. */
  readonly inputs: readonly SessionInput[];
}

interface OpenRun {
  readonly own: EpochMs[];
  readonly inputs: SessionInput[];
  /** Number of inputs before its last event. */
  seen: number;
}

/**
 * The engine processes of a live session, each with its inputs, from all events between the first and the last of the
 * session. The inputs are ordered as in the journal: none takes effect after an event of the session that follows it.
 */
export function engineRuns(date: DateText, during: readonly RecordedEvent[]): readonly EngineRun[] {
  let run = openRun([]);
  const runs = [run];
  const nextOwn = timesOfNextOwn(date, during);
  let grace: string | undefined;
  let at = epochMs(0);
  let lastOwn = epochMs(0);
  during.forEach((event, index) => {
    if (startsEngine(event) && run.own.length > 0) {
      // what nobody reacted to any more belongs to the successor
      run = openRun(run.inputs.splice(run.seen).filter(({ kind }) => kind === 'event'));
      runs.push(run);
    }
    const recorded = parseUtcText(event.recordedAt);
    if (!isOfSession(date, event)) {
      const seen = later(later(recorded, at), plusMs(lastOwn, 1));
      at = earlier(seen, nextOwn[index] ?? seen);
      run.inputs.push({ kind: 'event', at, event });
      if (event.type === 'ConfigChanged' && !isShown(date, during.slice(index + 1))) {
        run.inputs.push({ kind: 'command', at, command: { kind: 'reload' } });
      }
      return;
    }
    at = later(at, recorded);
    lastOwn = at;
    if (event.type === 'EngineSupervisionChanged') grace = graceReason(event.data);
    const command = commandIn(event, grace);
    if (command !== undefined) run.inputs.push({ kind: 'command', at, command });
    run.own.push(at);
    run.seen = run.inputs.length;
  });
  return runs.filter(({ own }) => own.length > 0).map(closedRun);
}

function openRun(inputs: SessionInput[]): OpenRun {
  return { own: [], inputs, seen: 0 };
}

function closedRun({ own, inputs }: OpenRun, index: number, all: readonly OpenRun[]): EngineRun {
  const startsAt = own[0] ?? epochMs(0);
  const last = own.at(-1) ?? startsAt;
  const endsAt = index === all.length - 1 ? undefined : plusMs(last, 1);
  const deadline = endsAt ?? plusMs(last, 1);
  return {
    startsAt,
    endsAt,
    inputs: inputs.map((input) =>
      input.kind === 'command' && input.command.kind === 'shutdown'
        ? { ...input, command: { ...input.command, deadline } }
        : input,
    ),
  };
}

const NO_DECISIONS: readonly EventType[] = ['WatchdogStateChanged', 'JournalOutageBegan', 'JournalOutageEnded'];

/** The engine that runs the session writes for its date; the watchdog of the same process only observes, and an outage is no decision. */
function isOfSession(date: DateText, { meta, type }: RecordedEvent): boolean {
  return meta.sessionDate === date && !NO_DECISIONS.includes(type);
}

function startsEngine(event: RecordedEvent): boolean {
  return event.type === 'ProcessStarted' && event.data.process === 'engine';
}

/** True when the bot showed that it applied changed settings before they changed again. */
function isShown(date: DateText, later: readonly RecordedEvent[]): boolean {
  const first = later.find(
    (event) => event.type === 'ConfigChanged' || (event.type === 'BotStateChanged' && event.data.to === 'updating'),
  );
  return first?.type === 'BotStateChanged' && isOfSession(date, first);
}

function graceReason({ to, reason }: EventData<'EngineSupervisionChanged'>): string | undefined {
  return to === 'grace_over' ? reason : undefined;
}

/** For each event the time of the next event of the session. */
function timesOfNextOwn(date: DateText, during: readonly RecordedEvent[]): readonly (EpochMs | undefined)[] {
  let next: EpochMs | undefined;
  return during
    .toReversed()
    .map((event) => {
      const found = next;
      if (isOfSession(date, event)) next = parseUtcText(event.recordedAt);
      return found;
    })
    .reverse();
}

const earlier = (a: EpochMs, b: EpochMs): EpochMs => (a < b ? a : b);
const later = (a: EpochMs, b: EpochMs): EpochMs => (a > b ? a : b);
