import { ActionIcon, Menu as Dropdown, useMantineColorScheme } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import type { ReactElement } from 'react';
import { api, bodyOf } from '../api/client.js';
import { stopLive } from '../api/live.js';
import { queries } from '../api/query.js';
import { setToken } from '../api/session.js';
import { useBriefing, useControl, useSilence } from '../api/status.js';
import { useSession } from '../app/session.js';
import { capital, newYorkTime, span, utcText, words } from '../lib/format.js';
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
  const kind = useEnvironment();
  return (
    <header className="bar" aria-label={frame.bot}>
      <ActionIcon className="bar-menu" variant="subtle" color="gray" aria-label={frame.menu} onClick={openMenu}>
        <Icon name="menu" size={18} />
      </ActionIcon>
      {kind === null ? null : <Environment kind={kind} text={(now?.account as Account)?.text ?? ''} />}
      <strong className="bar-name">{now?.identity ?? ''}</strong>
      <BotState />
      <span className="bar-facts">
        <ClockChip />
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

type Account = { readonly kind?: string; readonly text?: string } | null | undefined;

/** Whose money orders move: simulator, emulator, paper, live or unknown; null until the bot has answered. */
export function useEnvironment(): string | null {
  const { data: now } = useBriefing();
  if (now === undefined) return null;
  return now.simulated === true ? 'simulator' : ((now.account as Account)?.kind ?? 'unknown');
}

/** Whose money orders move, in a colour that is never mistaken; the title names the account. */
function Environment({ kind, text }: { readonly kind: string; readonly text: string }): ReactElement {
  const why = [frame.environmentWhy[kind] ?? '', text].filter((one) => one !== '').join(' ');
  return (
    <span className={`environment environment-${kind}`} title={why}>
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

interface Clock {
  readonly utc: string;
  readonly text: string;
  readonly speed: string;
  readonly machine: string;
}

/** A machine whose clock is farther from that of the bot has another time. */
const SAME_TIME_MS = 60_000;

/** The time of the bot in New York: a simulator and a recorded day have another one than this machine. */
function ClockChip(): ReactElement | null {
  const { data } = useBriefing();
  const clock: Clock | null = data?.clock ?? null;
  if (clock === null) return null;
  const { utc, text, speed, machine } = clock;
  const apart = speed !== '1' || Math.abs(Date.parse(machine) - Date.parse(utc)) > SAME_TIME_MS;
  return (
    <span
      className="chip from-tablet"
      title={frame.clockText(text, speed, apart ? utcText(machine).slice(0, 16) : null)}
    >
      <span className="chip-name">{frame.clock}</span> <span className="num">{newYorkTime(utc)}</span>
      {speed === '1' ? null : <span className="chip-name"> ×{speed}</span>}
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
  const { data, dataUpdatedAt } = useBriefing();
  const silent = useSilence(dataUpdatedAt);
  if (data === undefined) return null;
  // The web knows no time of the bot while the main process does not answer it.
  if (silent || data.clock === null) {
    return (
      <span className="chip chip-warn" title={frame.mainSilent}>
        <span className="chip-name">{frame.feed}</span> {frame.feedUnknown}
      </span>
    );
  }
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
