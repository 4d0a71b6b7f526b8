import { expect, test } from '@jest/globals';
import { UI_PAGES } from '../../support/ui-pages.js';

test('each page has an icon of its own', () => {
  const icons = UI_PAGES.map(({ icon }) => icon);
  expect(icons.length).toBeGreaterThan(25);
  expect(icons.filter((icon, at) => icons.indexOf(icon) !== at)).toEqual([]);
});

test('what the palette asks pages for is offered once, and says what it is', () => {
  const asks = UI_PAGES.flatMap(({ asks: of = [] }) => of);
  const names = asks.map(({ by, name }) => `${by} ${name}`);
  expect(new Set(names).size).toBe(names.length);
  expect(asks.filter(({ by }) => by === 'symbol').map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'Orders',
      'Trades',
      'Why no trade',
      'Price chart',
      'Ledger entries',
      'Open lots',
      'In the universe or not',
    ]),
  );
  expect(asks.find(({ name }) => name === 'Events of the position')).toMatchObject({
    ...{ prefix: 'position-', search: { whole: '1' } },
  });
  expect(asks.filter(({ by }) => by === 'account').length).toBeGreaterThan(1);
});
