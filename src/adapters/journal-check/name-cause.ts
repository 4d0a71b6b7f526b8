import type { JournalAddress } from '../../domain/config/journal-address.js';
import { sentenceOf } from '../../domain/journal-check/troubles.js';
import { journalError, TradeBotError } from '../../kernel/errors.js';
import { parseConnectionUrl } from '../journal-esdb/connection-url.js';
import { lookAtNode } from './node-look.js';

const LIMIT_MS = 2_000;

/**
 * The error of a journal that could not be opened, with the cause that the client does not report: TLS to a server without it
 * and the reverse, a certificate, another product. Any other error, and one whose server can be reached, stays as it is.
 */
export async function namedCause(error: unknown, address: JournalAddress, limitMs = LIMIT_MS): Promise<unknown> {
  if (!(error instanceof TradeBotError) || error.code !== 'JOURNAL_UNREACHABLE') return error;
  const { hosts, tls, caFile, credentials } = parseConnectionUrl(address.url, address.credentials);
  const nodes = await Promise.all(hosts.map((host) => lookAtNode(host, { tls, caFile, limitMs })));
  const [first] = nodes;
  if (first?.trouble === undefined || nodes.some(({ trouble }) => trouble === undefined)) return error;
  const { at, trouble, detail } = first;
  const { text, remedy } = sentenceOf(trouble, { at, tls, caFile, user: credentials?.username, detail });
  return journalError(error.callerMust, { code: error.code, message: `EventStoreDB: ${text}`, remedy, cause: error });
}
