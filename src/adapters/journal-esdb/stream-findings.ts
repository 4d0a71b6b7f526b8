import type { StreamName } from '../../events/event.js';
import { findingError } from '../../app/streams/finding-error.js';
import { journalError, type TradeBotError } from '../../kernel/errors.js';
import type { StreamFinding } from '../../ports/journal.js';
import { DELETED_REMEDY } from './esdb-errors.js';
import { positionText, type LogPosition } from './esdb-position.js';
import { placeOf, type EsdbRecord } from './event-record.js';
import type { Acknowledged, CourseFault, ForeignRun, Gap } from './stream-course.js';
import { shown, type StreamSettings } from './stream-settings.js';

const positionOf = (position: LogPosition | null): Pick<StreamFinding, 'position'> =>
  position === null ? {} : { position: positionText(position) };

const since = (at: string | null): string => (at === null ? '' : ` at ${at}`);

/** A stream whose events are hidden: they are still there, and writing the settings again shows them again. */
export function cutFinding(settings: StreamSettings): StreamFinding {
  const { stream, cuts, deleted, at, serverId, revision, position } = settings;
  const what = deleted
    ? 'was deleted'
    : `hides events by ${cuts.map(([name, value]) => `${name} ${value}`).join(', ')}`;
  const tb = cuts.find(([name]) => name === '$tb');
  return {
    kind: 'cut',
    stream: shown(stream),
    message: `stream ${shown(stream)} ${what}; its settings were written${since(at)} by event ${shown(serverId)} (revision ${revision} of $$)`,
    remedy: undoRemedy(stream),
    from: 0,
    to: deleted || tb === undefined ? null : Number(tb[1]) - 1,
    at,
    ...positionOf(position),
  };
}

/** A stream whose settings give no right to our user. */
export function restrictedFinding(settings: StreamSettings, user: string): StreamFinding {
  const { stream, readers, writers, at, serverId, revision, position } = settings;
  const names = (list: readonly string[] | undefined): string =>
    list === undefined ? 'the default' : list.map(shown).join(', ') || 'nobody';
  return {
    kind: 'restricted',
    stream: shown(stream),
    message: `user ${shown(user)} has no right to stream ${shown(stream)} (readers ${names(readers)}; writers ${names(writers)}); its settings were written${since(at)} by event ${shown(serverId)} (revision ${revision} of $$)`,
    remedy: undoRemedy(stream),
    at,
    ...positionOf(position),
  };
}

/** A stream that was ended for good. */
export function deletedFinding(record: EsdbRecord, at: StreamFinding['at']): StreamFinding {
  const stream = shown(record.stream);
  return {
    kind: 'deleted',
    stream,
    message: `stream ${stream} was deleted for good${since(at ?? null)} (tombstone ${shown(record.serverId)}): nothing can be appended to it any more`,
    remedy: DELETED_REMEDY,
    ...(at === undefined ? {} : { at }),
    ...positionOf(record.position),
  };
}

/** A stream that neither hides events nor takes our rights any more. */
export function restoredFinding({ stream, revision }: Pick<StreamSettings, 'stream' | 'revision'>): StreamFinding {
  const message = `stream ${shown(stream)} shows all its events and takes ours again (revision ${revision} of $$)`;
  return { kind: 'restored', stream: shown(stream), message, remedy: 'Nothing to do.' };
}

/** Events that are gone; `to` is null when nothing is left behind them. */
export function lostFinding(
  { stream, from, to, after, before }: Omit<Gap, 'to'> & { readonly to: number | null },
  position: LogPosition | null,
): StreamFinding {
  const last = to === null ? 'its last' : String(to);
  const which = from === to ? `revision ${from}` : `revisions ${from} to ${last}`;
  const between = [...(after === null ? [] : [`after ${after}`]), ...(before === null ? [] : [`before ${before}`])];
  return {
    kind: 'lost',
    stream,
    message: `${which} of stream ${stream} ${from === to ? 'is' : 'are'} gone${between.length === 0 ? '' : `; written ${between.join(' and ')}`}`,
    remedy: LOST_REMEDY,
    from,
    to,
    at: after,
    ...positionOf(position),
  };
}

