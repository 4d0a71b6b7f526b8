import { existsSync } from 'node:fs';
import type { Need } from '../../support/needs.js';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { PATIENCE_MS } from '../../support/eventually.js';

const PROGRAM = '/usr/bin/chromium';

/** Debian's Chromium. */
export const chromiumBrowser: Need = { name: 'chromium', isHere: existsSync(PROGRAM) };

/** Of Chromium: a switch of this name replaces that of Playwright, so its own stand here too. */
const OFF = [
  'AimEnabled',
  'AvoidUnnecessaryBeforeUnloadCheckSync',
  'DestroyProfileOnBrowserClose',
  'HttpsFirstBalancedModeAutoEnable',
  'HttpsUpgrades',
  'LensOverlay',
  'MediaRouter',
  'NetworkTimeServiceQuerying',
  'OptimizationHints',
  'PaintHolding',
  'PreconnectToSearch',
  'ThirdPartyStoragePartitioning',
  // Each window would load two pages for the list below its address, which takes seconds of the processor.
  'WebUIOmniboxAimPopup',
  'WebUIOmniboxFullPopup',
  'WebUIOmniboxPopup',
  // No process is kept ready for a site that no test opens.
  'SpareRendererForSitePerProcess',
];

/** Browser messages that are expected: refused forms, and responses without a login. */
const EXPECTED = /^Failed to load resource: the server responded with a status of (401|403|404|409|422|429|503) /;

/** One browser that records errors and requests to other hosts. */
export class WatchedBrowser {
  readonly errors: string[] = [];
  readonly elsewhere: string[] = [];
  #browser: Browser | undefined;

  /** A new visitor; `base` is the only allowed origin of requests. */
  async visit(base: string): Promise<{ readonly context: BrowserContext; readonly page: Page }> {
    this.#browser ??= await chromium.launch({
      executablePath: PROGRAM,
      args: ['--no-sandbox', '--disable-gpu', '--disable-dev-shm-usage', `--disable-features=${OFF.join(',')}`],
    });
    // A test waits for the end of each movement; the frames of it cost more than the page.
    const view = { viewport: { width: 1_280, height: 860 }, reducedMotion: 'reduce' } as const;
    const context = await this.#browser.newContext(view);
    const page = await context.newPage();
    page.setDefaultTimeout(PATIENCE_MS);
    page.on('pageerror', (error) => this.errors.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error' && !EXPECTED.test(message.text())) this.errors.push(message.text());
    });
    page.on('request', (request) => {
      if (!request.url().startsWith(`${base}/`)) this.elsewhere.push(request.url());
    });
    return { context, page };
  }

  async close(): Promise<void> {
    await this.#browser?.close();
  }
}

/** True when nothing of the page lies beyond the right edge at the width of a phone. */
export async function fitsAPhone(page: Page): Promise<boolean> {
  await page.setViewportSize({ width: 360, height: 780 });
  const wide = await page.evaluate('document.documentElement.scrollWidth');
  await page.setViewportSize({ width: 1_280, height: 860 });
  return Number(wide) <= 360;
}

const WIDE_TABLES = `[...document.querySelectorAll('.table-box')]
  .filter((box) => box.scrollWidth > box.clientWidth)
  .map((box) => box.getAttribute('aria-label'))`;

/** Names of the tables that must be moved sideways to be read whole. */
export function tablesThatScroll(page: Page): Promise<readonly string[]> {
  return page.evaluate<readonly string[]>(WIDE_TABLES);
}
