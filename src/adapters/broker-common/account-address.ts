import type { Secret } from '../../kernel/secret.js';

/** Where an account is and what opens it: the fields of the secret file `broker_credentials`. */
export interface BrokerAccountAddress {
  /** BROKER_URL: address of the interface; http only on the loopback. Empty: the host decides. */
  readonly url: string;
  /** BROKER_HOST: `host` or `host:port`, for brokers with a gateway. Empty when there is none. */
  readonly host: string;
  readonly apiKey: Secret;
  readonly secretKey: Secret;
  readonly userName: Secret;
  readonly password: Secret;
  /** BROKER_ACCOUNT_NUMBER; null: the account that the key opens. */
  readonly accountNumber: Secret | null;
}
