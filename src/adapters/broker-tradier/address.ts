import { configError } from '../../kernel/errors.js';

/** Where an account is reached, and how much the broker lets one ask. */
export interface TradierAddress {
  /** Base of REST, ending in `/v1`. */
  readonly restUrl: string;
  /** Base of the streams, ending in `/v1`. */
  readonly streamUrl: string;
  /** The practice environment of the broker: no streams of market data, quotes 15 minutes late, half the reads. */
  readonly isSandbox: boolean;
  /** Reads that are allowed in a minute; as many of market data. */
  readonly readsPerMinute: number;
}

const KNOWN: Readonly<Record<string, { readonly streams: string; readonly isSandbox: boolean }>> = {
  'api.tradier.com': { streams: 'wss://ws.tradier.com/v1', isSandbox: false },
  'sandbox.tradier.com': { streams: 'wss://sandbox-ws.tradier.com/v1', isSandbox: true },
};

const LIVE_READS = 120;
const SANDBOX_READS = 60;

/**
 * The addresses that BROKER_URL stands for, with or without `/v1`. A host that is not the broker's serves the streams itself.
 * @throws ConfigError BROKER_URL_INVALID
 */
export function addressOf(brokerUrl: string): TradierAddress {
  const url = parsed(brokerUrl);
  const known = KNOWN[url.hostname];
  const path = url.pathname.replace(/\/+$/, '');
  const base = `${url.protocol}//${url.host}${path.endsWith('/v1') ? path : `${path}/v1`}`;
  const isSandbox = known?.isSandbox ?? false;
  return {
    restUrl: base,
    streamUrl: known?.streams ?? base.replace(/^http/, 'ws'),
    isSandbox,
    readsPerMinute: isSandbox ? SANDBOX_READS : LIVE_READS,
  };
}

/** The address of a stream: that of the session when it is one for websockets, else the usual one. */
export function streamAddress({ streamUrl }: TradierAddress, path: string, sessionUrl: string | undefined): string {
  const isSocket = sessionUrl !== undefined && (sessionUrl.startsWith('wss://') || isLoopbackSocket(sessionUrl));
  return isSocket ? sessionUrl : `${streamUrl}${path}`;
}

function isLoopbackSocket(url: string): boolean {
  return /^ws:\/\/(?:127\.0\.0\.1|localhost|\[::1\])[:/]/.test(url);
}

function parsed(brokerUrl: string): URL {
  const url = URL.canParse(brokerUrl) ? new URL(brokerUrl) : undefined;
  if (url?.protocol === 'https:' || url?.protocol === 'http:') return url;
  throw configError({
    code: 'BROKER_URL_INVALID',
    message: `BROKER_URL "${brokerUrl.slice(0, 80)}" is no address of Tradier`,
    remedy: 'Use https://api.tradier.com for a live account, https://sandbox.tradier.com for a practice account.',
  });
}
