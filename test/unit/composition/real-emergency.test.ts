import { describe, expect, test } from '@jest/globals';
import { realEmergency } from '../../../src/composition/real-emergency.js';
import { networkError } from '../../../src/kernel/errors.js';
import type { Broker } from '../../../src/ports/broker.js';
import type { OrderRequest } from '../../../src/ports/order-entry.js';

const within = <T>(_name: string, work: () => Promise<T>): Promise<T> => work();
const fault = (code: string, must: 'retry' | 'reconcile'): Error =>
  networkError(must, { code, message: code, remedy: 'Ask again.' });

/** A broker whose first `refused` connects fail, and that counts what it is asked. */
function brokerThatConnectsAfter(refused: number): { readonly broker: Broker; readonly asked: string[] } {
  const asked: string[] = [];
  let connects = 0;
  const connect = (): Promise<void> => {
    asked.push('connect');
    connects += 1;
    return connects > refused ? Promise.resolve() : Promise.reject(fault('NO_ANSWER', 'retry'));
  };
  const positions = (): Promise<readonly []> => {
    asked.push('positions');
    return connects > refused ? Promise.resolve([]) : Promise.reject(fault('NOT_CONNECTED', 'retry'));
  };
  const submit = (): Promise<void> => {
    asked.push('submit');
    return Promise.reject(fault('NO_ANSWER', 'reconcile'));
  };
  const capabilities = { clientIdLength: 255 };
  return { broker: { code: 'TRADIER', capabilities, connect, positions, submit } as unknown as Broker, asked };
}

describe('a real broker for a kill without a journal', () => {
  test('a connection that failed is made again by the calls that need it', async () => {
    const { broker, asked } = brokerThatConnectsAfter(2);
    const emergency = await realEmergency(broker, within);
    await expect(emergency.positions()).rejects.toThrow('NO_ANSWER');
    expect(await emergency.positions()).toEqual([]);
    expect(asked).toEqual(['connect', 'positions', 'connect', 'positions', 'connect', 'positions']);
  });

  test('a call that fails on an open connection is not repeated', async () => {
    const { broker, asked } = brokerThatConnectsAfter(0);
    const emergency = await realEmergency(broker, within);
    await expect(emergency.submit({} as OrderRequest)).rejects.toThrow('NO_ANSWER');
    expect(asked).toEqual(['connect', 'submit']);
  });
});
