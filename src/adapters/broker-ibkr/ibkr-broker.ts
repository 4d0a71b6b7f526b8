import { Subject, type Observable } from 'rxjs';
import type { ClientOrderId, TickerSymbol } from '../../events/names.js';
import { Decimal } from '../../kernel/decimal.js';
import { brokerError, TradeBotError } from '../../kernel/errors.js';
import type { Clock, EpochMs } from '../../kernel/time.js';
import type { BrokerAccount, BrokerActivity, BrokerPosition } from '../../ports/account-queries.js';
import type { Broker } from '../../ports/broker.js';
import type { BrokerCheck, BrokerStatus } from '../../ports/broker-connection.js';
import type { BrokerOrder, BrokerUpdate, OpenOrder, OrderRequest } from '../../ports/order-entry.js';
import type { RawFrames } from '../../ports/raw-frames.js';
import { CONTRACT_UNITS, isOption } from '../../domain/options/contract-name.js';
import type { OptionQuote } from '../../domain/options/option-chain.js';
import type { BrokerAsset, BrokerCapabilities, OptionQuestion } from '../../ports/reference-data.js';
import { accountQuestion, executionsQuestion, positionsList, positionsOf, timeList } from './account-lists.js';
import { activitiesOf, cashActivitiesOf } from './activities.js';
import { Contracts } from './contracts.js';
import { GatewayLine, LINE_LIMITS, type LineLimits } from './gateway-line.js';
import type { GatewayAddress } from './gateway-session.js';
import type { GatewayMessage, MessageOf } from './messages.js';
import { ClockOrderIds, type OrderIds } from './order-ids.js';
import { OrderDesk, type IbkrNote } from './order-desk.js';
import { QUANTITY_DECIMALS } from './order-shape.js';
import { optionChain } from './option-chain.js';
import { notSent } from './paced-writer.js';
import { checkGateway } from './self-check.js';
import { SharedList } from './shared-list.js';
import { securitySymbol } from './symbols.js';

/** An order that waits for a dialog at the gateway is in no list yet. */
const FINDABLE_AFTER_MS = 30_000;
/** How long a fill waits for its charge before it is reported without one, in milliseconds. */
const CHARGE_WAIT_MS = 1_500;

export interface IbkrBrokerOptions {
  readonly address: GatewayAddress;
  /** The account to trade, when the login has several. */
  readonly accountNumber: string | null;
  readonly clock: Clock;
  readonly raw: RawFrames;
  readonly orderIds?: OrderIds;
  readonly limits?: Partial<LineLimits>;
  readonly chargeWaitMs?: number;
  /** What a person should know and no call fails for. */
  readonly onNote?: (note: IbkrNote) => void;
}

/** Interactive Brokers through TWS or IB Gateway (TRD-62). */
export class IbkrBroker implements Broker {
  readonly code = 'IBKR';
  readonly capabilities: BrokerCapabilities = {
    fractional: true,
    notional: false,
    shortSell: true,
    nativeStop: true,
    nativeTrailingStop: false,
    options: true,
    bulkCancel: true,
    closeAll: false,
    replace: 'none',
    extendedHours: false,
    clientIdLength: 40,
    quantityDecimals: QUANTITY_DECIMALS,
    orderCallsPerMinute: null,
    findableAfterMs: FINDABLE_AFTER_MS,
    cashHasParts: true,
  };
  readonly orderUpdates$: Observable<BrokerUpdate>;
  readonly status$: Observable<BrokerStatus>;
  readonly line: GatewayLine;
  readonly #limits: LineLimits;
  readonly #updates = new Subject<BrokerUpdate>();
  readonly #status = new Subject<BrokerStatus>();
  readonly #desk: OrderDesk;
  readonly #contracts: Contracts;
  readonly #time: SharedList<EpochMs>;
  readonly #positions: SharedList<readonly MessageOf<'position'>[]>;

