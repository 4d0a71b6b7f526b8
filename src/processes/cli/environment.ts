/** What the surroundings of the process say; the one place of the command line that reads them. */
export interface Environment {
  /** TRADEBOT_HOME: where the home lies when --home is not given (RUN-6). */
  readonly home: string | undefined;
  /** TRADEBOT_DEBUG: stacks of errors are shown. */
  readonly debug: boolean;
  /** TRADEBOT_JOURNAL_URL: JOURNAL_URL of commands that are given no settings; it may hold a password. */
  readonly journalUrl?: string | undefined;
  readonly pid: number;
}

export function readEnvironment(): Environment {
  const { TRADEBOT_HOME: home, TRADEBOT_DEBUG: debug, TRADEBOT_JOURNAL_URL: journalUrl } = process.env;
  return {
    home: home === undefined || home === '' ? undefined : home,
    journalUrl: journalUrl === undefined || journalUrl === '' ? undefined : journalUrl,
    debug: debug !== undefined && debug !== '' && debug !== '0',
    pid: process.pid,
  };
}
