import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { capital } from '../../lib/format.js';
import { useParams } from '../../lib/url.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, FilterBox, type Column } from '../../parts/data-table.js';
import { State } from '../../parts/state.js';
import { ruleFigures, ruleWords, universe } from './messages.js';

const { why: texts } = universe;

type Answer = components['schemas']['UniverseWhyAnswer'];
type Rule = Answer['rules'][number];

/** Why a symbol is in the newest universe or not: every rule with what the providers say and what the settings want. */
export function Why(): ReactElement {
  const { symbol = '' } = useParams();
  return (
    <Card title={texts.title}>
      <div className="filters">
        <FilterBox param="symbol" label={texts.symbol} />
      </div>
      {symbol === '' ? <p className="dim">{texts.help}</p> : <OfSymbol symbol={symbol} />}
    </Card>
  );
}

function OfSymbol({ symbol }: { readonly symbol: string }): ReactElement {
  const found = useApi(
    ['universe-why', symbol],
    (signal) => api.GET('/api/universe/why', { signal, params: { query: { symbol } } }),
    { live: ['UniversePublished'] },
  );
  return (
    <State of={found} lines={7}>
      {(answer) => (
        <>
          <p>{texts.verdict(answer)}</p>
          {answer.listed ? (
            <DataTable label={texts.title} columns={COLUMNS} rows={answer.rules} rowKey={({ rule }) => rule} />
          ) : null}
        </>
      )}
    </State>
  );
}

const { columns: heads } = texts;

const COLUMNS: readonly Column<Rule>[] = [
  { key: 'rule', head: heads.rule, cell: ({ rule }) => capital(ruleWords(rule)) },
  {
    ...{ key: 'outcome', head: heads.outcome },
    cell: ({ ok, code }) => (ok ? texts.holds : <Pill>{ruleWords(code)}</Pill>),
  },
  { key: 'value', head: heads.value, cell: ({ value }) => <span className="num text">{ruleFigures(value)}</span> },
  {
    key: 'limit',
    head: heads.limit,
    wide: true,
    cell: ({ limit }) => <span className="num">{ruleFigures(limit)}</span>,
  },
];
