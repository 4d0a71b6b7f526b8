/** The environment of the process; the only place of the command line that reads it. */
export interface Environment {
  /** TRADEBOT_HOME: the home when --home is not given (RUN-6). */
  readonly home: string | undefined;
  /** TRADEBOT_DEBUG: show stacks of errors. */
  readonly debug: boolean;
  /** TRADEBOT_JOURNAL_URL: JOURNAL_URL of commands without settings; it may contain a password. */
  readonly journalUrl?: string | undefined;
  readonly pid: number;
  /** npm_lifecycle_event: npm runs this process and waits for its end. */
  readonly byNpm: boolean;
  /** Version of the Node that runs this process, such as 24.21.0. */
  readonly nodeVersion: string;
  /** The user that this process runs as; undefined where there are none. */
  readonly userId: number | undefined;
  readonly service: ServiceEnvironment;
}

/** What systemd passes to its services. */
export interface ServiceEnvironment {
  /** NOTIFY_SOCKET: the address for service notifications. */
  readonly socket: string | undefined;
  /** WATCHDOG_USEC, when it is addressed to this process. Microseconds. */
  readonly watchdogUsec: number | undefined;
  /** The credential `tradebot_master_key`, when the unit has credentials. */
  readonly masterKeyFile: string | undefined;
  /** PATH: where to find systemd-notify. */
  readonly path: string;
}

export function readEnvironment(): Environment {
  const { TRADEBOT_HOME: home, TRADEBOT_DEBUG: debug, TRADEBOT_JOURNAL_URL: journalUrl } = process.env;
  const { npm_lifecycle_event: npmScript } = process.env;
  return {
    home: home === undefined || home === '' ? undefined : home,
    journalUrl: journalUrl === undefined || journalUrl === '' ? undefined : journalUrl,
    debug: debug !== undefined && debug !== '' && debug !== '0',
    pid: process.pid,
    byNpm: npmScript !== undefined && npmScript !== '',
    nodeVersion: process.versions.node,
    userId: process.getuid?.(),
    service: serviceEnvironment(),
  };
}

function serviceEnvironment(): ServiceEnvironment {
  const { NOTIFY_SOCKET, WATCHDOG_USEC, WATCHDOG_PID, CREDENTIALS_DIRECTORY, PATH } = process.env;
  const forUs = WATCHDOG_PID === undefined || WATCHDOG_PID === '' || WATCHDOG_PID === String(process.pid);
  const usec = Number(WATCHDOG_USEC ?? '');
  return {
    socket: NOTIFY_SOCKET === '' ? undefined : NOTIFY_SOCKET,
    watchdogUsec: forUs && Number.isSafeInteger(usec) && usec > 0 ? usec : undefined,
    masterKeyFile:
      CREDENTIALS_DIRECTORY === undefined || CREDENTIALS_DIRECTORY === ''
        ? undefined
        : `${CREDENTIALS_DIRECTORY}/tradebot_master_key`,
    path: PATH ?? '/usr/bin:/bin',
  };
}
