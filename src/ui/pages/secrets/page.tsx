import { Button, Modal } from '@mantine/core';
import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { useApi } from '../../api/query.js';
import type { components } from '../../generated/api.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { Advice, Notice, State } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { Keys } from './keys.js';
import { secrets as texts } from './messages.js';
import { Replace } from './replace.js';
import styles from './secrets.module.css';

type Secrets = components['schemas']['SecretsAnswer'];
type Secret = Secrets['secrets'][number];

const { columns: heads } = texts;

/** Which secrets are set, since when, and what uses them: replaced here, never shown. */
export default function SecretsPage(): ReactElement {
  const found = useApi(['secrets'], (signal) => api.GET('/api/secrets', { signal }), { live: ['SecretsRotated'] });
  const [changed, setChanged] = useState<Secret | null>(null);
  const [done, setDone] = useState('');
  return (
    <State of={found} lines={10}>
      {(body) => (
        <div className="cards">
          {done === '' ? null : <Notice icon="check" title={done} />}
          <Advice texts={body.warning === '' ? [] : [body.warning]} />
          <Card title={texts.list}>
            <p className="dim">{texts.why}</p>
            <DataTable
              label={texts.list}
              columns={columnsWith(setChanged)}
              rows={body.secrets.filter(isShown)}
              rowKey={({ name }) => name}
            />
          </Card>
          <Keys of={body} done={setDone} />
          <Modal
            opened={changed !== null}
            onClose={() => setChanged(null)}
            title={changed === null ? '' : texts.changeOf(nameOf(changed), isSet(changed))}
            closeButtonProps={{ 'aria-label': texts.cancel }}
          >
            {changed === null ? null : (
              <Replace
                of={changed}
                close={() => setChanged(null)}
                done={() => {
                  setChanged(null);
                  setDone(texts.saved(nameOf(changed)));
                }}
              />
            )}
          </Modal>
        </div>
      )}
    </State>
  );
}

function columnsWith(change: (secret: Secret) => void): readonly Column<Secret>[] {
  return [
    { key: 'name', head: heads.name, cell: (one) => <strong>{nameOf(one)}</strong> },
    { key: 'state', head: heads.state, cell: (one) => <SecretState of={one} /> },
    {
      ...{ key: 'since', head: heads.since, wide: true },
      cell: ({ changedAt }) =>
        changedAt === null ? <span className="dim">{texts.never}</span> : <Time at={changedAt} />,
    },
    { key: 'use', head: heads.use, wide: true, cell: ({ use }) => <span className={styles['use']}>{use}</span> },
    {
      ...{ key: 'replace', head: '' },
      cell: (one) =>
        one.editable && one.used ? (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={texts.changeOf(nameOf(one), isSet(one))}
            onClick={() => change(one)}
          >
            {texts.change(isSet(one))}
          </Button>
        ) : null,
    },
  ];
}

function SecretState({ of: { fields, used } }: { readonly of: Secret }): ReactElement {
  const set = fields.filter((one) => one.set);
  if (set.length === 0) return <span className="dim">{used ? texts.notSet : texts.notUsed}</span>;
  return (
    <span title={set.map(({ label }) => label).join(', ')}>
      <Pill tone={used ? 'on' : 'calm'}>{texts.set(set.length)}</Pill>
    </span>
  );
}

function nameOf({ name }: Secret): string {
  return texts.names[name] ?? name;
}

function isSet({ fields }: Secret): boolean {
  return fields.some(({ set }) => set);
}

/** What nothing uses and nobody set is no news. */
function isShown(one: Secret): boolean {
  return one.used || isSet(one);
}
