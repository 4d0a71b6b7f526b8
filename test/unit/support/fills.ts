import type { EventData, RecordedEvent } from '../../../src/events/event.js';
import { parseClientOrderId, parseStrategyName, parseSymbol } from '../../../src/events/names.js';
import type { BookCodes } from '../../../src/domain/accounting/book-codes.js';
import type { DecimalText } from '../../../src/kernel/decimal.js';
import { sha256Hex } from '../../../src/kernel/hash.js';
import type { UtcText } from '../../../src/kernel/time.js';
import { recorded } from './events.js';

export const CODES: BookCodes = { entity: 'DEMO', jurisdiction: 'US', broker: 'SIM', bot: 'B01', account: 'SIM-1' };

export interface FillWords {
  readonly id: string;
  readonly does: 'open_long' | 'close_long' | 'open_short' | 'close_short';
  readonly shares: string;
  readonly price: string;
  readonly symbol?: string;
  readonly commission?: string;
  readonly fee?: string;
  readonly at?: string;
}

export function fillData(words: FillWords): EventData<'OrderFilled'> {
  const { id, does, shares, price, symbol = 'SPY', commission = '0.00', fee = '0.00' } = words;
  return {
    clientOrderId: parseClientOrderId(`B01-20131007-${id.replace(/[^A-Za-z0-9]/g, '-')}`),
    brokerOrderId: `O-${id}`,
    executionId: id,
    strategy: parseStrategyName('open'),
    positionId: `2013-10-07/open/${symbol}/1`,
    symbol: parseSymbol(symbol),
    side: does === 'open_long' || does === 'close_short' ? 'buy' : 'sell',
    positionEffect: does,
    quantity: shares as DecimalText,
    price: price as DecimalText,
    commission: commission as DecimalText,
    fee: fee as DecimalText,
    currency: 'USD',
    filledAt: (words.at ?? '2013-10-07T14:00:00.001Z') as UtcText,
    rawSha256: sha256Hex(id),
  };
}

/** Events of one account, each with the next position. */
export class Broker {
  position = 0;

  filled(words: FillWords): RecordedEvent<'OrderFilled'> {
    const data = fillData(words);
    return recorded('OrderFilled', data, { at: data.filledAt, position: (this.position += 1) });
  }

  busted(executionId: string, symbol = 'SPY', at = '2013-10-07T15:00:00.001Z'): RecordedEvent<'OrderFillBusted'> {
    const data = {
      clientOrderId: parseClientOrderId(`B01-20131007-${executionId.replace(/[^A-Za-z0-9]/g, '-')}`),
      executionId,
      symbol: parseSymbol(symbol),
      reason: 'busted by the exchange',
    };
    return recorded('OrderFillBusted', data, { at, position: (this.position += 1) });
  }

  corrected(words: FillWords & { readonly corrects: string }): RecordedEvent<'OrderFillCorrected'> {
    const data = { ...fillData(words), correctsExecutionId: words.corrects };
    return recorded('OrderFillCorrected', data, { at: '2013-10-07T15:00:00.001Z', position: (this.position += 1) });
  }

  opening(cash: string, positions: EventData<'OpeningBalancesRecorded'>['positions'] = []) {
    const data = { asOf: '2013-09-30T13:00:00.000Z' as UtcText, cash: cash as DecimalText, positions };
    return recorded('OpeningBalancesRecorded', data, { at: data.asOf, position: (this.position += 1) });
  }
}
