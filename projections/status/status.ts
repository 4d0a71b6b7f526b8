import type { HomePaths } from '../../src/domain/home/home-paths.js';
import type { EventContext } from '../../src/events/event.js';
import { bookHandlers, bookStateCodec, foldBook, newBook, type BooksOptions } from '../kit/book-fold.js';
import { projection, type Handlers, type Projection, type ProjectionDefinition } from '../kit/projection.js';
import { accountingHandlers, noteAdjustment } from './accounting.js';
import { configHandlers } from './config.js';
import { noteConversion } from './conversions.js';
import { noteForeign } from './foreign.js';
import { floatHandlers, noteFloat } from './float.js';
import { healthHandlers } from './health.js';
import { lifecycleHandlers } from './lifecycle.js';
import { noteExecution, orderHandlers } from './orders.js';
import { positionHandlers } from './positions.js';
import { processHandlers } from './processes.js';
import { statusText } from './render-status.js';
import { reportingHandlers } from './reporting.js';
import { riskHandlers } from './risk.js';
import { stamp } from './status-part.js';
import { newBody, type StatusState } from './status-state.js';
import { strategyHandlers } from './strategies.js';
import { universeHandlers } from './universe.js';

type StatusContext = Exclude<EventContext, 'access' | 'secrets'>;

const CONTEXTS: readonly StatusContext[] = [
  'accounting',
  'config',
  'float',
  'health',
  'lifecycle',
  'orders',
  'positions',
  'processes',
  'reporting',
  'risk',
  'strategy',
  'universe',
];

/** Events of the books also change the status. */
const booked = bookHandlers<StatusState, never>((state, event) => {
  // what the books refuse changes nothing else
  const next = foldBook(state, event);
  stamp(next.body, event);
  noteExecution(next.body, event);
  noteAdjustment(next.body, event);
  noteFloat(next.body, event);
  noteForeign(next.body, event);
  noteConversion(next.body, event);
  return next;
});

const HANDLERS: Handlers<StatusContext, StatusState, never> = {
  ...booked,
  ...accountingHandlers,
  ...configHandlers,
  ...floatHandlers,
  ...healthHandlers,
  ...lifecycleHandlers,
  ...orderHandlers,
  ...positionHandlers,
  ...processHandlers,
  ...reportingHandlers,
  ...riskHandlers,
  ...strategyHandlers,
  ...universeHandlers,
};

/** Inputs of the status in addition to the journal. */
interface StatusOptions extends BooksOptions {
  /** The names of the registered strategies, shown from the first event on. */
  readonly strategies: readonly string[];
}

/** status.json and its mirror (OUT-5): the state of the bot according to the journal, with the ledger's figures. */
export function statusProjection(paths: HomePaths, options: StatusOptions): Projection {
  return projection<StatusContext, StatusState, never>(statusDefinition(paths, options));
}

/** The definition of the status with its types. */
export type StatusDefinition = ProjectionDefinition<StatusContext, StatusState, never>;

/** The same definition with its types, for a fold of the past. */
export function statusDefinition(paths: HomePaths, options: StatusOptions): StatusDefinition {
  const files = [paths.output.statusJson, paths.output.statusMirror];
  return {
    name: 'status',
    version: 30,
    contexts: CONTEXTS,
    after: 'all',
    initial: () => ({ book: newBook(options), body: newBody() }),
    codec: bookStateCodec<StatusState>(),
    handlers: HANDLERS,
    files: {
      claims: [...files, paths.control.botState],
      render: (state, health) => {
        const text = statusText(state, health, options.strategies);
        const { botState } = state.body;
        const mirrors = files.map((path) => ({ path, text }));
        // for scripts and people: one word (RUN-10)
        return botState === null ? mirrors : [...mirrors, { path: paths.control.botState, text: `${botState}\n` }];
      },
    },
  };
}
