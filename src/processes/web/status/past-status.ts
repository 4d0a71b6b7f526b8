import { isPosition, positionOfText } from '../../../app/as-of/moment-text.js';
import { SerialQueue } from '../../../app/journal/serial-queue.js';
import { TradeBotError } from '../../../kernel/errors.js';
import { Problem, unprocessable } from '../common/problem.js';
import type { OpenWebContext } from '../web-context.js';

/** The past does not change, so an answer is kept; a slider that is drawn to and fro asks for the same ones. */
const MOST_KEPT = 32;
/** Who asks while so many wait is sent away: each answer may fold ten thousand events. */
const MOST_WAITING = 8;

/** The status at past positions, one fold at a time. */
export class PastStatus {
  readonly #queue = new SerialQueue();
  readonly #kept = new Map<string, string>();
  #waiting = 0;

  /** The text of the status at a position. Throws a Problem 422 for what is no position of the journal. */
  async at(home: OpenWebContext, asof: string): Promise<string> {
    if (!isPosition(asof)) throw notOne('is not a position of the journal, such as 412.');
    const position = positionOfText(asof);
    const known = this.#kept.get(position);
    if (known !== undefined) return known;
    if (this.#waiting >= MOST_WAITING) throw busy();
    this.#waiting += 1;
    try {
      const text = await this.#queue.run(async () => {
        // Only who looks at the past needs the projections in this process.
        const { statusAsOf } = await import('../../../composition/status-as-of.js');
        return (await statusAsOf(home, { position })).statusText;
      });
      this.#keep(position, text);
      return text;
    } catch (error) {
      throw error instanceof TradeBotError && error.code === 'POSITION_AHEAD' ? notOne(error.message) : error;
    } finally {
      this.#waiting -= 1;
    }
  }

  #keep(position: string, text: string): void {
    this.#kept.set(position, text);
    const [oldest] = this.#kept.keys();
    if (this.#kept.size > MOST_KEPT && oldest !== undefined) this.#kept.delete(oldest);
  }
}

function notOne(message: string): Problem {
  return unprocessable([{ field: 'asof', message }]);
}

function busy(): Problem {
  return new Problem({
    status: 503,
    code: 'PAST_BUSY',
    detail: 'Other moments of the past are still being read.',
    remedy: 'Wait a moment, then try again.',
    headers: { 'Retry-After': '2' },
  });
}
