import { invariant, TradeBotError } from '../../kernel/errors.js';
import { plusMs, SECOND_MS, type EpochMs } from '../../kernel/time.js';
import type { StreamName } from '../../events/event.js';
import type { ClientOrderId } from '../../events/names.js';
import { unbookedAt } from '../../domain/orders/charges.js';
import { decideOrder, type OrderCommand } from '../../domain/orders/decide-order.js';
import { numberReports } from '../../domain/orders/number-reports.js';
import type { Order } from '../../domain/orders/order.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { BrokerStatus } from '../../ports/broker-connection.js';
import type { BrokerOrder, BrokerUpdate } from '../../ports/order-entry.js';
import type { Action } from '../../trading/action.js';
import type { Draft } from '../../events/draft.js';
import { URGENT_RULES } from '../../trading/rules.js';
import { waitsForOwnership } from '../ownership/effects-guard.js';
import { recordDecision } from './record-decision.js';
import { noteCancel } from '../../trading/context.js';
import { orderDraft } from '../../trading/orders/order-events.js';
import { postingPreflight } from '../../trading/orders/posting-preflight.js';
import { isAnswered, waitingCalls, type Answer, type BrokerCall, type BrokerCalls } from './broker-calls.js';
import { contradiction, isContentRefused } from '../../trading/orders/refused-facts.js';
import { reportFault } from '../../trading/orders/report-form.js';
import { refuseReport, refuseUnreadable, type RefusalPlace } from './refuse-report.js';
import { ForeignReports, ID_TAKEN } from './foreign-reports.js';
import { commandOf, endOf, reportedDraft } from './broker-reports.js';
import { OrderSender } from './order-sender.js';
import { ForgottenOrders } from './forgotten-orders.js';
import { BooksLook } from './books-look.js';
import { EarlyReports } from './early-reports.js';
import { needsList } from './report-doubt.js';
import type { EngineOptions } from './engine-options.js';
import { isNewsOfExecution, maybeOwn } from './own-activities.js';
import { askForOrder } from './find-order.js';
import { whenMissing } from './missing-orders.js';
import { HeldReports } from './held-reports.js';
import { brokerResumed, brokerSuspended, isOutageNews } from '../../trading/orders/broker-suspension.js';
import { STREAMS } from '../../events/streams.js';

/** More than any real minute needs; above it two rules undo each other. */
const MAX_ACTIONS_A_STEP = 10_000;

/**
 * The trading path: takes news, runs the rules until none has an action, and records each decision before acting on it
 * (TRD-50). It keeps nothing that the journal does not have, so it can resume after a crash at any instant.
 */
export class Engine {
  private readonly calls: BrokerCalls;
  private readonly booksLook: BooksLook;
  private readonly foreign: ForeignReports;
  private readonly heldReports: HeldReports;
  private readonly sender: OrderSender;
  private readonly forgotten: ForgottenOrders;
  private readonly earlyReports = new EarlyReports();

  constructor(private readonly options: EngineOptions) {
    this.calls = options.live?.calls ?? waitingCalls;
    this.heldReports = new HeldReports(options.appender);
    this.forgotten = new ForgottenOrders(options);
    this.sender = new OrderSender({ ...options, calls: this.calls, state: () => this.state });
    const ask = (id: ClientOrderId): Promise<void> => this.calls.post(this.query(id));
    this.foreign = new ForeignReports({
      ...options,
      broker: options.broker.code,
      find: (id) => this.orderOfAnyTime(id),
      takeOurs: (order, update) => this.takeOwnActivity(order, update),
    });
    this.booksLook = new BooksLook({ ...options, calls: this.calls, askForOrder: ask, foreign: this.foreign });
  }

  private get state(): EngineState {
    return this.options.appender.state;
  }

  /** Runs the rules until none has an action at this instant; `first` is the action that `next` has just returned. */
  async settle(atMinute: boolean, first = this.next(atMinute)): Promise<void> {
    let action = first;
    for (let count = 0; action !== undefined; count += 1) {
      invariant(count < MAX_ACTIONS_A_STEP, 'RULES_DO_NOT_SETTLE', `still ${action.act} after ${count} actions`);
      await this.perform(action);
      const goesOn = await this.options.live?.beforeStep(() => this.next(atMinute, URGENT_RULES) !== undefined);
      // what a minute decides is decided in it
      if (goesOn === false && !atMinute) return;
      action = this.next(atMinute);
    }
  }

