import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { useSession } from '../../app/session.js';
import { Card } from '../../parts/card.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { account as texts } from './messages.js';

/** The own account is closed by its user only, and by the typed name. */
export function CloseAccount(): ReactElement {
  const [asking, setAsking] = useState(false);
  return (
    <Card title={texts.close}>
      <div className="form">
        <p className="dim">{texts.closeText}</p>
        <div className="form-buttons">
          <Button variant="default" onClick={() => setAsking(true)}>
            {texts.closeButton}
          </Button>
        </div>
      </div>
      <Modal
        opened={asking}
        onClose={() => setAsking(false)}
        title={texts.close}
        closeButtonProps={{ 'aria-label': texts.cancel }}
      >
        {asking ? <CloseForm cancel={() => setAsking(false)} /> : null}
      </Modal>
    </Card>
  );
}

function CloseForm({ cancel }: { readonly cancel: () => void }): ReactElement {
  const { name } = useSession().user;
  const state = useServerForm({
    values: { confirm: '' },
    send: (body) => send(() => api.POST('/api/auth/close', { body })),
    done: () => location.reload(),
  });
  return (
    <FormBody of={state} label={texts.closeButton} danger cancel={cancel}>
      <p>{texts.closeText}</p>
      <TextInput
        label={texts.typeName(name)}
        autoComplete="off"
        autoCapitalize="none"
        data-autofocus
        {...state.form.getInputProps('confirm')}
      />
    </FormBody>
  );
}
