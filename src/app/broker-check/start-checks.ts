import { SHORT_SALES } from '../../domain/lifecycle/blocking-checks.js';
import { apartMs, clockDifference, clockDifferenceText } from '../../domain/risk/clock-difference.js';
import { anotherBotOf, orderIdsFit, shorterCodes } from '../../domain/orders/client-order-ids.js';
import { TradeBotError } from '../../kernel/errors.js';
import type { BotIdentity } from '../../kernel/identity.js';
import { SECOND_MS, toUtcText, type Clock } from '../../kernel/time.js';
import type { Broker } from '../../ports/broker.js';
import { checkOfError, type BrokerCheck } from '../../ports/broker-connection.js';
import { classify } from '../errors/classify.js';

/** What the checks read: nothing that they call changes anything at the broker. */
export interface CheckedBroker extends Pick<
  Broker,
  'connect' | 'selfCheck' | 'clock' | 'openOrders' | 'positions' | 'account'
> {
  readonly capabilities: Pick<Broker['capabilities'], 'clientIdLength'>;
}

export interface StartCheckParts {
  readonly broker: CheckedBroker;
  readonly identity: BotIdentity;
  /** Keys of the settings by which a strategy that runs sells short. */
  readonly shortSellers: readonly string[];
  /** The time that the bot works with. */
  readonly clock: Clock;
  /** Ends a call that does not answer: rejects after the limit of an answer. */
  readonly within: <T>(name: string, work: () => Promise<T>) => Promise<T>;
}

/** More than this between the broker's clock and ours: orders would be sent at wrong times. */
const MOST_SKEW_MS = 30 * SECOND_MS;
const MOST_NAMED = 5;

/**
 * What must be right before a bot may trade in an account: the broker's own check (key, account, permission), its clock against
 * ours, readable account and positions, and no orders of another bot. Only reads; never throws.
 */
export async function startChecks(parts: StartCheckParts): Promise<readonly BrokerCheck[]> {
  const { broker, within } = parts;
  const own = await asked('connection', () => within('the checks of the account', () => broker.selfCheck()));
  if (own.some(({ ok }) => !ok)) return own;
  const connected = await asked('connection', () => within('the log-in', () => broker.connect()).then(() => []));
  if (connected.length > 0) return [...own, ...connected];
  return [
    ...own,
    idLengthCheck(parts),
    ...(await asked('clock', () => clockCheck(parts))),
    ...(await asked('account', async () => {
      const { shortSales } = await within('the account', () => broker.account());
      await within('the positions', () => broker.positions());
      return [passed('account'), shortSalesCheck(parts, shortSales)];
    })),
    ...(await asked('other bots', () => otherBotsCheck(parts))),
  ];
}

function idLengthCheck({ broker, identity }: StartCheckParts): BrokerCheck {
  const { clientIdLength } = broker.capabilities;
  if (orderIdsFit(identity, clientIdLength)) return passed('order ids');
  return failed(
    'order ids',
    `the broker takes order ids of ${clientIdLength} characters, and those of ${identity} are longer`,
    `To trade there, ${shorterCodes(clientIdLength)}`,
  );
}

/** An account that may not sell short is traded all the same: its bearish signals are not. */
function shortSalesCheck({ shortSellers }: StartCheckParts, isAllowed: boolean | undefined): BrokerCheck {
  if (isAllowed !== false || shortSellers.length === 0) return passed(SHORT_SALES);
  return failed(
    SHORT_SALES,
    `the account may not sell short, and ${shortSellers.join(' and ')} of the settings want it: their bearish signals are not traded`,
    'Set them to disabled or InverseETF, or trade in a margin account that may sell short. Everything else is traded.',
  );
}

async function clockCheck({ broker, clock, within }: StartCheckParts): Promise<readonly BrokerCheck[]> {
  const askedAt = clock.now();
  const theirs = await within('its clock', () => broker.clock());
  const answeredAt = clock.now();
  const apart = clockDifference({ askedAt, theirs, answeredAt });
  if (apartMs(apart) <= MOST_SKEW_MS) return [passed('clock')];
  return [
    failed(
      'clock',
      `${clockDifferenceText(apart, 'the broker')}: it is ${toUtcText(answeredAt)} here and ${toUtcText(theirs)} there`,
      'Set the clock of this machine (NTP), then start the bot again.',
    ),
  ];
}

/** Open orders with ids of another bot: two bots with one key would undo each other's positions. */
async function otherBotsCheck({ broker, identity, within }: StartCheckParts): Promise<readonly BrokerCheck[]> {
  const orders = await within('the open orders', () => broker.openOrders());
  const foreign = orders.flatMap(({ clientOrderId }) =>
    clientOrderId !== null && anotherBotOf(identity, clientOrderId) !== undefined ? [clientOrderId] : [],
  );
  if (foreign.length === 0) return [passed('other bots')];
  const named = foreign.slice(0, MOST_NAMED).join(', ');
  return [
    failed(
      'other bots',
      `${foreign.length} open orders of this account are those of another bot: ${named}`,
      'Give each bot its own account and key. When that bot is gone, cancel its orders at the broker, then start this one.',
    ),
  ];
}

async function asked(name: string, ask: () => Promise<readonly BrokerCheck[]>): Promise<readonly BrokerCheck[]> {
  try {
    return await ask();
  } catch (error) {
    if (error instanceof TradeBotError) return [checkOfError(name, error)];
    const { errorType, message } = classify(error);
    const check = failed(name, message, 'Check the connection to the broker and its status page.');
    return [errorType === 'NetworkError' ? { ...check, mayPass: true } : check];
  }
}

function passed(name: string): BrokerCheck {
  return { name, ok: true, cause: '', remedy: '' };
}

function failed(name: string, cause: string, remedy: string): BrokerCheck {
  return { name, ok: false, cause, remedy };
}