  /** The next action of the rules; none in most minutes. */
  next(atMinute: boolean, rules = this.options.rules): Action | undefined {
    const { context, clock } = this.options;
    const now = clock.now();
    for (const rule of rules) {
      const action = rule(this.state, context, now, atMinute);
      if (action !== undefined) return action;
    }
    return undefined;
  }

  private async perform(action: Action): Promise<void> {
    switch (action.act) {
      case 'record':
        return recordDecision(this.options, [action]);
      case 'recordAll':
        return recordDecision(this.options, action.appends);
      case 'submit':
        await this.submit(this.orderOf(action.clientOrderId));
        return;
      case 'cancel':
        await this.cancel(action.clientOrderId);
        return;
      case 'query':
        // it may take its time, on purpose or not: news, minutes and the orders of others do not wait for it
        await this.calls.post(this.query(action.clientOrderId));
        return;
      case 'compare':
        await this.booksLook.look(action.occasion);
        return;
    }
  }

  private get correlationId(): string {
    return `session/${this.options.appender.sessionDate ?? ''}`;
  }

  /** Records a fact that stays true whatever other processes write meanwhile. */
  private async report(stream: StreamName, draft: Draft | undefined): Promise<void> {
    if (draft !== undefined) await this.options.appender.append(stream, [draft]);
  }

  private orderOf(id: ClientOrderId): Order {
    const order = this.state.orders.get(id);
    invariant(order !== undefined, 'ORDER_UNKNOWN', `order ${id} is not in the journal`);
    return order;
  }

  private async submit(order: Order): Promise<void> {
    const { clock, context, effects } = this.options;
    const id = order.intent.clientOrderId;
    const kind = order.intent.purpose === 'exit' ? 'reduces' : 'opens';
    const waits = await waitsForOwnership(effects, kind);
    if (waits !== undefined) return this.submitFailed(order, waits);
    const sentAt = clock.now();
    context.memory.lastSentAt.set(id, sentAt);
    if (this.calls.abandonsPending) {
      context.memory.unsent.delete(id);
      context.memory.inFlight.set(id, sentAt);
    }
    await this.calls.call({
      work: () => this.sender.send(order, kind),
      take: (answer) => this.submitAnswered(id, answer, sentAt),
      gaveUp: () => this.submitGivenUp(id),
    });
  }

  /** A kill does not wait: the status of an order that was being sent is unknown until the broker reports it. */
  private async submitGivenUp(id: ClientOrderId): Promise<void> {
    const { memory } = this.options.context;
    if (memory.inFlight.has(id)) return;
    memory.unsent.delete(id);
    await this.applyCommand(this.orderOf(id), { kind: 'noAnswer', code: 'NOT_WAITED_FOR', message: 'no answer yet' });
  }

  private async submitAnswered(id: ClientOrderId, answer: Answer<void>, sentAt: EpochMs): Promise<void> {
    const { clock, context } = this.options;
    // a send that failed says nothing about the later one that is under way
    if (!answer.ok && (context.memory.lastSentAt.get(id) ?? sentAt) > sentAt) return;
    context.memory.inFlight.delete(id);
    const order = this.orderOf(id);
    if (!answer.ok) {
      await this.submitFailed(order, answer.error);
      return;
    }
    context.memory.unsent.delete(id);
    if (order.stage === 'unresolved') {
      await this.applyCommand(order, { kind: 'brokerKnows', message: 'accepted, answered late' });
      return;
    }
    context.memory.askedAt.set(id, clock.now());
    await this.applyCommand(order, { kind: 'handedOver' });
  }

  /** Refused: the order ends. Not sent: it may be retried later. No answer: its status is unknown, so ask (F6, F7). */
  private async submitFailed(order: Order, error: unknown): Promise<void> {
    if (!(error instanceof TradeBotError)) throw error;
    const { clock, context } = this.options;
    const id = order.intent.clientOrderId;
    if (error.callerMust === 'retry') {
      const count = (context.memory.failedSends.get(id)?.count ?? 0) + 1;
      const waitMs = SECOND_MS * 2 ** Math.min(count, 6);
      context.memory.failedSends.set(id, { count, notBefore: plusMs(clock.now(), waitMs), why: error.message });
      if (order.stage === 'unresolved') await this.applyCommand(order, { kind: 'brokerDoesNotKnow' });
      if (this.orderOf(id).stage === 'intended') context.memory.unsent.add(id);
      return;
    }
    context.memory.unsent.delete(id);
    if (error.callerMust === 'refuse') {
      if (error.code === ID_TAKEN) await this.foreign.idTaken(order.intent);
      await this.applyCommand(order, { kind: 'rejected', code: error.code, message: error.message });
    } else if (error.callerMust === 'reconcile') {
      await this.applyCommand(order, { kind: 'noAnswer', code: error.code, message: error.message });
    } else {
      throw error;
    }
  }

