/** A line of a log in its parts; a line that is no JSON is a message alone. */
export interface LogLine {
  readonly at: string | null;
  /** The same moment on the clock of the bot; null where it is that of the machine. */
  readonly botTime: string | null;
  readonly level: string;
  readonly event: string;
  readonly message: string;
  /** Position in the journal of the event that the line reports; null for a line without one. */
  readonly position: string | null;
  /** Everything else that has a value: "ticker AIG, size 2". */
  readonly details: string;
}

const SHOWN_ELSEWHERE: ReadonlySet<string> = new Set([
  ...['timestamp', 'time', 'level', 'event', 'message', 'msg', 'journal_position', 'world'],
]);

/** The parts of a line as the program writes it. */
export function logLine(text: string): LogLine {
  const record = recordOf(text);
  if (record === null)
    return { at: null, botTime: null, level: '', event: '', message: text, position: null, details: '' };
  return {
    at: textOf(record['timestamp']) || textOf(record['time']) || null,
    botTime: textOf(record['world']) || null,
    level: textOf(record['level']),
    event: textOf(record['event']),
    message: textOf(record['message']) || textOf(record['msg']),
    position: textOf(record['journal_position']) || null,
    details: Object.entries(record)
      .filter(([name, value]) => !SHOWN_ELSEWHERE.has(name) && hasValue(value))
      .map(([name, value]) => `${name} ${typeof value === 'string' ? value : JSON.stringify(value)}`)
      .join(', '),
  };
}

/** "12.4 kB" of a number of bytes. */
export function sizeText(bytes: number): string {
  if (bytes < 1_000) return `${bytes} B`;
  return bytes < 1_000_000 ? `${(bytes / 1_000).toFixed(1)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`;
}

function recordOf(text: string): Readonly<Record<string, unknown>> | null {
  try {
    const value: unknown = JSON.parse(text);
    const isRecord = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isRecord ? (value as Readonly<Record<string, unknown>>) : null;
  } catch {
    return null;
  }
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function hasValue(value: unknown): boolean {
  if (value === null || value === '') return false;
  return typeof value !== 'object' || Object.keys(value).length > 0;
}
