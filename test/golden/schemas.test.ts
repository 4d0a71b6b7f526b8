import { describe, expect, test } from "@jest/globals";
import { breaks } from "./support/growth.js";
import { currentSchemas, releasedSchemas } from "./support/release.js";

const HOW = [
  "A released event schema may only grow (JRN-12): journals of every release must stay readable.",
  "For a breaking change leave the file as it is, add event-schemas/<context>/<Type>.v<N+1>.json and a step in",
  "src/events/upcasters.ts, run `npm run schemas`; see test/golden/README.md for how a release is frozen.",
].join(" ");

describe("released event schemas (JRN-12)", () => {
  const { release, schemas } = releasedSchemas();
  const current = currentSchemas();

  test(`all schemas of release ${release} still exist`, () => {
    const gone = Object.keys(schemas).filter((name) => current[name] === undefined);
    expect({ gone, how: gone.length === 0 ? "" : HOW }).toEqual({ gone: [], how: "" });
  });

  test.each(Object.keys(schemas))("%s accepts everything that it accepted", (name) => {
    const broken = breaks(schemas[name], current[name] ?? schemas[name]);
    expect({ broken, how: broken.length === 0 ? "" : HOW }).toEqual({ broken: [], how: "" });
  });
});

describe("the rule for growth of schemas", () => {
  const released = {
    type: "object",
    properties: {
      side: { type: "string", enum: ["buy", "sell"] },
      price: { anyOf: [{ type: "string", pattern: "^[0-9]+$" }, { type: "null" }] },
      lots: { type: "array", items: { type: "object", properties: { id: { type: "string" } }, required: ["id"] } },
    },
    required: ["side"],
    additionalProperties: false,
  };
  const { properties } = released;

  test.each([
    ["a new optional member", { ...released, properties: { ...properties, note: { type: "string" } } }],
    [
      "a new value of an enum",
      { ...released, properties: { ...properties, side: { type: "string", enum: ["sell", "buy", "x"] } } },
    ],
    [
      "another order",
      { required: ["side"], additionalProperties: false, properties: { ...properties }, type: "object" },
    ],
    [
      "a member promised that was optional only inside a new one",
      { ...released, properties: { ...properties, more: { type: "object", required: ["a"] } } },
    ],
  ])("%s is allowed", (_what, current) => {
    expect(breaks(released, current)).toEqual([]);
  });

  test.each([
    ["/properties/side was removed", { ...released, properties: { price: properties.price, lots: properties.lots } }],
    [
      '/properties/side/enum lost "sell"',
      { ...released, properties: { ...properties, side: { type: "string", enum: ["buy"] } } },
    ],
    [
      "/properties/side/type was changed",
      { ...released, properties: { ...properties, side: { type: "integer", enum: ["buy", "sell"] } } },
    ],
    [
      "/properties/price/anyOf was changed",
      { ...released, properties: { ...properties, price: { anyOf: [{ type: "null" }] } } },
    ],
    ["/required now demands price", { ...released, required: ["side", "price"] }],
    ["/required no longer promises side", { ...released, required: [] }],
    [
      "/properties/lots/items/properties/id/pattern was changed",
      {
        ...released,
        properties: {
          ...properties,
          lots: {
            type: "array",
            items: { type: "object", properties: { id: { type: "string", pattern: "x" } }, required: ["id"] },
          },
        },
      },
    ],
    ["/minProperties was changed", { ...released, minProperties: 1 }],
  ])("%s", (finding, current) => {
    expect(breaks(released, current)).toEqual([finding]);
  });
});
