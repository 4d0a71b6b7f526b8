import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

/** What is the same on every page: the menu and the bar. */
const FRAME = ['nav.rail', 'header.bar'];

/** What axe finds on a page, as one line each. */
export const axe = (page: Page): Promise<readonly string[]> => found(page, WCAG, []);

/** The same of a page alone, where the frame around it was looked at on another page of the same document. */
export const axeWithin = (page: Page): Promise<readonly string[]> => found(page, WCAG, FRAME);

/** The one rule that depends on the theme: the contrast of texts with their ground. */
export const contrast = (page: Page): Promise<readonly string[]> => found(page, ['color-contrast'], []);

/** The same of a page alone. */
export const contrastWithin = (page: Page): Promise<readonly string[]> => found(page, ['color-contrast'], FRAME);

async function found(page: Page, runOnly: readonly string[], exclude: readonly string[]): Promise<readonly string[]> {
  // Once for each document: half a megabyte takes its time to send and to compile.
  if (!(await page.evaluate<boolean>('"axe" in window'))) await page.evaluate(`${AXE};0`);
  // Of what passes, thousands of elements, nothing is collected or sent here.
  const options = JSON.stringify({ runOnly, resultTypes: ['violations'] });
  const context = JSON.stringify({ include: [['html']], exclude: exclude.map((selector) => [selector]) });
  const run = `axe.run(${context}, ${options}).then(({ violations }) => ({ violations }))`;
  const { violations } = await page.evaluate<{ readonly violations: readonly Violation[] }>(run);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
