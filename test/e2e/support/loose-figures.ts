import type { Page } from 'playwright-core';

/** A figure on a page that leads nowhere: its text, and the element that draws it. */
interface Loose {
  readonly text: string;
  readonly at: string;
}

/** What is shown without an explanation on purpose. */
export interface Allowed {
  /** Id of the page, or "every page". */
  readonly page: string;
  readonly selector: string;
  readonly reason: string;
}

/**
 * Figures in the texts of a page that have neither an explanation around them nor, in their row, a link or a button to the
 * event, order, entry or list that they come from. Hidden texts and those below `allowed` selectors do not count.
 */
export async function looseFigures(page: Page, allowed: readonly Allowed[]): Promise<readonly Loose[]> {
  const selectors = JSON.stringify(allowed.map(({ selector }) => selector));
  return page.evaluate<readonly Loose[]>(`(${SEARCH})(${selectors})`);
}

/** Runs in the browser, so it stands here as text: an amount, a percentage, a signed number, or a number with decimals alone. */
const SEARCH = String.raw`(allowed) => {
  const FIGURE = /\$\d|\d ?%|(?:^|\s)[+\u2212-]\d[\d,.]*(?![\d-])|^\d[\d,]*\.\d+$/;
  const ROW = 'tr, li';
  const SOURCE = 'a[href*="/orders/"], a[href*="/events"], a[href*="/ledger"], button.event-link';
  const explained = (element) => {
    if (element.closest('[data-explains]') !== null) return true;
    const row = element.closest(ROW);
    return row !== null && row.querySelector(SOURCE) !== null;
  };
  const nameOf = (element) => {
    const names = [];
    for (let at = element; at !== null && at !== document.body && names.length < 4; at = at.parentElement)
      names.unshift(at.localName + (typeof at.className === 'string' && at.className !== '' ? '.' + at.className.trim().split(/\s+/).join('.') : ''));
    return names.join(' > ');
  };
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node !== null; node = walker.nextNode()) {
    const element = node.parentElement;
    const text = node.data.trim();
    if (!FIGURE.test(text) || element === null || explained(element)) continue;
    if (element.closest('script, style, option, textarea, [hidden]') !== null || element.getClientRects().length === 0) continue;
    if (allowed.some((selector) => element.closest(selector) !== null)) continue;
    found.push({ text, at: nameOf(element) });
  }
  return found;
}`;
