/** An id of a requirement or failure where it is cited. */
export interface Citation {
  readonly id: string;
  readonly path: string;
}

/** Prefixes of docs/REQUIREMENTS.md; other words of that form, such as UTF-8, are no citations. */
const REQUIREMENT = /\b((?:JRN|RUN|CFG|SEC|TRD|ACC|OUT|WEB|HLT|HUB|TEL)-\d+|BT-\d+|P(?:10|[1-9]))\b(?!%)/g;
const FAILURE = /(?<![\w-])(F\d{1,2})\b(?!-\d{2,})|(?<=\bF\d{1,2}-)(F\d{1,2})\b/g;

/** Requirements that a text cites, in order. */
export function citedRequirements(path: string, text: string): readonly Citation[] {
  return [...text.matchAll(REQUIREMENT)].map(([id]) => ({ id, path }));
}

/** Failures that a text cites, in order. */
export function citedFailures(path: string, text: string): readonly Citation[] {
  return [...text.matchAll(FAILURE)].map(([id]) => ({ id, path }));
}
