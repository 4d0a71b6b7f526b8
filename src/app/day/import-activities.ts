import { toUtcText } from '../../kernel/time.js';
import { moneyText } from '../../kernel/money.js';
import { canonicalSymbol } from '../../events/names.js';
import type {
  AccountQueries,
  BrokerAccount,
  BrokerActivity,
  CashActivity,
  ShareConversionActivity,
} from '../../ports/account-queries.js';
import type { BrokerConnection } from '../../ports/broker-connection.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import { STREAMS } from '../../events/streams.js';
import type { Draft } from '../../events/draft.js';
import { dataError, networkError, TradeBotError } from '../../kernel/errors.js';
import { naturalKeyId } from '../../kernel/hash.js';
import { postingPreflight } from '../../trading/orders/posting-preflight.js';
import { activityFault, conversionFault } from '../../trading/orders/report-form.js';
import { conversionDraft } from '../../trading/reconciliation/share-conversion.js';
import {
  brokerFactRefused,
  isContentRefused,
  keyOfContent,
  refusedFactId,
} from '../../trading/orders/refused-facts.js';

/** The money in which the books are kept. */
const BOOKS_CURRENCY = 'USD';
const PAGE = 100;
/** A day with more pages than this is not one bot's day. */
const MAX_PAGES = 10_000;
const PAGES_OF_LOOK = 10;
const MOST_READINGS = 5;

/** What records the activities of a broker. */
export interface ActivityDeps {
  readonly broker: Pick<AccountQueries, 'activities'> & Pick<BrokerConnection, 'code'>;
  readonly appender: EngineAppender;
  readonly state: EngineState;
}

/** Records each movement of cash or shares once; fills are known from their orders and are skipped. */
export async function importActivities(deps: ActivityDeps): Promise<void> {
  let after: string | null = deps.state.lastActivityId;
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const activities = await deps.broker.activities(after, PAGE, 'cash');
    await importPage(deps, activities);
    const last = activities.at(-1);
    if (last === undefined || activities.length < PAGE) return;
    after = last.activityId;
  }
}

/** The account, and the records that its balances include. */
export interface AccountWithRecords {
  readonly account: BrokerAccount;
  readonly records: readonly (CashActivity | ShareConversionActivity)[];
}

/**
 * Reads the account between two readings of its records, until no record comes between them: then it includes just these. Throws
 * NetworkError ACCOUNT_CHANGES, and what the broker throws.
 */
export async function accountWithRecords(
  broker: Pick<AccountQueries, 'account' | 'activities'>,
): Promise<AccountWithRecords> {
  for (let attempt = 0; attempt < MOST_READINGS; attempt += 1) {
    const records = await movementsAfter(broker, null);
    const account = await broker.account();
    const known = new Set(records.map(({ activityId }) => activityId));
    const newer = await movementsAfter(broker, records.at(-1)?.activityId ?? null);
    if (newer.every(({ activityId }) => known.has(activityId))) return { account, records };
  }
  throw networkError('retry', {
    code: 'ACCOUNT_CHANGES',
    message: `the records of the account changed during each of ${MOST_READINGS} readings of its cash`,
    remedy: 'They are read again soon.',
  });
}

/**
 * The records that opening balances include, the newest last where reading continues; and the acknowledged transfers among them, which
 * these balances do not have. A record that cannot be read is in neither list: its import reports it.
 */
export function recordsAtOpening(
  records: AccountWithRecords['records'],
  acknowledged: ReadonlyMap<string, unknown>,
): { readonly included: readonly string[]; readonly arriving: readonly CashActivity[] } {
  const readable = records.filter((each) => {
    return (each.kind === 'conversion' ? conversionFault(each) : activityFault(each)) === undefined;
  });
  const isArriving = (each: AccountWithRecords['records'][number]): each is CashActivity =>
    each.kind !== 'conversion' && each.reference !== null && acknowledged.has(each.reference);
  const first = readable.findIndex(isArriving);
  const before = first < 0 ? readable : readable.slice(0, first);
  const after = first < 0 ? [] : readable.slice(first);
  const included = [...after.filter((each) => !isArriving(each)), ...before].map(({ activityId }) => activityId);
  return { included, arriving: after.filter(isArriving) };
}

/** The movements of cash and shares after an activity, oldest first. */
async function movementsAfter(
  broker: Pick<AccountQueries, 'activities'>,
  activityId: string | null,
): Promise<AccountWithRecords['records']> {
  const all: BrokerActivity[] = [];
  for (let page = 0; page < MAX_PAGES; page += 1) {
    const activities = await broker.activities(all.at(-1)?.activityId ?? activityId, PAGE, 'cash');
    all.push(...activities);
    if (activities.length < PAGE) break;
  }
  return all.filter((activity) => activity.kind !== 'fill');
}

