import { toUtcText } from '../../kernel/time.js';
import { moneyText } from '../../kernel/money.js';
import { canonicalSymbol } from '../../events/names.js';
import type { AccountQueries, BrokerActivity } from '../../ports/account-queries.js';
import type { BrokerConnection } from '../../ports/broker-connection.js';
import type { EngineState } from '../../domain/session/engine-state.js';
import type { EngineAppender } from '../journal/engine-appender.js';
import { STREAMS } from '../../events/streams.js';
import type { Draft } from '../../events/draft.js';
import { TradeBotError } from '../../kernel/errors.js';
import { naturalKeyId } from '../../kernel/hash.js';
import { activityFault } from '../../trading/orders/report-form.js';
import {
  brokerFactRefused,
  isContentRefused,
  keyOfContent,
  refusedFactId,
} from '../../trading/orders/refused-facts.js';

const PAGE = 100;
/** A day with more pages than this is not one bot's day. */
const MAX_PAGES = 10_000;
const PAGES_OF_LOOK = 10;

/** What records the activities of a broker. */
export interface ActivityDeps {
  readonly broker: Pick<AccountQueries, 'activities'> & Pick<BrokerConnection, 'code'>;
  readonly appender: EngineAppender;
  readonly state: EngineState;
}

/** Records each of the broker's cash movements once; fills are known from their orders and are skipped. */
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
  if (activity.kind === 'fill' || deps.state.importedActivities.has(activity.activityId)) return;
  const unreadable = activityFault(activity);
  if (unreadable !== undefined) {
    await refuse(deps, activity, unreadable, keyOfContent(activity));
    return;
  }
  try {
    await deps.appender.append(STREAMS.accounting, [importedActivity(deps, activity)]);
  } catch (error) {
    if (!(error instanceof TradeBotError) || !isContentRefused(error)) throw error;
    await refuse(deps, activity, error);
  }
}

/** An activity that the books cannot take does not block the others: it is kept for a person to book. */
async function refuse(
  { appender, broker, state }: ActivityDeps,
  activity: CashActivity,
  fault: TradeBotError,
  key: readonly string[] = [activity.activityId],
): Promise<void> {
  const refused = { kind: 'activity', key, report: activity, at: activity.at } as const;
  if (state.refusedFacts.has(refusedFactId(broker.code, refused))) return;
  await appender.append(STREAMS.accounting, [brokerFactRefused(broker.code, refused, fault, 'activities')]);
}

type CashActivity = Exclude<BrokerActivity, { kind: 'fill' }>;

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
