import { Button, Checkbox, Modal } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { queries, useApi, useChange } from '../../api/query.js';
import { endedText, SessionsTable } from '../../parts/access-lists.js';
import { Card } from '../../parts/card.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { Notice, ProblemNotice, State } from '../../parts/state.js';
import { account as texts } from './messages.js';

const SESSIONS = ['own-sessions'] as const;

/** Where the user is logged in, and how to end it. */
export function SessionsCard(): ReactElement {
  const found = useApi(SESSIONS, (signal) => api.GET('/api/auth/sessions', { signal }));
  const end = useChange((ref: string) => api.DELETE('/api/auth/sessions/{ref}', { params: { path: { ref } } }), {
    refresh: [SESSIONS],
  });
  const [asking, setAsking] = useState(false);
  const [done, setDone] = useState('');
  return (
    <Card
      title={texts.sessions}
      aside={
        <Button size="compact-sm" variant="default" onClick={() => setAsking(true)}>
          {texts.endOthers}
        </Button>
      }
    >
      {done === '' ? null : <Notice icon="check" title={done} />}
      {end.error === null ? null : <ProblemNotice problem={end.error} />}
      <State of={found} lines={3}>
        {(items) => <SessionsTable of={items} end={(ref) => end.mutate(ref)} />}
      </State>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={texts.endOthersTitle}
        closeButtonProps={{ 'aria-label': texts.cancel }}
      >
        {asking ? (
          <EndOthers
            cancel={() => setAsking(false)}
            done={(text) => {
              setAsking(false);
              setDone(text);
            }}
          />
        ) : null}
      </Modal>
    </Card>
  );
}

function EndOthers({
  cancel,
  done,
}: {
  readonly cancel: () => void;
  readonly done: (text: string) => void;
}): ReactElement {
  const state = useServerForm({
    values: { tokens: false },
    send: async (query) => {
      const ended = await send(() => api.DELETE('/api/auth/sessions', { params: { query } }));
      void queries.invalidateQueries({ queryKey: SESSIONS });
      void queries.invalidateQueries({ queryKey: ['own-tokens'] });
      done(endedText(ended));
    },
  });
  return (
    <FormBody of={state} label={texts.end} danger cancel={cancel}>
      <p>{texts.endOthersText}</p>
      <Checkbox label={texts.alsoTokens} {...state.form.getInputProps('tokens', { type: 'checkbox' })} />
    </FormBody>
  );
}
