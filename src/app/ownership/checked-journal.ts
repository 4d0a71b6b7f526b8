import type { Journal } from '../../ports/journal.js';

/** The journal with a check before each append; everything else is that of the journal below, also what only some journals have. */
export function checkedJournal(below: Journal, check: () => Promise<void>): Journal {
  const append: Journal['append'] = async (stream, events, options) => {
    await check();
    return await below.append(stream, events, options);
  };
  return new Proxy(below, {
    get: (target, name) => {
      if (name === 'append') return append;
      const member: unknown = Reflect.get(target, name, target);
      return typeof member === 'function' ? (member.bind(target) as unknown) : member;
    },
  });
}
