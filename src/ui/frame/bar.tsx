import { ActionIcon, Menu as Dropdown, useMantineColorScheme } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { api, bodyOf } from '../api/client.js';
import { stopLive } from '../api/live.js';
import { queries } from '../api/query.js';
import { setToken } from '../api/session.js';
import { useBriefing, useControl } from '../api/status.js';
import { useSession } from '../app/session.js';
import { capital, span, words } from '../lib/format.js';
import { Icon } from '../parts/icon.js';
import { Pill } from '../parts/card.js';
import { Commands } from './commands.js';
import { AsOfControl } from './as-of.js';
import { JournalChip } from './journal-chip.js';
import { frame } from './messages.js';

/** The thin bar: environment, bot, state, feed, journal, moment, commands. */
export function Bar({
  openMenu,
  openPalette,
}: {
  readonly openMenu: () => void;
  readonly openPalette: () => void;
}): ReactElement {
  const { data: now } = useBriefing();
  const kind =
    now === undefined
      ? null
      : now.simulated === true
        ? 'simulator'
        : ((now.account as { kind?: string } | null)?.kind ?? 'unknown');
  return (
    <header className="bar" aria-label={frame.bot}>
      <ActionIcon className="bar-menu" variant="subtle" color="gray" aria-label={frame.menu} onClick={openMenu}>
        <Icon name="menu" size={18} />
      </ActionIcon>
      {kind === null ? null : <Environment kind={kind} />}
      <strong className="bar-name">{now?.identity ?? ''}</strong>
      <BotState />
      <span className="bar-facts">
        <FeedChip />
        <JournalChip />
      </span>
      <span className="bar-space" />
      <AsOfControl />
      <button type="button" className="bar-find" onClick={openPalette}>
        <Icon name="search" size={14} />
        <span className="from-tablet">{frame.find}</span>
        <kbd className="from-tablet">Ctrl K</kbd>
        <span className="sr-only">{frame.findHint}</span>
      </button>
      <span className="bar-commands">
        <BarCommands />
      </span>
      <UserMenu />
    </header>
  );
}

/** Whose money orders move, in a colour that is never mistaken. */
function Environment({ kind }: { readonly kind: string }): ReactElement {
  return (
    <span className={`environment environment-${kind}`} title={frame.environmentWhy[kind] ?? ''}>
      {frame.environments[kind] ?? kind.toUpperCase()}
    </span>
  );
}

function toneOf(state: string, stage: string): 'calm' | 'on' | 'warn' | 'bad' {
  if (state === 'error' || state.startsWith('emergency')) return 'bad';
  if (state === 'stopped' || state.startsWith('graceful')) return 'warn';
  return stage === 'active' && state !== 'idle' && state !== 'started' ? 'on' : 'calm';
}

function BotState(): ReactElement | null {
  const { data } = useControl();
  if (data === undefined) return null;
  return (
    <span title={capital(data.reason)}>
      <Pill tone={toneOf(data.state, data.stage)}>{words(data.state)}</Pill>
    </span>
  );
}

/** Older market data in an open session needs a person. */
const FEED_OLD_S = 90;

interface MarketData {
  readonly state: string;
  readonly ageSeconds: number | null;
  readonly text: string;
}

function FeedChip(): ReactElement | null {
  const { data } = useBriefing();
  if (data === undefined) return null;
  const feed = data.marketData as MarketData | null;
  const age = feed?.ageSeconds ?? null;
  const bad = feed !== null && feed.state !== 'ended' && (feed.state !== 'connected' || (age ?? 0) > FEED_OLD_S);
  const shown =
    feed === null || feed.state === 'ended' ? frame.feedNone : feed.state === 'connected' ? span(age ?? 0) : feed.state;
  return (
    <span className={bad ? 'chip chip-warn' : 'chip'} title={feed?.text ?? ''}>
      <span className="chip-name">{frame.feed}</span> <span className="num">{shown}</span>
    </span>
  );
}

/** Start, Stop and Kill for who may use them. */
export function BarCommands(): ReactElement | null {
  const { permissions } = useSession().user;
  return permissions.includes('control') ? <Commands /> : null;
}

function UserMenu(): ReactElement {
  const { user } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const other = colorScheme === 'light' ? 'dark' : 'light';
  return (
    <Dropdown position="bottom-end" withinPortal>
      <Dropdown.Target>
        <ActionIcon className="bar-user" variant="subtle" color="gray" aria-label={user.name}>
          <Icon name="user" size={18} />
        </ActionIcon>
      </Dropdown.Target>
      <Dropdown.Dropdown>
        <Dropdown.Label>
          {user.name}, {user.role}
        </Dropdown.Label>
        <Dropdown.Item
          onClick={() => setColorScheme(other)}
          leftSection={<Icon name={other === 'dark' ? 'moon' : 'sun'} />}
        >
          {other === 'dark' ? frame.toDark : frame.toLight}
        </Dropdown.Item>
        <Dropdown.Item renderRoot={(props) => <Link {...props} to="/account" />} leftSection={<Icon name="key" />}>
          {frame.account}
        </Dropdown.Item>
        <Dropdown.Item component="a" href="/" leftSection={<Icon name="list" />}>
          {frame.plainPages}
        </Dropdown.Item>
        <Dropdown.Item onClick={() => void logOut()} leftSection={<Icon name="exit" />}>
          {frame.logOut}
        </Dropdown.Item>
      </Dropdown.Dropdown>
    </Dropdown>
  );
}

async function logOut(): Promise<void> {
  // A session that has ended already is as good.
  await bodyOf(api.POST('/api/auth/logout')).catch(() => undefined);
  setToken(null);
  stopLive();
  queries.clear();
  location.reload();
}
