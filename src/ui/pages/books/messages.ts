/** Texts of the page of entries and tasks. */
export const books = {
  adjustment: {
    title: 'Adjusting entry',
    help: 'Books shares, cash or both, or settles a report of the broker that was refused.',
    side: 'Shares',
    sides: { '': 'No shares', buy: 'Shares come in', sell: 'Shares go out' },
    symbol: 'Symbol',
    quantity: 'Number of shares',
    price: 'Price per share',
    cash: 'Cash received or paid',
    cashHelp: 'Dollars, besides those for the shares; below zero was paid.',
    account: 'Offsetting account of the cash',
    noAccount: 'None',
    at: 'Effective time',
    atHelp: 'A day (UTC) or a time such as 2026-01-05T15:00Z. Empty: now.',
    settles: 'Settles the report',
    settlesHelp: 'The refused report or event, such as RF-0a1b2c3d-4e5f. Empty: none.',
    missing: {
      symbol: 'Name the shares, such as SPY.',
      quantity: 'Enter how many shares move.',
      price: 'Enter the price per share, such as 20.50.',
    },
    reason: 'Reason (required)',
    reasonHelp: '3 to 300 characters; it is kept in the journal with your name.',
    submit: 'Book entry',
    booked: (id: string): string => `${id} is booked.`,
  },
  work: {
    title: 'Journal and files',
    help: 'All of this works while the bot trades.',
    files: 'Files of',
    all: 'all projections',
    filesHelp:
      'A check compares the files with the journal and changes none. A rebuild makes them again and swaps them in.',
  },
  tasks: {
    title: 'Tasks',
    none: 'No task yet.',
    columns: { at: 'Time (UTC)', task: 'Task', state: 'State', result: 'Result', by: 'By' },
    kinds: {
      ...{ export: 'Export', seal: 'Seal', rebuild: 'Rebuild', check: 'Check', verify: 'Verify', backup: 'Backup' },
    },
    states: {
      ...{ waiting: 'waiting', running: 'running', done: 'done', differs: 'differs' },
      ...{ failed: 'failed', cut_off: 'interrupted' },
    },
  },
} as const;
