import { createRequire } from 'node:module';

/** An entry of src/ui/pages/table.ts, as far as a test looks at it. */
export interface UiPage {
  readonly id: string;
  readonly path: string;
  readonly title: string;
  /** Of the menu; null: not in it. */
  readonly group: string | null;
  readonly needs: string | null;
  readonly plain?: string;
  readonly load?: unknown;
}

/** By its name in a variable: the types of a browser are not those of this program, and the table leads to every page. */
const TABLE = '../../src/ui/pages/table.js';

/** The table of pages of the browser app. */
export const UI_PAGES = (createRequire(import.meta.url)(TABLE) as { readonly PAGES: readonly UiPage[] }).PAGES;
