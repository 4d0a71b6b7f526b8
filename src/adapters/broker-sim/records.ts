import type { ClientOrderId } from '../../events/names.js';
import { configError, invariant } from '../../kernel/errors.js';
import { parseDateText, type DateText } from '../../kernel/time.js';
import type { BrokerActivity } from '../../ports/account-queries.js';
import type { BrokerOrder } from '../../ports/order-entry.js';
import type { CashTransfer } from '../../ports/stepped-world.js';
import { SimAccount, type AccountSnapshot } from './account.js';
import { refused } from './refusals.js';
import type { ActivityChoice, SimRequest, SimStore, StoredOrder } from './store.js';

export type TransferRequest = Extract<SimRequest, { readonly kind: 'transfer' }>;

/** Day of transfers before the first session. */
const BEFORE_FIRST_DAY = parseDateText('0001-01-01');
const MAX_PAGE = 1_000;

/** The account over the days: its current state, its state at the open of each day, and its stored records. */
export class BrokerRecords {
  account: SimAccount;
  /** The day whose records are in `account`, not in the store. */
  private day: DateText | null = null;

  /** @throws ConfigError SIM_STORE_FOREIGN when the store belongs to another account. */
  constructor(
    private readonly store: SimStore,
    accountId: string,
    private readonly initial: AccountSnapshot,
  ) {
    const owner = store.accountId(accountId);
    if (owner !== accountId) {
      throw configError({
        code: 'SIM_STORE_FOREIGN',
        message: `the simulated broker's records belong to account ${owner}, not to ${accountId}`,
        remedy: 'Use the home of that account, or another home.',
      });
    }
    this.account = new SimAccount(this.latest());
  }

  /** The account at the open of `date`, also when that day began in an earlier process. */
  openDay(date: DateText): SimAccount {
    const last = this.store.lastDay();
    if (last?.date !== date) {
      if (last !== undefined && last.date > date) {
        throw refused('SIM_DAY_PAST', `the simulated broker has already traded ${last.date}, which is after ${date}`);
      }
      if (last?.closing === null) throw unfinished(last.date);
      this.store.beginDay(date, this.latest(), null);
    }
    this.account = new SimAccount(last?.date === date ? last.opening : this.latest());
    this.day = date;
    return this.account;
  }

  closeDay(date: DateText, orders: readonly StoredOrder[]): void {
    this.store.endDay(date, { closing: this.account.snapshot(), orders, activities: this.account.activities() });
  }

  /** An order of a completed day. */
  filedOrder(
    clientOrderId: ClientOrderId,
  ): { readonly request: StoredOrder['request']; readonly order: BrokerOrder } | undefined {
    const stored = this.store.order(clientOrderId);
    return stored === undefined || stored.date === this.day ? undefined : stored;
  }

  activities(after: string | null, limit: number, which: ActivityChoice): readonly BrokerActivity[] {
    const size = Math.max(1, Math.min(limit, MAX_PAGE));
    const earlier = this.store.activities({ after, limit: size, without: this.day, which });
    const own = this.day === null ? [] : this.account.activities();
    const wanted = own.filter(
      (each) => (after === null || each.activityId > after) && (which === 'all' || each.kind !== 'fill'),
    );
    // reading continues after an id: two transfers at one instant are in the order of their ids here, as in the store
    const inOrder = wanted.sort((a, b) => (a.activityId < b.activityId ? -1 : 1));
    return [...earlier, ...inOrder].slice(0, size);
  }

  /** Whether this transfer is booked, or waits, with the same content. @throws BrokerError DUPLICATE_TRANSFER */
  knowsTransfer(transfer: CashTransfer, waiting: TransferRequest | undefined): boolean {
    const known = waiting ?? this.bookedTransfer(transfer.reference);
    if (known === undefined) return false;
    if (known.amount.equals(transfer.amount) && known.direction === transfer.direction) return true;
    throw refused('DUPLICATE_TRANSFER', `transfer ${transfer.reference} is known with another content`);
  }

  checkTransfer({ amount, direction }: CashTransfer): void {
    if (amount.sign() <= 0 || !amount.equals(amount.rounded(2, 'down'))) {
      throw refused('INVALID_TRANSFER', `a transfer of ${amount.text()} is not a positive amount of whole cents`);
    }
    if (direction === 'out' && amount.gt(this.account.cash)) {
      throw refused('INSUFFICIENT_CASH', `${amount.text()} exceeds the cash of ${this.account.cash.text()}`);
    }
  }

  /** Belongs to the last completed day: a replay of that day finds it at its time. */
  transferBetweenSessions(request: TransferRequest): void {
    if (this.store.lastDay() === undefined) {
      const opening = this.account.snapshot();
      this.store.beginDay(BEFORE_FIRST_DAY, opening, opening);
    }
    const last = this.store.lastDay();
    invariant(last !== undefined, 'SIM_NO_DAY', 'the simulated broker lost its day');
    if (last.closing === null) throw unfinished(last.date);
    this.account.transfer(request);
    const activity = this.account.activities().at(-1);
    invariant(activity !== undefined, 'SIM_NO_RECORD', 'a transfer left no record');
    this.store.amendDay(last.date, { request, closing: this.account.snapshot(), activity });
  }

  private latest(): AccountSnapshot {
    const last = this.store.lastDay();
    return last === undefined ? this.initial : (last.closing ?? last.opening);
  }

  private bookedTransfer(reference: string): CashTransfer | undefined {
    let after: string | null = null;
    for (;;) {
      const page: readonly BrokerActivity[] = this.activities(after, MAX_PAGE, 'cash');
      for (const each of page) {
        if (!('reference' in each) || each.reference !== reference) continue;
        return { reference, amount: each.amount, direction: each.kind === 'deposit' ? 'in' : 'out' };
      }
      const last = page.at(-1);
      if (last === undefined) return undefined;
      after = last.activityId;
    }
  }
}

function unfinished(date: DateText): Error {
  return refused(
    'SIM_DAY_UNFINISHED',
    `the session of ${date} was not closed at the simulated broker`,
    'Resume that day first.',
  );
}