  private async cancel(id: ClientOrderId): Promise<void> {
    const { clock, context, effects } = this.options;
    await effects.confirmOwnership('reduces');
    noteCancel(context, id, clock.now());
    await this.calls.call({
      work: () => this.sender.cancel(id),
      take: async (answer) => {
        if (answer.ok) return;
        const { error } = answer;
        if (!(error instanceof TradeBotError) || error.callerMust === 'stop') throw error;
        // Whatever happened to it, the broker decides: the next query returns its status.
        context.memory.askedAt.delete(id);
      },
      gaveUp: () => Promise.resolve(),
    });
  }

  private query(id: ClientOrderId): BrokerCall<BrokerOrder | undefined> {
    return {
      work: () => askForOrder(this.options, id, this.state.orders.get(id)),
      take: (answer) => this.queryAnswered(id, answer),
      gaveUp: () => Promise.resolve(),
    };
  }

  private async queryAnswered(id: ClientOrderId, answer: Answer<BrokerOrder | undefined>): Promise<void> {
    if (!answer.ok) {
      const { error } = answer;
      if (error instanceof TradeBotError && error.callerMust !== 'stop') return;
      throw error;
    }
    if (answer.value === undefined) {
      await this.notFound(this.orderOf(id));
      return;
    }
    this.foreign.onAnswer(id);
    this.options.context.memory.missedAt.delete(id);
    await this.applyCommand(this.orderOf(id), { kind: 'brokerKnows', message: `${answer.value.status} at the broker` });
    const { updates } = answer.value;
    // one that nobody can read is kept, and is no part of the order of the others
    const readable = updates.filter((update) => reportFault(update) === undefined);
    for (const update of updates) if (!readable.includes(update)) await this.onUpdate(update, true);
    for (const update of numberReports(readable, this.orderOf(id))) await this.onUpdate(update, true);
    for (const update of readable) await this.refuseContradiction(update);
    const end = endOf(this.orderOf(id), answer.value);
    if (end !== undefined) await this.applyCommand(this.orderOf(id), end);
  }

  /** It is asked for again while the broker may not show it yet; one that was never sent is sent from here on. */
  private async notFound(order: Order): Promise<void> {
    const { clock, context } = this.options;
    const { capabilities } = this.options.broker;
    const id = order.intent.clientOrderId;
    const command = whenMissing(order, this.state, context, { capabilities, now: clock.now() });
    if (command === 'ask later') return;
    if (command !== undefined) await this.applyCommand(order, command);
    if (this.orderOf(id).stage === 'intended') context.memory.unsent.add(id);
  }

  /**
   * Queries the broker once for every order that it received, even over a failing connection: a finished order may have
   * been corrected or busted. Answers are handled in the order of the intents.
   */
  async askAfterOrders(): Promise<void> {
    const { unsent } = this.options.context.memory;
    const sent = [...this.state.orders.keys()].filter((id) => !unsent.has(id));
    await this.calls.all(sent.map((id) => this.query(id)));
  }

  /** Looks at the account once more when a session ends, so that the books have what others did in it. */
  lookAtEnd(): Promise<void> {
    return this.booksLook.lookAtEnd();
  }

