import { Subject } from 'rxjs';
import type { BrokerDay } from '../../domain/calendar/broker-day.js';
import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import { networkError, TradeBotError } from '../../kernel/errors.js';
import type { Clock, DateText, EpochMs } from '../../kernel/time.js';
import type { BrokerAccount, BrokerActivity, BrokerPosition } from '../../ports/account-queries.js';
import type { BrokerCheck, BrokerStatus } from '../../ports/broker-connection.js';
import type { Broker } from '../../ports/broker.js';
import type {
  BrokerOrder,
  BrokerUpdate,
  CallBudget,
  OpenOrder,
  OrderChange,
  OrderRequest,
} from '../../ports/order-entry.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import type { BrokerAsset, BrokerCapabilities } from '../../ports/reference-data.js';
import type { BrokerAccountAddress } from '../broker-common/account-address.js';
import type { LinePauses } from '../broker-common/line.js';
import { ProcessStopwatch } from '../clock/process-stopwatch.js';
import { accountOf, maySellShort, positionsOf } from './account.js';
import { Activities } from './activities.js';
import { addressOf } from './address.js';
import { EventStream } from './event-stream.js';
import { LOST_AFTER, OrderLook, type LookPauses } from './order-look.js';
import { OrderTracker } from './order-tracker.js';
import { Reference } from './reference.js';
import { checkTradier } from './self-check.js';
import { ORDER_CALLS, TradierApi } from './tradier-api.js';
import { ABSENCE_PROOF, ABSENCE_PROOF_OF_KILL, TradierOrders, type AbsenceProof } from './tradier-orders.js';

export interface TradierBrokerOptions {
  readonly account: BrokerAccountAddress;
  readonly clock: Clock;
  readonly raw: RawFrames;
  /**
   * `look` opens no stream: the broker has one for each account, and another bot may use it. `kill` opens none either, and
   * waits less for an order to show: its ids have not been sent before.
   */
  readonly purpose?: 'trade' | 'look' | 'kill';
  /** How long the steady look at the orders pauses; by default by the limits of the environment. */
  readonly pauses?: LookPauses;
  readonly absence?: AbsenceProof;
  readonly timeoutMs?: number;
  readonly linePauses?: LinePauses;
}

const LIVE_PAUSES: LookPauses = { busyMs: 500, idleMs: 10_000 };
const SANDBOX_PAUSES: LookPauses = { busyMs: 1_000, idleMs: 10_000 };
/** A limit that was used up is no sign of a lost connection. */
const BUSY_CODES: readonly string[] = ['RATE_BUDGET_SPENT', 'RATE_LIMITED'];
/** A tag has 255 characters; a dash or an underscore of an id takes two. */
const ID_LENGTH = 127;

/** "Not found" is an answer only when the absence is proven: it needs no more time to count. */
function capabilitiesOf({ spanMs }: AbsenceProof): BrokerCapabilities {
  return {
    ...{ fractional: false, notional: false, shortSell: true, nativeStop: true, nativeTrailingStop: false },
    ...{ options: false, bulkCancel: false, closeAll: false, replace: 'same id', extendedHours: false },
    ...{ clientIdLength: ID_LENGTH, quantityDecimals: 0, orderCallsPerMinute: ORDER_CALLS.perMinute },
    ...{ findableAfterMs: 0, absenceProofMs: spanMs },
  };
}

/**
 * The account of one client at Tradier (TRD-62): REST, with the stream of account events as a hint. It keeps nothing on file: after a
 * restart the list of orders, with our tags, says what was sent.
 */
export class TradierBroker implements Broker {
  readonly code = 'TRADIER';
  readonly capabilities: BrokerCapabilities;
  readonly #updates = new Subject<BrokerUpdate>();
  readonly #states = new Subject<BrokerStatus>();
  readonly orderUpdates$ = this.#updates.asObservable();
  readonly status$ = this.#states.asObservable();
  readonly #api: TradierApi;
  readonly #look: OrderLook;
  readonly #orders: TradierOrders;
  readonly #activities: Activities;
  readonly #reference: Reference;
  readonly #stream: EventStream;
  readonly #stopwatch = new ProcessStopwatch();
  #connectedAt: number | undefined;
  #failures = 0;
  #state: BrokerStatus['state'] = 'disconnected';
  #refusal: BrokerStatus['code'];

