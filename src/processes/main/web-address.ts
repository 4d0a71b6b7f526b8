import type { Secret } from '../../kernel/secret.js';
import type { PlainError, WebInit } from '../ipc/messages.js';
import type { Network } from './home-vault.js';

/** How the web came up: where it listens, or why it cannot. */
export type WebUp = { readonly address: string } | { readonly fault: PlainError };

/** What the start says about the pages; null where it says nothing. */
export interface WebChoice extends Omit<WebInit, 'host' | 'port' | 'setupToken'> {
  readonly host: string | null;
  readonly port: number | null;
}

const DEFAULTS = { host: '127.0.0.1', port: 8420 };

/**
 * Where the pages are: the options of the start, then `.env`, then `network_config`, then 127.0.0.1:8420. It stays as it
 * was at the start: a change of `network_config` counts from the next one.
 */
export class WebAddress {
  /** A free port that was taken once stays: pages that are open find the next web process. */
  #port: number | undefined;
  #network: Network | undefined;
  #report: (up: WebUp) => void = () => undefined;
  /** Resolves when the web listens, or says that it cannot. */
  readonly up = new Promise<WebUp>((resolve) => (this.#report = resolve));

  constructor(
    private readonly choice: WebChoice,
    private readonly network: () => Network,
  ) {}

  init(setupToken: Secret | undefined): WebInit {
    const { host, port, ...rest } = this.choice;
    this.#network ??= host !== null && port !== null ? {} : this.network();
    return {
      ...rest,
      host: host ?? this.#network.host ?? DEFAULTS.host,
      port: this.#port ?? port ?? this.#network.port ?? DEFAULTS.port,
      setupToken: setupToken?.reveal() ?? null,
    };
  }

  isUp(address: string): void {
    this.#port ??= Number(/:(\d+)$/.exec(address)?.[1]) || undefined;
    this.#report({ address });
  }

  failed(fault: PlainError): void {
    this.#report({ fault });
  }
}
