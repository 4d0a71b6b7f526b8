import { EsdbJournal } from '../../src/adapters/journal-esdb/esdb-journal.js';
import type { DoubleOptions } from '../support/esdb-double/double.js';
import { TestServer, freshIdentity, theDouble } from '../support/esdb-double/test-server.js';
import { journalContract } from './journal.contract.js';

const TRAITS = { chain: 'stream', dense: false } as const;

function contractOn(name: string, options: DoubleOptions): void {
  journalContract(
    name,
    async (clock) => {
      const server = await TestServer.start(options);
      const journal = await EsdbJournal.open({ url: server.url, botIdentity: freshIdentity(), clock });
      const dispose = async (): Promise<void> => {
        await journal.close();
        server.stop();
      };
      return { journal, dispose };
    },
    TRAITS,
  );
}

if (theDouble.isHere) {
  contractOn('eventstoredb, protocol double', {});
  contractOn('eventstoredb, protocol double with batch append and no positions in streams', {
    batchAppend: true,
    streamPositions: false,
  });
} else {
  contractOn('eventstoredb, real server', {});
}
