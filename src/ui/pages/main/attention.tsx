import { Button } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useChange } from '../../api/query.js';
import { useConditions, useControl } from '../../api/status.js';
import { useMay } from '../../app/session.js';
import type { Status } from '../../generated/status.js';
import { dollars, sentence } from '../../lib/format.js';
import { Advice, Notice, ProblemNotice } from '../../parts/state.js';
import { worstFirst } from '../../parts/worst-first.js';
import { main } from './messages.js';

/** What needs a person, and nothing else: conditions with their remedies, decisions that wait, failed checks. */
export function Attention({ status }: { readonly status: Status | undefined }): ReactElement {
  const { data: conditions } = useConditions();
  const waiting = status?.confirmations ?? [];
  const differences = status?.books_comparison.mismatches.length ?? 0;
  return (
    <>
      {worstFirst(conditions?.conditions ?? []).map(({ code, severity, text, remedy }) => (
        <Notice key={code + text} icon="alert" title={sentence(text)} tone={severity === 'Critical' ? 'bad' : 'warn'}>
          {remedy}
        </Notice>
      ))}
      {waiting.map((one) => (
        <Waiting key={one.signal_id} one={one} />
      ))}
      {differences === 0 ? null : (
        <Notice
          icon="scale"
          tone="warn"
          title={main.differences(differences)}
          action={<Link to="/reconciliation">{main.toDifferences}</Link>}
        />
      )}
    </>
  );
}

/** Advice that is no condition of today: at the end of the page. */
export function Warnings(): ReactElement {
  const { data: control } = useControl();
  return <Advice texts={control?.warnings ?? []} />;
}

type Asked = NonNullable<Status['confirmations']>[number];

/** An entry that waits for a person, who confirms or refuses it here. */
function Waiting({ one }: { readonly one: Asked }): ReactElement {
  const mayConfirm = useMay('confirm-trades');
  const decide = useChange(
    (take: 'confirmed' | 'refused') =>
      api.POST('/api/confirmations/decide', {
        body: { signalId: one.signal_id, take, reason: `${take} on the page` },
      }),
    { refresh: [['status']] },
  );
  const deciding = (
    <div className="form-buttons">
      <Button size="xs" loading={decide.isPending} onClick={() => decide.mutate('confirmed')}>
        {main.confirm}
      </Button>
      <Button size="xs" variant="default" disabled={decide.isPending} onClick={() => decide.mutate('refused')}>
        {main.refuse}
      </Button>
    </div>
  );
  return (
    <Notice
      icon="clock"
      tone="warn"
      title={main.entry(one.side, one.quantity, one.symbol)}
      action={mayConfirm ? deciding : undefined}
    >
      {main.entryFacts(one.strategy, one.price, dollars(one.cost), one.expires_at.slice(11, 19))}
      {mayConfirm ? null : ` ${main.otherDecides}`}
      {decide.error === null ? null : <ProblemNotice problem={decide.error} />}
    </Notice>
  );
}
