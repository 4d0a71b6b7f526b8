import type { BasePaths, BotLogName, HomePaths, SystemLogName } from '../../../domain/home/home-paths.js';

/** Who may read a log: everybody who may read, or those who manage users. */
export type Audience = 'read' | 'users';

export interface VisibleLog {
  readonly name: string;
  readonly path: string;
  readonly audience: Audience;
}

const SYSTEM_LOGS: Readonly<Record<SystemLogName, Audience>> = {
  main_bot: 'read',
  system_logs: 'users',
  heartbeat: 'read',
  router: 'read',
  kill_switch: 'read',
  provisioning: 'read',
  auth_web: 'users',
  security_users: 'users',
  system_users: 'users',
  user_activity_monitoring: 'users',
  password_reset_tokens: 'users',
  start: 'read',
  stop: 'read',
  test_mode: 'read',
};

const BOT_LOGS: Readonly<Record<BotLogName, Audience>> = {
  open: 'read',
  mid: 'read',
  close: 'read',
  unresolved_orders: 'read',
  error_tracebacks: 'users',
  disaster_mode: 'read',
};

/** Every log that pages show, by name. A request names one of these; nothing else of the home can be read that way. */
export function visibleLogs(base: BasePaths, home: HomePaths): ReadonlyMap<string, VisibleLog> {
  const system = Object.entries(SYSTEM_LOGS).map(([name, audience]) => ({
    name,
    audience,
    path: base.output.systemLog(name as SystemLogName),
  }));
  const bot = Object.entries(BOT_LOGS).map(([name, audience]) => ({
    name,
    audience,
    path: home.log(name as BotLogName),
  }));
  return new Map([...system, ...bot].map((log) => [log.name, log]));
}
