import { configError } from '../../kernel/errors.js';

/** Addresses of Alpaca that belong together; none ends with a slash. */
export interface AlpacaHosts {
  readonly kind: 'live' | 'paper' | 'other';
  readonly rest: string;
  readonly orderStream: string;
  readonly dataRest: string;
  readonly dataStream: string;
}

const DATA = { dataRest: 'https://data.alpaca.markets', dataStream: 'wss://stream.data.alpaca.markets/v2/iex' };
const KNOWN = [
  { host: 'api.alpaca.markets', kind: 'live' },
  { host: 'paper-api.alpaca.markets', kind: 'paper' },
] as const;
const LOOPBACK = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/;

/**
 * The hosts that belong to BROKER_URL: the live or paper host of Alpaca, or one that serves everything itself.
 * @throws ConfigError BROKER_URL_UNUSABLE
 */
export function alpacaHosts(url: string): AlpacaHosts {
  const parsed = URL.canParse(url) ? new URL(url) : undefined;
  const isPlain = parsed?.protocol === 'http:';
  const isUsable =
    parsed !== undefined && (parsed.protocol === 'https:' || (isPlain && LOOPBACK.test(parsed.hostname)));
  if (!isUsable || parsed.username !== '' || parsed.password !== '') {
    throw configError({
      code: 'BROKER_URL_UNUSABLE',
      message:
        'BROKER_URL is not an address of Alpaca: https, or http on this machine, without a user or password in it',
      remedy: 'Enter https://paper-api.alpaca.markets (paper) or https://api.alpaca.markets (live) under secrets.',
    });
  }
  const known = KNOWN.find(({ host }) => host === parsed.host);
  if (known !== undefined) {
    const { kind, host } = known;
    return { kind, rest: `https://${host}`, orderStream: `wss://${host}/stream`, ...DATA };
  }
  const rest = parsed.origin;
  const stream = rest.replace(/^http/, 'ws');
  return { kind: 'other', rest, orderStream: `${stream}/stream`, dataRest: rest, dataStream: `${stream}/v2/iex` };
}
