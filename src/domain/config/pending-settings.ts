import { canonicalJson } from '../../kernel/canonical-json.js';
import { configError } from '../../kernel/errors.js';
import type { DateText, UtcText } from '../../kernel/time.js';

/** A change of a cold setting that was saved during a session and waits for the next one (RUN-30). */
export interface PendingSetting {
  readonly key: string;
  /** Its text, as in `.env_bot`. */
  readonly value: string;
  /** The session that keeps the value it began with. */
  readonly session: DateText;
  readonly since: UtcText;
  readonly actor: string;
  readonly reason: string;
}

export type SettingTexts = Readonly<Record<string, string>>;

/** The settings of a home as the vault holds them. */
export interface StoredSettings {
  readonly texts: SettingTexts;
  readonly pending: readonly PendingSetting[];
}

/** A comment for every reader that does not know it: an older version works with the values in force. */
const MARK = '#@pending ';
const FIELDS = ['key', 'value', 'session', 'since', 'actor', 'reason'] as const;

/** The line of `.env_bot` that keeps a pending change. */
export function pendingLine({ key, value, session, since, actor, reason }: PendingSetting): string {
  return `${MARK}${canonicalJson({ key, value, session, since, actor, reason })}`;
}

/** The pending changes in the text of `.env_bot`. Throws ConfigError SETTINGS_TEXT_INVALID with the line, without values. */
export function parsePending(text: string): readonly PendingSetting[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    if (!line.startsWith(MARK)) return [];
    const pending = pendingOf(line.slice(MARK.length));
    if (pending === undefined) throw notPending(index + 1);
    return [pending];
  });
}

function pendingOf(json: string): PendingSetting | undefined {
  let content: unknown;
  try {
    content = JSON.parse(json);
  } catch {
    return undefined;
  }
  if (typeof content !== 'object' || content === null) return undefined;
  const fields = new Map<string, unknown>(Object.entries(content));
  const isWhole = FIELDS.every((name) => typeof fields.get(name) === 'string');
  return isWhole
    ? (Object.fromEntries(FIELDS.map((name) => [name, fields.get(name)])) as unknown as PendingSetting)
    : undefined;
}

function notPending(line: number): Error {
  return configError({
    code: 'SETTINGS_TEXT_INVALID',
    message: `line ${line} of .env_bot is not a pending change`,
    remedy: 'Remove the line: the change is lost, and can be saved again.',
  });
}

/**
 * The settings in force while the session of `open` is open, and the changes that wait for its end; undefined when none is
 * open. A change that waited for another session is in force.
 */
export function settingsInForce({ texts, pending }: StoredSettings, open: DateText | undefined): StoredSettings {
  const due = pending.filter(({ session }) => session !== open);
  const waiting = pending.filter(({ session }) => session === open);
  return { texts: withPending(texts, due), pending: waiting };
}

/** The texts with these pending changes applied. */
export function withPending(texts: SettingTexts, pending: readonly PendingSetting[]): SettingTexts {
  return { ...texts, ...Object.fromEntries(pending.map(({ key, value }) => [key, value])) };
}

/** Who asked for these changes, when and why, as the event says that applies them. */
export function appliedReason(pending: readonly Pick<PendingSetting, 'since' | 'actor' | 'reason'>[]): string {
  const requests = pending.map(({ since, actor, reason }) => `saved by ${actor} at ${since}: ${reason}`);
  return `pending changes take effect (${[...new Set(requests)].join('; ')})`;
}
