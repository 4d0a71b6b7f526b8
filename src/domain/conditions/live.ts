import { SECOND_MS, type EpochMs } from '../../kernel/time.js';
import { hasEngine, type BotState } from '../lifecycle/bot-state.js';
import { HELD_SYMBOL_HALTED, heldHaltRemedy, heldHaltText, type HeldHalt } from '../orders/held-halt.js';
import { isSessionOpenAt } from '../schedule/trading-hours.js';
import { withoutRepeats, type Condition } from './condition.js';
import { STANDING_CODES, standingConditions, type StandingFacts } from './standing.js';
import type { StatusFile } from './status-file.js';

/** A child process as main sees it now. */
export interface ProcessNow {
  readonly name: 'engine' | 'projector' | 'web';
  readonly state: 'starting' | 'running' | 'waiting to restart' | 'stopping' | 'stopped' | 'given up';
  /** Milliseconds since its last sign of life, by a clock that only goes forwards; one comes each second. */
  readonly silentMs: number;
}

/** Since when the engine keeps what it records in the home, why, and how many events wait there. */
export interface JournalAway {
  readonly since: string;
  readonly cause: string;
  readonly kept: string;
  /** The journal is there, and what others did to it has to be undone or acknowledged. */
  readonly waitsForPerson: boolean;
  /** Events of it are gone for good. */
  readonly isLost: boolean;
}

/** One of our streams that cannot be written until a person does what the remedy says. */
export interface HeldStream {
  readonly kind: string;
  readonly message: string;
  readonly remedy: string;
}

/** What main knows at the present time. */
export interface LiveFacts {
  /** Time of the bot's world. */
  readonly at: EpochMs;
  readonly botState: BotState;
  readonly stateReason: string;
  /** Open positions as the journal has them, as texts. */
  readonly openPositions: readonly string[];
  /** Undefined when there is no status.json, or it cannot be read. */
  readonly file: StatusFile | undefined;
  /** How long the file has been without an event that main has seen. */
  readonly fileBehindMs: number;
  readonly processes: readonly ProcessNow[];
  /** The space that is set aside on the disk for exits and a kill is not there. */
  readonly reserveMissing: boolean;
  /** Why the commands of the owner cannot reach main; undefined while they can. */
  readonly localFault: { readonly message: string; readonly remedy: string } | undefined;
  /** Since when the engine works without its journal, and what it says of that; undefined while it has it. */
  readonly journalAway: JournalAway | undefined;
  /** Our streams on the server that others reached, so that they cannot be written; sentences without their ends. */
  readonly heldStreams: readonly HeldStream[];
  readonly heldHalts: readonly HeldHalt[];
  /** How the terminal of main was lost; undefined while it was not. */
  readonly terminalLost: string | undefined;
  /** Process id of main. */
  readonly pid: number;
}

const SILENT_MS = 10 * SECOND_MS;
const BEHIND_MS = 10 * SECOND_MS;
const FAR_BEHIND_MS = 60 * SECOND_MS;

const RESERVE_MISSING: Condition = {
  code: 'DISK_RESERVE_MISSING',
  severity: 'Warning',
  text: 'no space is set aside for a kill on a full disk',
  remedy: 'Free space on the disk of the home: about 90 MB are needed; the space is then set aside by itself.',
};

/** The process conditions of the file are the journal's; main sees the processes themselves. */
const SEEN_BY_MAIN: readonly string[] = [...STANDING_CODES, 'PROCESS_DEAD'];

/** All conditions at the present time: the table with the engine that main sees, and those of the file that do not depend on it. */
export function liveConditions(facts: LiveFacts): readonly Condition[] {
  const { file, botState } = facts;
  const kept = (file?.conditions ?? []).filter(({ code }) => !SEEN_BY_MAIN.includes(code));
  if (!hasEngine(botState)) return kept;
  return withoutRepeats([
    ...standingConditions(standingOf(facts)),
    ...facts.processes.flatMap(processConditions),
    ...fileConditions(facts),
    ...(facts.reserveMissing ? [RESERVE_MISSING] : []),
    ...journalCondition(facts.journalAway),
    ...facts.heldStreams.flatMap((held) => streamCondition(held, kept)),
    ...facts.heldHalts.map(haltCondition),
    ...localCondition(facts.localFault),
    ...terminalCondition(facts),
    ...kept,
  ]);
}

function localCondition(fault: LiveFacts['localFault']): readonly Condition[] {
  if (fault === undefined) return [];
  const text = `commands cannot reach the running bot: ${fault.message}`;
  return [{ code: 'LOCAL_SOCKET_UNUSABLE', severity: 'Warning', text, remedy: fault.remedy }];
}

function journalCondition(away: LiveFacts['journalAway']): readonly Condition[] {
  if (away === undefined) return [];
  if (away.isLost) return [lostCondition(away)];
  const text =
    `the journal has been away since ${away.since} (${away.cause}): entries are held, positions keep their exits, ` +
    `${away.kept} events wait in the home`;
  const remedy = away.waitsForPerson
    ? 'Undo or acknowledge what others did to the streams of the bot (tradebot journal streams shows it), or give its user its rights ' +
      'back: the bot then continues by itself.'
    : 'Bring the server of the journal back, or free its file or disk: the bot then continues by itself. After JOURNAL_OUTAGE_LIMIT it does ' +
      'what JOURNAL_OUTAGE_ACTION says.';
  return [{ code: 'JOURNAL_AWAY', severity: 'Critical', text, remedy }];
}

