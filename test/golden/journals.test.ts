import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { gunzipSync, gzipSync } from "node:zlib";
import { afterAll, beforeAll, describe, expect, test } from "@jest/globals";
import { ledgerProjection } from "../../projections/ledger/ledger.js";
import { VirtualClock } from "../../src/adapters/clock/virtual-clock.js";
import { checkEvent } from "../../src/adapters/event-codec/validator.js";
import { SqliteJournal } from "../../src/adapters/journal-sqlite/sqlite-journal.js";
import { openLedger } from "../../src/adapters/ledger-reader/open-ledger.js";
import { readProof, readSeal } from "../../src/adapters/seal-keys/seal-files.js";
import { readPublicKey, verifySignature } from "../../src/adapters/seal-keys/seal-keys.js";
import { storedText } from '../../src/adapters/event-codec/codec.js';
import { checkSeals } from "../../src/app/audit/check-seals.js";
import { foldJournal } from "../../src/app/journal/fold-journal.js";
import { bookCash } from "../../src/domain/accounting/book.js";
import { proofFaults } from "../../src/domain/audit/proof.js";
import { sealMessage } from "../../src/domain/audit/seal.js";
import { EngineState } from "../../src/domain/session/engine-state.js";
import { isNamedPlace } from "../support/named-place.js";
import type { RecordedEvent } from "../../src/events/event.js";
import { sha256Hex } from "../../src/kernel/hash.js";
import { BOT, START } from "../contract/support/journal-events.js";
import * as program from "../e2e/support/program.js";
import { removeTemporaryHomes, temporaryHome } from "../unit/support/home.js";
import { project } from "../unit/support/ledger-db.js";
import { breaks } from "./support/growth.js";
import {
  appendEveryExample,
  currentSchemas,
  frozenReleases,
  GOLDEN,
  releasedSchemas,
  thisVersion,
} from "./support/release.js";

const CODES = { entity: "DEMO", jurisdiction: "US", broker: "SIM", bot: "B01", account: "SIM-B01" };
const FREEZE = process.env["TRADEBOT_FREEZE"] === "1";

/** The result of a frozen journal in every later release. */
interface Facts {
  readonly count: number;
  readonly head: string | null;
  readonly examples: number;
  readonly groups: number;
  /** Digest of the postings: text, time, amounts and accounts. */
  readonly ledgerSha256: string;
  readonly cash: string;
  readonly sessions: readonly string[];
}

afterAll(removeTemporaryHomes);
afterAll(program.removeScratch);
if (FREEZE) beforeAll(freezeThisRelease, 300_000);

/** A frozen journal unpacked into a file. */
function thawed(release: string, name: string): string {
  const path = join(temporaryHome(), "journal.db");
  writeFileSync(path, gunzipSync(readFileSync(join(GOLDEN, "journals", release, name))));
  return path;
}

async function withJournal<T>(path: string, work: (journal: SqliteJournal) => Promise<T>): Promise<T> {
  const journal = SqliteJournal.open({ path, clock: new VirtualClock(START) });
  try {
    return await work(journal);
  } finally {
    await journal.close();
  }
}

function postingsOf(events: readonly RecordedEvent[]): { readonly groups: number; readonly sha256: string } {
  const path = join(temporaryHome(), "ledger.db");
  project(path, ledgerProjection({ path, codes: CODES }), events);
  const ledger = openLedger(path);
  const groups = ledger
    .groups()
    .map((group) => [
      ...[group.fitid, group.trntype, group.datetimeUtc, group.symbol, group.quantity, group.price],
      group.netAmount.toString(),
      group.legs.map((leg) => [leg.accountCode, leg.debit.toString(), leg.credit.toString()]),
    ]);
  ledger.close();
  return { groups: groups.length, sha256: sha256Hex(JSON.stringify(groups)) };
}

async function factsOf(day: string, everyType: string): Promise<Facts> {
  const examples = await withJournal(everyType, async (journal) => (await journal.readAll()).length);
  return withJournal(day, async (journal) => {
    const found = await journal.verify();
    if (!found.ok) throw new Error(found.message);
    const state = new EngineState(CODES);
    await foldJournal(journal, state);
    const { groups, sha256 } = postingsOf(await journal.readAll());
    return {
      ...{ count: found.count, head: found.head, examples, groups, ledgerSha256: sha256 },
      cash: bookCash(state.book).toString(),
      sessions: [...state.closedSessions.keys()],
    };
  });
}

