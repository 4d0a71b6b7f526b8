import type { TickerSymbol } from '../../events/names.js';
import type { EpochMs } from '../../kernel/time.js';
import type { HaltChange } from './types.js';

const NOBODY: readonly TickerSymbol[] = [];

/** Which symbols are halted. A symbol counts as halted in each minute in which it was halted at some time. */
export class HaltBoard {
  /** The last change of each symbol that ever changed. */
  readonly #last = new Map<TickerSymbol, HaltChange>();

  constructor(private readonly symbols: readonly TickerSymbol[]) {}

  /** A change outside the open minutes; an older one than the last of its symbol changes nothing. */
  apply(change: HaltChange): void {
    const known = this.#last.get(change.symbol);
    if (known === undefined || change.at >= known.at) this.#last.set(change.symbol, change);
  }

  /** The symbols that were halted in the minute that began at `start`, in the order of the session. */
  closeMinute(start: EpochMs, changes: readonly HaltChange[] | undefined): readonly TickerSymbol[] {
    if (changes === undefined && this.#last.size === 0) return NOBODY;
    const within: HaltChange[] = [];
    for (const change of [...(changes ?? [])].sort(byTime)) {
      if (change.at > start) within.push(change);
      else this.apply(change);
    }
    const halted = new Set(this.#halted());
    for (const change of within) {
      if (change.state === 'halted') halted.add(change.symbol);
      this.apply(change);
    }
    return halted.size === 0 ? NOBODY : this.symbols.filter((symbol) => halted.has(symbol));
  }

  /** Exactly these symbols are halted at `at`. */
  setTo(halted: readonly TickerSymbol[], at: EpochMs): void {
    for (const symbol of this.#halted()) if (!halted.includes(symbol)) this.apply({ symbol, at, state: 'resumed' });
    for (const symbol of halted) this.apply({ symbol, at, state: 'halted' });
  }

  #halted(): readonly TickerSymbol[] {
    return [...this.#last.values()].filter(({ state }) => state === 'halted').map(({ symbol }) => symbol);
  }
}

/** Of two changes at one instant the halt comes last: it is the careful reading. */
function byTime(a: HaltChange, b: HaltChange): number {
  if (a.at !== b.at) return a.at - b.at;
  return a.state === b.state ? 0 : a.state === 'halted' ? 1 : -1;
}
