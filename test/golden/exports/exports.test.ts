import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "@jest/globals";
import { renderCsv } from "../../../projections/exports/csv.js";
import { renderHledger } from "../../../projections/exports/hledger.js";
import { renderJson } from "../../../projections/exports/json.js";
import { renderOfx22 } from "../../../projections/exports/ofx22.js";
import type { StatementInput } from "../../../projections/exports/statement.js";
import { fullDay, statementOf } from "../../unit/support/groups.js";

const FOLDER = join(process.cwd(), "test/golden/exports");

const STATEMENTS: Readonly<Record<string, () => StatementInput>> = {
  "full-day": fullDay,
  "empty-range": () => statementOf([]),
};

const RENDERERS: Readonly<Record<string, (input: StatementInput) => string>> = {
  ofx: renderOfx22,
  csv: renderCsv,
  json: renderJson,
  journal: renderHledger,
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
