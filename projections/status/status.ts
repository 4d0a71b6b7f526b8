import { initialBook } from '../../src/domain/accounting/book.js';
import { parseBook, serializeBook } from '../../src/domain/accounting/book-codec.js';
import type { HomePaths } from '../../src/domain/home/home-paths.js';
import type { EventContext } from '../../src/events/event.js';
import type { BooksOptions } from '../daily-summary/daily-summary.js';
import { projection, type Projection, type ProjectionDefinition } from '../kit/projection.js';
import { accountingHandlers } from './accounting.js';
import { configHandlers } from './config.js';
import { floatHandlers } from './float.js';
import { healthHandlers } from './health.js';
import { lifecycleHandlers } from './lifecycle.js';
import { orderHandlers } from './orders.js';
import { positionHandlers } from './positions.js';
import { processHandlers } from './processes.js';
import { statusText } from './render-status.js';
import { reportingHandlers } from './reporting.js';
import { riskHandlers } from './risk.js';
import type { StatusHandlers } from './status-part.js';
import { newBody, type StatusBody, type StatusState } from './status-state.js';
import { strategyHandlers } from './strategies.js';

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
];

const HANDLERS: StatusHandlers<StatusContext> = {
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
};

function encodeStatus({ book, body }: StatusState): string {
  return `{"book":${serializeBook(book)},"body":${JSON.stringify(body)}}`;
}

function decodeStatus(text: string): StatusState {
  const { book, body } = JSON.parse(text) as { readonly book: object; readonly body: StatusBody };
  return { book: parseBook(JSON.stringify(book)), body };
}

/** What the status needs to know besides the journal. */
interface StatusOptions extends BooksOptions {
  /** The names of the registered strategies: they are shown from the first event on. */
  readonly strategies: readonly string[];
}

/** status.json and its mirror (OUT-5): what the journal says of the bot now; the money is the ledger's, by the same rules. */
export function statusProjection(paths: HomePaths, options: StatusOptions): Projection {
  return projection<StatusContext, StatusState, never>(statusDefinition(paths, options));
}

/** The definition of the status with its types. */
export type StatusDefinition = ProjectionDefinition<StatusContext, StatusState, never>;

/** The same with its types open, for a fold of the past. */
export function statusDefinition(paths: HomePaths, options: StatusOptions): StatusDefinition {
  const files = [paths.output.statusJson, paths.output.statusMirror];
  return {
    name: 'status',
    version: 6,
    contexts: CONTEXTS,
    after: 'all',
    initial: () => ({ book: initialBook(options.codes, options.lotMethod), body: newBody() }),
    codec: { encode: encodeStatus, decode: decodeStatus },
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