  /** @throws ConfigError BROKER_URL_INVALID */
  constructor(private readonly options: TradierBrokerOptions) {
    const { account, clock, raw, timeoutMs, linePauses, purpose = 'trade' } = options;
    const { absence = purpose === 'kill' ? ABSENCE_PROOF_OF_KILL : ABSENCE_PROOF } = options;
    const address = addressOf(account.url);
    this.capabilities = capabilitiesOf(absence);
    const { pauses = address.isSandbox ? SANDBOX_PAUSES : LIVE_PAUSES } = options;
    const stopwatch = this.#stopwatch;
    const tracker = new OrderTracker();
    const api = new TradierApi({ account, address, clock, raw, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
    this.#api = api;
    this.#look = new OrderLook({
      ...{ api, tracker, clock, stopwatch, pauses },
      onUpdates: (updates) => this.#report(updates),
      onLook: (fault) => this.#looked(fault),
    });
    const connectedAt = (): number | undefined => this.#connectedAt;
    this.#orders = new TradierOrders({ api, tracker, look: this.#look, clock, stopwatch, absence, connectedAt });
    this.#activities = new Activities({ api, tracker, mayLackHistory: address.isSandbox });
    this.#reference = new Reference(api, clock, async () => maySellShort(await api.balances()));
    this.#stream = new EventStream({
      ...{ api, address, raw, onHint: () => this.#look.hint() },
      ...(linePauses === undefined ? {} : { pauses: linePauses }),
    });
  }

  async connect(): Promise<void> {
    if (this.#connectedAt !== undefined) return;
    await this.#api.accountNumber();
    const connectedAt = this.#stopwatch.elapsedMs();
    await this.#look.fresh();
    this.#connectedAt = connectedAt;
    this.#look.start();
    if ((this.options.purpose ?? 'trade') === 'trade') this.#stream.open();
    this.#change('connected', 'connected');
  }

  disconnect(): Promise<void> {
    this.#connectedAt = undefined;
    this.#look.stop();
    this.#stream.close();
    this.#api.close();
    this.#change('disconnected', 'disconnected on request');
    return Promise.resolve();
  }

  selfCheck(): Promise<readonly BrokerCheck[]> {
    return checkTradier({ api: this.#api, reference: this.#reference, clock: this.options.clock });
  }

  submit(order: OrderRequest): Promise<void> {
    return this.#orders.submit(order);
  }

  cancel(id: ClientOrderId): Promise<void> {
    return this.#orders.cancel(id);
  }

  replace(id: ClientOrderId, change: OrderChange): Promise<void> {
    return this.#orders.replace(id, change);
  }

  orderByClientId(id: ClientOrderId): Promise<BrokerOrder | undefined> {
    return this.#orders.orderByClientId(id);
  }

  openOrders(): Promise<readonly OpenOrder[]> {
    return this.#orders.openOrders();
  }

  budget(): CallBudget {
    return this.#orders.budget();
  }

  async account(): Promise<BrokerAccount> {
    this.#needConnection();
    const number = await this.#api.accountNumber();
    return accountOf(await this.#api.balances(), `***${number.slice(-4)}`);
  }

  async positions(): Promise<readonly BrokerPosition[]> {
    this.#needConnection();
    return positionsOf(await this.#api.positions());
  }

  async activities(
    after: string | null,
    limit: number,
    which: 'all' | 'cash' = 'all',
  ): Promise<readonly BrokerActivity[]> {
    this.#needConnection();
    if (which === 'all') await this.#look.fresh();
    return this.#activities.page(after, limit, which);
  }

  asset(symbol: TickerSymbol): Promise<BrokerAsset | undefined> {
    return this.#reference.asset(symbol);
  }

  clock(): Promise<EpochMs> {
    return this.#reference.brokerTime();
  }

  calendar(date: DateText): Promise<BrokerDay> {
    return this.#reference.calendar(date);
  }

  #report(updates: readonly BrokerUpdate[]): void {
    for (const update of updates) this.#updates.next(update);
    void this.#orders.cancelLate();
  }

  /** A single failure says little; several in a row, or a token that is refused, are a lost connection. */
  #looked(fault: unknown): void {
    if (this.#connectedAt === undefined) return;
    if (fault === undefined) {
      this.#failures = 0;
      this.#change('connected', 'the orders can be read');
      return;
    }
    const known = fault instanceof TradeBotError ? fault : undefined;
    if (known !== undefined && BUSY_CODES.includes(known.code)) return;
    this.#failures += 1;
    const isRefused = known?.callerMust === 'refuse';
    if (!isRefused && this.#failures < LOST_AFTER) return;
    const code = known?.code === 'BROKER_KEY_REFUSED' ? 'KEY_REFUSED' : undefined;
    this.#change('disconnected', known?.message ?? 'the orders cannot be read', code);
  }

  /** A token that is refused while the broker counts as lost already is news as well. */
  #change(state: BrokerStatus['state'], reason: string, code?: BrokerStatus['code']): void {
    if (this.#state === state && (code === undefined || code === this.#refusal)) return;
    this.#state = state;
    this.#refusal = code;
    this.#states.next({ at: this.options.clock.now(), state, reason, code });
  }

  #needConnection(): void {
    if (this.#connectedAt !== undefined) return;
    throw networkError('retry', {
      code: 'NOT_CONNECTED',
      message: 'TRADIER is not connected',
      remedy: 'Connect first. Nothing was sent.',
    });
  }
}