  constructor(private readonly options: IbkrBrokerOptions) {
    const { address, clock, limits, chargeWaitMs, orderIds } = options;
    this.#limits = { ...LINE_LIMITS, ...limits };
    this.orderUpdates$ = this.#updates.asObservable();
    this.status$ = this.#status.asObservable();
    this.line = new GatewayLine(
      address,
      clock,
      {
        message: (message, text) => this.#take(message, text),
        opened: () => this.#readMissed(),
        lost: (reason) => this.#desk.lost(reason),
        status: (status) => this.#status.next(status),
      },
      this.#limits,
    );
    this.#contracts = new Contracts(this.line);
    this.#desk = new OrderDesk({
      ...{ line: this.line, contracts: this.#contracts, clock, clientId: address.clientId },
      ids: orderIds ?? new ClockOrderIds(clock),
      account: () => this.#account,
      answerMs: this.#limits.answerMs,
      chargeWaitMs: chargeWaitMs ?? CHARGE_WAIT_MS,
      emit: (update) => this.#updates.next(update),
      keep: (channel, text) => options.raw.keep({ source: this.code, channel, text }),
      note: (note) => options.onNote?.(note),
    });
    this.#time = new SharedList(this.line, timeList);
    this.#positions = new SharedList(this.line, () => positionsList(this.#account));
  }

  connect(): Promise<void> {
    return this.line.open();
  }

  async disconnect(): Promise<void> {
    this.line.close();
  }

  selfCheck(): Promise<readonly BrokerCheck[]> {
    return checkGateway({
      line: this.line,
      address: this.options.address,
      accountNumber: this.options.accountNumber,
      now: () => this.options.clock.now(),
      brokerTime: () => this.clock(),
      account: () => this.account(),
      openOrders: () => this.openOrders(),
    });
  }

  async submit(order: OrderRequest): Promise<void> {
    await this.#desk.submit(order);
  }

  async cancel(clientOrderId: ClientOrderId): Promise<void> {
    await this.#desk.cancel(clientOrderId);
  }

  cancelAll(): Promise<void> {
    return this.#desk.cancelAll();
  }

  awaitsCharges(): boolean {
    return this.#desk.book.awaitsCharges;
  }

  async orderByClientId(clientOrderId: ClientOrderId): Promise<BrokerOrder | undefined> {
    return this.#desk.find(clientOrderId);
  }

  async openOrders(): Promise<readonly OpenOrder[]> {
    return this.#desk.openOrders();
  }

  async account(): Promise<BrokerAccount> {
    this.#needLine();
    const account = this.#account;
    if (account === undefined) throw severalAccounts(this.line.session?.accounts ?? []);
    return this.line.ask(accountQuestion(account));
  }

  async positions(): Promise<readonly BrokerPosition[]> {
    this.#needLine();
    return positionsOf(await this.#readPositions());
  }

  async activities(
    after: string | null,
    limit: number,
    which: 'all' | 'cash' = 'all',
  ): Promise<readonly BrokerActivity[]> {
    this.#needLine();
    if (which === 'cash') return cashActivitiesOf(this.#desk.book, after).slice(0, limit);
    await this.line.ask(executionsQuestion());
    return activitiesOf(this.#desk.book, after, this.options.clock.now()).slice(0, limit);
  }

  async asset(symbol: TickerSymbol): Promise<BrokerAsset | undefined> {
    this.#needLine();
    const details = await this.#contracts.details(symbol);
    if (details === undefined) return undefined;
    if (isOption(symbol))
      return { symbol, tradable: true, fractionable: false, shortable: false, minQuantity: CONTRACT_UNITS };
    const step = details.sizeIncrement ?? details.minSize ?? Decimal.ONE;
    const fractionable = step.sign() > 0 && step.lt(Decimal.ONE);
    const minQuantity = fractionable ? Decimal.max(step, Decimal.of(1, QUANTITY_DECIMALS)) : Decimal.ONE;
    const quantityStep = minQuantity;
    return { symbol, tradable: true, fractionable, shortable: 'unknown', minQuantity, quantityStep };
  }

  async optionChain(symbol: TickerSymbol, question: OptionQuestion): Promise<readonly OptionQuote[]> {
    this.#needLine();
    return optionChain({ line: this.line, contracts: this.#contracts }, symbol, question);
  }

  async clock(): Promise<EpochMs> {
    this.#needLine();
    return this.#time.read();
  }

  /** The account to trade; undefined while several may be meant. */
  get #account(): string | undefined {
    const { accountNumber } = this.options;
    if (accountNumber !== null && accountNumber !== '') return accountNumber;
    const accounts = this.line.session?.accounts ?? [];
    return accounts.length === 1 ? accounts[0] : undefined;
  }

  #needLine(): void {
    if (!this.line.isUp) throw notSent(this.line.failure);
  }

  #take(message: GatewayMessage, text: string): void {
    if (message.kind === 'openOrder' || message.kind === 'position') this.#noteContract(message);
    this.#desk.take(message, text);
    for (const list of [this.#positions, this.#time]) list.noteLate(message);
  }

  #noteContract({ contract }: MessageOf<'openOrder'> | MessageOf<'position'>): void {
    const symbol = securitySymbol(contract);
    if (symbol !== undefined) this.#contracts.note(symbol, contract.conId);
  }

  #note(code: string, message: string): void {
    this.options.onNote?.({ code, message });
  }

  async #readPositions(): Promise<readonly MessageOf<'position'>[]> {
    return this.#positions.read();
  }

  /** What happened while nobody listened. A list that fails is asked for again when it is needed. */
  async #readMissed(): Promise<void> {
    this.#desk.opened();
    const reads = [this.#readPositions(), this.#desk.lookUp()];
    for (const result of await Promise.allSettled(reads)) {
      if (result.status === 'rejected' && result.reason instanceof TradeBotError)
        this.#note(result.reason.code, result.reason.message);
    }
  }
}

function severalAccounts(accounts: readonly string[]): TradeBotError {
  return brokerError('refuse', {
    code: 'ACCOUNT_NOT_CHOSEN',
    message: `the login has ${accounts.length} accounts and no account number is set`,
    remedy: 'Set BROKER_ACCOUNT_NUMBER to the account to trade.',
  });
}
