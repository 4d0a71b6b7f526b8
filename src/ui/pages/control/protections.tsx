import { Button, Modal, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { queries } from '../../api/query.js';
import { useMay } from '../../app/session.js';
import type { components } from '../../generated/api.js';
import { capital } from '../../lib/format.js';
import { Card, Facts, Pill } from '../../parts/card.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { Notice } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { control as texts } from './messages.js';

type Protection = components['schemas']['ProtectionAnswer'];

/** Kill switch, defense mode and holds: those that are on with their cause, and their reset for who may. */
export function Protections({ of }: { readonly of: readonly Protection[] }): ReactElement {
  const mayReset = useMay('reset-protections');
  const [asked, setAsked] = useState<Protection['what'] | null>(null);
  const [done, setDone] = useState('');
  return (
    <Card title={texts.protections}>
      <div className="cards">
        {done === '' ? null : <Notice icon="check" title={capital(done)} />}
        <Facts
          rows={of.map(({ what, on }) => ({
            name: titleOf(what),
            value: on ? (
              <Pill tone={what === 'defense-mode' ? 'warn' : 'bad'}>{texts.active[what]}</Pill>
            ) : (
              texts.calm[what]
            ),
          }))}
        />
        {of
          .filter(({ on }) => on)
          .map(({ what, since, cause, resettable, refusal }) => (
            <Notice
              key={what}
              icon="alert"
              tone={what === 'defense-mode' ? 'warn' : 'bad'}
              title={`${titleOf(what)}: ${cause}`}
              action={
                mayReset && resettable ? (
                  <Button size="xs" variant="default" onClick={() => setAsked(what)}>
                    {texts.reset}
                  </Button>
                ) : undefined
              }
            >
              <p>
                {texts.since} <Time at={since} />. {texts.effects[what] ?? ''}
              </p>
              {refusal === '' ? null : <p>{refusal}</p>}
            </Notice>
          ))}
      </div>
      <Modal
        opened={asked !== null}
        onClose={() => setAsked(null)}
        title={texts.resetTitle(titleOf(asked ?? ''))}
        closeButtonProps={{ 'aria-label': texts.cancel }}
      >
        {asked === null ? null : (
          <Reset
            what={asked}
            close={() => setAsked(null)}
            done={(effect) => {
              setAsked(null);
              setDone(effect);
            }}
          />
        )}
      </Modal>
    </Card>
  );
}

function Reset({
  what,
  close,
  done,
}: {
  readonly what: Protection['what'];
  readonly close: () => void;
  readonly done: (effect: string) => void;
}): ReactElement {
  const state = useServerForm({
    values: { reason: '' },
    send: async ({ reason }) => {
      const { effect } = await send(() => api.POST('/api/control/reset', { body: { what, reason: reason.trim() } }));
      void queries.invalidateQueries({ queryKey: ['control'] });
      void queries.invalidateQueries({ queryKey: ['conditions'] });
      done(effect);
    },
  });
  return (
    <FormBody of={state} label={texts.reset} cancel={close}>
      <p>{texts.effects[what] ?? ''}</p>
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

function titleOf(what: string): string {
  return texts.titles[what] ?? what;
}
