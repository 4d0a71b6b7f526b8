import { Subject } from 'rxjs';
import type { SimBroker } from '../../../../src/adapters/broker-sim/sim-broker.js';
import type { SimulatedVenue } from '../../../../src/adapters/broker-sim/venue.js';
import type { EngineState } from '../../../../src/domain/session/engine-state.js';
import { entriesHeld, isHalted, isResting } from '../../../../src/domain/session/trading-permissions.js';
import { Decimal } from '../../../../src/kernel/decimal.js';
import { networkError, TradeBotError } from '../../../../src/kernel/errors.js';
import { plusMs, type Clock, type EpochMs } from '../../../../src/kernel/time.js';
import { wrapBroker, type AroundCall, type Broker } from '../../../../src/ports/broker.js';
import type { BrokerOrder, BrokerUpdate, OrderRequest } from '../../../../src/ports/order-entry.js';
import type { CashTransfer } from '../../../../src/ports/stepped-world.js';
import type { VirtualPacer } from '../../../support/virtual-pacer.js';
import type { Life } from '../live-harness.js';
import { bulkCalls } from './bulk-calls.js';
import { Cut } from '../crash.js';
import { RequestsUnderway } from './requests-underway.js';
import {
  ORDER_CALLS,
  type CallTrick,
  type HostileFault,
  type LineCall,
  type ReportTrick,
  type Scenario,
} from './scenario.js';

type Fault<K extends HostileFault['kind']> = Extract<HostileFault, { readonly kind: K }>;

const LINE_CALLS: ReadonlySet<string> = new Set<LineCall>([
  ...ORDER_CALLS,
  'orderByClientId',
  'account',
  'positions',
  'openOrders',
  'activities',
  'asset',
  'connect',
]);

/**
 * The line between engine and broker over all processes of a scenario: it loses, repeats, delays and falsifies what passes, and
 * notes each request that would have had an effect twice.
 */
export class HostileLine {
  /** What the engine asked of the broker and must never ask. */
  readonly violations: string[] = [];
  /** How long the machine is down after the last death in a call; undefined before the first one. */
  downMs: number | undefined;
  readonly #faults: readonly HostileFault[];
  readonly #counts = new Map<string, number>();
  readonly #hiddenUntil = new Map<string, EpochMs>();
  readonly #sent = new Set<string>();
  readonly #canCheckShares: boolean;
  readonly #sharedIds: boolean;
  readonly #findableAfterMs: number;
  readonly #bulk: boolean;
  #reports = 0;
  #pacer: VirtualPacer | undefined;
  #state: EngineState | undefined;
  #clock: Clock | undefined;
  #sim: SimBroker | undefined;
  readonly #underway = new RequestsUnderway();

  /** `faults` are those of this session of the scenario. */
  constructor(
    scenario: Scenario,
    faults: readonly HostileFault[],
    private readonly opensAt: EpochMs,
  ) {
    this.#faults = faults;
    this.#sharedIds = scenario.sharedIds;
    this.#findableAfterMs = scenario.findableAfterMs;
    this.#bulk = scenario.bulk;
    const moves = (fault: HostileFault): boolean =>
      fault.kind === 'by hand' ||
      fault.kind === 'closed by hand' ||
      (fault.kind === 'order' && ['bust', 'rebook', 'overfill'].includes(fault.does));
    // nobody can know of shares that a confirmed cancel still sold while the report of it is away
    const sellsLate = scenario.faults.some((fault) => fault.kind === 'order' && fault.does === 'fill after cancel');
    this.#canCheckShares = !scenario.faults.some(moves) && !(sellsLate && scenario.faults.some(hidesFills));
  }

