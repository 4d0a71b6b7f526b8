import { apartMs, clockDifference, clockDifferenceText } from '../../domain/risk/clock-difference.js';
import { TradeBotError } from '../../kernel/errors.js';
import { SECOND_MS, type Clock } from '../../kernel/time.js';
import { checkOfError, type BrokerCheck } from '../../ports/broker-connection.js';
import type { BrokerAccountAddress } from '../broker-common/account-address.js';
import type { Fields } from '../broker-common/fields.js';
import type { AlpacaRest } from './alpaca-rest.js';
import { alpacaHosts } from './hosts.js';

/** Orders and reports carry times of both sides: above this one of the clocks is wrong. */
const MOST_SKEW_MS = 5 * SECOND_MS;

const passed = (name: string): BrokerCheck => ({ name, ok: true, cause: '', remedy: '' });
const check = (name: string, ok: boolean, cause: string, remedy: string): BrokerCheck =>
  ok ? passed(name) : { name, ok, cause, remedy };

export interface CheckParts {
  readonly account: BrokerAccountAddress;
  readonly clock: Clock;
  readonly rest: Pick<AlpacaRest, 'account' | 'clock'>;
}

/** What is wrong with address, key, account and clock, one result for each; it never throws. */
export async function checkAlpaca(parts: CheckParts): Promise<readonly BrokerCheck[]> {
  const host = hostCheck(parts.account);
  if (!host.ok) return [host];
  let account: Fields;
  try {
    account = await parts.rest.account();
  } catch (error) {
    return [host, faultCheck(error)];
  }
  const results = [host, passed('broker.key'), numberCheck(parts.account, account), ...stateChecks(account)];
  return [...results, await clockCheck(parts)];
}

/** Keys of paper accounts begin with PK, of live accounts with AK: one at the wrong host is named before it is sent. */
function hostCheck({ url, apiKey }: BrokerAccountAddress): BrokerCheck {
  try {
    const { kind } = alpacaHosts(url);
    const start = apiKey.reveal().slice(0, 2);
    const isOther = (kind === 'paper' && start === 'AK') || (kind === 'live' && start === 'PK');
    const [mine, its] = kind === 'paper' ? ['live', 'paper'] : ['paper', 'live'];
    return check(
      'broker.host',
      !isOther,
      `the key is of a ${mine} account, BROKER_URL is the address of ${its} accounts`,
      `Enter the key of the ${its} account, or the address of ${mine} accounts, under secrets.`,
    );
  } catch (error) {
    return faultCheck(error, 'broker.host');
  }
}

function faultCheck(error: unknown, name = 'broker.key'): BrokerCheck {
  if (!(error instanceof TradeBotError)) throw error;
  if (error.code === 'KEY_REFUSED' || name === 'broker.host') return checkOfError(name, error);
  if (error.code !== 'FIELD_UNREADABLE') return checkOfError('broker.reachable', error);
  const unreadable = checkOfError('broker.answer', error);
  return { ...unreadable, cause: `the answer of ALPACA cannot be read: ${unreadable.cause}` };
}

function numberCheck({ accountNumber }: BrokerAccountAddress, account: Fields): BrokerCheck {
  const isSame = accountNumber === null || accountNumber.reveal() === account.textOr('account_number', '');
  const remedy = 'Enter the number of the account that the key belongs to, or the key of the account that is meant.';
  return check('broker.account', isSame, 'the key opens another account than BROKER_ACCOUNT_NUMBER', remedy);
}

function stateChecks(account: Fields): readonly BrokerCheck[] {
  const status = account.textOr('status', 'ACTIVE').slice(0, 40);
  const currency = account.textOr('currency', 'USD').slice(0, 10);
  const ask = 'Ask Alpaca why, and what is needed to lift it.';
  return [
    check('broker.active', status.toUpperCase() === 'ACTIVE', `the account is ${status}, not ACTIVE`, ask),
    check('broker.blocked', !account.flag('account_blocked'), 'the account is blocked', ask),
    check('broker.trading', !account.flag('trading_blocked'), 'trading is blocked for the account', ask),
    check(
      'broker.suspended',
      !account.flag('trade_suspended_by_user'),
      'trading is suspended in the settings of the account',
      'Allow trading in the account configuration at Alpaca.',
    ),
    check(
      'broker.currency',
      currency === 'USD',
      `the account is in ${currency}, not USD`,
      'Use an account in US dollars.',
    ),
  ];
}

/** Whether an account may sell short: one without margin may not. A field that is missing forbids nothing. */
export function maySellShort(account: Fields): boolean {
  const isAllowed = !account.has('shorting_enabled') || account.flag('shorting_enabled');
  return isAllowed && account.textOr('multiplier', '') !== '1';
}

async function clockCheck({ clock, rest }: CheckParts): Promise<BrokerCheck> {
  try {
    const askedAt = clock.now();
    const theirs = (await rest.clock()).time('timestamp');
    const apart = clockDifference({ askedAt, theirs, answeredAt: clock.now() });
    return check(
      'broker.clock',
      apartMs(apart) <= MOST_SKEW_MS,
      clockDifferenceText(apart, 'Alpaca'),
      'Set the clock of this machine by a time server.',
    );
  } catch (error) {
    return faultCheck(error);
  }
}
