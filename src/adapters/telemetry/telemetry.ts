import { pino } from 'pino';
import { withoutCredentials } from '../../kernel/credentials.js';
import { REDACTED, Secret } from '../../kernel/secret.js';
import { toUtcText, type Clock } from '../../kernel/time.js';
import type { SteadyClock } from '../clock/steady-clock.js';
import { RotatingFile, type RotationOptions } from './rotating-file.js';

/** DEBUG_LOG_LEVEL: quiet logs errors and warnings only, verbose each step. */
export type LogLevel = 'quiet' | 'info' | 'verbose';

export type LogFields = Readonly<Record<string, unknown>>;

/** Telemetry of a process, for administrators; events belong in the journal. Secrets are masked. */
export interface Log {
  debug(message: string, fields?: LogFields): void;
  info(message: string, fields?: LogFields): void;
  warn(message: string, fields?: LogFields): void;
  error(message: string, fields?: LogFields): void;
}

export interface Telemetry extends Log {
  setLevel(level: LogLevel): void;
  close(): Promise<void>;
}

export interface TelemetryOptions {
  /** The file; this process is its only writer. */
  readonly path: string;
  /** The time of each line: that of the machine, alike in all processes of a bot. */
  readonly steady: SteadyClock;
  /** The time of the world; a line names it, as `world`, when it is another. */
  readonly world: Clock;
  /** Named in each line. */
  readonly process: string;
  readonly level?: LogLevel;
  readonly rotation?: RotationOptions;
}

const LEVELS = { quiet: 'warn', info: 'info', verbose: 'debug' } as const satisfies Readonly<Record<LogLevel, string>>;

/** A log file of JSON lines `{level, time, process, msg, ...}` with UTC times, rotated by size (OUT-2, OUT-7). */
export function openTelemetry(options: TelemetryOptions): Telemetry {
  const file = new RotatingFile(options.path, options.rotation);
  const logger = pino(
    {
      level: LEVELS[options.level ?? 'info'],
      base: { process: options.process },
      timestamp: () => timesOf(options),
      formatters: {
        level: (label) => ({ level: label }),
        log: (fields) => withoutSecrets(fields) as Record<string, unknown>,
      },
    },
    file,
  );
  return {
    debug: (message, fields = {}) => logger.debug(fields, withoutCredentials(message)),
    info: (message, fields = {}) => logger.info(fields, withoutCredentials(message)),
    warn: (message, fields = {}) => logger.warn(fields, withoutCredentials(message)),
    error: (message, fields = {}) => logger.error(fields, withoutCredentials(message)),
    setLevel: (level) => (logger.level = LEVELS[level]),
    close: () => file.close(),
  };
}

function timesOf({ steady, world }: Pick<TelemetryOptions, 'steady' | 'world'>): string {
  const time = `,"time":"${toUtcText(steady.now())}"`;
  return world === steady ? time : `${time},"world":"${toUtcText(world.now())}"`;
}

const SECRET_NAME =
  /pass(word|wd|phrase)?|secret|token|cookie|authorization|credential|api_?key|private_?key|otp|csrf/i;
const DEEPEST = 6;
const LONGEST_TEXT = 4_000;
const MOST_MEMBERS = 200;

/** A copy that is safe to write: a Secret, or a field named like one, is masked, and everything is bounded. */
function withoutSecrets(value: unknown, depth = 0): unknown {
  if (value instanceof Secret) return REDACTED;
  if (typeof value === 'string') return withoutCredentials(value, LONGEST_TEXT);
  if (typeof value === 'bigint') return String(value);
  if (typeof value !== 'object' || value === null) return value;
  if (depth >= DEEPEST) return '...';
  if (value instanceof Error) return { name: value.name, message: withoutCredentials(value.message) };
  if (Array.isArray(value)) return value.slice(0, MOST_MEMBERS).map((item) => withoutSecrets(item, depth + 1));
  return Object.fromEntries(
    Object.entries(value)
      .slice(0, MOST_MEMBERS)
      .map(([name, member]) => [name, SECRET_NAME.test(name) ? REDACTED : withoutSecrets(member, depth + 1)]),
  );
}
