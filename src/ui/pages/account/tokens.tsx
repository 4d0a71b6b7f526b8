import { Button, Modal, NativeSelect, TextInput } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api, send } from '../../api/client.js';
import { queries, useApi, useChange } from '../../api/query.js';
import { useSession } from '../../app/session.js';
import type { components } from '../../generated/api.js';
import { TokensTable } from '../../parts/access-lists.js';
import { Card } from '../../parts/card.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { ProblemNotice, State } from '../../parts/state.js';
import { account as texts } from './messages.js';
import { ShownOnce } from './shown-once.js';

type Role = components['schemas']['TokenForm']['role'];

const TOKENS = ['own-tokens'] as const;
const DEFAULT_DAYS = '90';

/** Tokens for scripts of the own account; a new one is shown once. */
export function TokensCard(): ReactElement {
  const found = useApi(TOKENS, (signal) => api.GET('/api/auth/tokens', { signal }));
  const revoke = useChange((id: string) => api.DELETE('/api/auth/tokens/{id}', { params: { path: { id } } }), {
    refresh: [TOKENS],
  });
  const [step, setStep] = useState<'ask' | { readonly token: string } | null>(null);
  const close = (): void => setStep(null);
  const isShown = typeof step === 'object' && step !== null;
  return (
    <Card
      title={texts.tokens}
      aside={
        <Button size="compact-sm" variant="default" onClick={() => setStep('ask')}>
          {texts.newToken}
        </Button>
      }
    >
      <p className="dim">{texts.tokensWhy}</p>
      {revoke.error === null ? null : <ProblemNotice problem={revoke.error} />}
      <State of={found} lines={2}>
        {(items) => <TokensTable of={items} revoke={({ tokenId }) => revoke.mutate(tokenId)} />}
      </State>
      <Modal
        opened={step !== null}
        // a new token is shown once: it is not closed by a click outside
        onClose={() => (isShown ? undefined : close())}
        withCloseButton={!isShown}
        title={isShown ? texts.tokenTitle : texts.newToken}
        closeButtonProps={{ 'aria-label': texts.cancel }}
      >
        {step === 'ask' ? <NewToken cancel={close} made={(token) => setStep({ token })} /> : null}
        {isShown ? <ShownOnce text={texts.tokenText} lines={[step.token]} done={close} /> : null}
      </Modal>
    </Card>
  );
}

function NewToken({
  cancel,
  made,
}: {
  readonly cancel: () => void;
  readonly made: (token: string) => void;
}): ReactElement {
  const { role } = useSession().user;
  const roles: readonly string[] =
    role === 'admin' ? ['viewer', 'operator', 'accountant', 'admin'] : [...new Set(['viewer', role])];
  const state = useServerForm({
    values: { label: '', role: 'viewer', days: DEFAULT_DAYS },
    send: async ({ label, role: chosen, days }) => {
      const body = { label: label.trim(), role: chosen as Role, days: Number(days) };
      const { token } = await send(() => api.POST('/api/auth/tokens', { body }));
      void queries.invalidateQueries({ queryKey: TOKENS });
      made(token);
    },
  });
  const { form } = state;
  return (
    <FormBody of={state} label={texts.create} cancel={cancel}>
      <TextInput
        label={texts.label}
        description={texts.labelHelp}
        maxLength={80}
        data-autofocus
        {...form.getInputProps('label')}
      />
      <NativeSelect label={texts.role} data={[...roles]} {...form.getInputProps('role')} />
      <TextInput label={texts.days} inputMode="numeric" {...form.getInputProps('days')} />
    </FormBody>
  );
}
