/**
 * Makes an element. `props` are attributes (false, null and undefined leave one out), `on` holds its listeners. Children
 * are nodes or text; text stays text, nothing is ever parsed as HTML.
 */
export function el(tag, props, ...children) {
  const node = document.createElement(tag);
  for (const [name, value] of Object.entries(props ?? {})) setProp(node, name, value);
  node.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
  return node;
}

function setProp(node, name, value) {
  if (name === 'on') {
    for (const [event, listener] of Object.entries(value)) node.addEventListener(event, listener);
  } else if (value !== false && value !== null && value !== undefined) {
    node.setAttribute(name, value === true ? '' : String(value));
    if (name === 'value') node.value = value;
  }
}

export function show(node, ...children) {
  node.replaceChildren(...children.flat().filter((child) => child !== null && child !== undefined && child !== false));
}

/** A note in a box: `kind` is '', 'is-bad', 'is-warn' or 'is-good'. */
export function note(kind, ...children) {
  const urgent = kind === 'is-bad';
  return el('div', { class: `note ${kind}`, role: urgent ? 'alert' : 'status' }, ...children);
}

/** The problem and its remedy, as the server reported them; their code is small below, for a person who asks for help. */
export function problemNote(problem) {
  return note(
    'is-bad',
    el('p', {}, el('strong', {}, problem.message)),
    problem.remedy ? el('p', {}, problem.remedy) : null,
    problem.code ? el('p', { class: 'muted small' }, problem.code) : null,
  );
}

export function pill(kind, text) {
  return el('span', { class: `pill ${kind}` }, text);
}

export function button(label, onClick, props) {
  return el('button', { type: 'button', ...props, on: { click: onClick } }, label);
}

/** Rows of cells under headings; a cell is text or a node. `numeric` names the columns that are set to the right, `wide` those of whole sentences. */
export function table(headings, rows, { caption, numeric = [], wide = [], empty = 'Nothing yet.' } = {}) {
  if (rows.length === 0) {
    return el('div', {}, caption ? el('h2', {}, caption) : null, el('p', { class: 'muted' }, empty));
  }
  const classOf = (index) => (numeric.includes(index) ? 'number' : wide.includes(index) ? 'text' : null);
  return el(
    'div',
    { class: 'scroll', tabindex: '0', role: 'region', 'aria-label': caption ?? headings.join(', ') },
    el(
      'table',
      {},
      caption ? el('caption', {}, caption) : null,
      el(
        'thead',
        {},
        el('tr', {}, ...headings.map((text, index) => el('th', { scope: 'col', class: classOf(index) }, text))),
      ),
      el(
        'tbody',
        {},
        ...rows.map((cells) =>
          el('tr', {}, ...cells.map((cell, index) => el('td', { class: classOf(index) }, cell ?? ''))),
        ),
      ),
    ),
  );
}

let dialogs = 0;

/** Opens a dialog with `children(close)` in it; resolves when it is closed. */
export function dialog(title, children) {
  dialogs += 1;
  const id = `dialog-title-${dialogs}`;
  const heading = el('h2', { id }, title);
  const box = el('dialog', { 'aria-labelledby': id }, heading);
  box.append(...children(() => box.close()).filter(Boolean));
  document.body.append(box);
  return new Promise((resolve) => {
    box.addEventListener('close', () => {
      box.remove();
      resolve();
    });
    box.showModal();
  });
}
