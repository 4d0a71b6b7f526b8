import { useEffect, useState } from 'react';
import { browserNow } from '../lib/clock.js';
import { otherTimes, span, utcText } from '../lib/format.js';
import { NoValue } from './money.js';

/** `2026-`: a table of a phone has no room for it. */
const YEAR = 5;

/** A moment in UTC; its title has New York and the time here. */
export function Time({
  at,
  date = true,
}: {
  readonly at: string | null | undefined;
  /** False for a list of one day: the time alone. */
  readonly date?: boolean;
}): React.ReactElement {
  if (at === null || at === undefined || at === '') return <NoValue />;
  const text = utcText(at);
  return (
    <time className="num" dateTime={at} title={otherTimes(at)}>
      {date ? (
        <>
          <span className="year">{text.slice(0, YEAR)}</span>
          {text.slice(YEAR)}
        </>
      ) : (
        text.slice(11)
      )}
    </time>
  );
}

/** How long ago a moment is, counted on. `now`: the time of the bot where it differs from that of this browser. */
export function Age({ at, now }: { readonly at: string; readonly now?: string | null }): React.ReactElement {
  const [asked] = useState(browserNow);
  const [passed, setPassed] = useState(0);
  useEffect(() => {
    const timer = setInterval(() => setPassed(browserNow() - asked), 1_000);
    return () => clearInterval(timer);
  }, [asked]);
  const reference = (now === null || now === undefined ? asked : Date.parse(now)) + passed;
  return (
    <time className="num" dateTime={at} title={otherTimes(at)}>
      {span((reference - Date.parse(at)) / 1_000)}
    </time>
  );
}
