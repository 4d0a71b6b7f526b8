import { describe, expect, test } from '@jest/globals';
import { foldOf } from '../../../projections/kit/projection.js';
import { statusText } from '../../../projections/status/render-status.js';
import { statusDefinition } from '../../../projections/status/status.js';
import { STRATEGY_NAMES } from '../../../src/domain/config/configured-strategies.js';
import { homePaths } from '../../../src/domain/home/home-paths.js';
import { parseClientOrderId, parseStrategyName, parseSymbol, type ClientOrderId } from '../../../src/events/names.js';
import { Decimal, type DecimalText } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import { BOT, Tape } from '../support/events.js';
import { faultsOf } from '../support/output-schemas.js';

const CODES = { entity: 'DEMO', jurisdiction: 'US', broker: 'TRADIER', bot: 'B01', account: 'TRADIER-B01' };
const DEFINITION = statusDefinition(homePaths('/home', BOT), {
  codes: CODES,
  lotMethod: 'FIFO',
  strategies: STRATEGY_NAMES,
});
const NAMES = { strategy: parseStrategyName('open'), symbol: parseSymbol('AIG') };
const SIGNAL = '2013-10-07/open/AIG';
const POSITION = { ...NAMES, positionId: SIGNAL, side: 'long' } as const;
const SHOWN: readonly string[] = ['STOP_NOT_AT_BROKER', 'EXIT_REFUSED', 'ORDER_UNKNOWN'];

const dec = (text: string): DecimalText => Decimal.parse(text).text();
const idOf = (n: number): ClientOrderId => parseClientOrderId(`DEMO_US_TRADIER_B01-20131007-${n}`);

/** A bot that holds a position, and what happens to the orders that close it. */
class Held {
  readonly tape = new Tape();

  constructor({ broker = 'TRADIER', stopsAtBroker = 'true' } = {}) {
    const changes = Object.entries({ BROKER_NAME: broker, STOPS_AT_BROKER: stopsAtBroker }).map(([key, to]) => ({
      ...{ key, from: null, to, secret: false },
    }));
    this.tape.add('ConfigChanged', { changes, settingsSha256: sha256Hex(''), reason: 'a test' });
    this.tape.add('BotStateChanged', { from: 'idle', to: 'trading', reason: 'a test' });
    const entry = { quantity: dec('16'), price: dec('49.36'), clientOrderId: idOf(1), signalId: SIGNAL };
    this.tape.add('PositionOpened', { ...POSITION, ...entry });
    this.moveStop(null);
  }

  moveStop(from: string | null): this {
    const previousStop = from === null ? null : dec(from);
    const stop = { stop: dec('48.90'), previousStop, extreme: dec('49.40'), basis: 'percent' as const };
    this.tape.add('TrailingStopMoved', { ...POSITION, ...stop });
    return this;
  }

  intends(n: number, orderType: 'stop' | 'market'): this {
    this.tape.add('OrderIntended', {
      ...NAMES,
      clientOrderId: idOf(n),
      ...{ side: 'sell', positionEffect: 'close_long', purpose: 'exit', quantity: dec('16'), notional: null },
      ...{ orderType, limitPrice: null, stopPrice: orderType === 'stop' ? dec('48.90') : null, timeInForce: 'day' },
      ...{ referencePrice: dec('49.00'), signalId: null, positionId: SIGNAL, poolRank: null, exitReason: 'stop_loss' },
    });
    return this;
  }

  refused(n: number, code = 'HALTED', message = 'AIG is halted'): this {
    this.tape.add('OrderRejected', { clientOrderId: idOf(n), code, message });
    return this;
  }

  taken(n: number): this {
    this.tape.add('OrderAcknowledged', { clientOrderId: idOf(n), brokerOrderId: String(n) });
    return this;
  }

  /** Severity and text of what is shown of stops and exits. */
  get shown(): readonly string[] {
    const fold = foldOf(DEFINITION);
    const codec = DEFINITION.codec!;
    const state = this.tape.events.reduce(
      (last, event) => fold(codec.decode(codec.encode(last)), event),
      DEFINITION.initial(),
    );
    const status: unknown = JSON.parse(statusText(state, [], STRATEGY_NAMES));
    expect(faultsOf('status', status)).toEqual([]);
    const { conditions } = status as {
      readonly conditions: readonly { readonly code: string; readonly severity: string; readonly text: string }[];
    };
    return conditions.filter(({ code }) => SHOWN.includes(code)).map(({ severity, text }) => `${severity}: ${text}`);
  }
}

const HERE = 'if the bot is down, nothing closes it';

describe('stops and exits at the broker (OUT-5)', () => {
  test('a stop that the broker refuses is watched by the bot only, until the broker has one', () => {
    const held = new Held().intends(2, 'stop');
    expect(held.shown).toEqual([]);
    const said = [`Warning: the stop of AIG is watched by the bot only (AIG is halted): ${HERE}`];
    expect(held.refused(2).shown).toEqual(said);
    expect(held.moveStop('48.90').shown).toEqual(said);
    expect(held.intends(3, 'stop').shown).toEqual(said);
    expect(held.taken(3).shown).toEqual([]);
  });

  test('a stop that is never sent is shown from its next move on, once', () => {
    const said = [`Warning: the stop of AIG is watched by the bot only: ${HERE}`];
    const held = new Held();
    expect(held.shown).toEqual([]);
    expect(held.moveStop('48.90').shown).toEqual(said);
    expect(held.moveStop('48.90').shown).toEqual(said);
  });

  test('a simulator shows nothing, nor a bot whose owner wants no stops at the broker', () => {
    expect(new Held({ broker: 'SIM' }).moveStop('48.90').shown).toEqual([]);
    expect(new Held({ stopsAtBroker: 'false' }).moveStop('48.90').shown).toEqual([]);
  });

  test('a refused exit is critical until the broker takes one', () => {
    const held = new Held().intends(2, 'market').refused(2);
    expect(held.shown).toEqual(['Critical: the broker took no order to close AIG: AIG is halted']);
    expect(held.intends(3, 'market').taken(3).shown).toEqual([]);
  });

  test('an order that the bot itself withdrew, and one of a blocked account, are no refused exit', () => {
    expect(new Held().intends(2, 'market').refused(2, 'POSITION_CHANGED', 'never sent').shown).toEqual([]);
    expect(new Held().intends(2, 'market').refused(2, 'ACCOUNT_BLOCKED', 'blocked').shown).toEqual([]);
  });

  test('a closing order without an answer says why the next one waits', () => {
    const held = new Held().intends(2, 'market');
    const lost = { clientOrderId: idOf(2), code: 'NO_ANSWER', message: 'no answer' };
    held.tape.add('OrderUnresolved', { ...NAMES, ...lost });
    const why =
      'status unknown; the next one waits until the broker shows this one or has had a minute to show it, since both together would close twice';
    expect(held.shown).toEqual([`Warning: order ${idOf(2)} to close AIG: ${why}`]);
  });
});