/** Exits and kills still work: the engine has the positions, and what it records is in the home. */
function lostCondition({ since, cause, kept }: JournalAway): Condition {
  const text =
    `events of the journal are gone (${cause}): it has been unusable since ${since}; entries are held, positions keep their exits, ` +
    `${kept} events wait in the home`;
  const remedy =
    'Close what is open (stop or kill; after JOURNAL_OUTAGE_LIMIT the bot does what JOURNAL_OUTAGE_ACTION says), stop TradeBot, and restore ' +
    'a backup (tradebot restore FILE). Keep TradeBot running until then: without this engine positions are closed with the broker alone.';
  return { code: 'JOURNAL_LOST', severity: 'Critical', text, remedy };
}

/** The codes of what others did to our streams, by the kind of the finding. */
const STREAM_CODES: Readonly<Record<string, string>> = {
  cut: 'STREAM_CUT',
  restricted: 'STREAM_RESTRICTED',
  blocked: 'STREAM_BLOCKED',
};

/** What the journal says itself is in the file, and is not repeated. */
function streamCondition({ kind, message, remedy }: HeldStream, kept: readonly Condition[]): readonly Condition[] {
  const code = STREAM_CODES[kind] ?? 'STREAM_CUT';
  if (kept.some((condition) => condition.code === code)) return [];
  return [{ code, severity: 'Critical', text: `${message}: entries are held, positions keep their exits`, remedy }];
}

function haltCondition(halt: HeldHalt): Condition {
  return { code: HELD_SYMBOL_HALTED, severity: 'Warning', text: heldHaltText(halt), remedy: heldHaltRemedy(halt) };
}

function terminalCondition({ terminalLost, pid }: LiveFacts): readonly Condition[] {
  if (terminalLost === undefined) return [];
  const text = `the bot continues without a terminal: ${terminalLost}`;
  const remedy = `End it with: kill -TERM ${pid}. It closes positions first.`;
  return [{ code: 'TERMINAL_LOST', severity: 'Warning', text, remedy }];
}

function standingOf({ at, botState, stateReason, openPositions, file, processes }: LiveFacts): StandingFacts {
  const engineReason = absenceOf(processes.find(({ name }) => name === 'engine'));
  return {
    ...{ at, botState, stateReason, openPositions, engineReason },
    stateSince: file?.botState === botState ? file.stateSince : undefined,
    engine: engineReason === '' ? 'alive' : 'absent',
    sessionOpen: file !== undefined && isSessionOpenAt(at, file.hours),
  };
}

/** Why the engine manages nothing; empty when it does. */
function absenceOf(engine: ProcessNow | undefined): string {
  if (engine === undefined) return 'it was never started';
  if (engine.state === 'running') {
    return engine.silentMs < SILENT_MS ? '' : `no sign of life for ${Math.floor(engine.silentMs / SECOND_MS)} s`;
  }
  return engine.state === 'stopping' ? '' : `it is ${engine.state}`;
}

function processConditions({ name, state, silentMs }: ProcessNow): readonly Condition[] {
  if (state === 'given up') {
    const severity = name === 'engine' ? 'Critical' : 'Warning';
    const remedy =
      name === 'engine'
        ? 'Fix the cause in main_bot.log, then start the bot; a kill closes what is open.'
        : 'It is tried again each minute; the cause is in main_bot.log.';
    return [
      { code: 'PROCESS_GIVEN_UP', severity, text: `process ${name} is given up after repeated failures`, remedy },
    ];
  }
  const warn = (code: string, text: string, remedy: string): readonly Condition[] => [
    { code, severity: 'Warning', text, remedy },
  ];
  if (state === 'waiting to restart') {
    return warn('PROCESS_RESTARTS', `process ${name} died and starts again`, 'Wait; the cause is in main_bot.log.');
  }
  if (state === 'running' && silentMs >= SILENT_MS) {
    const text = `process ${name} has given no sign of life for ${Math.floor(silentMs / SECOND_MS)} s`;
    return warn('PROCESS_SILENT', text, 'Wait: after a minute it is ended and started again.');
  }
  return [];
}

function fileConditions({ file, fileBehindMs }: LiveFacts): readonly Condition[] {
  const remedy = 'See the projector among the processes; positions and figures may have changed since.';
  if (file === undefined) {
    return [
      {
        code: 'STATUS_MISSING',
        severity: 'Warning',
        text: 'the file of the figures is missing or cannot be read',
        remedy,
      },
    ];
  }
  if (fileBehindMs < BEHIND_MS) return [];
  const severity = fileBehindMs < FAR_BEHIND_MS ? 'Warning' : 'Critical';
  const seconds = Math.floor(fileBehindMs / SECOND_MS);
  const text = `the figures are ${seconds} s behind the journal: they are as of ${file.asOf ?? 'before its first event'}`;
  return [{ code: 'STATUS_OLD', severity, text, remedy }];
}
