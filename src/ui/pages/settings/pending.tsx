import { Button } from '@mantine/core';
import type { ReactElement } from 'react';
import { Card } from '../../parts/card.js';
import { Time } from '../../parts/time.js';
import { settings as texts } from './messages.js';
import type { Setting, Settings } from './model.js';
import { shown } from './row.js';
import styles from './settings.module.css';

type Waiting = Setting & { readonly pending: NonNullable<Setting['pending']> };

/** The changes that wait for the next session, each with a way to withdraw it; nothing when none does. */
export function Pending({
  of,
  withdraw,
}: {
  readonly of: Settings;
  readonly withdraw: (key: string) => void;
}): ReactElement | null {
  const waiting = of.groups.flatMap(({ settings }) => settings).filter(isWaiting);
  if (waiting.length === 0) return null;
  const { columns: heads } = texts;
  return (
    <Card title={texts.pending}>
      <p className="dim">{texts.pendingWhy(of.openSession)}</p>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={texts.pending}>
        <table className="plain-table">
          <thead>
            <tr>
              {[heads.key, heads.now, heads.next, heads.by, heads.at, heads.reason, ''].map((head) => (
                <th key={head} scope="col">
                  {head === '' ? <span className="sr-only">{texts.withdraw}</span> : head}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {waiting.map(({ key, value, secret, pending }) => (
              <tr key={key}>
                <td>
                  <code>{key}</code>
                </td>
                <td className={styles['value']}>{shown(value, secret)}</td>
                <td className={styles['value']}>
                  <ins className={styles['after']}>{shown(pending.value, secret)}</ins>
                </td>
                <td>{pending.byName}</td>
                <td>
                  <Time at={pending.since} />
                </td>
                <td>{pending.reason}</td>
                <td>
                  <Button
                    size="compact-xs"
                    variant="default"
                    aria-label={`${texts.withdraw} ${key}`}
                    onClick={() => withdraw(key)}
                  >
                    {texts.withdraw}
                  </Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Card>
  );
}

function isWaiting(setting: Setting): setting is Waiting {
  return setting.pending !== null;
}
