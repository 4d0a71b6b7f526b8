import { randomBytes } from 'node:crypto';
import { composeBotIdentity, type BotIdentity } from '../../../src/kernel/identity.js';
import type { Need } from '../needs.js';
import { EsdbDouble, type DoubleOptions } from './double.js';

/** The address of a real server on which the tests run instead of the double, with a user who may do everything. */
const { TRADEBOT_TEST_ESDB } = process.env;
const REAL_SERVER = TRADEBOT_TEST_ESDB === '' ? undefined : TRADEBOT_TEST_ESDB;

/** For tests of what no real server does on demand: freeze, lose, refuse on demand. */
export const theDouble: Need = { name: 'the protocol double', isHere: REAL_SERVER === undefined };

export interface IdentityParts {
  readonly entityCode: string;
  readonly jurisdictionCode: string;
  readonly brokerCode: string;
  readonly botId: string;
}

/** Parts of an identity that nobody has used: on a shared server each test has its streams to itself. */
export function freshIdentityParts(): IdentityParts {
  const [entityCode = '', botId = ''] = ['T', 'B'].map(
    (letter) => letter + randomBytes(5).toString('hex').toUpperCase(),
  );
  return { entityCode, jurisdictionCode: 'US', brokerCode: 'SIM', botId };
}

export function freshIdentity(): BotIdentity {
  return composeBotIdentity(freshIdentityParts());
}

/** A server for a test: a double of its own, or the real one of TRADEBOT_TEST_ESDB, which holds the events of others too. */
export class TestServer {
  readonly url: string;
  readonly #double: EsdbDouble | undefined;

  private constructor(url: string, double: EsdbDouble | undefined) {
    this.url = url;
    this.#double = double;
  }

  /** A real server is as it is: the options are those of the double alone. */
  static async start(options: DoubleOptions = {}): Promise<TestServer> {
    if (REAL_SERVER !== undefined) return new TestServer(REAL_SERVER, undefined);
    const double = await EsdbDouble.start(options);
    return new TestServer(double.url, double);
  }

  /** Throws on a real server: declare such a test with `testNeeding(theDouble)`. */
  get double(): EsdbDouble {
    if (this.#double === undefined) throw new Error('only the protocol double can do that: declare it with theDouble');
    return this.#double;
  }

  get isReal(): boolean {
    return this.#double === undefined;
  }

  /** The address with another user and password; a server without TLS is not sent either of them. */
  urlAs(user: string, password: string): string {
    return this.url.replace(/^(esdb(?:\+discover)?:\/\/)(?:[^@/?]*@)?/, `$1${user}:${password}@`);
  }

  stop(): void {
    this.#double?.stop();
  }
}
