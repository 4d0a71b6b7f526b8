import type { FailureRecord, RequestRecord, WebLog } from './web-log.js';

/** Lines of one kind that may be written at once, and how fast more may follow. */
interface Allowance {
  readonly burst: number;
  readonly aMinute: number;
}

/** Requests of all strangers together. */
const STRANGERS: Allowance = { burst: 200, aMinute: 10 };
/** Requests of one user. */
const ONE_USER: Allowance = { burst: 600, aMinute: 60 };
/** Failures of one code. */
const FAILURES: Allowance = { burst: 50, aMinute: 5 };
const MOST_KINDS = 500;
const MINUTE_MS = 60_000;

interface Kind {
  left: number;
  at: number;
  unwritten: number;
}

/** A log whose size callers cannot choose: what is over the allowance of a kind is counted, and the next line says how many. */
export class LogBudget implements WebLog {
  readonly #kinds = new Map<string, Kind>();

  /** `nowMs`: monotonic milliseconds. */
  constructor(
    private readonly log: WebLog,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  request(record: RequestRecord): void {
    const { userId } = record;
    if (this.#may(`requests ${userId ?? 'without a log-in'}`, userId === null ? STRANGERS : ONE_USER)) {
      this.log.request(record);
    }
  }

  failure(record: FailureRecord): void {
    if (this.#may(`failures ${record.code}`, FAILURES)) this.log.failure(record);
  }

  note(level: 'info' | 'warn' | 'error', text: string): void {
    this.log.note(level, text);
  }

  #may(name: string, { burst, aMinute }: Allowance): boolean {
    const now = this.nowMs();
    const kind = this.#kinds.get(name) ?? { left: burst, at: now, unwritten: 0 };
    this.#kinds.delete(name);
    this.#kinds.set(name, kind);
    const oldest = this.#kinds.keys().next().value;
    if (this.#kinds.size > MOST_KINDS && oldest !== undefined) this.#kinds.delete(oldest);
    kind.left = Math.min(burst, kind.left + ((now - kind.at) / MINUTE_MS) * aMinute);
    kind.at = now;
    if (kind.left < 1) {
      kind.unwritten += 1;
      return false;
    }
    kind.left -= 1;
    if (kind.unwritten > 0) this.log.note('warn', `${kind.unwritten} more ${name} were not logged one by one`);
    kind.unwritten = 0;
    return true;
  }
}
