import { Button, Modal } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState, type ReactElement } from 'react';
import { api } from '../../api/client.js';
import { usePages } from '../../api/pages.js';
import { useSession } from '../../app/session.js';
import type { components } from '../../generated/api.js';
import { Card, Pill } from '../../parts/card.js';
import { DataTable, type Column } from '../../parts/data-table.js';
import { RoleMatrix } from '../../parts/role-matrix.js';
import { Loading, Notice, ProblemNotice } from '../../parts/state.js';
import { Time } from '../../parts/time.js';
import { Denials } from './denials.js';
import { Manage } from './manage.js';
import { users as texts } from './messages.js';
import { NewUser } from './new-user.js';

/** A user as the server gives it. */
export type User = components['schemas']['UserAnswer'];

const PAGE = 50;
const { columns: heads } = texts;

/** Accounts with their rights: create, change, lock out; what each role may do; and what was refused to whom. */
export default function UsersPage(): ReactElement {
  const { user: me } = useSession();
  const [managed, setManaged] = useState<User | null>(null);
  const [making, setMaking] = useState(false);
  const [done, setDone] = useState('');
  const list = usePages<User>(['users'], (cursor, signal) =>
    api.GET('/api/users', {
      signal,
      params: { query: { limit: PAGE, ...(cursor === undefined ? {} : { cursor }) } },
    }),
  );
  const ended = (text: string): void => {
    setDone(text);
    setMaking(false);
    setManaged(null);
  };
  return (
    <div className="cards">
      {done === '' ? null : <Notice icon="check" title={done} />}
      <Card
        title={texts.list}
        aside={
          <Button size="compact-sm" onClick={() => setMaking(true)}>
            {texts.new}
          </Button>
        }
      >
        {list.error === null ? null : <ProblemNotice problem={list.error} again={list.again} />}
        {list.rows === undefined ? (
          list.error === null ? (
            <Loading lines={4} />
          ) : null
        ) : (
          <DataTable
            label={texts.list}
            columns={columnsFor(me.userId, setManaged)}
            rows={list.rows}
            rowKey={({ userId }) => userId}
            more={list.more}
          />
        )}
      </Card>
      <Card title={texts.matrix}>
        <RoleMatrix own={me.role} />
      </Card>
      <Denials users={list.rows ?? []} />
      <Modal
        opened={making}
        onClose={() => setMaking(false)}
        title={texts.new}
        closeButtonProps={{ 'aria-label': texts.form.cancel }}
      >
        {making ? <NewUser close={() => setMaking(false)} done={ended} /> : null}
      </Modal>
      <Modal
        opened={managed !== null}
        onClose={() => setManaged(null)}
        title={managed === null ? '' : texts.manageOf(managed.name)}
        size="xl"
        closeButtonProps={{ 'aria-label': texts.change.close }}
      >
        {managed === null ? null : <Manage user={managed} done={ended} />}
      </Modal>
    </div>
  );
}

function columnsFor(me: string, manage: (user: User) => void): readonly Column<User>[] {
  return [
    {
      ...{ key: 'name', head: heads.name },
      cell: ({ userId, name }) => (
        <>
          <strong>{name}</strong> {userId === me ? texts.you : ''}
        </>
      ),
    },
    { key: 'role', head: heads.role, cell: ({ role }) => role },
    { key: 'state', head: heads.state, cell: (user) => <UserState of={user} /> },
    {
      key: 'factor',
      head: heads.factor,
      wide: true,
      cell: ({ secondFactor }) => (secondFactor ? texts.on : texts.off),
    },
    {
      ...{ key: 'last', head: heads.last, wide: true },
      cell: ({ lastLoginAt }) => (lastLoginAt === null ? texts.never : <Time at={lastLoginAt} />),
    },
    { key: 'made', head: heads.made, wide: true, cell: ({ createdAt }) => <Time at={createdAt} /> },
    {
      ...{ key: 'manage', head: '' },
      cell: (user) =>
        user.userId === me ? (
          <Link className="event-link" to="/account">
            {texts.yourAccount}
          </Link>
        ) : (
          <Button
            size="compact-xs"
            variant="default"
            aria-label={texts.manageOf(user.name)}
            onClick={() => manage(user)}
          >
            {texts.manage}
          </Button>
        ),
    },
  ];
}

function UserState({ of: { disabled, lockedUntil } }: { readonly of: User }): ReactElement {
  if (disabled) return <Pill tone="warn">{texts.disabled}</Pill>;
  return lockedUntil === null ? <>{texts.active}</> : <Pill tone="warn">{texts.guessed}</Pill>;
}
