import { Button, Progress } from '@mantine/core';
import { useRef, type ReactElement } from 'react';
import { useBriefing, useControl, usePresentStatus } from '../api/status.js';
import { words } from '../lib/format.js';
import { Pill } from '../parts/card.js';
import { Icon } from '../parts/icon.js';
import { Quantity } from '../parts/money.js';
import { frame } from './messages.js';

interface Closing {
  readonly ordersLeft: number;
  readonly positionsLeft: number;
  readonly text: string;
}

/** How far a stop or kill is: the state of the bot, what is left, and the list of open positions, until the bot is flat. */
export function UntilFlat({ command, close }: { readonly command: string; readonly close: () => void }): ReactElement {
  const { data: control } = useControl();
  const { data: now } = useBriefing();
  const { data: status } = usePresentStatus();
  const closing = (now?.closing ?? null) as Closing | null;
  const open = status?.open_positions ?? [];
  const left = closing === null ? open.length : closing.ordersLeft + closing.positionsLeft;
  const most = useRef(1);
  most.current = Math.max(most.current, left);
  const over = control?.state === 'stopped' && closing === null && open.length === 0;
  const newest = control?.flags[0];
  return (
    <div className="form" aria-live="polite">
      <p>
        {control === undefined ? null : <Pill tone={over ? 'calm' : 'warn'}>{words(control.state)}</Pill>}{' '}
        {over ? frame.commands.flat : (closing?.text ?? frame.commands.requested(command))}
      </p>
      {over ? null : <Progress value={(1 - left / most.current) * 100} animated aria-label={frame.commands.closing} />}
      {newest === undefined ? null : <p className="dim">{frame.commands.outcome(newest.outcome, newest.reason)}</p>}
      {open.length === 0 ? null : (
        <>
          <h3>{frame.commands.remaining}</h3>
          <ul className="remaining">
            {open.map((one) => (
              <li key={one.ticker}>
                <strong>{one.ticker}</strong> {one.trade_side} <Quantity value={one.size} />
              </li>
            ))}
          </ul>
        </>
      )}
      <div className="form-buttons">
        <Button
          size="md"
          variant="default"
          onClick={close}
          leftSection={over ? <Icon name="check" size={14} /> : undefined}
        >
          {over ? 'Close' : frame.commands.hide}
        </Button>
      </div>
    </div>
  );
}
