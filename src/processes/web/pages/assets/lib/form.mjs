import { el, problemNote, show } from './dom.mjs';
import { capital } from './format.mjs';

let count = 0;
const MARKED = 'Correct the marked fields. Nothing was changed.';

/**
 * One labelled input. `spec`: name, label, help, type (any of input, or select with `options` of [value, text], or
 * textarea), value, and further attributes in `attrs`. `fault(text)` shows what is wrong with it.
 */
export function field(spec) {
  count += 1;
  const id = `f${count}-${spec.name}`;
  const helpId = `${id}-help`;
  const faultId = `${id}-fault`;
  const described = [spec.help ? helpId : '', faultId].join(' ').trim();
  const common = { id, name: spec.name, 'aria-describedby': described, ...spec.attrs };
  const input = control(spec, common);
  const faultText = el('p', { class: 'fault', id: faultId, hidden: true });
  const row = el(
    'div',
    { class: 'field' },
    el('label', { for: id }, spec.label),
    input,
    spec.help ? el('p', { class: 'help', id: helpId }, spec.help) : null,
    faultText,
  );
  return {
    name: spec.name,
    row,
    input,
    get value() {
      return input.type === 'checkbox' ? String(input.checked) : input.value;
    },
    fault(text) {
      faultText.textContent = capital(text ?? '');
      faultText.hidden = !text;
      if (text) input.setAttribute('aria-invalid', 'true');
      else input.removeAttribute('aria-invalid');
    },
  };
}

function control(spec, common) {
  if (spec.type === 'select') {
    const options = spec.options.map(([value, text]) => el('option', { value, selected: value === spec.value }, text));
    return el('select', common, ...options);
  }
  if (spec.type === 'textarea') return el('textarea', { rows: '3', ...common }, spec.value ?? '');
  return el('input', { type: spec.type ?? 'text', value: spec.value ?? '', spellcheck: 'false', ...common });
}

/**
 * A form over `fields`. `submit(values)` does the work; a Problem that it throws is shown, each fault at its field, and
 * the first faulty field gets the focus. `above` and `layout` may arrange more around the rows.
 */
export function form({ fields, label, submit, layout, secondary, danger }) {
  const notes = el('div', {});
  const go = el('button', { type: 'submit', class: danger ? 'danger' : 'primary' }, label);
  const rows = layout ?? fields.map((one) => one.row);
  const node = el('form', { novalidate: true }, notes, ...rows, el('div', { class: 'row' }, go, secondary));
  node.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (go.disabled) return;
    go.disabled = true;
    show(notes);
    for (const one of fields) one.fault('');
    try {
      await submit(Object.fromEntries(fields.map((one) => [one.name, one.value])), notes);
    } catch (problem) {
      showProblem(problem, fields, notes);
    } finally {
      go.disabled = false;
    }
  });
  return node;
}

/** `identity.botId` is the name of a member: people read "Bot id". */
function faultLine({ field: name, message }) {
  const last = name.split('.').at(-1) ?? '';
  const label = last.replaceAll('_', ' ').replace(/(?<=[a-z])[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return label === '' ? capital(message) : `${capital(label)}: ${message}`;
}

/** Faults go to their fields; the others appear above the form. */
export function showProblem(problem, fields, notes) {
  const byName = new Map(fields.map((one) => [one.name, one]));
  const homeless = [];
  for (const fault of problem.faults ?? []) {
    const target = byName.get(fault.field);
    if (target === undefined) homeless.push(fault);
    else target.fault(fault.message);
  }
  const placed = (problem.faults ?? []).length > homeless.length;
  const summary = problemNote(placed ? { ...problem, message: problem.message, remedy: MARKED } : problem);
  if (homeless.length > 0) {
    summary.append(el('ul', {}, ...homeless.map((fault) => el('li', {}, faultLine(fault)))));
  }
  show(notes, summary);
  const first = fields.find((one) => one.input.getAttribute('aria-invalid') === 'true');
  (first?.input ?? summary).focus?.();
}
