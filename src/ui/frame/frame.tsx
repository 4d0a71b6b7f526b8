import { Drawer } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { useState, useEffect, type ReactElement, type ReactNode } from 'react';
import { useLine } from '../api/live.js';
import { useMoment } from '../api/moment.js';
import { useBriefing, useControl } from '../api/status.js';
import { shortPosition, words } from '../lib/format.js';
import { useSetParams } from '../lib/url.js';
import type { PageEntry } from '../pages/table.js';
import { ExplanationPanel } from '../parts/explanation.js';
import { Icon } from '../parts/icon.js';
import { Bar, BarCommands, useEnvironment } from './bar.js';
import { Keys } from './keys.js';
import { Menu } from './menu.js';
import { frame } from './messages.js';
import { Palette } from './palette.js';
import { ProofDialog } from './proof.js';

/** What every page stands in: bar, menu, banners, and at phone width the commands within reach of the thumb. */
export function Frame({
  page,
  title,
  children,
}: {
  readonly page: PageEntry | undefined;
  /** Undefined while it is not known which page the address has. */
  readonly title: string | undefined;
  readonly children: ReactNode;
}): ReactElement {
  const [menuOpen, setMenuOpen] = useState(false);
  const [paletteOpen, setPaletteOpen] = useState(false);
  useTitle(title);
  return (
    <div className="frame">
      <a className="skip" href="#content">
        {frame.skip}
      </a>
      <Bar openMenu={() => setMenuOpen(true)} openPalette={() => setPaletteOpen(true)} />
      <nav className="rail" aria-label={frame.pages}>
        <Menu current={page?.id} />
      </nav>
      <Drawer
        opened={menuOpen}
        onClose={() => setMenuOpen(false)}
        size="260px"
        title={frame.menu}
        closeButtonProps={{ 'aria-label': 'Close' }}
      >
        <Menu current={page?.id} chosen={() => setMenuOpen(false)} />
      </Drawer>
      <main id="content" className="content" tabIndex={-1}>
        <Banners />
        <h1 className={title === undefined ? 'sr-only' : 'page-title'}>{title ?? 'TradeBot'}</h1>
        {children}
      </main>
      <div className="thumb-bar">
        <BarCommands />
      </div>
      <Palette opened={paletteOpen} open={() => setPaletteOpen(true)} close={() => setPaletteOpen(false)} />
      <Keys />
      <ExplanationPanel />
      <ProofDialog />
    </div>
  );
}

/** What a person must know before reading the page: the past, or a connection that is lost. */
function Banners(): ReactElement {
  const { asof, none } = useMoment();
  const line = useLine();
  const setParams = useSetParams();
  return (
    <>
      {line === 'lost' ? (
        <div className="banner banner-warn" role="status">
          <Icon name="live" /> {frame.lineLost}
        </div>
      ) : null}
      <Halted />
      {asof === null || none !== null ? null : (
        <div className="banner banner-past" role="status">
          <Icon name="clock" /> {frame.asOf.banner(shortPosition(asof))}
          <button type="button" className="banner-button" onClick={() => setParams({ asof: '' }, { replace: false })}>
            {frame.asOf.backToNow}
          </button>
        </div>
      )}
    </>
  );
}

/** A bot in error, or on its way down: its page has the cause, the remedy and what is open. */
function Halted(): ReactElement | null {
  const { data } = useControl();
  if (data === undefined || (data.state !== 'error' && data.stage !== 'goingDown')) return null;
  return (
    <div className="banner banner-warn" role="status">
      <Icon name="alert" /> {frame.halted(words(data.state), data.reason)}
      <Link className="banner-button" to="/control">
        {frame.haltedMore}
      </Link>
    </div>
  );
}

function useTitle(title: string | undefined): void {
  const { data } = useBriefing();
  const kind = useEnvironment();
  const bot = [kind === null ? '' : (frame.environments[kind] ?? ''), data?.identity ?? 'TradeBot'].join(' ').trim();
  useEffect(() => {
    document.title = title === undefined ? bot : `${title} \u2013 ${bot}`;
  }, [title, bot]);
}
