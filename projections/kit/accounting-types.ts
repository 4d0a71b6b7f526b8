import type { TypesOf } from '../../src/events/event.js';
import { ignore } from './projection.js';

/** The events of accounting that the outputs of trading leave out: all but splits and changes of symbol. */
export const OTHER_ACCOUNTING: Readonly<Record<Exclude<TypesOf<'accounting'>, 'SharesConverted'>, typeof ignore>> = {
  ActivityUnmapped: ignore,
  AdjustmentBooked: ignore,
  BooksCompared: ignore,
  BooksMismatchFound: ignore,
  BooksMismatchResolved: ignore,
  BrokerActivityImported: ignore,
  BrokerFactRefused: ignore,
  CoaChanged: ignore,
  CoaMappingChanged: ignore,
  ForeignFillBooked: ignore,
  ForeignFillBusted: ignore,
  ForeignOrderSeen: ignore,
  OpeningBalancesRecorded: ignore,
  ReconciliationCompleted: ignore,
  ReconciliationMismatchFound: ignore,
};
