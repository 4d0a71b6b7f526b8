import { Modal, TextInput } from '@mantine/core';
import type { ReactElement } from 'react';
import { queries } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { FormBody, useServerForm } from '../../parts/form.js';
import { Notice } from '../../parts/state.js';
import { settings as texts } from './messages.js';
import { shown } from './row.js';
import { putSettings, type Asked } from './save.js';
import styles from './settings.module.css';

/** What a save would do, as the server computed it. */
export interface Preview {
  readonly asked: Asked;
  readonly etag: string;
  readonly title: string;
  readonly changes: readonly components['schemas']['SettingChangeAnswer'][];
  readonly endsTrading: readonly string[];
}

/** The difference before it is saved, with its reason; an end of all trading is confirmed in words. */
export function Review({
  of,
  close,
  saved,
}: {
  readonly of: Preview | null;
  readonly close: () => void;
  readonly saved: () => void;
}): ReactElement {
  return (
    <Modal
      opened={of !== null}
      onClose={close}
      title={of?.title ?? ''}
      size="xl"
      closeButtonProps={{ 'aria-label': texts.back }}
    >
      {of === null ? null : <ReviewForm of={of} close={close} saved={saved} />}
    </Modal>
  );
}

function ReviewForm({
  of: { asked, etag, changes, endsTrading },
  close,
  saved,
}: {
  readonly of: Preview;
  readonly close: () => void;
  readonly saved: () => void;
}): ReactElement {
  const ends = endsTrading.length > 0;
  const state = useServerForm({
    values: { reason: '', confirm: '' },
    validate: {
      confirm: (typed) => (ends && typed.trim().toUpperCase() !== texts.confirmWord ? texts.confirmFault : null),
    },
    send: ({ reason }) =>
      putSettings(
        { ...asked, reason: reason.trim() || texts.noReason, ...(ends ? { confirmNoTrading: true } : {}) },
        { etag, dryRun: false },
      ),
    done: () => {
      void queries.invalidateQueries({ queryKey: ['settings'] });
      void queries.invalidateQueries({ queryKey: ['settings-history'] });
      saved();
    },
  });
  const { form } = state;
  return (
    <div className="form">
      <ChangeTable of={changes} />
      {ends ? (
        <Notice icon="alert" tone="bad" title={texts.ends}>
          {endsTrading.map((text) => (
            <p key={text}>{text}</p>
          ))}
          <p>{texts.endsHelp}</p>
        </Notice>
      ) : null}
      <FormBody of={state} label={texts.save} cancel={close} cancelLabel={texts.back}>
        {ends ? <TextInput label={texts.confirm} autoComplete="off" {...form.getInputProps('confirm')} /> : null}
        <TextInput
          label={texts.reason}
          description={texts.reasonHelp}
          maxLength={200}
          data-autofocus
          {...form.getInputProps('reason')}
        />
      </FormBody>
    </div>
  );
}

function ChangeTable({ of }: { readonly of: Preview['changes'] }): ReactElement {
  const { columns: heads } = texts;
  return (
    <div className="scroll-x" tabIndex={0} role="region" aria-label={texts.reviewTitle}>
      <table className="plain-table">
        <thead>
          <tr>
            <th scope="col">{heads.key}</th>
            <th scope="col">{heads.before}</th>
            <th scope="col">{heads.after}</th>
            <th scope="col">{heads.takes}</th>
          </tr>
        </thead>
        <tbody>
          {of.map(({ key, from, to, secret, takesEffectAt }) => (
            <tr key={key}>
              <td>
                <code>{key}</code>
              </td>
              <td>
                <del className={styles['before']}>{shown(from, secret)}</del>
              </td>
              <td>
                <ins className={styles['after']}>{shown(to, secret)}</ins>
              </td>
              <td>{takesEffectAt}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}
