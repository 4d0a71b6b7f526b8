import {
  BACKWARDS,
  END,
  FORWARDS,
  START,
  StreamNotFoundError,
  type EventStoreDBClient,
  type ResolvedEvent,
} from '@eventstore/db-client';
import type { FoundEvents, JournalFacts } from '../../domain/journal-check/facts.js';
import { ownerText } from '../../domain/journal-check/owner-text.js';
import { STREAMS } from '../../events/streams.js';
import { toUtcText, epochMs } from '../../kernel/time.js';
import { failureOf } from '../journal-esdb/esdb-errors.js';
import type { ServerLook } from './server-look.js';

/** Streams that every bot has from its first minutes on; a read of each is cheap, however much the server holds. */
const LOOKED_AT = [
  STREAMS.provisioning,
  STREAMS.lifecycle,
  STREAMS.config,
  STREAMS.float,
  STREAMS.accounting,
  STREAMS.processes,
  STREAMS.secrets,
  STREAMS.errors,
];
const OWNERSHIP = 'ownership';
/** Confirmations follow the event that names the owner. */
const NEWEST_OWNERSHIP = 500;

interface Ends {
  readonly stream: string;
  readonly first: Date;
  readonly last: Date;
  readonly lastType: string;
}

/** Whether the server has events of a bot, since when, and who owned it. Never throws. */
export async function lookForIdentity(
  look: ServerLook,
  identity: string,
): Promise<Pick<JournalFacts, 'identityRead' | 'found'>> {
  let found: FoundEvents | undefined;
  const identityRead = await look.call(
    async (client) => {
      const ends = await Promise.all(
        [...LOOKED_AT, OWNERSHIP].map((stream) => endsOf(client, look.login, `${identity}-${stream}`)),
      );
      const ownership = await newestOf(client, look.login, `${identity}-${OWNERSHIP}`, NEWEST_OWNERSHIP);
      return { ends: ends.filter((one) => one !== undefined), owner: ownerText(ownership.map(jsonOf)) };
    },
    'streamReadDenied',
    ({ ends, owner }) => (found = foundOf(ends, owner)),
  );
  return { identityRead, found };
}

function foundOf(ends: readonly Ends[], owner: string | undefined): FoundEvents | undefined {
  const first = [...ends].sort((a, b) => a.first.getTime() - b.first.getTime())[0];
  const last = [...ends].sort((a, b) => b.last.getTime() - a.last.getTime())[0];
  if (first === undefined || last === undefined) return undefined;
  return {
    since: textOf(first.first),
    last: textOf(last.last),
    lastType: last.lastType,
    lastStream: last.stream,
    owner,
  };
}

const textOf = (date: Date): string => toUtcText(epochMs(date.getTime()));

type Login = ServerLook['login'];
type Recorded = NonNullable<ResolvedEvent['event']>;

async function endsOf(client: EventStoreDBClient, login: Login, stream: string): Promise<Ends | undefined> {
  const [last] = await newestOf(client, login, stream, 1);
  if (last === undefined) return deletedOf(client, login, stream);
  const forwards = { direction: FORWARDS, fromRevision: START, maxCount: 1, ...login } as const;
  const [first] = await eventsOf(client.readStream(stream, forwards));
  return { stream, first: first?.created ?? last.created, last: last.created, lastType: last.type };
}

/**
 * A stream that was deleted, or hides all its events, has them still: a new bot must not write behind them. Without the
 * right to its settings it counts as absent.
 */
async function deletedOf(client: EventStoreDBClient, login: Login, stream: string): Promise<Ends | undefined> {
  try {
    const [settings] = await newestOf(client, login, `$$${stream}`, 1);
    const cut = settings === undefined ? undefined : jsonOf(settings);
    if (settings === undefined || typeof cut !== 'object' || cut === null || !('$tb' in cut)) return undefined;
    return { stream, first: settings.created, last: settings.created, lastType: 'the deletion of its events' };
  } catch (error) {
    if (failureOf(error) === 'denied') return undefined;
    throw error;
  }
}

function newestOf(
  client: EventStoreDBClient,
  login: Login,
  stream: string,
  maxCount: number,
): Promise<readonly Recorded[]> {
  return eventsOf(client.readStream(stream, { direction: BACKWARDS, fromRevision: END, maxCount, ...login }));
}

/** None for a stream that does not exist. */
async function eventsOf(answers: AsyncIterable<ResolvedEvent>): Promise<readonly Recorded[]> {
  const events: Recorded[] = [];
  try {
    for await (const { event } of answers) if (event !== undefined) events.push(event);
  } catch (error) {
    if (!(error instanceof StreamNotFoundError)) throw error;
  }
  return events;
}

/** Events of a bot are stored as bytes. */
function jsonOf({ data }: Recorded): unknown {
  if (!(data instanceof Uint8Array)) return data;
  try {
    return JSON.parse(Buffer.from(data).toString('utf8'));
  } catch {
    return undefined;
  }
}
