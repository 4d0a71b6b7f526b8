import { useState, type ReactElement } from 'react';
import { useBriefing } from '../../api/status.js';
import { capital } from '../../lib/format.js';
import { Card } from '../../parts/card.js';
import { State } from '../../parts/state.js';
import { decisions as texts } from './messages.js';

const FIRST = 2;

/** Every reason why the bot opens no position at present, most important first. */
export function Now(): ReactElement {
  const now = useBriefing();
  const [all, setAll] = useState(false);
  return (
    <Card title={texts.now}>
      <State of={now} lines={2}>
        {({ notTrading: reasons }) =>
          reasons.length === 0 ? (
            <p className="dim">{texts.nothing}</p>
          ) : (
            <>
              <ol className="reasons">
                {reasons.slice(0, all ? reasons.length : FIRST).map(({ code, text, remedy }) => (
                  <li key={code + text}>
                    {capital(text)}. <span className="dim">{remedy}</span>
                  </li>
                ))}
              </ol>
              {all || reasons.length <= FIRST ? null : (
                <button type="button" className="event-link" onClick={() => setAll(true)}>
                  {texts.more(reasons.length - FIRST)}
                </button>
              )}
            </>
          )
        }
      </State>
    </Card>
  );
}
