import { FLOAT_DIRECTIONS, type FloatBooked, type FloatDirection } from '../../../app/manual-entries/float-entry.js';
import { REQUEST_ID } from '../../../app/manual-entries/manual-entry.js';
import { LONGEST_REASON } from '../../../domain/risk/protections.js';
import { ChoiceField, FlagField, TextField } from '../common/fields.js';

const REASON = { description: 'Reason; kept in the journal.', min: 3, max: LONGEST_REASON, kept: true } as const;
const REQUEST = {
  description: 'Id of the request, made by who asks: repeated with it, an entry is booked once, also after a restart.',
  ...{ max: 64, optional: true, pattern: REQUEST_ID, patternDescription: '8 to 64 letters, digits and dashes' },
} as const;

export class FloatInput {
  @ChoiceField(FLOAT_DIRECTIONS, { description: 'inject: to the bot; return: back to the owner.', example: 'inject' })
  direction!: FloatDirection;

  @TextField({
    description: 'Dollars above zero with at most two decimals.',
    ...{ max: 40, example: '5000.00', pattern: /^\d+(\.\d+)?$/ },
    patternDescription: 'dollars above zero with at most two decimals, such as 5000.00',
  })
  amount!: string;

  @TextField({ ...REASON, example: 'more capital' })
  reason!: string;

  @TextField({ ...REQUEST, example: '0b8f7c1e-2d7a-4f5e-9f0a-3b1c2d4e5f60' })
  requestId?: string;
}

export class FloatAnswer {
  @TextField({ description: 'Id of the entry.', max: 40 })
  adjustmentId!: string;

  @ChoiceField(FLOAT_DIRECTIONS, { description: 'What was booked.' })
  direction!: FloatDirection;

  @TextField({ description: 'Dollars.', max: 40 })
  amount!: string;

  @TextField({ description: 'Float now, dollars.', max: 40 })
  float!: string;

  @ChoiceField(['now', 'next session'], {
    description: 'From when sizes and the daily loss limit use it; entries never use money that was returned.',
  })
  countsFrom!: FloatBooked['countsFrom'];

  @FlagField({ description: 'Whether an earlier request had booked it.' })
  repeated!: boolean;
}

export class AdjustmentInput {
  @TextField({
    description: 'Refused report or event that it settles, such as RF-0a1b2c3d-4e5f.',
    ...{ max: 120, optional: true },
  })
  settles?: string;

  @TextField({ description: 'Shares of this symbol move.', max: 40, optional: true, example: 'AIG' })
  symbol?: string;

  @ChoiceField(['buy', 'sell'], { description: 'Shares come in (buy) or go out (sell).', optional: true })
  side?: string;

  @TextField({ description: 'Number of shares.', max: 40, optional: true, example: '5' })
  quantity?: string;

  @TextField({ description: 'Dollars per share.', max: 40, optional: true, example: '20.50' })
  price?: string;

  @TextField({
    description: 'Further cash at the broker in dollars; below zero was paid.',
    ...{ max: 40, optional: true, example: '-0.35' },
  })
  cash?: string;

  @TextField({ description: 'Code of the other account of that cash.', max: 40, optional: true })
  account?: string;

  @TextField({
    description: 'Time that the entry is for: a day (UTC), or a time; now when left out.',
    ...{ max: 30, optional: true, example: '2026-01-05T15:00Z' },
  })
  at?: string;

  @TextField({ ...REASON, example: 'fee that the broker charged later' })
  reason!: string;

  @TextField(REQUEST)
  requestId?: string;
}

export class AdjustmentAnswer {
  @TextField({ description: 'Id of the entry.', max: 40 })
  adjustmentId!: string;

  @TextField({ description: 'Report or event that it settles; null when none.', max: 120, nullable: true })
  settles!: string | null;

  @FlagField({ description: 'Whether an earlier request had booked it.' })
  repeated!: boolean;
}
