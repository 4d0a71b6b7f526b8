import { FIGURES } from '../../parts/figures.js';

/** Texts of the chart of accounts and the rules of posting. */
export const accounts = {
  chart: 'Chart of accounts',
  rules: 'Posting rules',
  rulesWhy: 'The first rule that matches an event counts.',
  versions: 'Versions',
  columns: { account: 'Account', type: 'Type', state: 'State', balance: FIGURES['account.balance'].name },
  inactive: 'closed',
  ruleHeads: { event: 'Event', purpose: 'Part', symbols: 'Symbols', debit: 'Debit', credit: 'Credit' },
  versionHeads: { at: 'Time (UTC)', what: 'What', version: 'Version', entries: 'Entries', by: 'By', reason: 'Reason' },
  what: { chart: 'Chart', mapping: 'Rules' },
  filter: 'Account, name or event',
  none: 'No chart of accounts yet.',
  noneWhy: 'The set-up records the first one.',
  noMatch: (text: string): string => `Nothing matches "${text}".`,
  allSymbols: 'all',
} as const;
