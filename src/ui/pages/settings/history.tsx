import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { usePages } from '../../api/pages.js';
import type { components } from '../../generated/api.js';
import { Pill } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { Loading, ProblemNotice } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { settings as texts } from './messages.js';
import { shown } from './row.js';
import styles from './settings.module.css';

type Entry = components['schemas']['HistoryEntryAnswer'];

const PAGE = 50;
/** The first settings of a bot are a hundred changes at once. */
const KEYS_SHOWN = 5;
const { columns: heads } = texts;

const COLUMNS: readonly Column<Entry>[] = [
  { key: 'at', head: heads.at, cell: ({ at }) => <Time at={at} /> },
  { key: 'by', head: heads.by, cell: ({ actorName }) => actorName },
  { key: 'changes', head: heads.changes, cell: (entry) => <Changes of={entry} /> },
  {
    key: 'reason',
    head: heads.reason,
    wide: true,
    cell: ({ reason }) => <span className={styles['changes']}>{reason}</span>,
  },
];

/** Every change of settings, newest first, with who made it and why. */
export function History(): ReactElement {
  const list = usePages<Entry>(
    ['settings-history'],
    (cursor, signal) =>
      api.GET('/api/settings/history', {
        signal,
        params: { query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } },
      }),
    { live: ['ConfigChanged', 'ConfigChangeDeferred', 'ConfigChangeWithdrawn'] },
  );
  if (list.rows === undefined) {
    return list.error === null ? <Loading lines={8} /> : <ProblemNotice problem={list.error} again={list.again} />;
  }
  return (
    <DataTable
      label={texts.history}
      columns={COLUMNS}
      rows={list.rows}
      rowKey={({ at, changes }) => `${at} ${changes[0]?.key ?? ''}`}
      more={list.more}
      empty={texts.noHistory}
    />
  );
}

function Changes({ of: { changes, status } }: { readonly of: Entry }): ReactElement {
  const [all, setAll] = useState(false);
  const listed = all ? changes : changes.slice(0, KEYS_SHOWN);
  const word = texts.status[status] ?? '';
  return (
    <ul className={styles['changes']}>
      {listed.map(({ key, from, to, secret }) => (
        <li key={key}>
          <code>{key}</code>{' '}
          {status === 'withdrawn' ? null : (
            <>
              <del className={styles['before']}>{shown(from, secret)}</del> {shown(to, secret)}
            </>
          )}{' '}
          {word === '' ? null : <Pill>{word}</Pill>}
        </li>
      ))}
      {listed.length === changes.length ? null : (
        <li>
          <button type="button" className="event-link" onClick={() => setAll(true)}>
            {texts.more(changes.length - listed.length)}
          </button>
        </li>
      )}
    </ul>
  );
}
