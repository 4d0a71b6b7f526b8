import type { ReactElement } from 'react';
import { useBriefing, useControl, useStatus } from '../../api/status.js';
import type { components } from '../../generated/api.js';
import { capital, words } from '../../lib/format.js';
import { Card, Facts, Pill } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { NoValue } from '../../parts/money.js';
import { Advice, Notice, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { control as texts } from './messages.js';
import { Protections } from './protections.js';

type Control = components['schemas']['ControlAnswer'];
type Flag = Control['flags'][number];

/** What state the bot is in and why, what stopped it and what to do, what is still open, and who commanded what. */
export default function ControlPage(): ReactElement {
  const control = useControl();
  return (
    <State of={control} lines={8}>
      {(body) => (
        <div className="cards">
          <Failures of={body} />
          <BotState of={body} />
          <Open />
          <Protections of={body.protections} />
          <Card title={texts.flags}>
            <DataTable
              label={texts.flags}
              columns={FLAGS}
              rows={body.flags}
              rowKey={({ at, flag }) => `${at} ${flag}`}
              empty={texts.noFlags}
            />
          </Card>
          <Advice texts={body.warnings} />
        </div>
      )}
    </State>
  );
}

/** Why a bot in error does not start, and what to do about it. */
function Failures({ of: { failures } }: { readonly of: Control }): ReactElement | null {
  if (failures.length === 0) return null;
  return (
    <Card title={texts.failures} aside={<Pill tone="bad">{texts.failuresWhy}</Pill>}>
      <div className="cards">
        {failures.map(({ module, cause, remedy }) => (
          <Notice key={module} icon="alert" tone="bad" title={`${words(module)}: ${cause}`}>
            {remedy}
          </Notice>
        ))}
      </div>
    </Card>
  );
}

function BotState({ of }: { readonly of: Control }): ReactElement {
  const { data: now } = useBriefing();
  const { facts } = texts;
  const next = now?.nextSession as { readonly text: string } | undefined;
  const stopped = of.commands.start.allowed;
  return (
    <Card title={of.stage === 'goingDown' ? texts.halting : texts.state}>
      <div className="form">
        <Facts
          rows={[
            { name: facts.state, value: words(of.state) },
            { name: facts.since, value: <Time at={of.since} /> },
            { name: facts.from, value: of.from === null ? <NoValue /> : words(of.from) },
            { name: facts.reason, value: of.reason === '' ? <NoValue /> : capital(of.reason) },
            { name: facts.next, wide: true, value: next === undefined ? <NoValue /> : capital(next.text) },
          ]}
        />
        {stopped ? <p className="dim">{texts.down}</p> : null}
      </div>
    </Card>
  );
}

/** What a stop, a kill or a crash left open. */
function Open(): ReactElement {
  const status = useStatus();
  return (
    <Card title={texts.open}>
      <State of={status} lines={2}>
        {({ open_positions: positions, unresolved_orders: orders }) =>
          positions.length + orders.length === 0 ? (
            <p>{texts.flat}</p>
          ) : (
            <ul>
              {positions.map(({ ticker, trade_side: side, size }) => (
                <li key={ticker}>{texts.position(side, size, ticker)}</li>
              ))}
              {orders.map((order) => (
                <li key={order}>{texts.unresolved(order)}</li>
              ))}
            </ul>
          )
        }
      </State>
      <p className="dim">{texts.openWhy}</p>
    </Card>
  );
}

const { columns: heads } = texts;

const FLAGS: readonly Column<Flag>[] = [
  { key: 'at', head: heads.at, cell: ({ at }) => <Time at={at} /> },
  { key: 'command', head: heads.command, cell: ({ command, flag }) => command || <code>{flag}</code> },
  {
    ...{ key: 'outcome', head: heads.outcome },
    cell: ({ outcome }) => (outcome === 'obeyed' ? outcome : <Pill tone="warn">{outcome}</Pill>),
  },
  { key: 'by', head: heads.by, cell: ({ byName }) => byName ?? texts.byFile },
  { key: 'reason', head: heads.reason, wide: true, cell: ({ reason }) => reason },
];
