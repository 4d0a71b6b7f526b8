import { Button } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api } from '../api/client.js';
import { useApi } from '../api/query.js';
import { Icon } from './icon.js';
import { parts } from './messages.js';
import { State } from './state.js';

/** The message of the broker behind an event, read when it is opened. */
export function BrokerMessage({ id }: { readonly id: string }): ReactElement {
  const [open, setOpen] = useState(false);
  return (
    <div>
      <Button
        size="compact-xs"
        variant="default"
        leftSection={<Icon name="chain" size={12} />}
        aria-expanded={open}
        onClick={() => setOpen(!open)}
      >
        {open ? parts.brokerMessageHide : parts.brokerMessage}
      </Button>
      {open ? <MessageText id={id} /> : null}
    </div>
  );
}

function MessageText({ id }: { readonly id: string }): ReactElement {
  const frame = useApi(['frame', id], (signal) =>
    api.GET('/api/journal/events/{id}/frame', { signal, params: { path: { id } } }),
  );
  return (
    <State of={frame} lines={3}>
      {({ channel, text, cut }) => (
        <div>
          <p className="dim">{channel}</p>
          <pre className="raw-text" tabIndex={0}>
            {text}
          </pre>
          {cut ? <p className="dim">{parts.brokerMessageCut}</p> : null}
        </div>
      )}
    </State>
  );
}
