import type { Finding, Source } from './source.js';

/** The text of a document with the path that it has in the repository. */
export type Doc = Pick<Source, 'path' | 'lines'>;

const ROOMS = 'src|projections|test|event-schemas|docs|systemd|\\.ci';
const PATH = new RegExp(`^(?:${ROOMS})/[^\\s:]*$`);
const CODE_FILE = /(?<![\w<>{}*./-])[\w./-]+\.(?:ts|mjs|cjs|sh)\b(?![\w>*-])/g;
const LINK = /\]\(([^)#\s]+)(?:#[^)\s]*)?\)/g;
const SPAN = /`([^`]+)`/g;
const PLACEHOLDER = /[<>*{}]/;
const NAMED = new RegExp(`\`((?:${ROOMS})/[^\`\\s]+)\` \\(([^)]*)\\)`, 'g');

const isAbsolute = (target: string): boolean => /^[a-z]+:/.test(target);

/** Paths of the repository in backticks that are none: a path with a placeholder must exist up to the placeholder. */
export function stalePaths(doc: Doc, exists: (path: string) => boolean): readonly Finding[] {
  return eachLine(doc, (line) =>
    [...line.matchAll(SPAN)]
      .map(([, span]) => span ?? '')
      .filter((span) => PATH.test(span) && !exists(knownPart(span))),
  );
}

/** Names of source files that no file of the repository ends in: READMEs name the files of their folder so. */
export function staleFileNames(doc: Doc, files: readonly string[]): readonly Finding[] {
  const exists = (name: string): boolean => files.some((file) => file === name || file.endsWith(`/${name}`));
  return eachLine(doc, (line) => [...line.matchAll(CODE_FILE)].map(([name]) => name).filter((name) => !exists(name)));
}

/** Links to files of the repository that are not there. */
export function staleLinks(doc: Doc, exists: (path: string) => boolean): readonly Finding[] {
  const folder = doc.path.split('/').slice(0, -1);
  return eachLine(doc, (line) =>
    [...line.matchAll(LINK)]
      .map(([, target]) => target ?? '')
      .filter((target) => !isAbsolute(target) && !exists(resolved(folder, target))),
  );
}

/** Names in brackets after a path, as in "`src/a.ts` (`Engine.settle`)", that the file does not have. */
export function staleNames(doc: Doc, textOf: (path: string) => string | undefined): readonly Finding[] {
  return eachLine(doc, (line) =>
    [...line.matchAll(NAMED)].flatMap(([, path = '', names = '']) => {
      const text = textOf(path);
      if (text === undefined) return [];
      return [...names.matchAll(SPAN)]
        .flatMap(([, name]) => (name ?? '').split('.'))
        .filter((word) => !new RegExp(`(?<![\\w$])${word.replace(/[^\w#]/g, '')}(?![\\w$])`).test(text))
        .map((word) => `${path}: ${word}`);
    }),
  );
}

function eachLine(doc: Doc, stale: (line: string) => readonly string[]): readonly Finding[] {
  return doc.lines.flatMap((line, index) => stale(line).map((text) => ({ path: doc.path, line: index + 1, text })));
}

function knownPart(path: string): string {
  const at = path.search(PLACEHOLDER);
  const known = at < 0 ? path : path.slice(0, path.lastIndexOf('/', at));
  return known.replace(/\/$/, '');
}

function resolved(folder: readonly string[], target: string): string {
  const parts = [...folder];
  for (const part of target.split('/')) {
    if (part === '..') parts.pop();
    else if (part !== '.' && part !== '') parts.push(part);
  }
  return parts.join('/');
}

const LOCAL_DECISION = /^(?:- )?(\d{4}-\d\d-\d\d):? \S/;
const INDEX_ROOM = /^### \[.*\]\(\.\.\/\.\.\/(.+)\)$/;
const INDEX_LINE = /^- (\d{4}-\d\d-\d\d) \S/;

/** Dates of the decisions that a README lists, in order of time. */
export function decisionDates(doc: Doc): readonly string[] {
  return doc.lines.flatMap((line) => LOCAL_DECISION.exec(line)?.[1] ?? []).sort();
}

/** The same dates as the index of decisions has them, by README. */
export function indexedDates(index: Doc): ReadonlyMap<string, readonly string[]> {
  const rooms = new Map<string, string[]>();
  let dates: string[] = [];
  for (const line of index.lines) {
    const room = INDEX_ROOM.exec(line)?.[1];
    if (room !== undefined) rooms.set(room, (dates = []));
    const date = INDEX_LINE.exec(line)?.[1];
    if (date !== undefined) dates.push(date);
  }
  for (const each of rooms.values()) each.sort();
  return rooms;
}
