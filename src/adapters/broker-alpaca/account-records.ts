import type { BrokerActivity } from '../../ports/account-queries.js';
import type { EpochMs } from '../../kernel/time.js';
import {
  conversionOf,
  movementsOf,
  replacesShares,
  rowIdOf,
  rowsPage,
  rowsSince,
  windowBefore,
  type ActivityRow,
} from './activities.js';
import type { AlpacaRest } from './alpaca-rest.js';

/** Fees of a day appear the day after under an id of that day, and a row may be taken back for days: these are read again. */
const LATE_DAYS = 7;
const MOST_REMEMBERED = 50_000;
/** Pages of rows that move no money are passed over, up to this number in one call. */
const MOST_PAGES = 100;

/** The records of the account in pages, oldest first, each once in this process; late ones come with the next page. */
export class AccountRecords {
  readonly #given = new Set<string>();
  /** Where the reading of late rows begins: a walk through many of them must not lead further and further back. */
  #floor: EpochMs | undefined;

  constructor(
    private readonly rest: Pick<AlpacaRest, 'activities'>,
    /** The report of an execution; undefined for one that cannot be read. */
    private readonly fillOf: (row: ActivityRow) => Promise<BrokerActivity | undefined>,
  ) {}

  async page(after: string | null, limit: number, which: 'all' | 'cash'): Promise<readonly BrokerActivity[]> {
    const late = after === null ? [] : await this.#late(after);
    const found = [...late];
    let token = after === null ? null : rowIdOf(after);
    for (let page = 0; page < MOST_PAGES && found.length < limit; page += 1) {
      const rows = await rowsPage(this.rest, { after: token, limit, which });
      for (const row of rows) found.push(...(await this.#activitiesOf(row)));
      const last = rows.at(-1);
      if (last === undefined || last.id === token || rows.length < Math.min(limit, 100)) break;
      token = last.id;
    }
    const given = found.slice(0, limit);
    for (const { activityId } of given) this.#remember(activityId);
    return given;
  }

  async #activitiesOf(row: ActivityRow): Promise<readonly BrokerActivity[]> {
    if (row.type !== 'FILL') return this.#movements(row);
    const fill = await this.fillOf(row);
    return fill === undefined ? [] : [fill];
  }

  /** The movement of money of a row, and the replacement of shares that it ends. */
  async #movements(row: ActivityRow): Promise<readonly BrokerActivity[]> {
    const conversion = replacesShares(row) ? await conversionOf(this.rest, row) : undefined;
    return conversion === undefined ? movementsOf(row) : [conversion, ...movementsOf(row)];
  }

  /** Movements up to `after` that were not given yet. */
  async #late(after: string): Promise<readonly BrokerActivity[]> {
    const last = rowIdOf(after);
    const window = windowBefore(last, LATE_DAYS);
    if (window === undefined) return [];
    this.#floor ??= window;
    const since = window > this.#floor ? window : this.#floor;
    const rows = (await rowsSince(this.rest, since)).filter(({ id, type }) => id <= last && type !== 'FILL');
    const movements: BrokerActivity[] = [];
    for (const row of rows) movements.push(...(await this.#movements(row)));
    return movements
      .filter(({ activityId }) => !this.#given.has(activityId) && activityId !== after)
      .sort((a, b) => (a.activityId < b.activityId ? -1 : 1));
  }

  #remember(activityId: string): void {
    this.#given.add(activityId);
    const [oldest] = this.#given;
    if (this.#given.size > MOST_REMEMBERED && oldest !== undefined) this.#given.delete(oldest);
  }
}
