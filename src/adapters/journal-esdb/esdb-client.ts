import { setTimeout as pause } from 'node:timers/promises';
import { EventStoreDBClient } from '@eventstore/db-client';
import type { ConnectionUrl } from './connection-url.js';
import { journalErrorOf } from './esdb-errors.js';
import { withServerCredentials } from './server-credentials.js';

const CLOSE_LIMIT_MS = 2_000;

/** A client that connects at its first call. Throws JournalError for a URL that the client does not take. */
export function openClient(url: ConnectionUrl): EventStoreDBClient {
  try {
    return withServerCredentials(() => EventStoreDBClient.connectionString(url.url));
  } catch (error) {
    throw journalErrorOf(error, url, 'the connection string');
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
