import { streamName, type StreamName } from './event.js';
import type { ClientOrderId, StrategyName, TickerSymbol } from './names.js';
import type { DateText } from '../kernel/time.js';

/** Streams by subject. Several processes append; a writer that loses a race for a revision reads on and decides again. */
export const STREAMS = {
  lifecycle: streamName('lifecycle'),
  config: streamName('config'),
  /** The strategies in the folder of own ones, as they were found. */
  ownStrategies: streamName('own-strategies'),
  /** The list of inverse ETFs, by version. */
  inverseEtfs: streamName('inverse-etfs'),
  risk: streamName('risk'),
  float: streamName('float'),
  accounting: streamName('accounting'),
  reporting: streamName('reporting'),
  errors: streamName('errors'),
  /** Builds of the universe, by the worker or the command that makes them. */
  universe: streamName('universe'),
  /** Tasks that somebody asked of the running bot, and how they ended. */
  bookTasks: streamName('book-tasks'),
  /** Written by any process that makes a backup, also while an engine runs. */
  backup: streamName('backup'),
  /** Starts and ends of processes, control flags, test runs. */
  processes: streamName('processes'),
  provisioning: streamName('provisioning'),
  /** Who trades for this bot; on a server several homes compete for it. */
  ownership: streamName('ownership'),
  health: streamName('health'),
  /** Written by the engine alone: what it keeps while the journal is away must meet no other writer. */
  journalOutages: streamName('journal-outages'),
  secrets: streamName('secrets'),
  /** What others did to the streams of a journal on a server. */
  streams: streamName('streams'),
  /** Login attempts that belong to no user. */
  access: streamName('access'),
  user: (userId: string): StreamName => streamName('user', userId),
  session: (date: DateText): StreamName => streamName('session', date),
  strategy: (name: StrategyName, date: DateText): StreamName => streamName(`strategy-${name}`, date),
  order: (id: ClientOrderId): StreamName => streamName('order', id),
  position: (symbol: TickerSymbol): StreamName => streamName('position', symbol),
} as const;
