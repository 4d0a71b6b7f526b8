import { Drawer } from '@mantine/core';
import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { grouped } from '../../lib/format.js';
import { useAsOf, useParams, useSetParams } from '../../lib/url.js';
import { State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { decisions as texts } from './messages.js';
import { Rule } from './rule.js';
import { stageText } from './text.js';

type Decision = components['schemas']['DecisionAnswer'];

/** All steps of the symbol and strategy that the address names with `of=AIG/open`. */
export function StepsPanel({ date }: { readonly date: string }): ReactElement {
  const { of = '' } = useParams();
  const setParams = useSetParams();
  const [symbol = '', strategy = ''] = of.split('/');
  return (
    <Drawer
      opened={of !== ''}
      onClose={() => setParams({ of: '' })}
      position="right"
      size="lg"
      title={texts.steps(symbol, strategy)}
      closeButtonProps={{ 'aria-label': texts.close }}
    >
      {of === '' ? null : <Steps {...{ date, symbol, strategy }} />}
    </Drawer>
  );
}

interface Asked {
  readonly date: string;
  readonly symbol: string;
  readonly strategy: string;
}

function Steps({ date, symbol, strategy }: Asked): ReactElement {
  const asof = useAsOf();
  const answer = useApi(['decisions', 'steps', date, symbol, strategy, asof], (signal) =>
    api.GET('/api/decisions', {
      signal,
      params: { query: { date, symbol, strategy, ...(asof === null ? {} : { asof }) } },
    }),
  );
  return (
    <State of={answer} lines={6}>
      {({ items }) => items.map((one) => <OneSymbol key={one.symbol} of={one} />)}
    </State>
  );
}

function OneSymbol({ of }: { readonly of: Decision }): ReactElement {
  return (
    <div className="form">
      <Observed of={of.observed} />
      <h3>{texts.lookedAt}</h3>
      <ol className="event-list">
        {of.steps.map((step, at) => (
          <li key={`${step.eventId ?? ''} ${at}`}>
            <div className="dim">
              {step.eventId === null ? texts.noEvent : <Time at={step.at} />} {'\u00b7'} {stageText(step.stage)}
            </div>
            <Rule of={step} stage={false} />
          </li>
        ))}
      </ol>
    </div>
  );
}

interface Seen {
  readonly minutes: string | number;
  readonly traded: string | number;
  readonly closest: { readonly figure: string; readonly value: string; readonly threshold: string } | null;
}

/** How near a candidate without a signal came to one. */
function Observed({ of }: { readonly of: Decision['observed'] }): ReactElement | null {
  if (of === null) return null;
  const { minutes, traded, closest } = of as unknown as Seen;
  return (
    <p>
      {texts.observed(String(minutes), String(traded))}{' '}
      {closest === null
        ? texts.neverKnown
        : texts.closest(closest.figure, grouped(closest.value), grouped(closest.threshold))}
    </p>
  );
}
