/**
 * `npm run shots -- states`: pages in states that a healthy bot does not show: without a right, old, without a connection,
 * faulty, missing, still reading, empty, in the past, with split shares. Answers of the server are replaced in the browser.
 */
import { badDayConditions } from './shots-conditions.mjs';

const problem = (status, code, detail, remedy) => (route) =>
  route.fulfill({
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify({ type: 'about:blank', title: code, status, code, detail, remedy, instance: 'urn:x' }),
  });
const FORBIDDEN = problem(403, 'ROLE', 'Your role may not read this page.', 'Ask an admin for access.');
const FAULT = problem(
  500,
  'INTERNAL',
  'The request failed.',
  'Look for urn:tradebot:request:7f1c in the log of the web process.',
);
const BEHIND = problem(
  503,
  'LEDGER_BEHIND',
  'The ledger has not processed the newest events.',
  'Try again in some seconds.',
);
const never = () => undefined;
const gone = (route) => route.abort();

const CONVERSIONS = [
  {
    kind: 'split',
    symbol: 'ZYNK',
    new_symbol: 'ZYNK',
    shares_before: '6',
    shares_after: '60',
    description: '10 for 1',
  },
  {
    kind: 'symbol_change',
    symbol: 'TLRX',
    new_symbol: 'TLRY',
    shares_before: '-2',
    shares_after: '-2',
    description: '',
  },
].map((one) => ({ ...one, happened_at: '2013-10-07T13:30:00.000Z' }));

async function withConversions(route) {
  const answer = await route.fetch();
  await route.fulfill({ response: answer, json: { ...(await answer.json()), share_conversions: CONVERSIONS } });
}

async function withBadDay(route) {
  await route.fulfill({ json: await badDayConditions() });
}

/** `answers`: by address; `later`: answers from when the page is there. `seen`: what shows that the state is reached. */
const STATES = [
  { name: 'loading', path: '/ledger', answers: { '**/api/ledger/**': never }, seen: '.loading' },
  { name: 'forbidden', path: '/ledger', answers: { '**/api/ledger/**': FORBIDDEN }, seen: '.notice' },
  { name: 'error', path: '/performance', answers: { '**/api/performance**': FAULT }, seen: '.notice-bad' },
  { name: 'behind', path: '/lots', answers: { '**/api/ledger/lots**': BEHIND }, seen: '.notice-warn' },
  { name: 'stale', path: '/health', later: { '**/api/processes': gone }, seen: '.stale' },
  { name: 'offline', path: '/', answers: { '**/api/events/live': gone }, seen: '.banner-warn' },
  { name: 'no-page', path: '/no-such-page', seen: '.notice' },
  { name: 'no-order', path: '/orders/no-such-order', seen: '.notice' },
  { name: 'no-event', path: '/events/99999999', seen: '.notice' },
  { name: 'no-position', path: '/?asof=99999999', seen: '.notice' },
  ...['/', '/health', '/status'].map((path) => ({
    name: `bad-day-${path === '/' ? 'main' : path.slice(1)}`,
    ...{ path, answers: { '**/api/conditions': withBadDay }, seen: '.notice-bad' },
  })),
  { name: 'conversions', path: '/', answers: { '**/api/status': withConversions }, seen: 'text=Splits and renamed' },
  ...['/', '/orders', '/performance', '/ledger', '/lots', '/day', '/decisions', '/chart'].map((path) => ({
    name: `first-${path === '/' ? 'main' : path.slice(1)}`,
    path: `${path}?asof=1`,
    seen: '.banner-past',
  })),
  ...['/', '/ledger', '/lots', '/status', '/compare'].map((path) => ({
    name: `past-${path === '/' ? 'main' : path.slice(1)}`,
    path: `${path}?asof=HERE`,
    seen: '.banner-past',
  })),
  { name: 'present-only', path: '/settings?asof=1', seen: '.banner-past' },
  { name: 'nothing-found', path: '/orders?symbol=NONE', seen: '.notice' },
  { name: 'explained', path: '/?explain=bridge:2013-10-07', seen: '.explanation-value' },
  { name: 'not-explained', path: '/?explain=nothing-known', seen: '.explanation .notice' },
];

/** One picture of each state; `shoot` takes it by its name, `here` is a position of the journal with open positions. */
export async function shootStates({ page, base, here, shoot, settled }) {
  for (const { name, path, answers = {}, later = {}, seen } of STATES) {
    for (const [address, answer] of Object.entries(answers)) await page.route(address, answer);
    await page.goto(`${base}/app${path.replace('HERE', here)}`);
    if (name !== 'loading') await settled(page);
    for (const [address, answer] of Object.entries(later)) await page.route(address, answer);
    await page.locator(seen).first().waitFor();
    await shoot(`state-${name}`);
    await page.unrouteAll({ behavior: 'ignoreErrors' });
  }
}
