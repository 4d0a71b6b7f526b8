import { useState, type ReactElement } from 'react';
import { useBriefing, usePresentStatus } from '../../api/status.js';
import { capital } from '../../lib/format.js';
import { Card } from '../../parts/card.js';
import { State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
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
            <p className="dim">
              {texts.nothing} <Next />
            </p>
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

/** The strategy whose window begins next in this session, and when; nothing while one is in its window. */
function Next(): ReactElement | null {
  const { data: now } = useBriefing();
  const { data: status } = usePresentStatus();
  const clock = now?.clock?.utc;
  if (status === undefined || clock === undefined) return null;
  const states = Object.entries(status.strategy_states);
  if (states.some(([, { running }]) => running)) return null;
  const [first] = states
    .flatMap(([name, { enabled, scheduled_utc: at }]) =>
      enabled !== false && at !== null && at > clock ? [{ name, at }] : [],
    )
    .toSorted((a, b) => (a.at < b.at ? -1 : 1));
  if (first === undefined) return null;
  return (
    <>
      {texts.next(first.name)} <Time at={first.at} date={false} /> UTC.
    </>
  );
}
