/** Code of a strategy whose window was over before the bot was there: skipped for the day, but it did not fail. */
export const WINDOW_OVER = 'WINDOW_OVER';

/** Whether a strategy that was skipped with this code could not do its work. */
export function isFailure(code: string): boolean {
  return code !== WINDOW_OVER;
}
