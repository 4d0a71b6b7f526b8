import { Anchor, Button, Modal, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { queries, useChange } from '../../api/query.js';
import { useSession } from '../../app/session.js';
import { Card, Pill } from '../../parts/card.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { Notice, ProblemNotice } from '../../parts/state.js';
import { account as texts } from './messages.js';
import { ShownOnce } from './shown-once.js';

/** Fewer are soon none: then a lost phone locks out. */
const FEW_CODES = 3;

type Step =
  | { readonly at: 'enrol'; readonly secret: string; readonly uri: string }
  | { readonly at: 'codes'; readonly codes: readonly string[] }
  | { readonly at: 'off' };

/** The second factor: on with an authenticator app and recovery codes, or off. */
export function FactorCard(): ReactElement {
  const { secondFactor, recoveryCodesLeft } = useSession();
  const [step, setStep] = useState<Step | null>(null);
  const begin = useChange(() => api.POST('/api/auth/second-factor'));
  const finish = (): void => {
    setStep(null);
    void queries.invalidateQueries({ queryKey: ['session'] });
  };
  return (
    <Card
      title={texts.factor}
      aside={<Pill tone={secondFactor ? 'on' : 'calm'}>{secondFactor ? texts.on : texts.off}</Pill>}
    >
      <div className="form">
        <p className="dim">{texts.factorWhy}</p>
        {secondFactor && recoveryCodesLeft < FEW_CODES ? (
          <Notice icon="alert" tone="warn" title={texts.fewCodes(recoveryCodesLeft)}>
            {texts.fewCodesWhy}
          </Notice>
        ) : null}
        {begin.error === null ? null : <ProblemNotice problem={begin.error} />}
        <div className="form-buttons">
          {secondFactor ? (
            <Button variant="default" onClick={() => setStep({ at: 'off' })}>
              {texts.turnOff}
            </Button>
          ) : (
            <Button
              loading={begin.isPending}
              onClick={() => begin.mutate(undefined, { onSuccess: (made) => setStep({ at: 'enrol', ...made }) })}
            >
              {texts.turnOn}
            </Button>
          )}
        </div>
      </div>
      <Modal
        opened={step !== null}
        // recovery codes are shown once: they are not closed by a click outside
        onClose={() => (step?.at === 'codes' ? undefined : setStep(null))}
        withCloseButton={step?.at !== 'codes'}
        title={step?.at === 'codes' ? texts.codesTitle : step?.at === 'off' ? texts.turnOffTitle : texts.factor}
        closeButtonProps={{ 'aria-label': texts.cancel }}
      >
        {step?.at === 'enrol' ? <Enrol of={step} cancel={() => setStep(null)} next={setStep} /> : null}
        {step?.at === 'codes' ? <ShownOnce text={texts.codesText} lines={step.codes} done={finish} /> : null}
        {step?.at === 'off' ? <TurnOff cancel={() => setStep(null)} done={finish} /> : null}
      </Modal>
    </Card>
  );
}

function Enrol({
  of: { secret, uri },
  cancel,
  next,
}: {
  readonly of: Extract<Step, { at: 'enrol' }>;
  readonly cancel: () => void;
  readonly next: (step: Step) => void;
}): ReactElement {
  const state = useServerForm({
    values: { code: '' },
    send: async ({ code }) => {
      const { recoveryCodes } = await send(() =>
        api.POST('/api/auth/second-factor/confirm', { body: { code: code.trim() } }),
      );
      next({ at: 'codes', codes: recoveryCodes });
    },
  });
  return (
    <FormBody of={state} label={texts.confirm} cancel={cancel}>
      <p>{texts.enrolText}</p>
      <pre className="raw-text" tabIndex={0}>
        {secret}
      </pre>
      <Anchor href={uri}>{texts.openApp}</Anchor>
      <TextInput
        label={texts.code}
        autoComplete="one-time-code"
        inputMode="numeric"
        data-autofocus
        {...state.form.getInputProps('code')}
      />
    </FormBody>
  );
}

function TurnOff({ cancel, done }: { readonly cancel: () => void; readonly done: () => void }): ReactElement {
  const state = useServerForm({
    values: {},
    send: () => send(() => api.POST('/api/auth/second-factor/disable', { body: {} })),
    done,
  });
  return (
    <FormBody of={state} label={texts.turnOff} danger cancel={cancel}>
      <p>{texts.turnOffText}</p>
    </FormBody>
  );
}
