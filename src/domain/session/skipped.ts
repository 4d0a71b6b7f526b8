/** Code of a strategy whose window ended before the bot started: it is skipped for the day, but did not fail. */
export const WINDOW_OVER = 'WINDOW_OVER';

/** Whether a strategy skipped with this code failed. */
export function isFailure(code: string): boolean {
  return code !== WINDOW_OVER;
}