  /** A report as this broker names its executions. */
  named<T extends BrokerUpdate>(update: T): T {
    if (!this.#sharedIds) return update;
    const own = (id: string): string => id.replace(`${update.brokerOrderId}-`, 'E-');
    return {
      ...update,
      ...('executionId' in update ? { executionId: own(update.executionId) } : {}),
      ...('correctsExecutionId' in update ? { correctsExecutionId: own(update.correctsExecutionId) } : {}),
    };
  }

  /** The process that began: its rules are held to what its journal says, and its waits to its own clock. */
  watch({ state, clock }: Pick<Life, 'state' | 'clock'>): void {
    this.#state = state;
    this.#clock = clock;
  }

  /** The pacer of the process that begins. */
  take(pacer: VirtualPacer): VirtualPacer {
    this.#pacer = pacer;
    this.#underway.begin();
    return pacer;
  }

  /** The exchange of the process that begins. */
  venue(sim: SimBroker): SimulatedVenue {
    return this.#underway.venue(sim);
  }

  /** Cash moves at the bank: at once, or as soon as the exchange plays again what an earlier process left. */
  moveCash(transfer: CashTransfer): void {
    try {
      this.#sim?.transferCash(transfer);
    } catch (error) {
      if (!(error instanceof TradeBotError) || error.code !== 'SIM_DAY_UNFINISHED') throw error;
      this.#underway.send(this.#now, () => Promise.resolve(this.#sim?.transferCash(transfer)));
    }
  }

  wrap(sim: SimBroker): Broker {
    this.#sim = sim;
    const updates = new Subject<BrokerUpdate>();
    sim.orderUpdates$.subscribe((update) => this.#report(this.named(update), updates));
    const before = new Map<string, unknown>();
    const around: AroundCall = (name, call) => {
      if (!LINE_CALLS.has(name)) return call();
      return this.#call(name as LineCall, call, before);
    };
    return wrapBroker(sim, around, {
      orderUpdates$: updates.asObservable(),
      capabilities: {
        ...{ ...sim.capabilities, findableAfterMs: this.#findableAfterMs },
        ...{ bulkCancel: this.#bulk, closeAll: this.#bulk },
      },
      ...(this.#bulk ? this.#bulkCalls(sim, around, updates) : {}),
      submit: (order) => {
        this.#checkRules(order);
        const sentAt = this.#engineNow;
        return around('submit', () => this.#submit(this.#sim ?? sim, order, sentAt));
      },
      activities: async (...page) => {
        const records = await around('activities', () => sim.activities(...page));
        return records.map((one) => (one.kind === 'fill' ? { ...one, update: this.named(one.update) } : one));
      },
      orderByClientId: (id) => this.#find(sim, id, (ask) => around('orderByClientId', ask)),
    });
  }

  #bulkCalls(sim: SimBroker, around: AroundCall, updates: Subject<BrokerUpdate>): Partial<Broker> {
    const { cancelAll, closeAll } = bulkCalls(sim, {
      now: () => this.#now,
      place: (order) => this.#submit(sim, order),
      report: (update) => this.#report(update, updates),
    });
    return {
      cancelAll: () => around('cancelAll', cancelAll),
      closeAll: (ids) => around('closeAll', () => closeAll(ids)),
    };
  }

  get #now(): EpochMs {
    return this.#pacer?.now() ?? this.opensAt;
  }

  /** The time of the engine: the world stands still while the engine waits for an answer, and is behind afterwards. */
  get #engineNow(): EpochMs {
    return this.#clock?.now() ?? this.#now;
  }

  #later(ms: number, act: () => void): void {
    this.#pacer?.plan(plusMs(this.#now, Math.max(1, ms)), () => {
      act();
      this.#pacer?.wake();
    });
  }

