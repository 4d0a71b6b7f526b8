import { Link } from '@tanstack/react-router';
import { useMemo, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import { dollars } from '../../lib/format.js';
import { useAsOf } from '../../lib/url.js';
import { Card } from '../../parts/card.js';
import { Plot } from '../../parts/plot.js';
import { State } from '../../parts/state.js';
import styles from './main.module.css';
import { main } from './messages.js';

const HEIGHT = 170;
const LAST = 60;
/** One session is a point, not a curve. */
const FEWEST = 2;

/** What closed positions made over the last sessions; their page has the rest. */
export function Curve(): ReactElement | null {
  const asof = useAsOf();
  const answer = useApi(
    ['performance', asof],
    (signal) => api.GET('/api/performance', { signal, params: { query: asof === null ? {} : { asof } } }),
    asof === null ? { live: ['PositionClosed', 'SessionOpened'] } : {},
  );
  const all = answer.data?.sessions;
  const plot = useMemo(() => {
    const sessions = (all ?? []).slice(-LAST);
    return {
      axis: main.curve.session,
      labels: sessions.map(({ date }) => date),
      series: [
        { name: main.curve.total, values: sessions.map(({ total }) => Number(total)), as: 'line', colour: 'link' },
      ] as const,
      format: (value: number) => dollars(value.toFixed(2)),
    };
  }, [all]);
  return (
    <Card
      title={main.curve.title}
      aside={
        <Link className={`event-link ${styles['link'] ?? ''}`} to="/performance">
          {main.curve.more}
        </Link>
      }
    >
      <State of={answer} lines={5}>
        {({ sessions }) =>
          sessions.length < FEWEST ? (
            <p className="dim">{main.curve.soon}</p>
          ) : (
            <Plot label={main.curve.label} height={HEIGHT} of={plot} />
          )
        }
      </State>
    </Card>
  );
}
