import { expect } from '@jest/globals';
import { eventually } from '../../support/eventually.js';
import { dec } from '../broker-kit/desk.js';
import type { IbkrBench, IbkrCard } from './bench.js';

/** The last execution at the exchange. */
const lastExecution = ({ exchange }: IbkrBench): string => exchange.account.executions.at(-1)?.id ?? '';

/** Cards of charges that come after the fills, or in other money. */
export const CHARGE_CARDS: readonly IbkrCard[] = [
  {
    ...{ id: 'IB50', given: 'a fill without a charge yet', when: 'its charge comes late' },
    ...{ then: 'the adapter waits for it until then, and reports it once', source: 'ibkr.md commissionReport' },
    run: async (bench) => {
      bench.emulator.charges = 'by hand';
      const broker = bench.another({ address: { ...bench.address, clientId: 9 }, chargeWaitMs: 20 });
      await broker.connect();
      const desk = bench.desk(broker);
      expect(broker.awaitsCharges()).toBe(false);
      await broker.submit(desk.order('k-1', '1'));
      await eventually('the fill is reported', () => desk.fills('k-1').length === 1, { everyMs: 5 });
      expect(broker.awaitsCharges()).toBe(true);
      for (let n = 0; n < 2; n += 1) bench.emulator.charge(lastExecution(bench), '1.25');
      await broker.clock();
      expect(broker.awaitsCharges()).toBe(false);
      expect(desk.of('k-1').map(({ kind }) => kind)).toEqual(['acknowledged', 'filled', 'corrected']);
    },
  },
  {
    ...{ id: 'IB51', given: 'a charge that came while no process ran', when: 'the next process asks for the order' },
    ...{ then: 'its fill has the charge, and no other is waited for', source: 'ibkr.md commissionReport' },
    run: async (bench) => {
      bench.emulator.charges = 'by hand';
      await bench.broker.submit(bench.desk().order('k-1', '1'));
      await bench.broker.disconnect();
      bench.emulator.charge(lastExecution(bench), '1.25');
      const broker = bench.another();
      await broker.connect();
      const found = await bench.desk(broker).find('k-1');
      expect(found?.updates.map(({ kind }) => kind)).toEqual(['acknowledged', 'filled']);
      expect(broker.awaitsCharges()).toBe(false);
    },
  },
  {
    ...{ id: 'IB52', given: 'a charge in euros', when: 'it comes, twice' },
    ...{
      then: 'the fill costs no dollars, waits for nothing, and the charge is one record of its own with its money',
      source: 'own, from ibkr.md commission currency',
    },
    run: async (bench) => {
      bench.emulator.charges = 'by hand';
      const { broker } = bench;
      const desk = bench.desk();
      await broker.submit(desk.order('k-1', '1'));
      for (let n = 0; n < 2; n += 1) bench.emulator.charge(lastExecution(bench), '0.85', 'EUR');
      await eventually('the fill is reported', () => desk.fills('k-1').length === 1, { everyMs: 5 });
      expect(desk.fills('k-1')[0]?.commission.text()).toBe('0');
      expect(broker.awaitsCharges()).toBe(false);
      const charge = { kind: 'fee', amount: dec('0.85'), currency: 'EUR', symbol: null };
      expect(await broker.activities(null, 10, 'cash')).toMatchObject([charge]);
      expect(await broker.activities(null, 10)).toMatchObject([{ kind: 'fill' }, charge]);
      const [first] = await broker.activities(null, 1, 'cash');
      expect(await broker.activities(first?.activityId ?? '', 10, 'cash')).toEqual([]);
    },
  },
];
