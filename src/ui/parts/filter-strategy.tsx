import type { ReactElement } from 'react';
import { useStatus } from '../api/status.js';
import { useParams } from '../lib/url.js';
import { strategyOptions } from './choices.js';
import { FilterChoice } from './filters.js';
import { parts } from './messages.js';

/** A strategy of the bot, or of a session that it traded, as `strategy` of the address. */
export function FilterStrategy(): ReactElement {
  const { strategy = '' } = useParams();
  const { data: status } = useStatus();
  const known =
    status === undefined
      ? undefined
      : [
          ...new Set([
            ...Object.keys(status.strategy_states),
            ...Object.keys(status.strategy_last_run),
            ...Object.keys(status.win_rates.per_strategy),
          ]),
        ];
  return <FilterChoice param="strategy" label={parts.strategy} options={strategyOptions(known, strategy)} />;
}
