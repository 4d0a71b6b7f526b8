import type { EventData, RecordedEvent } from '../../../events/event.js';
import { Decimal } from '../../../kernel/decimal.js';
import { negateCents, NO_CENTS, roundToCents, type Cents } from '../../../kernel/money.js';
import type { Mapping } from '../mapping.js';
import type { MappingKey } from '../roles.js';
import type { LedgerGroup, OpenLot, ShareTransfer, TransactionType } from '../types.js';
import { groupIdOf, LegList, type GroupFacts, type Shares } from './group.js';
import { activityNote, floatNote, openingNote, OPENING_CASH_NOTE } from './notes.js';
import type { PostingSource } from './source.js';
import { openingTransfer } from './transfer.js';

/** A broker activity that is not a trade. */
export type ActivityData = EventData<'BrokerActivityImported'>;

/** Posts opening cash and each opening position against the opening balance; a position without a cost is a transfer. */
export function postOpening(
  source: PostingSource,
  opening: EventData<'OpeningBalancesRecorded'>,
  lots: readonly OpenLot[],
): { readonly groups: readonly LedgerGroup[]; readonly transfers: readonly ShareTransfer[] } {
  const cash = roundToCents(Decimal.parse(opening.cash));
  const base = { trntype: 'OPENING', action: 'other', datetimeUtc: opening.asOf } as const;
  const cashLegs = new LegList(source.mapping, null);
  cashLegs.pair('opening_cash/cash', cash);
  const cashGroup = cashLegs.group(source, {
    ...noSecurity(base, 'opening/cash', OPENING_CASH_NOTE),
    netAmount: cash,
  });
  const groups = cashGroup === undefined ? [] : [cashGroup];
  const transfers: ShareTransfer[] = [];
  for (const [index, lot] of lots.entries()) {
    const legs = new LegList(source.mapping, lot.symbol);
    const shares = { quantity: lot.quantity.shortText(), price: lot.price.shortText(2) };
    if (lot.side === 'short') shortLegs(legs, lot.amount, shares);
    else legs.pair('opening_position/cost', lot.amount, { debit: shares });
    const basis = opening.positions[index]?.basis ?? null;
    const isKnown = lot.unknownSince === undefined;
    const description = openingNote({ ...lot, quantity: shares.quantity, basis, isKnown });
    const group = legs.group(source, {
      ...noSecurity(base, `opening/${lot.lotId}`, description),
      ...shares,
      symbol: lot.symbol,
      action: lot.side,
      netAmount: NO_CENTS,
    });
    if (group === undefined) transfers.push(openingTransfer(source, lot, { ...base, description }));
    else groups.push(group);
  }
  return { groups, transfers };
}

/** The proceeds of an old short sale are a liability; the cash that they brought is in the opening cash. */
function shortLegs(legs: LegList, proceeds: Cents, shares: Shares): void {
  legs.debit(legs.accounts('opening_position/cost').credit, proceeds);
  legs.credit(legs.accounts('sell_short/proceeds').credit, proceeds, shares);
}

/** Posts an acknowledged float transfer as in transit until the broker reports the cash. The opening float is part of the opening balance. */
export function postFloat(source: PostingSource, event: RecordedEvent<'FloatAdjusted'>): LedgerGroup | undefined {
  const { adjustmentId, direction, source: origin } = event.data;
  if (origin === 'opening-balance') return undefined;
  const inject = direction === 'inject';
  const legs = new LegList(source.mapping, null);
  legs.pair(
    inject ? 'float_injected/acknowledged' : 'float_returned/acknowledged',
    roundToCents(Decimal.parse(event.data.amount)),
  );
  const base = { trntype: inject ? 'FLOATIN' : 'FLOATOUT', action: 'other', datetimeUtc: event.occurredAt } as const;
  return legs.group(source, {
    ...noSecurity(base, `float/${adjustmentId}`, floatNote(event.data)),
    netAmount: NO_CENTS,
  });
}

interface ActivityTerms {
  readonly key: MappingKey;
  readonly trntype: TransactionType;
  readonly cash: 1n | -1n;
}

const ACTIVITY: Readonly<Record<ActivityData['activityType'], ActivityTerms>> = {
  deposit: { key: 'float_injected/settled', trntype: 'DEPOSIT', cash: 1n },
  withdrawal: { key: 'float_returned/settled', trntype: 'WITHDRAWAL', cash: -1n },
  dividend: { key: 'dividend/income', trntype: 'DIVIDEND', cash: 1n },
  dividend_on_short: { key: 'dividend_on_short/charge', trntype: 'DIVIDEND', cash: -1n },
  interest: { key: 'interest/income', trntype: 'INTEREST', cash: 1n },
  fee: { key: 'broker_fee/charge', trntype: 'FEE', cash: -1n },
};

/** Whether the table has accounts for an activity; an unmapped activity waits unposted (ACC-17). */
export function isMapped(mapping: Mapping, activity: ActivityData): boolean {
  return mapping.find(ACTIVITY[activity.activityType].key, activity.symbol) !== undefined;
}

/** The only group of an activity. */
const ACTIVITY_PART = 'activity';

/** Posts a cash movement at the broker that is not a trade; one that was taken back moves the same accounts the other way. */
export function postActivity(source: PostingSource, activity: ActivityData): LedgerGroup | undefined {
  const { key, trntype, cash } = ACTIVITY[activity.activityType];
  const size = roundToCents(Decimal.parse(activity.amount));
  const amount = activity.reversesEventId === undefined ? size : negateCents(size);
  const legs = new LegList(source.mapping, activity.symbol);
  legs.pair(key, amount);
  const reversed = activity.reversesEventId;
  const base = { trntype, action: 'other', datetimeUtc: activity.happenedAt } as const;
  const group = legs.group(source, {
    ...noSecurity(base, ACTIVITY_PART, activityNote(activity)),
    externalId: activity.activityId,
    symbol: activity.symbol,
    netAmount: (cash * amount) as Cents,
    responseHash: activity.rawSha256,
  });
  if (group === undefined || reversed === undefined) return group;
  return { ...group, reverses: groupIdOf(reversed, ACTIVITY_PART) };
}

function noSecurity(
  base: Pick<GroupFacts, 'trntype' | 'action' | 'datetimeUtc'>,
  part: string,
  description: string,
): Omit<GroupFacts, 'netAmount'> {
  const none = { strategy: null, symbol: null, quantity: null, price: null, responseHash: null };
  return { ...base, ...none, part, description, externalId: null, commission: NO_CENTS, fee: NO_CENTS };
}
