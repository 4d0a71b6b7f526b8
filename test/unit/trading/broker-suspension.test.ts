import { describe, expect, test } from '@jest/globals';
import { newRiskStatus, riskFindings, riskHandlers } from '../../../projections/status/risk.js';
import type { RecordedEvent } from '../../../src/events/event.js';
import { epochMs } from '../../../src/kernel/time.js';
import { ASKS_AGAIN } from '../../../src/domain/lifecycle/blocking-checks.js';
import { parseClientOrderId } from '../../../src/events/names.js';
import { noticeOf, Notices } from '../../../src/processes/main/notices.js';
import { Tape } from '../support/events.js';
import { brokerSuspended, isOutageNews } from '../../../src/trading/orders/broker-suspension.js';
import { brokerResumed } from './support/given-world.js';
import { RuleWorld } from './support/rule-world.js';

const at = epochMs(0);
const lost = { at, state: 'disconnected', reason: 'the connection was closed (1006)' } as const;
const refused = { at, state: 'disconnected', reason: 'the key was refused', code: 'KEY_REFUSED' } as const;

type Suspended = RecordedEvent<'BrokerSuspended'>;

const suspended = (code: string, occurredAt: string): Suspended =>
  ({ type: 'BrokerSuspended', occurredAt, meta: {}, data: { code, message: 'why' } }) as unknown as Suspended;

describe('an outage of the broker', () => {
  test('its start and a refused key are recorded, each once, and the outage lasts from its start', () => {
    const world = new RuleWorld();
    const { state } = world;
    const news = (): boolean[] => [isOutageNews(state, lost), isOutageNews(state, refused)];
    expect(news()).toEqual([true, true]);
    world.record('BrokerSuspended', { code: 'BROKER_DISCONNECTED', message: 'x' });
    const began = state.session?.suspendedSince;
    expect([news(), began === undefined]).toEqual([[false, true], false]);
    world.moveTo('15:00');
    expect(brokerSuspended(state, refused, 'c').data).toEqual({ code: 'KEY_REFUSED', message: refused.reason });
    world.record('BrokerSuspended', { code: 'KEY_REFUSED', message: 'x' });
    expect([news(), state.session?.suspendedSince]).toEqual([[false, false], began]);
    brokerResumed(world);
    expect([news(), isOutageNews(state, { ...lost, state: 'connected' })]).toEqual([[true, true], false]);
  });

  test('a refused key is critical, with its remedy in the status and on the terminal; a lost connection is not', () => {
    const body = { ...newRiskStatus() };
    const note = riskHandlers.BrokerSuspended as (...given: readonly never[]) => unknown;
    const take = (event: Suspended): void => void note({ body } as never, event as never, undefined as never);
    const found = () => riskFindings({ body } as never, undefined as never)[0];
    take(suspended('BROKER_DISCONNECTED', '2013-10-07T13:40:00.000Z'));
    expect(found()).toMatchObject({ code: 'BROKER_AWAY', severity: 'Warning' });
    take(suspended('KEY_REFUSED', '2013-10-07T13:41:00.000Z'));
    expect(found()).toMatchObject({ code: 'BROKER_AWAY', severity: 'Critical', text: 'broker: KEY_REFUSED: why' });
    expect(found()?.remedy).toMatch(/close open positions at the broker.*Enter a valid key/);
    expect(body.brokerTrouble.since).toBe('2013-10-07T13:40:00.000Z');
    expect(noticeOf(suspended('KEY_REFUSED', ''))).toMatch(/^The broker refuses the key: why\. .*Enter a valid key/);
    expect(noticeOf(suspended('BROKER_DISCONNECTED', ''))).toBeUndefined();
  });

  test('the terminal names a refused account, and checks with which the bot waits or trades, each once', () => {
    const said: string[] = [];
    const notices = new Notices((text) => said.push(text));
    const tape = new Tape();
    const refused = (code: string, number: number): void => {
      const clientOrderId = parseClientOrderId(`DEMO_US_SIM_B01-20131007-${number}`);
      tape.add('OrderRejected', { clientOrderId, code, message: `order ${number}: why` });
    };
    const checked = (module: string, remedy: string): void => {
      tape.add('SelfCheckCompleted', { ok: false, checks: [{ module, ok: false, cause: 'why', remedy }] });
    };
    refused('ACCOUNT_BLOCKED', 1);
    refused('ACCOUNT_BLOCKED', 2);
    refused('WASH_TRADE', 3);
    checked('broker.reachable', `Look. ${ASKS_AGAIN}`);
    checked('broker.short sales', 'Set it.');
    checked('broker.key', 'Enter it.');
    tape.add('SelfCheckCompleted', { ok: true, checks: [] });
    tape.add('SelfCheckCompleted', { ok: true, checks: [] });
    checked('broker.short sales', 'Set it.');
    for (const event of tape.events) notices.follow(event);
    expect(said).toEqual([
      expect.stringMatching(/^The broker refuses orders of this account \(ACCOUNT_BLOCKED\)\. Ask the broker/),
      `A check failed: broker.reachable: why. Look. ${ASKS_AGAIN}`,
      'A check failed: broker.short sales: why. Set it.',
      'All checks pass again: the bot continues.',
      'A check failed: broker.short sales: why. Set it.',
    ]);
  });
});
