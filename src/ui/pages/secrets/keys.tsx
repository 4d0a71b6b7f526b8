import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { queries } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { Card, Facts } from '../../parts/card.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { secrets as texts } from './messages.js';

type Secrets = components['schemas']['SecretsAnswer'];

/** The keys that encrypt everything: how many generations there are, new ones, and an end of the earlier ones. */
export function Keys({
  of: { generation, earliestKept, masterKey },
  done,
}: {
  readonly of: Secrets;
  readonly done: (text: string) => void;
}): ReactElement {
  const [asked, setAsked] = useState<'rotate' | 'destroy' | null>(null);
  const close = (): void => setAsked(null);
  const ended = (text: string): void => {
    void queries.invalidateQueries({ queryKey: ['secrets'] });
    close();
    done(text);
  };
  const { facts } = texts;
  return (
    <Card title={texts.keys}>
      <div className="form">
        <Facts
          rows={[
            { name: facts.generation, value: <span className="num">{generation}</span> },
            { name: facts.master, value: masterKey ? texts.withMaster : texts.withoutMaster },
            {
              name: facts.kept,
              value: earliestKept === generation ? texts.keptNone : texts.kept(earliestKept, generation - 1),
            },
          ]}
        />
        <div className="form-buttons">
          <Button variant="default" onClick={() => setAsked('rotate')}>
            {texts.rotate}
          </Button>
          <Button variant="default" disabled={earliestKept === generation} onClick={() => setAsked('destroy')}>
            {texts.destroy}
          </Button>
        </div>
      </div>
      <Modal
        opened={asked !== null}
        onClose={close}
        title={asked === 'destroy' ? texts.destroy : texts.rotateTitle}
        closeButtonProps={{ 'aria-label': texts.cancel }}
      >
        {asked === 'rotate' ? <Rotate close={close} done={ended} /> : null}
        {asked === 'destroy' ? <Destroy close={close} done={ended} /> : null}
      </Modal>
    </Card>
  );
}

interface Form {
  readonly close: () => void;
  readonly done: (text: string) => void;
}

function Rotate({ close, done }: Form): ReactElement {
  const state = useServerForm({
    values: {},
    send: async () => done(texts.rotated((await send(() => api.POST('/api/secrets/rotate'))).generation)),
  });
  return (
    <FormBody of={state} label={texts.rotate} cancel={close}>
      <p>{texts.rotateText}</p>
    </FormBody>
  );
}

function Destroy({ close, done }: Form): ReactElement {
  const state = useServerForm({
    values: { reason: '' },
    send: async ({ reason }) => {
      const body = { reason: reason.trim() };
      done(texts.destroyed((await send(() => api.POST('/api/secrets/destroy-earlier', { body }))).generation));
    },
  });
  return (
    <FormBody of={state} label={texts.destroyButton} danger cancel={close}>
      <p>{texts.destroyText}</p>
      <TextInput
        label={texts.reason}
        description={texts.reasonHelp}
        maxLength={300}
        data-autofocus
        {...state.form.getInputProps('reason')}
      />
    </FormBody>
  );
}
