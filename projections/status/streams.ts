import { own } from '../kit/records.js';
import {
  critical,
  noted,
  warning,
  type EventOf,
  type FieldsOf,
  type FindingsOf,
  type StatusHandlers,
} from './status-part.js';

/** Foreign events of one stream on the server of the journal. */
interface ForeignStream {
  readonly fromRevision: number;
  readonly toRevision: number;
  readonly eventType: string;
  readonly since: string;
}

/** What others did to the streams of a journal on a server. */
export interface StreamsStatus {
  /** Streams that only other programs wrote; the first of them. */
  readonly foreignStreams: Record<string, ForeignStream>;
  foreignCount: number;
  /** Our streams with events of others that nobody has acknowledged. */
  readonly blockedStreams: Record<string, ForeignStream>;
  /** Whether our streams are our own on the server; null on a journal without a server or without users. */
  streamRights: { readonly outcome: 'own' | 'open'; readonly user: string; readonly remedy: string } | null;
}

/** Foreign streams that are named; a stranger may write any number. */
const MOST_NAMED = 10;

/** Before the first event. */
export function newStreamsStatus(): StreamsStatus {
  return { foreignStreams: {}, foreignCount: 0, blockedStreams: {}, streamRights: null };
}

type StreamEvents =
  'ForeignEventsFound' | 'ForeignEventsAcknowledged' | 'StreamSettingsRestored' | 'StreamRightsChecked';

/** Events about streams on the server that others reached. */
export const streamHandlers = {
  ForeignEventsFound: noted((body, event: EventOf<'ForeignEventsFound'>) => {
    const { stream, inOurStream, fromRevision, toRevision, eventType } = event.data;
    const found = { fromRevision, toRevision, eventType, since: event.occurredAt };
    if (inOurStream) body.blockedStreams[stream] = found;
    else {
      body.foreignCount += own(body.foreignStreams, stream) === undefined ? 1 : 0;
      if (Object.keys(body.foreignStreams).length < MOST_NAMED) body.foreignStreams[stream] = found;
    }
  }),
  ForeignEventsAcknowledged: noted((body, event: EventOf<'ForeignEventsAcknowledged'>) => {
    Reflect.deleteProperty(body.blockedStreams, event.stream);
  }),
  StreamSettingsRestored: noted(() => undefined),
  StreamRightsChecked: noted((body, event: EventOf<'StreamRightsChecked'>) => {
    body.streamRights = event.data;
  }),
} satisfies Pick<StatusHandlers<'health'>, StreamEvents>;

/** The streams of a journal on a server; left out where nothing is known of any. */
export const streamFields: FieldsOf = ({ body: { foreignCount, blockedStreams, streamRights } }) => {
  const blocked = Object.keys(blockedStreams).sort();
  if (foreignCount === 0 && blocked.length === 0 && streamRights === null) return {};
  return { journal_streams: { rights: streamRights?.outcome ?? null, blocked, foreign: foreignCount } };
};

/** Our streams that others wrote to, streams of others under our name, and streams that anyone may write to. */
export const streamFindings: FindingsOf = ({ body }) => [
  ...Object.keys(body.blockedStreams)
    .sort()
    .flatMap((stream) => {
      const found = own(body.blockedStreams, stream);
      if (found === undefined) return [];
      const text = `stream ${stream} has ${revisionsOf(found)} of another program (type ${found.eventType}): nothing is written to it, and nothing is entered`;
      const remedy = `Find out who wrote it, then acknowledge it: tradebot journal acknowledge ${stream} --reason TEXT.`;
      return [critical('STREAM_BLOCKED', text, remedy)];
    }),
  ...foreignWarning(Object.keys(body.foreignStreams).sort(), body.foreignCount),
  ...(body.streamRights?.outcome === 'open'
    ? [
        warning(
          'STREAMS_OPEN',
          `user ${body.streamRights.user} may not protect its streams on the server of the journal`,
          body.streamRights.remedy,
        ),
      ]
    : []),
];

function revisionsOf({ fromRevision: from, toRevision: to }: ForeignStream): string {
  return from === to ? `revision ${from}` : `revisions ${from} to ${to}`;
}

function foreignWarning(named: readonly string[], count: number): ReturnType<FindingsOf> {
  if (count === 0) return [];
  const more = count > named.length ? ` and ${count - named.length} more` : '';
  return [
    warning(
      'FOREIGN_STREAMS',
      `another program writes to streams under the name of this bot: ${named.join(', ')}${more}; they are in no books`,
      'Find out which program that is, and take its right on the server. tradebot journal streams shows what it wrote.',
    ),
  ];
}
