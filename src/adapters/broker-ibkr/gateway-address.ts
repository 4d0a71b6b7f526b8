import { configError } from '../../kernel/errors.js';
import { sha256Hex } from '../../kernel/hash.js';
import type { BrokerAccountAddress } from '../broker-common/account-address.js';
import type { GatewayAddress } from './gateway-session.js';

/** IB Gateway of a paper account: what a host without a port means. */
const PAPER_PORT = 4_002;
const SHAPE = /^(?:tcp:\/\/)?(\[[0-9A-Fa-f:.]{2,45}\]|[A-Za-z0-9][A-Za-z0-9.-]{0,252})(?::(\d{1,5}))?\/?$/;
/** Client ids of brokers are even from here on, those of feeds odd: one bot is two clients of a gateway. */
const FIRST_CLIENT_ID = 1_000;
const CLIENT_IDS = 500_000;

/**
 * Where the gateway of an account is: BROKER_URL as `tcp://host:port`, or BROKER_HOST. The client id follows from the identity of the bot,
 * so that a bot finds its own orders again and two bots at one gateway do not meet. @throws ConfigError BAD_GATEWAY_ADDRESS
 */
export function gatewayAddress(
  account: Pick<BrokerAccountAddress, 'url' | 'host'>,
  identity: string,
  role: 'broker' | 'feed',
): GatewayAddress {
  const text = account.url === '' ? account.host : account.url;
  const match = SHAPE.exec(text);
  const port = Number(match?.[2] ?? PAPER_PORT);
  if (match === null || port < 1 || port > 65_535) {
    throw configError({
      code: 'BAD_GATEWAY_ADDRESS',
      message: `"${text.slice(0, 100)}" is no address of TWS or IB Gateway`,
      remedy: 'Set BROKER_URL to tcp://host:port, such as tcp://127.0.0.1:4002, or BROKER_HOST to host:port.',
    });
  }
  const host = (match[1] ?? '').replace(/^\[|\]$/g, '');
  const number = Number.parseInt(sha256Hex(identity).slice(0, 8), 16) % CLIENT_IDS;
  return { host, port, clientId: FIRST_CLIENT_ID + 2 * number + (role === 'feed' ? 1 : 0) };
}
