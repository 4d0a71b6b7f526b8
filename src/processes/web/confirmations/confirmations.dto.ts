import { CONFIRMATION_TAKES } from '../../../app/manual-entries/entry-confirmation.js';
import { LONGEST_REASON } from '../../../domain/risk/protections.js';
import type { ConfirmationTake } from '../../../trading/entries/confirmation.js';
import { ChoiceField, FlagField, PartsField, TextField } from '../common/fields.js';

class WaitingAnswer {
  @TextField({ description: 'Id of the signal.', max: 120 })
  signalId!: string;

  @TextField({ description: 'The strategy.', max: 40 })
  strategy!: string;

  @TextField({ description: 'The symbol.', max: 20 })
  symbol!: string;

  @TextField({ description: 'long or short.', max: 5 })
  side!: string;

  @TextField({ description: 'Shares, by the price at the request.', max: 60 })
  quantity!: string;

  @TextField({ description: 'Price of the signal at the request, in dollars.', max: 60 })
  price!: string;

  @TextField({ description: 'Quantity times price, in dollars.', max: 60 })
  cost!: string;

  @TextField({ description: 'From then on the entry is not sent, UTC.', max: 30 })
  expiresAt!: string;
}

export class WaitingEntriesAnswer {
  @PartsField(() => WaitingAnswer, { description: 'Entries that wait for a person, oldest first.', max: 1_000 })
  waiting!: readonly WaitingAnswer[];
}

export class DecideInput {
  @TextField({ description: 'The signal of the entry.', max: 120, example: '2026-11-30/open/AIG' })
  signalId!: string;

  @ChoiceField(CONFIRMATION_TAKES, {
    description: 'confirmed: it may be sent, when every check passes again. refused: it is not sent.',
    example: 'confirmed',
  })
  take!: ConfirmationTake;

  @TextField({
    description: 'Reason; kept in the journal.',
    min: 3,
    max: LONGEST_REASON,
    kept: true,
    example: 'looks right',
  })
  reason!: string;
}

export class DecidedAnswer {
  @TextField({ description: 'The signal of the entry.', max: 120 })
  signalId!: string;

  @ChoiceField(CONFIRMATION_TAKES, { description: 'What was decided.' })
  take!: ConfirmationTake;

  @FlagField({ description: 'Whether an earlier request had decided it.' })
  repeated!: boolean;
}