  #faultOf<K extends HostileFault['kind']>(kind: K, fits: (fault: Fault<K>) => boolean): Fault<K> | undefined {
    return this.#faults.find((fault): fault is Fault<K> => fault.kind === kind && fits(fault as Fault<K>));
  }

  #count(what: string): number {
    const count = (this.#counts.get(what) ?? 0) + 1;
    this.#counts.set(what, count);
    return count;
  }

  #report(update: BrokerUpdate, out: Subject<BrokerUpdate>): void {
    this.#reports += 1;
    const fault = this.#faultOf('report', ({ nth }) => nth === this.#reports);
    if (fault === undefined) out.next(update);
    else this.#trick(update, fault, (each) => out.next(each));
  }

  #trick(update: BrokerUpdate, fault: Fault<'report'>, send: (update: BrokerUpdate) => void): void {
    const tricks: Readonly<Record<ReportTrick, () => void>> = {
      drop: () => undefined,
      repeat: () => {
        send(update);
        send(update);
      },
      delay: () => this.#later(fault.ms, () => send(update)),
      // the next reports overtake it
      swap: () => this.#later(Math.min(fault.ms, 400), () => send(update)),
      'wrong total': () => {
        const ended = update.kind === 'cancelled' || update.kind === 'expired';
        send(ended ? { ...update, filledQuantity: update.filledQuantity.plus(Decimal.ONE) } : update);
      },
      'acknowledge again': () => {
        const { at, clientOrderId, brokerOrderId, rawSha256 } = update;
        send(update);
        send({ at, clientOrderId, brokerOrderId, rawSha256, kind: 'acknowledged' });
      },
      // as an adapter would pass on what it does not understand
      garble: () =>
        send({ ...update, quantity: undefined, filledQuantity: '1', at: Number.NaN } as unknown as BrokerUpdate),
    };
    tricks[fault.does]();
  }

  #arriveDue(): Promise<void> {
    return this.#underway.arriveBy(Math.max(this.#engineNow, this.#now) as EpochMs);
  }

  async #call<T>(name: LineCall, call: () => Promise<T>, before: Map<string, unknown>): Promise<T> {
    if (name === 'orderByClientId' || name === 'submit') await this.#arriveDue();
    const nth = this.#count(name);
    const elapsed = this.#now - this.opensAt;
    if (this.#faultOf('storm', ({ from, to }) => elapsed >= from && elapsed < to) !== undefined) throw limited();
    const death = this.#faultOf('death in call', (each) => each.call === name && each.nth === nth);
    if (death !== undefined) return this.#die(death, call);
    const fault = this.#faultOf('call', (each) => each.call === name && each.nth === nth);
    if (fault !== undefined) return this.#tricked(fault, name, call, before);
    const answer = await call();
    before.set(name, answer);
    return answer;
  }

  /** The process that called never has the answer. */
  async #die<T>({ call, arrives, ms, downMs }: Fault<'death in call'>, ask: () => Promise<T>): Promise<T> {
    const isLate = arrives === 'after' && call === 'submit' && ms < this.#findableAfterMs;
    if (isLate) this.#sendLater(this.#findableAfterMs, ask);
    else if (arrives !== 'never') await ask();
    this.#later(ms, () => {
      this.downMs = downMs;
      throw new Cut();
    });
    return new Promise(() => undefined);
  }

  #sendLater(ms: number, ask: () => Promise<unknown>): void {
    this.#underway.send(plusMs(this.#engineNow, ms), ask);
    // also while the exchange stands still, because the engine waits for an answer
    this.#later(ms, () => void this.#arriveDue());
  }

  #tricked<T>(
    { does, ms }: Fault<'call'>,
    name: LineCall,
    call: () => Promise<T>,
    before: ReadonlyMap<string, unknown>,
  ): Promise<T> {
    const isOrder = (ORDER_CALLS as readonly LineCall[]).includes(name);
    const never = (): Promise<T> => new Promise(() => undefined);
    const tricks: Readonly<Record<CallTrick, () => Promise<T>>> = {
      lost: () => Promise.reject(noAnswer(isOrder)),
      'lost answer': async () => {
        await call();
        throw noAnswer(isOrder);
      },
      silent: async () => {
        await call();
        return never();
      },
      'silent lost': never,
      'late answer': async () => {
        const answer = await call();
        return new Promise((resolve) => this.#later(ms, () => resolve(answer)));
      },
      'late arrival': () => {
        if (name !== 'submit' || ms > this.#findableAfterMs) return Promise.reject(noAnswer(isOrder));
        this.#sendLater(ms, call);
        return ms % 2 === 0 ? never() : Promise.reject(noAnswer(isOrder));
      },
      limited: () => Promise.reject(limited()),
      'late limit': () => new Promise((_resolve, reject) => this.#later(ms, () => reject(limited()))),
      stale: async () => {
        const answer = await call();
        if (isOrder || name === 'activities') return answer;
        if (name === 'orderByClientId') return older(answer as BrokerOrder | undefined, plusMs(this.#now, -ms)) as T;
        return (before.get(name) as T | undefined) ?? answer;
      },
    };
    return tricks[does]();
  }

  async #submit(sim: SimBroker, order: OrderRequest, sentAt = this.#engineNow): Promise<void> {
    const id = order.clientOrderId;
    const isChecked = this.#canCheckShares && order.positionEffect.startsWith('close');
    const before = Promise.all([sim.orderByClientId(id), isChecked ? this.#excess(sim, order) : undefined]);
    // at the time of the questions: the exchange may continue while they are answered
    const [asked, placed] = await Promise.allSettled([before, sim.submit(order)]);
    if (asked.status === 'rejected') throw asked.reason;
    const [known, excess] = asked.value;
    if (known !== undefined) this.violations.push(`${id} was sent again while the broker had it`);
    if (excess !== undefined) this.violations.push(excess);
    if (placed.status === 'rejected') throw placed.reason;
    this.#sent.add(id);
    const hidden = this.#faultOf('hidden', ({ nth }) => nth === this.#sent.size);
    if (hidden !== undefined) {
      const until = Math.min(plusMs(this.#engineNow, hidden.ms), plusMs(sentAt, this.#findableAfterMs));
      this.#hiddenUntil.set(id, until as EpochMs);
    }
  }

  /** The intent is in the journal, and an entry is one that its state allows. */
  #checkRules({ clientOrderId, positionEffect }: OrderRequest): void {
    const state = this.#state;
    if (state === undefined) return;
    const stage = state.orders.get(clientOrderId)?.stage ?? 'not intended';
    if (stage !== 'intended') this.violations.push(`${clientOrderId} was sent while it was ${stage}`);
    if (!positionEffect.startsWith('open')) return;
    const held = entriesHeld(state) || isResting(state) || isHalted(state);
    if (held)
      this.violations.push(`${clientOrderId} is an entry that was sent in ${state.botState} while entries are held`);
  }

  /** All closing orders of a symbol together must not exceed what the account holds; undefined when they do not. */
  async #excess(sim: SimBroker, order: OrderRequest): Promise<string | undefined> {
    const [positions, orders] = await Promise.all([sim.positions(), sim.openOrders()]);
    const position = positions.find(({ symbol }) => symbol === order.symbol);
    const open = orders.filter(({ symbol, side }) => symbol === order.symbol && side === order.side);
    const asked = Decimal.sum([
      ...open.map(({ quantity, filledQuantity }) => (quantity ?? filledQuantity).minus(filledQuantity)),
      order.quantity ?? Decimal.ZERO,
    ]);
    const held = position?.quantity ?? Decimal.ZERO;
    const closable = order.positionEffect === 'close_long' ? held : held.negated();
    if (asked.lte(closable)) return undefined;
    return `${order.clientOrderId} closes: ${asked.shortText()} asked in all, ${closable.shortText()} held`;
  }

  async #find(
    sim: SimBroker,
    id: OrderRequest['clientOrderId'],
    around: (ask: () => Promise<BrokerOrder | undefined>) => Promise<BrokerOrder | undefined>,
  ): Promise<BrokerOrder | undefined> {
    const found = await around(() => sim.orderByClientId(id));
    if (this.#engineNow < (this.#hiddenUntil.get(id) ?? 0)) return undefined;
    return found === undefined ? undefined : { ...found, updates: found.updates.map((update) => this.named(update)) };
  }
}

function hidesFills(fault: HostileFault): boolean {
  if (fault.kind === 'order') return fault.does === 'drop fill';
  return fault.kind === 'report' && ['drop', 'delay', 'swap', 'garble'].includes(fault.does);
}

/** An order as it was before: without its later reports. */
function older(order: BrokerOrder | undefined, at: EpochMs): BrokerOrder | undefined {
  if (order === undefined) return undefined;
  const updates = order.updates.filter((update) => update.at <= at);
  if (updates.length === order.updates.length) return order;
  const filled = Decimal.sum(updates.map((update) => (update.kind === 'filled' ? update.quantity : Decimal.ZERO)));
  return { ...order, updates, filledQuantity: filled, status: updates.length === 0 ? 'accepted' : 'working' };
}

function noAnswer(isOrder: boolean): Error {
  return networkError(isOrder ? 'reconcile' : 'retry', {
    code: 'NO_ANSWER',
    message: 'the connection broke before the answer',
    remedy: 'Ask again.',
  });
}

function limited(): Error {
  return networkError('retry', { code: 'RATE_LIMITED', message: 'too many requests', remedy: 'Wait.' });
}
