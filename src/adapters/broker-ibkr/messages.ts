import type { Decimal } from '../../kernel/decimal.js';

/** What the gateway says of the security of a row. Quantities of rows with a security count units: of options 100 for each contract. */
export interface WireContract {
  readonly conId: number;
  readonly symbol: string;
  readonly secType: string;
  readonly currency: string;
  readonly localSymbol: string;
  /** Expiry, strike and right of an option; empty for a share. */
  readonly expiry: string;
  readonly strike: Decimal | undefined;
  readonly right: string;
  /** Undefined for a share. */
  readonly multiplier: Decimal | undefined;
  /** Empty where the row has none. */
  readonly tradingClass: string;
}

/** An order in a list of open or completed ones. */
export interface WireOrder {
  readonly contract: WireContract;
  readonly action: string;
  readonly quantity: Decimal | undefined;
  readonly orderType: string;
  readonly limitPrice: Decimal | undefined;
  readonly stopPrice: Decimal | undefined;
  readonly account: string;
  readonly orderRef: string;
  readonly permId: string;
  readonly status: string;
}

export interface WireExecution {
  readonly reqId: number;
  readonly orderId: number;
  readonly contract: WireContract;
  readonly execId: string;
  readonly time: string;
  readonly account: string;
  readonly side: string;
  readonly quantity: Decimal;
  readonly price: Decimal;
  readonly permId: string;
  readonly clientId: number;
  readonly orderRef: string;
}

export interface WireContractDetails {
  readonly reqId: number;
  readonly contract: WireContract;
  readonly exchange: string;
  readonly primaryExchange: string;
  readonly tradingClass: string;
  readonly orderTypes: string;
  readonly minTick: Decimal | undefined;
  /** The smallest quantity and the step of quantities; undefined where the gateway does not say. */
  readonly minSize: Decimal | undefined;
  readonly sizeIncrement: Decimal | undefined;
  readonly multiplier: Decimal | undefined;
  readonly timeZone: string;
  readonly liquidHours: string;
}

/** A minute or a day of historical data. */
export interface WireBar {
  readonly time: string;
  readonly open: Decimal | undefined;
  readonly high: Decimal | undefined;
  readonly low: Decimal | undefined;
  readonly close: Decimal | undefined;
  readonly volume: Decimal | undefined;
}

/** A message of the gateway with exact numbers; `ignored` is one that nothing here needs, or that could not be read. */
export type GatewayMessage =
  | { readonly kind: 'nextValidId'; readonly id: number }
  | { readonly kind: 'managedAccounts'; readonly accounts: readonly string[] }
  | { readonly kind: 'error'; readonly id: number; readonly code: number; readonly text: string }
  | {
      readonly kind: 'orderStatus';
      readonly orderId: number;
      readonly status: string;
      readonly filled: Decimal;
      readonly permId: string;
      readonly clientId: number;
      readonly whyHeld: string;
    }
  | ({ readonly kind: 'openOrder'; readonly orderId: number; readonly clientId: number } & WireOrder)
  | { readonly kind: 'openOrderEnd' }
  | ({ readonly kind: 'completedOrder'; readonly filled: Decimal; readonly reason: string } & WireOrder)
  | { readonly kind: 'completedOrdersEnd' }
  | ({ readonly kind: 'execution' } & WireExecution)
  | { readonly kind: 'executionsEnd'; readonly reqId: number }
  /** `amount` is undefined while the charge is pending. */
  | {
      readonly kind: 'commission';
      readonly execId: string;
      readonly amount: Decimal | undefined;
      readonly currency: string;
    }
  | {
      readonly kind: 'position';
      readonly account: string;
      readonly contract: WireContract;
      readonly quantity: Decimal;
      readonly averageCost: Decimal;
    }
  | { readonly kind: 'positionsEnd' }
  | {
      readonly kind: 'accountSummary';
      readonly reqId: number;
      readonly account: string;
      readonly tag: string;
      readonly value: string;
      readonly currency: string;
    }
  | { readonly kind: 'accountSummaryEnd'; readonly reqId: number }
  | ({ readonly kind: 'contract' } & WireContractDetails)
  | { readonly kind: 'contractsEnd'; readonly reqId: number }
  | { readonly kind: 'currentTime'; readonly seconds: number }
  | {
      readonly kind: 'tickPrice';
      readonly reqId: number;
      readonly tick: number;
      readonly price: Decimal | undefined;
      readonly size: Decimal | undefined;
    }
  | { readonly kind: 'tickSize'; readonly reqId: number; readonly tick: number; readonly size: Decimal | undefined }
  | { readonly kind: 'tickString'; readonly reqId: number; readonly tick: number; readonly text: string }
  | { readonly kind: 'tickGeneric'; readonly reqId: number; readonly tick: number; readonly value: Decimal | undefined }
  | {
      readonly kind: 'optionFigures';
      readonly reqId: number;
      readonly tick: number;
      readonly impliedVolatility: Decimal | undefined;
      readonly underlying: Decimal | undefined;
    }
  | { readonly kind: 'snapshotEnd'; readonly reqId: number }
  | { readonly kind: 'marketDataType'; readonly reqId: number; readonly type: number }
  | {
      readonly kind: 'trade';
      readonly reqId: number;
      readonly seconds: number;
      readonly price: Decimal;
      readonly size: Decimal;
      readonly unreported: boolean;
    }
  | {
      readonly kind: 'quote';
      readonly reqId: number;
      readonly seconds: number;
      readonly bid: Decimal;
      readonly ask: Decimal;
      readonly bidSize: Decimal;
      readonly askSize: Decimal;
    }
  | { readonly kind: 'realTimeBar'; readonly reqId: number; readonly seconds: number; readonly bar: WireBar }
  | { readonly kind: 'historicalBars'; readonly reqId: number; readonly bars: readonly WireBar[] }
  | {
      readonly kind: 'optionParameters';
      readonly reqId: number;
      readonly exchange: string;
      readonly tradingClass: string;
      readonly multiplier: string;
      readonly expiries: readonly string[];
      readonly strikes: readonly Decimal[];
    }
  | { readonly kind: 'optionParametersEnd'; readonly reqId: number }
  | { readonly kind: 'ignored'; readonly type: string };

/** The messages of one kind. */
export type MessageOf<K extends GatewayMessage['kind']> = Extract<GatewayMessage, { kind: K }>;