describe.each(FREEZE ? [`v${thisVersion()}`] : frozenReleases())("the journal of release %s (JRN-12)", (release) => {
  const fileOf = (name: string): string => join(GOLDEN, "journals", release, name);

  test("it is complete, and folds and posts as it did then", async () => {
    const facts = JSON.parse(readFileSync(fileOf("facts.json"), "utf8")) as Facts;
    expect(await factsOf(thawed(release, "day.db.gz"), thawed(release, "every-type.db.gz"))).toEqual(facts);
  });

  test("its events could have been written by this program", async () => {
    for (const name of ["day.db.gz", "every-type.db.gz"]) {
      await withJournal(thawed(release, name), async (journal) => {
        expect(await journal.verify()).toMatchObject({ ok: true });
        for (const event of await journal.readAll()) checkEvent(event.stream, event);
      });
    }
  });

  test("it matches its seal, and the proof of one of its fills is valid", async () => {
    const publicKey = readPublicKey(fileOf("journal_seal.pub"));
    const signed = readSeal(fileOf("seal.json"));
    await withJournal(thawed(release, "day.db.gz"), async (journal) => {
      const trust = { identity: BOT, publicKey, verifySignature };
      const checks = await checkSeals({ journal, storedText }, [{ source: "golden", signed }], await journal.verify(), trust);
      expect(checks.map(({ faults }) => faults)).toEqual([[]]);
      const misplaced = (await journal.readAll()).filter(({ type, stream }) => !isNamedPlace(type, stream));
      expect(misplaced).toEqual([]);
    });
    const proof = readProof(fileOf("proof.json"));
    expect(proofFaults(proof)).toEqual([]);
    expect(verifySignature(sealMessage(proof.seal.seal), proof.seal)).toBe(true);
    expect(proof.seal.publicKey).toBe(publicKey);
  });
});

if (!FREEZE) {
  test("this release is frozen, with every event type that it writes", async () => {
    expect(frozenReleases()).toContain(`v${releasedSchemas().release}`);
    const held = await withJournal(thawed(`v${releasedSchemas().release}`, "every-type.db.gz"), async (journal) =>
      (await journal.readAll()).map(({ type }) => type),
    );
    const released = Object.keys(releasedSchemas().schemas).map((name) => name.split(".")[0]);
    expect([...new Set(held)].sort()).toEqual([...new Set(released)].sort());
  });
}

/** Two sealed days with shorts and added capital, one example of every type, and their results. */
async function freezeThisRelease(): Promise<void> {
  refuseBreaks();
  const dir = join(GOLDEN, "journals", `v${thisVersion()}`);
  mkdirSync(dir, { recursive: true });
  await program.buildOnce();
  const home = join(program.scratchFolder(), "home");
  const shorts = ["OPEN", "MID", "CLOSE"].flatMap((name) => ["--set", `SHORT_TYPE_${name}=ShortSell`]);
  const day = ["day", "--synthetic", "--seed", "7", ...shorts, "--home", home];
  await program.done(...day, "--date", "2026-01-05");
  await program.done("float", "inject", "5000.00", "--reason", "more capital", "--home", home);
  await program.done(...day, "--date", "2026-01-06");
  const { output, storage } = program.pathsOf(home);
  const seal = join(output.audit, "seal_2026-01-06.json");
  await withJournal(storage.journalDb, async (journal) => {
    const fill = (await journal.readAll({ filter: { types: ["OrderFilled"] } }))[0]!;
    await program.done("proof", fill.id, "--seal", seal, "--out", join(dir, "proof.json"), "--home", home);
  });
  const everyType = join(temporaryHome(), "journal.db");
  await withJournal(everyType, appendEveryExample);
  for (const [name, path] of [
    ["day.db.gz", storage.journalDb],
    ["every-type.db.gz", everyType],
  ] as const) {
    expect(existsSync(`${path}-wal`)).toBe(false);
    writeFileSync(join(dir, name), gzipSync(readFileSync(path), { level: 9 }));
  }
  writeFileSync(join(dir, "seal.json"), readFileSync(seal));
  writeFileSync(join(dir, "journal_seal.pub"), readFileSync(output.sealPublicKey));
  writeFileSync(join(dir, "facts.json"), `${JSON.stringify(await factsOf(storage.journalDb, everyType), null, 2)}\n`);
  const schemas = Object.fromEntries(Object.entries(currentSchemas()).sort(([a], [b]) => (a < b ? -1 : 1)));
  const text = JSON.stringify({ release: thisVersion(), schemas }, null, 1);
  writeFileSync(join(GOLDEN, "schemas.json"), `${text}\n`);
}

/** An unreleased version may be frozen again; a released one must not change. */
function refuseBreaks(): void {
  if (!existsSync(join(GOLDEN, "schemas.json"))) return;
  const { release, schemas } = releasedSchemas();
  if (release === thisVersion()) return;
  const current = currentSchemas();
  expect(Object.entries(schemas).flatMap(([name, schema]) => breaks(schema, current[name] ?? {}, name))).toEqual([]);
}
