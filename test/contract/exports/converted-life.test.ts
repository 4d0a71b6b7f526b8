import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { renderOfx22 } from '../../../projections/exports/ofx22.js';
import { statementSource } from '../../../src/composition/statement-source.js';
import { composeBotIdentity } from '../../../src/kernel/identity.js';
import type { UtcText } from '../../../src/kernel/time.js';
import { testNeeding, tool } from '../../support/needs.js';
import { ofxSchemas } from '../../support/shared-data.js';
import { Tape } from '../../unit/support/events.js';
import { removeTemporaryHomes } from '../../unit/support/home.js';
import { faultsOf } from '../../unit/support/output-schemas.js';
import { BOOKS, ReportHome } from '../../unit/support/report-home.js';
import { AccountWorld } from '../../unit/execution/support/account-world.js';

afterAll(removeTemporaryHomes);

const xmllint = tool('xmllint');
const PARTS = { entityCode: 'DEMO', jurisdictionCode: 'US', brokerCode: 'SIM', botId: 'B01' };

/** The bot buys 100 AIG at 50.01, they become 300, their stop follows, and its exit sells 300 at 17.00. */
async function life(): Promise<AccountWorld> {
  const world = await AccountWorld.open();
  const id = await world.enter({ shares: '100', price: '50' });
  world.account.fill(id, '100', '50.01');
  await world.deliver();
  await world.minutes(2);
  world.account.convert('AIG', '100', 'AIG', '300');
  await world.minutes(400);
  const exit = world.account.submitted.find(({ side }) => side === 'sell');
  world.account.fill(exit?.clientOrderId ?? '', '300', '17.00');
  await world.deliver();
  await world.minutes(2);
  return world;
}

const tape = new Tape();
const home = new ReportHome('json', true);
let world: AccountWorld;

beforeAll(async () => {
  world = await life();
  tape.events.push(...(await world.journal.readAll({ limit: 10_000 })));
  await home.run(tape);
});

test('TRD-4 a position that is split: books to the cent, one trade of the shares after it, a line in its log', () => {
  const { books, broker } = world.both();
  // 5,001.00 and 5,100.00, charges twice 0.36
  expect([books, broker]).toEqual([['100098.28'], ['100098.28']]);
  const [trade, ...more] = JSON.parse(home.text(home.paths.output.tradeHistoryJson)) as Record<string, unknown>[];
  expect(more).toEqual([]);
  const figures = { size: '300', entry_price: '16.67', exit_price: '17.00', gross_pnl: '99.00', PnL: '98.28' };
  expect(trade).toMatchObject(figures);
  expect(trade?.['share_conversions']).toMatch(/^2013-\S+Z: 100 AIG became 300 AIG: SPLIT\/FSPLIT$/u);
  expect(faultsOf('trade-record', trade)).toEqual([]);

  const lines = home.lines(home.paths.log(String(trade?.['strategy_name'])));
  const split = lines.filter(({ event }) => event === 'SharesConverted');
  expect(split.map(({ message }) => message)).toEqual([
    'split: 100 AIG became 300 AIG: SPLIT/FSPLIT; its stop is 16.34',
  ]);
  for (const line of split) expect(faultsOf('strategy-log-line', line)).toEqual([]);
});

testNeeding(xmllint, ofxSchemas)('TRD-4 xmllint with the OFX 2.0.1 DTD: the statement of a split is valid', () => {
  const identity = composeBotIdentity(PARTS);
  const source = statementSource({ paths: home.paths, identity, identityParts: PARTS, codes: BOOKS.codes });
  const upTo = tape.events.at(-1)!.position;
  const range = { from: '2013-10-01T00:00:00.000Z' as UtcText, to: '2013-10-30T00:00:00.000Z' as UtcText };
  const ofx = renderOfx22(source({ range, entries: { after: null, upTo } }));
  expect(ofx).toContain('<OLDUNITS>100</OLDUNITS><NEWUNITS>300</NEWUNITS><NUMERATOR>3</NUMERATOR>');
  const check = ['--noout', '--dtdvalid', join(ofxSchemas.path, 'ofx201.dtd'), '-'];
  const checked = spawnSync('xmllint', check, { input: ofx, encoding: 'utf8', timeout: 60_000 });
  expect([checked.stderr, checked.status]).toEqual(['', 0]);
});
