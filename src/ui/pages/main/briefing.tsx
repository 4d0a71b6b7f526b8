import { useState, type ReactElement } from 'react';
import { useBriefing, useControl } from '../../api/status.js';
import { capital } from '../../lib/format.js';
import { Card } from '../../parts/card.js';
import { sessionText } from '../../parts/next-session.js';
import { State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { main } from './messages.js';

interface Reason {
  readonly code: string;
  readonly text: string;
  readonly remedy: string;
}

const FIRST = 3;

/** When the bot trades next, and every reason why it opens no position now, most important first. */
export function Briefing(): ReactElement {
  const now = useBriefing();
  return (
    <Card title={main.session}>
      <State of={now} lines={3}>
        {({ nextSession, notTrading, closing }) => (
          <div className="form">
            <p>{sessionText((nextSession as { readonly text: string }).text)}</p>
            {closing === null ? null : <p className="needs-person">{(closing as { readonly text: string }).text}</p>}
            <StoppedBy />
            <Reasons of={notTrading} />
          </div>
        )}
      </State>
    </Card>
  );
}

function Reasons({ of }: { readonly of: readonly Reason[] }): ReactElement {
  const [all, setAll] = useState(false);
  if (of.length === 0) return <p className="dim">{main.nothingHolds}</p>;
  const shown = all ? of : of.slice(0, FIRST);
  return (
    <div>
      <h3>{main.notTrading}</h3>
      <ol className="reasons">
        {shown.map(({ code, text, remedy }) => (
          <li key={code + text}>
            {capital(text)}. <span className="dim">{remedy}</span>
          </li>
        ))}
      </ol>
      {shown.length === of.length ? null : (
        <button type="button" className="event-link" onClick={() => setAll(true)}>
          {main.more(of.length - shown.length)}
        </button>
      )}
    </div>
  );
}

/** Which command stopped the bot, by whom and when: the last one that it obeyed. */
function StoppedBy(): ReactElement | null {
  const { data } = useControl();
  if (data?.state !== 'stopped') return null;
  const last = data.flags.find(({ outcome, command }) => outcome === 'obeyed' && /^(start|stop|kill)$/.test(command));
  if (last === undefined || last.command === 'start') return null;
  return (
    <p>
      {main.stoppedBy(last.command, last.byName)} <Time at={last.at} /> UTC.
    </p>
  );
}
