import { describe, expect, test } from '@jest/globals';
import { bufferCount, mergeAll } from 'rxjs';
import type { SimBroker } from '../../src/adapters/broker-sim/sim-broker.js';
import type { Broker } from '../../src/ports/broker.js';
import type { Journal } from '../../src/ports/journal.js';
import { type Life, liveHome, type LiveHarness } from './support/live-harness.js';
import { expectGoodBooks } from './support/oracle.js';

/** What happened in a session, in order: each commit with its types, and each request to the broker. */
class Trip {
  readonly lines: string[] = [];
  readonly #states = new Map<string, number>();
  #open = 0;
  /** Number of lines when the test killed. */
  killedAt: number | undefined;
  /** Called when an append begins. */
  onAppend: (types: readonly string[]) => void = () => undefined;

  /** Appends that begin while another is not answered share its commit. */
  journal(journal: Journal): Journal {
    const append: Journal['append'] = async (stream, events, options) => {
      const types = events.map(({ type }) => type);
      if (this.#open === 0) this.lines.push(`commit ${types.join(' ')}`);
      else this.lines.push(`${this.lines.pop() ?? ''} ${types.join(' ')}`);
      this.#open += 1;
      for (const event of events) {
        if (event.type === 'BotStateChanged') this.#states.set(event.data.to, this.lines.length - 1);
      }
      this.onAppend(types);
      try {
        return await journal.append(stream, events, options);
      } finally {
        this.#open -= 1;
      }
    };
    return new Proxy(journal, { get: (target, key) => (key === 'append' ? append : bound(target, key)) });
  }

  broker(broker: SimBroker, inPairs?: true): Broker {
    return new Proxy(broker, {
      get: (target, key) => {
        if (key === 'orderUpdates$' && inPairs) return target.orderUpdates$.pipe(bufferCount(2), mergeAll());
        if (key === 'submit' || key === 'cancel') this.lines.push(key);
        return bound(target, key);
      },
    });
  }

  /** What followed the last change to a state, with it. */
  afterLast(state: string): readonly string[] {
    return this.lines.slice(this.#states.get(state));
  }
}

function bound(target: object, key: string | symbol): unknown {
  const value: unknown = Reflect.get(target, key);
  return typeof value === 'function' ? (value.bind(target) as unknown) : value;
}

async function begin(
  given: { readonly newsInPairs?: true } = {},
): Promise<{ readonly live: LiveHarness; readonly life: Life; readonly trip: Trip }> {
  const trip = new Trip();
  const live = liveHome({
    wrapJournal: (journal) => trip.journal(journal),
    wrapBroker: (broker) => trip.broker(broker, given.newsInPairs),
  });
  return { live, life: await live.start(), trip };
}

const kill = ({ session }: Life): unknown => void session.kill('by hand', 'user:admin');

describe('the trip of a kill (RUN-16)', () => {
  test('all orders wait for two commits', async () => {
    const { live, life, trip } = await begin();
    life.pacer.plan(live.at('15:00:10.500'), () => kill(life));
    await life.session.run();
    expect(trip.afterLast('emergency_closing_positions').slice(0, 4)).toEqual([
      'commit BotStateChanged',
      'commit OrderIntended OrderIntended',
      'submit',
      'submit',
    ]);
    await expectGoodBooks(live.home, { trades: 2 });
  });

  test('a kill between two pieces of news does not wait for the next, and strategies wait until all is closed', async () => {
    const { live, life, trip } = await begin({ newsInPairs: true });
    trip.onAppend = (types) => {
      if (types.includes('OrderAcknowledged') && trip.killedAt === undefined) {
        trip.killedAt = trip.lines.length;
        kill(life);
      }
    };
    await life.session.run();
    expect(trip.lines.slice(trip.killedAt).slice(0, 4)).toEqual([
      'commit BotStateChanged',
      'commit OrderCancelRequested',
      'cancel',
      'commit OrderFilled',
    ]);
    expect((await live.eventsOf('PositionClosed')).map(({ data }) => data.exitReason)).toEqual(['kill']);
    const unasked = trip.lines.findIndex((line) => line.startsWith('commit CandidateRejected'));
    expect(unasked).toBeGreaterThan(trip.lines.lastIndexOf('commit PositionClosed'));
    await expectGoodBooks(live.home, { trades: 1 });
  });
});
