import type { EventEmitter } from 'node:events';
import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { ConnectionUrl } from './connection-url.js';
import { journalErrorOf } from './esdb-errors.js';
import { withServerCredentials } from './server-credentials.js';

const CLOSE_LIMIT_MS = 2_000;

/** A client that connects at its first call. Throws JournalError for a URL that the client does not take. */
export function openClient(url: ConnectionUrl): EventStoreDBClient {
  try {
    return onceAnswered(withServerCredentials(() => EventStoreDBClient.connectionString(url.url)));
  } catch (error) {
    throw journalErrorOf(error, url, 'the connection string');
  }
}

/**
 * A server may answer a refused batch append twice. The client throws at the second answer, outside of every call, which
 * would end the process: its listener for answers is called in a way that leaves out an answer for which nobody waits.
 */
function onceAnswered(client: EventStoreDBClient): EventStoreDBClient {
  const create = client['GRPCStreamCreator'];
  client['GRPCStreamCreator'] = (service, name, creator, cache) =>
    create(
      service,
      name,
      async (grpcClient) => {
        const stream = await creator(grpcClient);
        if (name === 'appendToStream') guardAnswers(stream);
        return stream;
      },
      cache,
    );
  return client;
}

function guardAnswers(stream: Pick<EventEmitter, 'listeners' | 'off' | 'on'>): void {
  for (const listener of stream.listeners('data') as ((answer: unknown) => void)[]) {
    stream.off('data', listener);
    stream.on('data', (answer: unknown) => {
      try {
        listener(answer);
      } catch (error) {
        if (!(error instanceof TypeError)) throw error;
      }
    });
  }
}

/** Cancels all calls of a client and closes its channel, whose timers would keep the process alive. */
export async function closeClient(client: EventStoreDBClient): Promise<void> {
  const limit = new AbortController();
  const late = pause(CLOSE_LIMIT_MS, undefined, { signal: limit.signal }).catch(() => undefined);
  await Promise.race([client.dispose(), late]).finally(() => limit.abort());
  const channel = await client['getChannel']().catch(() => undefined);
  channel?.close();
}