/** Foreign events: inside a stream of ours, or as a stream of their own. */
export function foreignFinding(run: ForeignRun, inOurs: boolean): StreamFinding {
  const { from, to, sha256, bytes, at, position, fault } = run;
  const stream = shown(run.stream);
  const type = shown(run.type);
  const which = from === to ? `revision ${from}` : `revisions ${from} to ${to}`;
  const what = `type ${type}, ${bytes} bytes, SHA-256 ${sha256}`;
  return {
    kind: inOurs ? 'blocked' : 'foreign',
    stream,
    message: inOurs
      ? `${which} of our stream ${stream} ${from === to ? 'was' : 'were'} not written by this bot${since(at)} (${what}; ${shown(fault.message)})`
      : `stream ${stream} was written by another program${since(at)}: ${which} (${what})`,
    remedy: inOurs
      ? `Find out who wrote it, then acknowledge it: tradebot journal acknowledge ${quoted(stream)} --reason TEXT`
      : 'Its events are left out. Find out which program writes to streams of this bot, and revoke its right to write.',
    ...{ from, to, at, sha256, bytes, type },
    ...positionOf(position),
  };
}

/** Foreign events that an admin has acknowledged. */
export function acknowledgedFinding({ run, by, at, reason }: Acknowledged): StreamFinding {
  const { kind: _kind, message, ...facts } = foreignFinding(run, true);
  return {
    ...facts,
    kind: 'acknowledged',
    message: `${message}; acknowledged by ${by} at ${at}: ${shown(reason)}`,
    remedy: 'Nothing to do.',
  };
}

/** Only our user and administrators read and write our streams. */
export function protectedFinding(stream: StreamName, user: string): StreamFinding {
  const message = `only user ${shown(user)} and administrators read and write the streams that this bot makes`;
  return { kind: 'protected', stream, message, remedy: '', user: shown(user) };
}

/** Our streams are as open as the server's default makes them. */
export function unprotectedFinding(stream: StreamName, user: string): StreamFinding {
  return {
    kind: 'unprotected',
    stream,
    message: `user ${shown(user)} may not set the rights of its streams (first seen at stream ${stream}): anyone who may write on this server may write to, cut and delete them`,
    remedy: `Let an administrator grant ${shown(user)} the right $mw of its streams, or set rights by the default of the server ($settings).`,
    user: shown(user),
  };
}

const LOST_REMEDY =
  'They are in no reader and no copy of this server any more. Compare with a backup (tradebot verify --against FILE) and restore it.';

function undoRemedy(stream: string): string {
  return `${undoCommand(stream)} undoes it; add --user NAME of an administrator of the server when the user of the bot may not. Do not run a scavenge before: it destroys hidden events for good.`;
}

/** The command as it works when it is copied; TEXT is the reason of the user. */
function undoCommand(stream: string): string {
  return `tradebot journal undo ${quoted(shown(stream))} --reason TEXT`;
}

const quoted = (text: string): string => (/^[\w.:-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`);

/** The error for a reader that meets a fault in the chain: it must not continue with what is left. */
export function faultError(fault: CourseFault): TradeBotError {
  if (fault.gap !== undefined) return findingError(lostFinding(fault.gap, fault.position));
  return journalError('stop', {
    code: 'JOURNAL_CORRUPT',
    message: `the journal is damaged: ${fault.message} (${fault.code})`,
    remedy: 'Run tradebot verify, and restore the last good backup (tradebot restore FILE).',
    details: { stream: fault.stream },
  });
}

/** An event of ours that the server put behind events of a stream that was deleted meanwhile. */
export function misplaced(record: Pick<EsdbRecord, 'stream' | 'revision'>, ids: readonly string[]): TradeBotError {
  return journalError('stop', {
    code: 'JOURNAL_STREAM_CUT',
    message: `stream ${record.stream} was deleted while it was appended to: the events ${ids.join(', ')} were stored at ${placeOf(record as EsdbRecord)}, where they do not belong, and count as not written`,
    remedy: `Show its events again (${undoCommand(record.stream)}), then acknowledge the misplaced ones (tradebot journal acknowledge ${record.stream} --reason TEXT).`,
    details: { stream: record.stream, revision: record.revision },
  });
}
