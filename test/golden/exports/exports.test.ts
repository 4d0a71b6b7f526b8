import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { renderBeancount } from "../../../projections/exports/beancount.js";
import { renderCsv } from "../../../projections/exports/csv.js";
import { renderHledger } from "../../../projections/exports/hledger.js";
import { renderJson } from "../../../projections/exports/json.js";
import { renderOfx22 } from "../../../projections/exports/ofx22.js";
import { RENDERER_VERSION } from "../../../projections/exports/renderer.js";
import type { StatementInput } from "../../../projections/exports/statement.js";
import { sha256Hex } from "../../../src/kernel/hash.js";
import { dayAfter, fullDay, statementOf } from "../../unit/support/groups.js";

const FOLDER = join(process.cwd(), "test/golden/exports");

const STATEMENTS: Readonly<Record<string, () => StatementInput>> = {
  "full-day": fullDay,
  "empty-range": () => statementOf([]),
  "day-after": dayAfter,
};

const RENDERERS: Readonly<Record<string, (input: StatementInput) => string>> = {
  ofx: renderOfx22,
  csv: renderCsv,
  json: renderJson,
  journal: renderHledger,
  beancount: renderBeancount,
};

/** `UPDATE_GOLDEN=1` rewrites the files; review the difference before the commit. */
const UPDATE = process.env["UPDATE_GOLDEN"] === "1";

describe("golden exports: each changed byte is visible in review", () => {
  for (const [name, make] of Object.entries(STATEMENTS)) {
    for (const [ending, render] of Object.entries(RENDERERS)) {
      test(`${name}.${ending}`, () => {
        const path = join(FOLDER, `${name}.${ending}`);
        const text = render(make());
        if (UPDATE) writeFileSync(path, text);
        expect(existsSync(path)).toBe(true);
        expect(text).toBe(readFileSync(path, "utf8"));
      });
    }
  }
});

describe("the version of the renderers", () => {
  /** Digest of the golden files of each version. */
  const DIGESTS: Readonly<Record<number, string>> = {
    1: "c4e92c638a67fa34a26684e03e799a8ad4db2ac718f530c1a7e0c1a95015dcad",
    2: "0da1232ebc5b6835e975de0370d60c3f815fcd680d45fe1ee66330ff414b9d2f",
  };

  test("a changed byte raises RENDERER_VERSION: exports of before are then known by their digest", () => {
    const all = Object.keys(STATEMENTS).flatMap((name) =>
      Object.keys(RENDERERS).map((ending) => readFileSync(join(FOLDER, `${name}.${ending}`), "utf8")),
    );
    expect(sha256Hex(all.join("\0"))).toBe(DIGESTS[RENDERER_VERSION]);
  });
});
