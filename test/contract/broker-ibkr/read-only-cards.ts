import { expect } from '@jest/globals';
import { parseClientOrderId } from '../../../src/events/names.js';
import { verdictOf } from '../broker-kit/desk.js';
import { atExchange, type IbkrCard } from './bench.js';

/** A gateway whose API a person sets to read only while the bot trades. */
export const READ_ONLY_CARDS: readonly IbkrCard[] = [
  {
    ...{ id: 'IB42', given: 'an API that is set to read only in mid-session, with an order that rests' },
    ...{ when: 'orders are sent, cancelled and listed', then: 'each call says so, nothing leaves, the order rests on' },
    source: 'ibkr.md codes: 321',
    run: async (bench) => {
      const { broker, emulator } = bench;
      const desk = bench.desk();
      const rests = parseClientOrderId('rests');
      await broker.submit(desk.order(rests, '1', desk.resting()));
      emulator.readOnly = true;
      await verdictOf(broker.submit(desk.order('refused', '1')));
      expect(desk.of('refused')).toMatchObject([{ kind: 'rejected', code: 'GATEWAY_READ_ONLY' }]);
      await verdictOf(broker.cancel(rests));
      expect(await verdictOf(broker.openOrders())).toBe('refuse GATEWAY_READ_ONLY');
      expect(broker.line.isUp).toBe(true);
      expect(atExchange(bench, rests).state).toBe('open');
      expect(bench.exchange.byClientId('refused')).toBeUndefined();
    },
  },
];
