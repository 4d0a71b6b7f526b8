import type { BotState } from '../../../../src/domain/lifecycle/bot-state.js';
import type { EventData } from '../../../../src/events/event.js';
import { parseClientOrderId, parseSymbol } from '../../../../src/events/names.js';
import { invariant } from '../../../../src/kernel/errors.js';
import type { DecimalText } from '../../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../../src/kernel/hash.js';
import { toUtcText } from '../../../../src/kernel/time.js';
import type { AssetTerms } from '../../../../src/trading/context.js';
import type { Given } from './rule-spec.js';
import { DATE, timeOf, type MinutePrices } from './rule-world.js';
import { orderId } from './given-orders.js';

const number = (text: string): DecimalText => text as DecimalText;

/** What follows happens at this time. */
export const clock =
  (time: string): Given =>
  (world) =>
    world.moveTo(time);

/** The minute that ends now traded at these prices. */
export const minute =
  (prices: Readonly<Record<string, MinutePrices>>, halted: readonly string[] = []): Given =>
  (world) =>
    world.minute(prices, halted);

/** These settings differ from the defaults. */
export const settings =
  (texts: Readonly<Record<string, string>>): Given =>
  (world) =>
    world.changeSettings(texts);

/** The exchange closes early. */
export const closesAt =
  (time: string): Given =>
  (world) => {
    world.closesAt = timeOf(time);
  };

export const bot =
  (to: BotState): Given =>
  (world) =>
    world.record('BotStateChanged', { from: world.state.botState, to, reason: 'test' });

/** Stops rest at the broker, for quantities of so many decimals. */
export const stopsRest =
  (quantityDecimals = 0): Given =>
  (world) => {
    world.stopsRest = quantityDecimals;
  };

/** So many order calls are left that are not reserved. */
export const spareCalls =
  (calls: number): Given =>
  (world) => {
    world.spareCalls = calls;
  };

/** The broker closes all positions in one call. */
export const closesTogether = (): Given => (world) => {
  world.closesTogether = true;
};

/** The broker takes closing orders while its stream is down. */
export const closesWithoutStream: Given = (world) => {
  world.closesWithoutStream = true;
};

/** The broker refuses the key. */
export const keyRefused: Given = (world) => world.record('BrokerSuspended', { code: 'KEY_REFUSED', message: 'test' });

/** The cancel of an order left with others at this time. */
export const cancelledTogether =
  (order: number, time: string): Given =>
  (world) => {
    world.memory.cancelSentAt.set(orderId(order), timeOf(time));
    world.memory.cancelledTogether.set(orderId(order), timeOf(time));
  };

/** Entries need the confirmation of a person within two minutes. */
export const confirmed =
  (texts: Readonly<Record<string, string>> = {}): Given =>
  (world) => {
    world.asksPerson = true;
    world.changeSettings({ TRADE_CONFIRMATION_REQUIRED: 'true', ...texts });
  };

/** The program is ending. */
export const leaves: Given = (world) => {
  world.leaves = true;
};

export const killTripped: Given = (world) =>
  world.record('KillSwitchTripped', { code: 'DAILY_LOSS_LIMIT', figures: {} });

export const killReset: Given = (world) => world.record('KillSwitchReset', { reason: 'test' });

export const brokerSuspended: Given = (world) =>
  world.record('BrokerSuspended', { code: 'BROKER_DISCONNECTED', message: 'test' });

export const brokerResumed: Given = (world) => world.record('BrokerResumed', { fetched: 0, outageSeconds: 1 });

export const testRunStarted: Given = (world) =>
  world.record('TestRunStarted', { runId: 'run-1', test: 'all', by: null });

export const watchdogDown =
  (subject: EventData<'WatchdogStateChanged'>['subject']): Given =>
  (world) =>
    world.record('WatchdogStateChanged', { subject, from: 'healthy', to: 'down', reason: 'test', figures: {} });

