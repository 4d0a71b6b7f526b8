import type { JournalAddress } from '../../domain/config/journal-address.js';
import type { JournalFacts } from '../../domain/journal-check/facts.js';
import type { BotIdentity } from '../../kernel/identity.js';
import type { Clock } from '../../kernel/time.js';
import { parseConnectionUrl } from '../journal-esdb/connection-url.js';
import { closeClient, openClient } from '../journal-esdb/esdb-client.js';
import { lookForIdentity } from './identity-look.js';
import { lookAtNode } from './node-look.js';
import { ServerLook } from './server-look.js';

export interface JournalCheckOptions {
  readonly address: JournalAddress;
  readonly identity: BotIdentity;
  readonly clock: Clock;
  /** How long each step may take without an answer; default 5 s. */
  readonly limitMs?: number;
}

const LIMIT_MS = 5_000;

/**
 * The stream of the probes. It does not begin with the prefix of the bot's streams (`<identity>-`), so no reader of the
 * bot meets a probe; it begins with the identity, so that rights that are given by prefix count for it too.
 */
const probeStreamOf = (identity: BotIdentity): string => `${identity}.probe`;

/**
 * Looks at a journal server as a bot would use it: network, TLS, product, rights, a write and a read of its own, and
 * whether it has events of the bot. It ends when nothing answers too. Throws what `parseConnectionUrl` throws.
 */
export async function lookAtJournal(options: JournalCheckOptions): Promise<JournalFacts> {
  const { address, identity, clock, limitMs = LIMIT_MS } = options;
  const url = parseConnectionUrl(address.url, address.credentials);
  const { shown, options: written, tls, caFile } = url;
  const nodes = await Promise.all(url.hosts.map((host) => lookAtNode(host, { tls, caFile, limitMs })));
  const facts = { shown, options: written, tls, caFile, user: url.credentials?.username, identity, nodes };
  if (nodes.every(({ trouble }) => trouble !== undefined)) return facts;
  const client = openClient(url);
  // A refused batch may be answered twice, and the second answer ends the process: a probe is appended by a call of its own.
  client['supports'] = () => Promise.resolve(false);
  try {
    const look = new ServerLook({ client, url, probeStream: probeStreamOf(identity), clock, limitMs });
    const seen = await look.look();
    const useful = seen.readAll?.ok === true;
    return { ...facts, ...seen, ...(useful ? await lookForIdentity(look, identity) : {}) };
  } finally {
    await closeClient(client);
  }
}
