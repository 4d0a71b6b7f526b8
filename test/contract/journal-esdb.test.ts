import { randomBytes } from 'node:crypto';
import { EsdbJournal } from '../../src/adapters/journal-esdb/esdb-journal.js';
import { composeBotIdentity } from '../../src/kernel/identity.js';
import { EsdbDouble, type DoubleOptions } from '../support/esdb-double/double.js';
import { journalContract } from './journal.contract.js';

const TRAITS = { chain: 'stream', dense: false } as const;
const { TRADEBOT_TEST_ESDB: realServer } = process.env;

/** Nobody has used it before: on a shared server each test has its streams to itself. */
function freshIdentity() {
  const [entityCode, botId] = ['T', 'B'].map((letter) => letter + randomBytes(5).toString('hex').toUpperCase());
  return composeBotIdentity({
    entityCode: entityCode ?? '',
    jurisdictionCode: 'US',
    brokerCode: 'SIM',
    botId: botId ?? '',
  });
}

function onDouble(name: string, options: DoubleOptions): void {
  journalContract(
    name,
    async (clock) => {
      const double = await EsdbDouble.start(options);
      const journal = await EsdbJournal.open({ url: double.url, botIdentity: freshIdentity(), clock });
      const dispose = async (): Promise<void> => {
        await journal.close();
        double.stop();
      };
      return { journal, dispose };
    },
    TRAITS,
  );
}

if (realServer === undefined || realServer === '') {
  onDouble('eventstoredb, protocol double', {});
  onDouble('eventstoredb, protocol double with batch append and no positions in streams', {
    batchAppend: true,
    streamPositions: false,
  });
} else {
  journalContract(
    'eventstoredb, real server',
    async (clock) => {
      const journal = await EsdbJournal.open({ url: realServer, botIdentity: freshIdentity(), clock });
      return { journal, dispose: () => journal.close() };
    },
    TRAITS,
  );
}
