import { Modal, TextInput } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { useState, type KeyboardEvent, type ReactElement } from 'react';
import { useSession } from '../app/session.js';
import { useSetParams } from '../lib/url.js';
import type { AskedBy, PageEntry } from '../pages/table.js';
import { Icon, type IconName } from '../parts/icon.js';
import { useMenuPages } from './menu.js';
import { frame } from './messages.js';
import { settingSubject } from './setting-subject.js';

/** One result: a text, and what choosing it does. */
interface Hit {
  readonly key: string;
  readonly icon: IconName;
  readonly text: string;
  readonly hint: string;
  readonly choose: () => void;
}

/** Ctrl-K: pages by their words, and anything with an id, which the server explains. */
export function Palette({
  opened,
  open,
  close,
}: {
  readonly opened: boolean;
  readonly open: () => void;
  readonly close: () => void;
}): ReactElement {
  useHotkeys([['mod+K', open]], []);
  return (
    <Modal
      opened={opened}
      onClose={close}
      withCloseButton={false}
      padding={0}
      yOffset="10vh"
      title={frame.palette.title}
      classNames={{ header: 'sr-only' }}
    >
      {opened ? <Search close={close} /> : null}
    </Modal>
  );
}

function Search({ close }: { readonly close: () => void }): ReactElement {
  const [typed, setTyped] = useState('');
  const [at, setAt] = useState(0);
  const hits = useHits(typed.trim());
  const choose = (hit: Hit | undefined): void => {
    if (hit === undefined) return;
    close();
    hit.choose();
  };
  const press = (event: KeyboardEvent): void => {
    if (event.key === 'Enter') choose(hits[at]);
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step === 0) return;
    event.preventDefault();
    setAt((hits.length + at + step) % Math.max(1, hits.length));
  };
  return (
    <div className="palette">
      <TextInput
        data-autofocus
        size="md"
        variant="unstyled"
        aria-label={frame.palette.placeholder}
        placeholder={frame.palette.placeholder}
        leftSection={<Icon name="search" />}
        role="combobox"
        aria-expanded="true"
        aria-controls="palette-hits"
        aria-activedescendant={hits[at] === undefined ? undefined : `hit-${at}`}
        value={typed}
        onKeyDown={press}
        onChange={({ currentTarget }) => {
          setTyped(currentTarget.value);
          setAt(0);
        }}
      />
      <ul id="palette-hits" role="listbox" aria-label={frame.palette.title} className="palette-hits">
        {hits.map((hit, index) => (
          <li
            key={hit.key}
            id={`hit-${index}`}
            role="option"
            aria-selected={index === at}
            className={index === at ? 'palette-hit palette-hit-on' : 'palette-hit'}
            onMouseMove={() => setAt(index)}
            onClick={() => choose(hit)}
          >
            <Icon name={hit.icon} />
            <span>{hit.text}</span>
            <span className="dim">{hit.hint}</span>
          </li>
        ))}
      </ul>
      {hits.length === 0 ? <p className="palette-none dim">{frame.palette.nothing}</p> : null}
    </div>
  );
}

const MOST_PAGES = 8;
/** The codes of the chart of accounts. */
const ACCOUNT = /^\d{4}$/;

function useHits(typed: string): readonly Hit[] {
  const pages = useMenuPages();
  const { permissions } = useSession().user;
  const navigate = useNavigate();
  const setParams = useSetParams();
  const explain = (subject: string) => () => setParams({ explain: subject, figure: '' }, { replace: false });
  const found = pages.filter((page) => matches(page, typed)).slice(0, MOST_PAGES);
  const ofPages = found.map(({ id, icon, title, path }): Hit => ({
    ...{ key: id, icon, text: title, hint: '' },
    choose: () => void navigate({ to: path }),
  }));
  if (typed === '' || /\s/.test(typed)) return ofPages;
  const ofIds: Hit[] = [];
  for (const { by, of, questions } of askedFor(typed, ofPages.length > 0)) {
    const asked = pages.flatMap((page) => (page.asks ?? []).flatMap((ask) => (ask.by === by ? [{ page, ask }] : [])));
    ofIds.push(
      ...asked.map(({ page: { id, icon, path }, ask }): Hit => ({
        ...{ key: `${id} ${ask.name}`, icon, text: frame.palette.of(ask.name, of), hint: '' },
        choose: () => void navigate({ to: path, search: { ...ask.search, [ask.param]: `${ask.prefix ?? ''}${of}` } }),
      })),
      ...questions.map(({ text, question }): Hit => ({
        ...{ key: question, icon: 'question', text, hint: '' },
        choose: explain(question),
      })),
    );
  }
  const setting = settingSubject(typed, permissions);
  if (setting !== undefined) {
    ofIds.push({
      key: 'setting',
      icon: 'cog',
      text: typed,
      hint: frame.palette.setting,
      choose: explain(setting),
    });
  }
  if (/^\d+$/.test(typed)) {
    ofIds.push({
      key: 'position',
      icon: 'clock',
      text: frame.palette.position(typed),
      hint: '',
      choose: () => setParams({ asof: typed }, { replace: false }),
    });
  }
  if (typed.length >= 3) {
    ofIds.push({
      key: 'explain',
      icon: 'question',
      text: frame.palette.explain(typed),
      hint: '',
      choose: explain(typed),
    });
  }
  return [...ofPages, ...ofIds];
}

/** What a typed text may name: a symbol, in small letters only where no page has the word, or an account. */
function askedFor(typed: string, isWord: boolean): readonly Named[] {
  if (ACCOUNT.test(typed)) {
    const questions = [{ text: frame.palette.balance(typed), question: `account:${typed}` }];
    return [{ by: 'account', of: typed, questions }];
  }
  const symbol = isWord ? typed : typed.toUpperCase();
  if (!/^[A-Z][A-Z.]{0,9}$/.test(symbol)) return [];
  const questions = [
    { text: frame.palette.symbol(symbol), question: `position:${symbol}` },
    { text: frame.palette.result(symbol), question: `pnl:symbol/${symbol}` },
  ];
  return [{ by: 'symbol', of: symbol, questions }];
}

interface Named {
  readonly by: AskedBy['by'];
  readonly of: string;
  readonly questions: readonly { readonly text: string; readonly question: string }[];
}

function matches({ title, keywords }: PageEntry, typed: string): boolean {
  const text = `${title} ${keywords}`.toLowerCase();
  return typed
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word));
}
