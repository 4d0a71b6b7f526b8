import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import type { Page } from 'playwright-core';

const AXE = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const WCAG = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa'];

interface Violation {
  readonly id: string;
  readonly nodes: readonly { readonly target: readonly string[] }[];
}

/** What axe finds on a page, as one line each. */
export const axe = (page: Page): Promise<readonly string[]> => found(page, WCAG);

/** The one rule that depends on the theme: the contrast of texts with their ground. */
export const contrast = (page: Page): Promise<readonly string[]> => found(page, ['color-contrast']);

async function found(page: Page, runOnly: readonly string[]): Promise<readonly string[]> {
  // Of what passes, thousands of elements, nothing is collected or sent here.
  const options = JSON.stringify({ runOnly, resultTypes: ['violations'] });
  const run = `${AXE};axe.run(document, ${options}).then(({ violations }) => ({ violations }))`;
  const { violations } = await page.evaluate<{ readonly violations: readonly Violation[] }>(run);
  return violations.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target.join(' ')).join(', ')}`);
}
