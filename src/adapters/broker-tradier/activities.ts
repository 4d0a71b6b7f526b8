import { addDays, dateOf, type DateText } from '../../kernel/time.js';
import { sha256Hex } from '../../kernel/hash.js';
import { brokerError, TradeBotError } from '../../kernel/errors.js';
import type { BrokerActivity, CashActivity } from '../../ports/account-queries.js';
import { cashActivities } from './history-rows.js';
import type { OrderTracker } from './order-tracker.js';
import { listOf, type Members } from './shapes.js';
import type { TradierApi } from './tradier-api.js';

export interface ActivitiesOptions {
  readonly api: Pick<TradierApi, 'history'>;
  readonly tracker: Pick<OrderTracker, 'fills'>;
  /** The practice environment may have no history at all. */
  readonly mayLackHistory: boolean;
}

/** Rows of one page, and pages of one reading. */
const PAGE = 500;
const MOST_PAGES = 2_000;
/** A reading during which rows were added is begun again. */
const MOST_READINGS = 3;
/** A row may be added days after its date: so far back is always read again. */
const LATE_DAYS = 10;
/** Nothing is older. */
const FIRST_DAY = '2000-01-01' as DateText;

/** What was handed out since a reading of the records began. */
interface Walk {
  readonly from: DateText;
  readonly given: Set<string>;
  last: string | null;
}

/**
 * The records of the account in pages. The broker writes them at night, without ids and without order, and adds rows to days that are
 * past: a page is what was not handed out since the caller began, whatever its date.
 */
export class Activities {
  readonly #walks = new Map<'all' | 'cash', Walk>();

  constructor(private readonly options: ActivitiesOptions) {}

  async page(after: string | null, limit: number, which: 'all' | 'cash'): Promise<readonly BrokerActivity[]> {
    let walk = this.#walks.get(which);
    if (after === null || walk?.last !== after) {
      walk = { from: beginning(after), given: new Set(after === null ? [] : [after]), last: after };
      this.#walks.set(which, walk);
    }
    const cash = await this.#cash(walk.from);
    const all: readonly BrokerActivity[] = which === 'cash' ? cash : [...cash, ...this.#fills()].sort(byTime);
    const page = all.filter(({ activityId }) => !walk.given.has(activityId)).slice(0, limit);
    for (const { activityId } of page) walk.given.add(activityId);
    walk.last = page.at(-1)?.activityId ?? walk.last;
    return page;
  }

  /** Fills that this process has seen, of orders of others too; those of earlier days are known from their orders. */
  #fills(): readonly BrokerActivity[] {
    return this.options.tracker.fills.map((update) => ({
      kind: 'fill',
      activityId: `${dateOf(update.at)}-${update.executionId}`,
      at: update.at,
      update,
    }));
  }

  async #cash(from: DateText): Promise<readonly CashActivity[]> {
    try {
      const { rows, text } = await this.#rows(from);
      return cashActivities(rows, text);
    } catch (error) {
      if (this.options.mayLackHistory && error instanceof TradeBotError && error.code === 'BROKER_REJECTED') return [];
      throw error;
    }
  }

  /** Every row from a day on; a row that is added meanwhile moves the others to other pages, so the reading begins again. */
  async #rows(
    from: DateText,
  ): Promise<{ readonly rows: readonly Members[]; readonly text: ReturnType<typeof sha256Hex> }> {
    for (let reading = 0; reading < MOST_READINGS; reading += 1) {
      const first = await this.#page(from, 1);
      const rows = [...first.rows];
      const digests = [first.rawSha256];
      for (let page = 2; first.rows.length > 0 && page <= MOST_PAGES; page += 1) {
        const next = await this.#page(from, page);
        // a broker that does not turn the page shows the same one
        if (next.rows.length === 0 || next.rawSha256 === digests.at(-1)) break;
        rows.push(...next.rows);
        digests.push(next.rawSha256);
      }
      const isOnePage = digests.length === 1;
      if (isOnePage) return { rows, text: first.rawSha256 };
      if ((await this.#page(from, 1)).rawSha256 === first.rawSha256) return { rows, text: sha256Hex(digests.join()) };
    }
    throw brokerError('retry', {
      code: 'HISTORY_CHANGES',
      message: `the history of TRADIER changed in each of ${MOST_READINGS} readings`,
      remedy: 'It is read again later. The broker writes it at night.',
    });
  }

  async #page(
    from: DateText,
    page: number,
  ): Promise<{ readonly rows: readonly Members[]; readonly rawSha256: ReturnType<typeof sha256Hex> }> {
    const { value, rawSha256 } = await this.options.api.history(from, page, PAGE);
    return { rows: listOf(value, 'history', 'event'), rawSha256 };
  }
}

function beginning(after: string | null): DateText {
  const day = /^\d{4}-\d\d-\d\d/.exec(after ?? '')?.[0];
  return day === undefined ? FIRST_DAY : addDays(day as DateText, -LATE_DAYS);
}

function byTime(a: BrokerActivity, b: BrokerActivity): number {
  return a.at - b.at || (a.activityId < b.activityId ? -1 : 1);
}
