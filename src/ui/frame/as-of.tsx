import { Button, Popover, Slider, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useState, type SubmitEvent, type ReactElement } from 'react';
import { api } from '../api/client.js';
import { useApi } from '../api/query.js';
import { shortPosition } from '../lib/format.js';
import { useAsOf, useSetParams } from '../lib/url.js';
import { Icon } from '../parts/icon.js';
import { frame } from './messages.js';

/** A moment that the slider stops at. */
interface Mark {
  readonly position: string;
  readonly label: string;
}

const MOST_MARKS = 200;

/** The moment that the app shows: now, or a position of the journal, chosen at the marks of the sessions or typed. */
export function AsOfControl(): ReactElement {
  const asof = useAsOf();
  const [opened, setOpened] = useState(false);
  const setParams = useSetParams();
  useHotkeys([
    ['t', () => setOpened(true)],
    ['n', () => setParams({ asof: '' }, { replace: false })],
  ]);
  return (
    <Popover opened={opened} onChange={setOpened} width={340} position="bottom-end" withinPortal trapFocus returnFocus>
      <Popover.Target>
        <button
          type="button"
          className={asof === null ? 'as-of' : 'as-of as-of-past'}
          aria-expanded={opened}
          onClick={() => setOpened(!opened)}
        >
          <Icon name="clock" size={14} />
          <span className="sr-only">{frame.asOf.button} </span>
          <span className="num as-of-text">{asof === null ? frame.asOf.now : shortPosition(asof)}</span>
        </button>
      </Popover.Target>
      <Popover.Dropdown>
        <Chooser asof={asof} show={(position) => setParams({ asof: position }, { replace: false })} />
      </Popover.Dropdown>
    </Popover>
  );
}

function Chooser({
  asof,
  show,
}: {
  readonly asof: string | null;
  readonly show: (position: string) => void;
}): ReactElement {
  const marks = useMarks();
  const [typed, setTyped] = useState(shortPosition(asof ?? ''));
  const [fault, setFault] = useState('');
  const submit = (event: SubmitEvent): void => {
    event.preventDefault();
    if (/^[0-9/]{1,60}$/.test(typed.trim())) show(typed.trim());
    else setFault(frame.asOf.positionFault);
  };
  const at = asof === null ? marks.length : marks.findIndex(({ position }) => position >= asof);
  return (
    <div className="form">
      <p className="form-title">{frame.asOf.title}</p>
      <p className="dim">{frame.asOf.help}</p>
      {marks.length === 0 ? (
        <p className="dim">{frame.asOf.noSessions}</p>
      ) : (
        <Slider
          thumbLabel={frame.asOf.slider}
          min={0}
          max={marks.length}
          step={1}
          value={at < 0 ? marks.length : at}
          label={(value) => marks[value]?.label ?? frame.asOf.now}
          marks={marks.map((_, value) => ({ value }))}
          onChangeEnd={(value) => show(marks[value]?.position ?? '')}
          defaultValue={marks.length}
        />
      )}
      <form onSubmit={submit} className="form-row">
        <TextInput
          size="xs"
          label={frame.asOf.position}
          value={typed}
          error={fault}
          onChange={({ currentTarget }) => {
            setFault('');
            setTyped(currentTarget.value);
          }}
        />
        <Button type="submit" size="xs" variant="default">
          {frame.asOf.show}
        </Button>
        {asof === null ? null : (
          <Button size="xs" onClick={() => show('')}>
            {frame.asOf.backToNow}
          </Button>
        )}
      </form>
    </div>
  );
}

/** Opens and closes of the last sessions, oldest first. */
function useMarks(): readonly Mark[] {
  const { data } = useApi(
    ['session-marks'],
    (signal) =>
      api.GET('/api/journal/events', {
        signal,
        params: { query: { type: 'SessionOpened,SessionClosed', limit: MOST_MARKS } },
      }),
    { live: ['SessionOpened', 'SessionClosed'] },
  );
  const events = [...(data?.items ?? [])].reverse();
  return events.map(({ position, type, stream }) => {
    const date = stream.replace(/^.*session-/, '');
    return { position, label: type === 'SessionOpened' ? frame.asOf.opened(date) : frame.asOf.closed(date) };
  });
}