/** The activities of the account after one, executions too; what is beyond the pages of one look comes with the next. */
export async function readActivities(
  broker: Pick<AccountQueries, 'activities'>,
  after: string | null,
): Promise<readonly BrokerActivity[]> {
  const all: BrokerActivity[] = [];
  for (let page = 0; page < PAGES_OF_LOOK; page += 1) {
    const activities = await broker.activities(all.at(-1)?.activityId ?? after, PAGE, 'all');
    all.push(...activities);
    if (activities.length < PAGE) break;
  }
  return all;
}

/** Records each movement of a page that is not in the books. */
export async function importPage(deps: ActivityDeps, activities: readonly BrokerActivity[]): Promise<void> {
  for (const activity of activities) await importOne(deps, activity);
}

async function importOne(deps: ActivityDeps, activity: BrokerActivity): Promise<void> {
  const { importedActivities, openingActivities } = deps.state;
  const { kind, activityId } = activity;
  if (kind === 'fill' || importedActivities.has(activityId) || openingActivities.has(activityId)) return;
  if (activity.kind === 'conversion') {
    await convertShares(deps, activity);
    return;
  }
  const unreadable = activityFault(activity);
  if (unreadable !== undefined) {
    await refuse(deps, activity, unreadable, keyOfContent(activity));
    return;
  }
  const otherMoney = otherMoneyFault(activity);
  if (otherMoney !== undefined) {
    await refuse(deps, activity, otherMoney);
    return;
  }
  try {
    await deps.appender.append(STREAMS.accounting, [importedActivity(deps, activity)]);
  } catch (error) {
    if (!(error instanceof TradeBotError) || !isContentRefused(error)) throw error;
    await refuse(deps, activity, error);
  }
}

/**
 * Books a split or a change of symbol. One that does not fit the books is kept for a person, and is booked by itself when they
 * hold its shares later: a fill of before may still come.
 */
async function convertShares(deps: ActivityDeps, activity: ShareConversionActivity): Promise<void> {
  const { state, broker, appender } = deps;
  // the opening balance has the shares as they were then
  if (state.booksBeganAt === undefined || activity.at <= state.booksBeganAt) return;
  const unreadable = conversionFault(activity);
  const booked = unreadable === undefined ? conversionDraft(state, broker.code, activity) : { fault: unreadable };
  const fault = 'fault' in booked ? booked.fault : postingPreflight(state, [booked.draft], activity.at);
  if (fault === undefined && 'draft' in booked) await appender.append(STREAMS.accounting, [booked.draft]);
  else if (fault !== undefined) await refuse(deps, activity, fault);
}

/** An activity that the books cannot take does not block the others: it is kept for a person to book. */
async function refuse(
  { appender, broker, state }: ActivityDeps,
  activity: CashActivity | ShareConversionActivity,
  fault: TradeBotError,
  key: readonly string[] = [activity.activityId],
): Promise<void> {
  const refused = { kind: 'activity', key, report: activity, at: activity.at } as const;
  if (state.refusedFacts.has(refusedFactId(broker.code, refused))) return;
  await appender.append(STREAMS.accounting, [brokerFactRefused(broker.code, refused, fault, 'activities')]);
}

/** The books are kept in dollars: money of another currency is booked by a person, at the rate of the statement. */
function otherMoneyFault({ kind, amount, currency, description }: CashActivity): TradeBotError | undefined {
  if (currency === undefined || currency === BOOKS_CURRENCY) return undefined;
  return dataError({
    code: 'OTHER_CURRENCY',
    message: `the broker reported a ${kind} of ${amount.shortText(2)} ${currency} (${description}); the books are kept in ${BOOKS_CURRENCY}`,
    remedy: `Find its amount in ${BOOKS_CURRENCY} in the statement of the broker, and book it with tradebot adjust --settles.`,
  });
}

function activityKey({ broker }: ActivityDeps, activityId: string): readonly string[] {
  return ['activity', broker.code, activityId];
}

function importedActivity(deps: ActivityDeps, activity: CashActivity): Draft {
  const { kind, activityId, at, amount, symbol, reference, description, rawSha256, reverses } = activity;
  return {
    type: 'BrokerActivityImported',
    data: {
      activityId,
      activityType: kind,
      amount: moneyText(amount.abs()),
      symbol: symbol === null ? null : canonicalSymbol(symbol),
      adjustmentId: reference,
      happenedAt: toUtcText(at),
      description,
      rawSha256,
      ...(reverses === undefined ? {} : { reversesEventId: naturalKeyId(...activityKey(deps, reverses)) }),
    },
    occurredAt: at,
    naturalKey: activityKey(deps, activityId),
    correlationId: reference ?? activityId,
    causationId: null,
  };
}
