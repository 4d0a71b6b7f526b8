/** Why the bot ended an order of its own before it left: the broker has said nothing of it. */
const WITHDRAWALS = [
  'KILL_SWITCH',
  'BOT_STOPPED',
  'ENTRY_WINDOW_CLOSED',
  'STOP_NOT_NEEDED',
  'POSITION_CHANGED',
] as const;
export type Withdrawal = (typeof WITHDRAWALS)[number];

/** Whether the code of a rejected order says that the bot itself withdrew it. */
export function isWithdrawal(code: string): boolean {
  return WITHDRAWALS.some((known) => known === code);
}
