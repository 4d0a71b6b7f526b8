import { chainEvent, type ChainedEvent } from '../../../src/adapters/journal-esdb/event-record.js';
import { GENESIS_HASH, encodeEvent } from '../../../src/adapters/event-codec/codec.js';
import { streamName } from '../../../src/events/event.js';
import type { BotIdentity } from '../../../src/kernel/identity.js';
import { toUtcText } from '../../../src/kernel/time.js';
import type { JournalHead } from '../../../src/ports/journal.js';
import { START, reset } from '../../contract/support/journal-events.js';
import { GeneratedLog, type GeneratedContent } from './generated-log.js';
import { positionText } from '../../../src/adapters/journal-esdb/esdb-position.js';

const RECORDED = toUtcText(START);
/** Events of each of our streams, as an order has. */
const EACH = 4;
/** One event in so many is ours. */
const SHARE = 10;
const OTHERS: GeneratedContent = {
  ...{ id: '00000000-0000-4000-8000-000000000000', type: 'Theirs', contentType: 'application/json' },
  ...{ data: Buffer.from('{}'), metadata: Buffer.alloc(0) },
};

/** The events of one of our streams, in its chain. */
function chainOf(number: number): readonly ChainedEvent[] {
  const stream = streamName('order', String(number));
  const events: ChainedEvent[] = [];
  for (let revision = 0; revision < EACH; revision += 1) {
    const encoded = encodeEvent(stream, reset(`made-${number}-${revision}`));
    events.push(chainEvent(encoded, RECORDED, revision, events.at(-1)?.hash ?? GENESIS_HASH));
  }
  return events;
}

function contentOf({ wire }: ChainedEvent): GeneratedContent {
  const { id, type, contentType, data, metadata } = wire;
  const text = data instanceof Uint8Array ? Buffer.from(data) : Buffer.from(JSON.stringify(data));
  const envelope = metadata instanceof Uint8Array ? Buffer.from(metadata) : Buffer.from(JSON.stringify(metadata));
  return { id, type, contentType, data: text, metadata: envelope };
}

/** A log in which a bot has so many events, in streams of four, and other bots have nine times as many between them. */
export function logOfManyBots(identity: BotIdentity, ours: number): GeneratedLog {
  const prefix = `${identity}-order-`;
  const isOurs = (index: number): boolean => index % SHARE === SHARE - 1;
  return new GeneratedLog({
    count: ours * SHARE,
    placeOf: (index) => {
      const number = Math.floor(index / SHARE);
      const [stream, revision] = [Math.floor(number / EACH), number % EACH];
      return { stream: `${isOurs(index) ? prefix : `OTHER${index % SHARE}_US_SIM_B01-order-`}${stream}`, revision };
    },
    contentOf: (index) => {
      const number = Math.floor(index / SHARE);
      const event = isOurs(index) ? chainOf(Math.floor(number / EACH))[number % EACH] : undefined;
      return event === undefined ? OTHERS : contentOf(event);
    },
    indicesOf: (stream) => {
      const number = stream.startsWith(prefix) ? Number(stream.slice(prefix.length)) : NaN;
      if (!Number.isInteger(number) || number < 0 || number * EACH >= ours) return [];
      return Array.from({ length: EACH }, (_, revision) => (number * EACH + revision) * SHARE + SHARE - 1);
    },
  });
}

/** The head of such a log without its last `unseen` events: what a process has kept that verified it up to there. */
export function headOf(log: GeneratedLog, unseen: number): JournalHead {
  const count = log.count / SHARE - unseen;
  const index = (count - 1) * SHARE + SHARE - 1;
  const number = count - 1;
  const { position } = log.at(index);
  const hash = chainOf(Math.floor(number / EACH))[number % EACH]?.hash ?? GENESIS_HASH;
  return { position: positionText({ commit: position, prepare: position }), hash, count };
}
