import { journalError } from '../kernel/errors.js';
import { CURRENT_VERSION } from './generated/catalog.js';

type Data = Readonly<Record<string, unknown>>;

/** Converts event data from one version to the next. Pure and permanent: the same stored data always gives the same result. */
export interface Upcaster {
  readonly type: string;
  /** Version of its input; it returns the next version. */
  readonly fromVersion: number;
  upcast(data: Data): Data;
}

/** Versions that a program writes, and how it reads older ones (JRN-12). */
export interface Evolution {
  /** Written version by type; this program does not know other types. */
  readonly current: Readonly<Record<string, number | undefined>>;
  readonly upcasters: readonly Upcaster[];
}

/**
 * All steps from older versions, one entry per type and version. A breaking change is a new schema file
 * `<Type>.v<N+1>.json` and an entry here; stored events are never rewritten.
 */
export const UPCASTERS: readonly Upcaster[] = [
  { type: 'OrderCancelRequested', fromVersion: 1, upcast: withExitReason },
  // version 2 takes more: short positions, symbols with a dash, an unknown acquisition time
  { type: 'OpeningBalancesRecorded', fromVersion: 1, upcast: (data) => data },
];

/** Version 1 named the exit that the cancel begins in its sentence alone; every release wrote that sentence alike. */
function withExitReason(data: Data): Data {
  const named = /^the position is closed: (target_hit|stop_loss|timeout|kill|manual)$/.exec(String(data['reason']));
  return { ...data, exitReason: named?.[1] ?? null };
}

/** Versions that this program writes and reads. */
export const EVOLUTION: Evolution = { current: CURRENT_VERSION, upcasters: UPCASTERS };

/**
 * Converts data to the newest version. Throws JournalError `JOURNAL_NEWER` (stop) for an unknown type or version, and
 * `UPCASTER_MISSING` (stop) when a step is missing.
 */
export function upcastData(evolution: Evolution, stored: { type: string; version: number; data: Data }): Data {
  const current = evolution.current[stored.type];
  if (current === undefined || stored.version > current) throw newer(stored.type, stored.version, current);
  let { data } = stored;
  for (let version = stored.version; version < current; version += 1) {
    const step = evolution.upcasters.find(
      (upcaster) => upcaster.type === stored.type && upcaster.fromVersion === version,
    );
    if (step === undefined) {
      throw journalError('stop', {
        code: 'UPCASTER_MISSING',
        message: `${stored.type} version ${version} cannot be read as version ${version + 1}`,
        remedy: 'This is a defect of TradeBot: src/events/upcasters.ts lacks this step. The journal is unchanged.',
        details: { type: stored.type, version },
      });
    }
    data = step.upcast(data);
  }
  return data;
}

function newer(type: string, version: number, known: number | undefined): Error {
  const knows = known === undefined ? 'does not know that type' : `knows versions up to ${known}`;
  return journalError('stop', {
    code: 'JOURNAL_NEWER',
    message: `the journal holds ${type.slice(0, 60)} version ${version}; this program ${knows}`,
    remedy: 'Use the TradeBot version that wrote this event, or a later one.',
    details: { type: type.slice(0, 60), version, known: known ?? null },
  });
}