export const supervision =
  (to: EventData<'EngineSupervisionChanged'>['to']): Given =>
  (world) =>
    world.record('EngineSupervisionChanged', { to, reason: 'test', policy: 'close', graceSeconds: 60 });

export const marketDataLost: Given = (world) =>
  world.record('MarketDataLost', { symbols: [parseSymbol('AIG')], since: toUtcText(world.now) });

export const defenseMode: Given = (world) =>
  world.record('DefenseModeEntered', {
    reason: 'test',
    tradeLimitPct: number('25'),
    totalAllocation: number('0.01'),
  });

/** The list of inverse ETFs in force: by symbol. */
export const inverseEtfs =
  (list: Readonly<Record<string, string>>, version = 1): Given =>
  (world) =>
    world.record('InverseEtfsChanged', {
      version,
      entries: Object.entries(list).map(([symbol, etf]) => ({ symbol: parseSymbol(symbol), etf: parseSymbol(etf) })),
      reason: 'test',
    });

/** A person acknowledges a transfer while the session is open. */
export const floatChanged =
  (direction: 'inject' | 'return', dollars: string): Given =>
  (world) =>
    world.record('FloatAdjusted', {
      adjustmentId: `FA-${direction}`,
      amount: number(dollars),
      direction,
      source: 'acknowledged-transfer',
      reason: 'test',
    });

export const asset =
  (symbol: string, terms: Partial<AssetTerms>): Given =>
  (world) => {
    const known = world.assets.get(parseSymbol(symbol));
    invariant(known !== undefined, 'TEST_SYMBOL', `${symbol} is not part of the test market`);
    world.assets.set(parseSymbol(symbol), { ...known, ...terms });
  };

/** This process intended the last exit order of the position in `symbol` at `time`. */
export const exitIntended =
  (symbol: string, time: string): Given =>
  (world) => {
    world.memory.exitIntendedAt.set(`${DATE}/open/${symbol}`, timeOf(time));
  };

/** This process intended the order itself and has not handed it over. */
export const unsent =
  (order: number): Given =>
  (world) => {
    world.memory.unsent.add(orderId(order));
  };

/** The broker was asked for the order now. */
export const asked =
  (order: number): Given =>
  (world) => {
    world.memory.askedAt.set(orderId(order), world.now);
  };

/** The cancel of the order was handed over now. */
export const cancelSent =
  (order: number): Given =>
  (world) => {
    world.memory.cancelSentAt.set(orderId(order), world.now);
  };

/** The cancel of the order was repeated so often before the last one. */
export const cancelRepeated =
  (order: number, repeats: number): Given =>
  (world) => {
    world.memory.cancelRepeats.set(orderId(order), repeats);
  };

/** The order was handed over now and nobody waits for the answer. */
export const inFlight =
  (order: number): Given =>
  (world) => {
    world.memory.inFlight.set(orderId(order), world.now);
  };

/** Sends of the order have failed `count` times; the next may follow at `notBefore`. */
export const sendsFailed =
  (order: number, count: number, notBefore: string): Given =>
  (world) => {
    world.memory.failedSends.set(orderId(order), { count, notBefore: timeOf(notBefore), why: 'it cannot be reached' });
  };

/** The world's clock is already later than the minute that is judged. */
export const worldAt =
  (time: string): Given =>
  (world) => {
    world.worldClock = timeOf(time);
  };

/** Somebody else bought so many shares of the symbol in the account. */
export const othersHold =
  (symbol: string, shares: string): Given =>
  (world) =>
    world.record('ForeignFillBooked', {
      ...{
        orderName: parseClientOrderId('web-1'),
        brokerOrderId: 'W-1',
        executionId: 'W-1-1',
        symbol: parseSymbol(symbol),
        side: 'buy',
      },
      ...{ quantity: number(shares), price: number('50.00'), commission: number('0.00'), fee: number('0.00') },
      ...{ filledAt: toUtcText(world.now), rawSha256: sha256Hex('test'), source: 'activity', positions: [] },
    });
