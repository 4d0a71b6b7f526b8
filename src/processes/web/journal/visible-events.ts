import { type Principal, may } from '../../../app/access/principal.js';
import type { Permission } from '../../../domain/access/roles.js';
import type { EventContext } from '../../../events/event.js';
import { EVENT_CONTEXTS } from '../../../events/generated/catalog.js';

/** The journal reveals no more than the pages and logs on the same subject: each context needs their permission. */
const AUDIENCE: Partial<Readonly<Record<EventContext, Permission>>> = {
  access: 'users',
  secrets: 'secrets',
  config: 'settings',
};

/** Types of events that a user may read out of those asked for (undefined: all); undefined: every type. */
export function visibleTypes(me: Principal, asked: readonly string[] | undefined): readonly string[] | undefined {
  const contexts = Object.entries(EVENT_CONTEXTS) as (readonly [EventContext, readonly string[]])[];
  const hidden = contexts.filter(([context]) => !may(me, AUDIENCE[context] ?? 'read')).flatMap(([, types]) => types);
  if (hidden.length === 0) return asked;
  // A name that is no type stays, and is refused as that.
  return (asked ?? contexts.flatMap(([, types]) => types)).filter((type) => !hidden.includes(type));
}
