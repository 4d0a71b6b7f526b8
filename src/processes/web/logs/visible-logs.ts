import { ownStrategyNames } from '../../../adapters/own-strategies/read-folder.js';
import { STRATEGY_NAMES } from '../../../domain/config/configured-strategies.js';
import {
  COMMON_BOT_LOGS,
  type BasePaths,
  type HomePaths,
  type SystemLogName,
} from '../../../domain/home/home-paths.js';

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

/** What failed is for those who manage users: it names modules and traces. */
const COMMON_LOGS: Readonly<Record<(typeof COMMON_BOT_LOGS)[number], Audience>> = {
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
  const strategies = [...STRATEGY_NAMES, ...ownStrategyNames(home.storage.ownStrategies)].map((name) => ({
    name,
    audience: 'read' as const,
    path: home.log(name),
  }));
  const common = COMMON_BOT_LOGS.map((name) => ({ name, audience: COMMON_LOGS[name], path: home.log(name) }));
  return new Map([...system, ...strategies, ...common].map((log) => [log.name, log]));
}
