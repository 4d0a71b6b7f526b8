import { createRequire } from 'node:module';

/** An entry of src/ui/pages/table.ts, as far as a test looks at it. */
export interface UiPage {
  readonly id: string;
  readonly path: string;
  readonly title: string;
  readonly icon: string;
  /** Of the menu; null: not in it. */
  readonly group: string | null;
  readonly needs: string | null;
  /** What the command palette asks it for. */
  readonly asks?: readonly { readonly by: 'symbol' | 'account'; readonly name: string; readonly prefix?: string }[];
}

interface UiTable {
  readonly PAGES: readonly UiPage[];
  readonly OPEN_PAGES: object;
  readonly STAGE_PAGES: object;
}

/** By its name in a variable: the types of a browser are not those of this program, and the table leads to every page. */
const TABLE = '../../src/ui/pages/table.js';
const table = createRequire(import.meta.url)(TABLE) as UiTable;

/** The table of pages of the browser app. */
export const UI_PAGES = table.PAGES;
/** How many pages stand in no menu: set-up, first account, and what opens without a log-in. */
export const OTHER_UI_PAGES = Object.keys({ ...table.OPEN_PAGES, ...table.STAGE_PAGES }).length;
