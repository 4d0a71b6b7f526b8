import { journalError } from '../kernel/errors.js';
import { CURRENT_VERSION } from './generated/catalog.js';

type Data = Readonly<Record<string, unknown>>;

/** Brings the data of one version to the next one. Pure: the same stored data, the same data for ever. */
export interface Upcaster {
  readonly type: string;
  /** Takes data of this version and returns data of the one after it. */
  readonly fromVersion: number;
  upcast(data: Data): Data;
}

/** Which versions a program writes, and how it reads the older ones (JRN-12). */
export interface Evolution {
  /** By type: the version that is written. A type that is not there was never released by this program. */
  readonly current: Readonly<Record<string, number | undefined>>;
  readonly upcasters: readonly Upcaster[];
}

/**
 * Every step from an older version, one entry a type and version. A breaking change is a new schema file
 * `<Type>.v<N+1>.json` and an entry here; what a journal holds is never rewritten.
 */
export const UPCASTERS: readonly Upcaster[] = [
  { type: 'OrderCancelRequested', fromVersion: 1, upcast: withExitReason },
];

/** Version 1 named the exit that the cancel begins in its sentence alone; every release wrote that sentence alike. */
function withExitReason(data: Data): Data {
  const named = /^the position is closed: (target_hit|stop_loss|timeout|kill|manual)$/.exec(String(data['reason']));
  return { ...data, exitReason: named?.[1] ?? null };
}

/** What this program writes and reads. */
export const EVOLUTION: Evolution = { current: CURRENT_VERSION, upcasters: UPCASTERS };

/**
 * Data of `version` as the newest version has it. Throws JournalError `JOURNAL_NEWER` (stop) for a type or version that
 * this program does not know yet, `UPCASTER_MISSING` (stop) where a step is not there.
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
        remedy: 'This is a defect of TradeBot: src/events/upcasters.ts must have that step; the journal is as it was.',
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
    remedy: 'Use the version of TradeBot that wrote it, or a later one.',
    details: { type: type.slice(0, 60), version, known: known ?? null },
  });
}
