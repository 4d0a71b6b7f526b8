export interface SilenceParts {
  /** How long a read may bring nothing. */
  readonly limitMs: number;
  readonly giveUp: () => void;
  /** Whether the server works for the read although it sends nothing; asked in the middle of each silence. */
  readonly isSearching: () => Promise<boolean>;
}

/** The silence of a server in a read: it ends the read, unless the server answers meanwhile that it is there. */
export class ReadSilence {
  readonly #limit: NodeJS.Timeout;
  readonly #look: NodeJS.Timeout;
  #ended = false;

  constructor({ limitMs, giveUp, isSearching }: SilenceParts) {
    this.#limit = setTimeout(giveUp, limitMs);
    const look = async (): Promise<void> => {
      if (await isSearching().catch(() => false)) this.broken();
    };
    this.#look = setTimeout(() => void look(), limitMs / 2);
  }

  /** The server has sent something. */
  broken(): void {
    if (this.#ended) return;
    this.#limit.refresh();
    this.#look.refresh();
  }

  end(): void {
    this.#ended = true;
    clearTimeout(this.#limit);
    clearTimeout(this.#look);
  }
}
