import { accountWords } from '../../src/domain/config/broker-account.js';
import type { EventData } from '../../src/events/event.js';
import { warning, type EventOf, type FieldsOf, type FindingsOf } from './status-part.js';
import type { StatusBody } from './status-state.js';

/** The market data that the bot trades on, and the last session without any. */
export interface MarketStatus {
  feed: EventData<'MarketFeedSelected'> | null;
  /** Null before the first start. */
  account: EventData<'BrokerSelected'> | null;
  /** Null once another session has opened. */
  leftOut: EventData<'SessionLeftOut'> | null;
}

/** Before the first event. */
export function newMarketStatus(): MarketStatus {
  return { feed: null, account: null, leftOut: null };
}

/** Other market data: what an earlier one did not have says nothing of it. */
export function noteFeed(body: StatusBody, { data }: EventOf<'MarketFeedSelected'>): void {
  body.feed = data;
  body.leftOut = null;
}

/** What is traded: a bot records it at its start, a simulated day with its session. */
export const marketFeedFields: FieldsOf = ({ body }) => ({ market_feed: marketOf(body) });

function marketOf({ feed, session }: StatusBody): object {
  const opened = session?.opened;
  const kind = feed?.kind ?? opened?.feed.kind ?? null;
  return {
    feed: kind,
    description: feed?.description ?? opened?.feed.description ?? null,
    simulated: kind === null ? null : (feed?.simulated ?? true),
    symbols: feed?.symbols ?? opened?.feed.symbols ?? [],
    days: feed?.days ?? null,
    first_day: feed?.firstDay ?? null,
    last_day: feed?.lastDay ?? null,
  };
}

/** Whose money an order moves, as an element of the status. */
export const brokerAccountFields: FieldsOf = ({ body: { account } }) => ({
  broker_account: {
    broker: account?.broker ?? null,
    kind: account?.account ?? null,
    host: account?.host ?? null,
    text: account === null ? null : accountWords({ ...account, kind: account.account }),
  },
});

/** An address that no vendor publishes: it may be a live account. */
export const brokerAccountFindings: FindingsOf = ({ body: { account } }) =>
  account?.account !== 'unknown'
    ? []
    : [
        warning(
          'BROKER_ADDRESS_UNKNOWN',
          accountWords({ ...account, kind: account.account }),
          'Compare BROKER_URL of the secret broker_credentials with the addresses of the broker.',
        ),
      ];

const OTHER_DATA = 'Start it with --data that has later days, or in another --home with an earlier --clock-start.';

/** A session that was left out, and data that has no day ahead. */
export const marketFeedFindings: FindingsOf = ({ body }) => {
  const { leftOut, feed, session, asOfTime } = body;
  if (leftOut !== null) {
    const { date, reason, nextSession } = leftOut;
    const next = nextSession === null ? 'no later day has data' : `the next session is ${nextSession}`;
    const remedy = nextSession === null ? OTHER_DATA : 'Nothing has to be done: the bot waits for that day.';
    return [warning('SESSION_LEFT_OUT', `no session on ${date}: ${reason}; ${next}`, remedy)];
  }
  const lastDay = feed?.lastDay ?? null;
  if (lastDay === null || asOfTime === null) return [];
  const isOver = asOfTime.slice(0, 10) > lastDay || (session?.opened.date === lastDay && session.closed !== null);
  if (!isOver) return [];
  return [warning('NO_DATA_AHEAD', `the recorded market data ends on ${lastDay}: no session is ahead`, OTHER_DATA)];
};