  /** News of the broker: processed once, in any order and however often it is repeated. */
  async onUpdate(update: BrokerUpdate, isAnswer = false): Promise<void> {
    const unreadable = reportFault(update);
    if (unreadable !== undefined) {
      await refuseUnreadable(this.refusals, update, unreadable, this.options.clock.now());
      return;
    }
    if (this.heldReports.holds(update)) return;
    const id = update.clientOrderId;
    const known = this.state.orders.get(id);
    const order = await this.orderOfAnyTime(id);
    if (order === 'journal away') {
      this.heldReports.hold(update);
      return;
    }
    if (order === undefined) return this.foreign.onReport(update);
    if (!isAnswer && known !== undefined && needsList(known, update)) {
      // the list of all reports may explain it: a bust that has not arrived yet
      const isListed = await isAnswered(this.calls, this.query(id));
      await this.refuseContradiction(update);
      this.earlyReports.keep(this.orderOf(id), update);
      if (isListed) return;
    }
    const command = commandOf(update, isAnswer);
    const isForgotten = known === undefined || ('executionId' in update && !this.hasPositionOf(order));
    const isNews = isForgotten && decideOrder(order, command).length > 0;
    if (isNews && !(await this.forgotten.reload(order))) {
      this.heldReports.hold(update);
      return;
    }
    if (!isAnswer) this.earlyReports.keep(order, update);
    await this.applyCommand(this.state.orders.get(id) ?? order, command, update);
    for (const early of this.earlyReports.take(this.state.orders.get(id))) await this.onUpdate(early);
  }

  /**
   * An execution among the activities of the account that the journal lacks: its report was lost, or it replaces another one. The
   * broker is asked for its order, whose reports say which; a fill that it lists nowhere counts when the order has room for it.
   * False when the order could not be read: the journal is away.
   */
  private async takeOwnActivity(order: Order, update: BrokerUpdate): Promise<boolean> {
    const id = update.clientOrderId;
    if (!isNewsOfExecution(order, update)) return true;
    if (!this.state.orders.has(id) && !(await this.forgotten.reload(order))) return false;
    const { work, take } = this.query(id);
    await this.calls.post({
      work,
      take: async (answer) => {
        if (!answer.ok || answer.value !== undefined) await take(answer);
        if (answer.ok && maybeOwn(this.orderOf(id), update)) await this.onUpdate(update);
      },
    });
    return true;
  }

  /** News that waited for the journal (RUN-42). */
  async takeHeldReports(): Promise<void> {
    for (const update of this.heldReports.take()) await this.onUpdate(update);
  }

  private orderOfAnyTime(id: string): Order | ReturnType<ForgottenOrders['find']> {
    return this.state.orders.get(id as ClientOrderId) ?? this.forgotten.find(id);
  }

  private async refuseContradiction(update: BrokerUpdate): Promise<void> {
    const order = this.state.orders.get(update.clientOrderId);
    const fault = order === undefined ? undefined : contradiction(order, update);
    if (fault !== undefined) await this.refuse(update, fault);
  }

  private hasPositionOf({ intent }: Order): boolean {
    return this.state.positions.has(intent.positionId);
  }

  async onStatus(status: BrokerStatus): Promise<void> {
    const suspended = this.state.session?.suspendedSince !== undefined;
    if (isOutageNews(this.state, status)) {
      await this.report(STREAMS.risk, brokerSuspended(this.state, status, this.correlationId));
    }
    if (status.state === 'connected' && suspended) await this.resume(status.at);
  }

  /** After an outage, missed news is fetched before anything else (F1). */
  private async resume(at: EpochMs): Promise<void> {
    await this.askAfterOrders();
    await this.report(STREAMS.risk, brokerResumed(this.state, at, this.correlationId));
  }

  private async applyCommand(order: Order, command: OrderCommand, update?: BrokerUpdate): Promise<void> {
    if (update !== undefined && contradiction(order, update) !== undefined) return;
    const { appender, broker } = this.options;
    const events = decideOrder(order, command, unbookedAt(broker.capabilities, this.state));
    if (events.length === 0) return;
    const drafts = events.map((event) =>
      reportedDraft(orderDraft(this.state, order, event), { update, broker: broker.code, order, event }),
    );
    const fault = update === undefined ? undefined : postingPreflight(this.state, drafts, this.options.clock.now());
    if (update !== undefined && fault !== undefined) {
      await this.refuse(update, fault);
      return;
    }
    try {
      await appender.appendIfUnchanged(STREAMS.order(order.intent.clientOrderId), drafts);
    } catch (error) {
      if (update === undefined || !(error instanceof TradeBotError) || !isContentRefused(error)) throw error;
      await this.refuse(update, error);
    }
  }

  /** A report that cannot be booked is kept with its content, and reported once. */
  private refuse(update: BrokerUpdate, fault: TradeBotError): Promise<void> {
    return refuseReport(this.refusals, update, fault);
  }

  private get refusals(): RefusalPlace {
    const { appender, broker } = this.options;
    return { appender, broker: broker.code, correlationId: this.correlationId };
  }
}
