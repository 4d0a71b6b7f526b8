/** A strategy that fails its check is excluded from the session and reported. */
const LEFT_OUT = 'strategy ';
/** Not a strategy in spite of its name: without the router no strategy is chosen correctly. */
const ROUTER = 'strategy router';
/** It says what the bot will not do; everything else is traded. */
export const SHORT_SALES = 'broker.short sales';

/** The end of the remedy of a check with which the bot waits in its state. */
export const ASKS_AGAIN = 'The bot asks again by itself, at the longest once a minute.';

/** Whether a check keeps the bot from a session. */
export function blocksSession({ ok, module }: { readonly ok: boolean; readonly module: string }): boolean {
  if (ok || module === SHORT_SALES) return false;
  return module === ROUTER || !module.startsWith(LEFT_OUT);
}

/** A failed check in one line: module, cause and remedy. */
export function checkText({ module, cause, remedy }: Readonly<Record<'module' | 'cause' | 'remedy', string>>): string {
  return `${module}: ${cause.replace(/[.]?$/, '.')} ${remedy}`;
}
