import type { ReactElement, ReactNode } from 'react';
import { api } from '../api/client.js';
import { useApi } from '../api/query.js';
import type { components } from '../generated/api.js';
import { useSetParams } from '../lib/url.js';
import { askedOf, headOf, type FigureKey } from './figures.js';
import { parts } from './messages.js';

/** What a figure is of: parts of the question that the server's table leaves open. */
export interface FigureOf {
  readonly date?: string | null;
  readonly symbol?: string | null;
  readonly strategy?: string | null;
  readonly setting?: string | null;
}

/**
 * A figure that explains itself: a click opens the events and the arithmetic, and gives that view an address.
 * `figure` is its key in the table of figures, which has its name and how it is shown. The question is that of the field of
 * the status with the same path (GET /api/explain/fields), or `ask`, such as the id of an order; with an id `subject` says
 * what the figure is of, as its explanation will.
 */
export function Figure({
  figure,
  ask,
  subject,
  of = {},
  at,
  children,
}: {
  readonly figure: FigureKey;
  readonly ask?: string;
  readonly subject?: string;
  readonly of?: FigureOf;
  /** The position of the journal that the figure is of, when it is not that of the page. */
  readonly at?: string;
  readonly children: ReactNode;
}): ReactElement {
  const subjects = useSubjects();
  const setParams = useSetParams();
  const question = ask ?? subjectOf(subjects?.get(figure)?.subject ?? null, of);
  // Without a question yet the figure is marked as one all the same: the crawler looks for figures that stay like this.
  if (question === null)
    return (
      <span className="figure" data-figure={figure}>
        {children}
      </span>
    );
  const from = parts.whereFrom(headOf(figure, subject ?? askedOf(question)));
  return (
    <button
      type="button"
      className="figure figure-link"
      data-figure={figure}
      data-explains={question}
      title={from}
      aria-label={undefined}
      onClick={() => setParams({ explain: question, figure, at: at ?? '' }, { replace: false })}
    >
      {children}
      <span className="sr-only">. {from}</span>
    </button>
  );
}

/** What explains a value: a question, or without one the types of the events that it shows. */
interface Source {
  readonly question: string | null;
  readonly types: readonly string[];
}

/** What explains a field of the status, or what is below one. */
export function useSource(): (field: string, of: FigureOf) => Source {
  const subjects = useSubjects();
  return (field, of) => {
    const parts = field.split('.');
    for (let count = parts.length; count > 0; count -= 1) {
      const found = subjects?.get(parts.slice(0, count).join('.'));
      if (found !== undefined) return { question: subjectOf(found.subject, of), types: found.events };
    }
    return { question: null, types: [] };
  };
}

/** The question of each field of the status; asked for once in the life of the page. */
function useSubjects(): ReadonlyMap<string, Field> | undefined {
  const { data } = useApi(['explain-fields'], (signal) => api.GET('/api/explain/fields', { signal }));
  return data === undefined ? undefined : mapOf(data.fields);
}

type Field = components['schemas']['ExplainFieldAnswer'];
type Fields = readonly Field[];

const made = new WeakMap<Fields, ReadonlyMap<string, Field>>();

function mapOf(fields: Fields): ReadonlyMap<string, Field> {
  const known = made.get(fields) ?? new Map(fields.map((one) => [one.field, one]));
  made.set(fields, known);
  return known;
}

/** `gain:D` of a date is `gain:2026-01-05`; null when what it is of is not known. */
function subjectOf(asked: string | null, { date, symbol, strategy, setting }: FigureOf): string | null {
  if (asked === null) return null;
  const [what = '', of = ''] = asked.split(':');
  if (of === '') return what;
  const values: Readonly<Record<string, string | null | undefined>> = { D: date, S: symbol, X: strategy, K: setting };
  const filled = of.split('/').map((part) => (part in values ? values[part] : part));
  return filled.every((part) => typeof part === 'string' && part !== '') ? `${what}:${filled.join('/')}` : null;
}
