/** @jest-environment ./test/config/sources-environment.mjs */
import { describe, expect, test } from '@jest/globals';
import ts from 'typescript';
import { isNamedPlace } from '../support/named-place.js';
import { isEventType, streamName, type StreamName } from '../../src/events/event.js';
import { STREAMS } from '../../src/events/streams.js';
import { everyNode, finding, parseSource, sourcesUnder, type Finding, type Source } from './support/source.js';

/** Events that several rules and processes write, each with the one file that makes its draft. */
const WRITERS: Readonly<Record<string, string>> = {
  BotStateChanged: 'src/domain/lifecycle/bot-state-changed.ts',
  ErrorRecorded: 'src/events/error-recorded.ts',
  OrderIntended: 'src/trading/orders/order-intent.ts',
};

const ENVELOPE = 'src/app/journal/envelope.ts';
const SERIAL_QUEUE = 'src/app/journal/serial-queue.ts';

/** Object literals `{ type: 'BotStateChanged', ... }` outside the file that makes them. */
function draftsOf(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  everyNode(source, (node) => {
    if (!ts.isPropertyAssignment(node) || !ts.isIdentifier(node.name) || node.name.text !== 'type') return;
    if (!ts.isStringLiteral(node.initializer)) return;
    const writer = WRITERS[node.initializer.text];
    if (writer !== undefined && writer !== source.path) found.push(finding(source, node, node.initializer.text));
  });
  return found;
}

/** Calls of `commandEventId`, which makes the id of an envelope. */
function envelopesOf(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  everyNode(source, (node) => {
    if (!ts.isCallExpression(node) || !ts.isIdentifier(node.expression)) return;
    if (node.expression.text === 'commandEventId') found.push(finding(source, node, 'an event id of its own'));
  });
  return found.filter(({ path }) => path !== ENVELOPE);
}

/** `this.x = this.x.then(...)`: a queue made by hand. */
function chainsOf(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  everyNode(source, (node) => {
    if (!ts.isBinaryExpression(node) || node.operatorToken.kind !== ts.SyntaxKind.EqualsToken) return;
    const left = node.left.getText(source.ast);
    if (!left.startsWith('this.')) return;
    const right = node.right.getText(source.ast);
    if ([`${left}.then(`, `${left}.catch(`].some((chain) => right.startsWith(chain))) {
      found.push(finding(source, node, 'a promise chain'));
    }
  });
  return found.filter(({ path }) => path !== SERIAL_QUEUE);
}

/** The stream that an expression names: `STREAMS.risk`, `STREAMS.order(id)`, or `'risk'` of a helper. */
function streamOf(node: ts.Expression): StreamName | undefined {
  const named = ts.isCallExpression(node) ? node.expression : node;
  const known: Readonly<Record<string, unknown>> = STREAMS;
  if (ts.isStringLiteral(node)) return node.text in STREAMS ? streamName(node.text) : undefined;
  if (!ts.isPropertyAccessExpression(named) || named.expression.getText() !== 'STREAMS') return undefined;
  const stream = known[named.name.text];
  return typeof stream === 'string' ? (stream as StreamName) : streamName(named.name.text, 'x');
}

/** `type: 'SessionOpened'` in an expression. */
function typesIn(node: ts.Node): readonly string[] {
  const found: string[] = [];
  const visit = (inner: ts.Node): void => {
    if (ts.isPropertyAssignment(inner) && inner.name.getText() === 'type' && ts.isStringLiteral(inner.initializer)) {
      found.push(inner.initializer.text);
    }
    ts.forEachChild(inner, visit);
  };
  visit(node);
  return found;
}

interface WrittenPlace {
  readonly type: string;
  readonly stream: StreamName;
  readonly at: Finding;
}

/** Drafts that are written in a call which names their stream, or in an object that does. */
function placesIn(source: Source): readonly WrittenPlace[] {
  const found: WrittenPlace[] = [];
  everyNode(source, (node) => {
    const parts = ts.isCallExpression(node)
      ? node.arguments
      : ts.isObjectLiteralExpression(node)
        ? node.properties.flatMap((part) => (ts.isPropertyAssignment(part) ? [part.initializer] : []))
        : [];
    const streams = parts.flatMap((part) => streamOf(part) ?? []);
    const types = ts.isCallExpression(node) ? parts.flatMap(typesIn) : typesIn(node);
    for (const stream of streams)
      for (const type of types) found.push({ type, stream, at: finding(source, node, type) });
  });
  return found.filter(({ type }) => isEventType(type));
}

const misplacedIn = (source: Source): readonly string[] =>
  placesIn(source).flatMap(({ type, stream, at }) =>
    isEventType(type) && !isNamedPlace(type, stream) ? [`${at.path}:${at.line} writes ${type} into ${stream}`] : [],
  );

const src = (): readonly Source[] => sourcesUnder(['src', 'projections']);
const texts = (found: readonly Finding[]): readonly string[] => found.map(({ text }) => text);

describe('events are written in one way', () => {
  test('the rules find each forbidden way to write an event', () => {
    const parse = (text: string): Source => parseSource('src/app/a.ts', text);
    expect(texts(draftsOf(parse("const a = { type: 'ErrorRecorded', data };")))).toEqual(['ErrorRecorded']);
    expect(draftsOf(parse("if (event.type === 'ErrorRecorded') f({ types: ['ErrorRecorded'] });"))).toEqual([]);
    expect(texts(envelopesOf(parse('const id = commandEventId(now, stream);')))).toEqual(['an event id of its own']);
    expect(texts(chainsOf(parse('this.#last = this.#last.then(() => work());')))).toEqual(['a promise chain']);
  });

  test.each(Object.entries(WRITERS))('%s is made in %s', (type, path) => {
    expect(src().some((source) => source.path === path && source.text.includes(`type: '${type}'`))).toBe(true);
  });

  test('no other file creates a draft of these types', () => {
    expect(src().flatMap(draftsOf)).toEqual([]);
  });

  test('only the envelope creates event ids', () => {
    expect(src().flatMap(envelopesOf)).toEqual([]);
  });

  test('the rule finds an event in a stream that the table of streams does not name', () => {
    const found = (text: string): number => misplacedIn(parseSource('src/app/a.ts', text)).length;
    expect(found("append(STREAMS.risk, [{ type: 'FloatAdjusted', data }]);")).toBe(1);
    expect(found("record(STREAMS.order(id), { type: 'PositionOpened', data });")).toBe(1);
    expect(found("record(deps, 'risk', { type: 'FloatAdjusted', data });")).toBe(1);
    expect(found("const entry = { type: 'FloatAdjusted', stream: STREAMS.risk };")).toBe(1);
    expect(found("append(STREAMS.float, [{ type: 'FloatAdjusted', data }]);")).toBe(0);
  });

  test('every event is written into a stream that the table of streams names, where readers of its type look for it', () => {
    expect(src().flatMap(misplacedIn)).toEqual([]);
    const types = new Set(
      src()
        .flatMap(placesIn)
        .map(({ type }) => type),
    );
    expect(types.size).toBeGreaterThan(40);
  });

  test('work that must run in order uses the serial queue', () => {
    expect(src().flatMap(chainsOf)).toEqual([]);
  });
});
