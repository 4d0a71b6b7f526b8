import { invariant } from '../../src/kernel/errors.js';
import { asciiLine } from './text.js';

/** An element of OFX without notation: 2.x writes it as XML; 1.x, with the same names and order, as SGML. */
export type OfxNode =
  | { readonly tag: string; readonly text: string }
  | { readonly tag: string; readonly children: readonly OfxNode[]; readonly lines: boolean };

/** A leaf of at most `max` ASCII characters for free text, which is cut when longer. */
export function words(tag: string, text: string, max: number): OfxNode {
  return { tag, text: asciiLine(text, max) };
}

/** An optional free text; left out when empty, since OFX allows no empty element. */
export function optionalWords(tag: string, text: string, max: number): readonly OfxNode[] {
  const node = words(tag, text, max);
  return 'text' in node && node.text === '' ? [] : [node];
}

/** A leaf that must not be cut: an id, a code, a figure or a date. */
export function exact(tag: string, text: string, max = 32): OfxNode {
  invariant(
    text.length > 0 && text.length <= max && asciiLine(text, max) === text,
    'OFX_BAD_VALUE',
    `${tag} "${text.slice(0, 60)}" is not a plain ASCII text of 1 to ${max} characters, as OFX requires`,
  );
  return { tag, text };
}

/** An aggregate on one line. */
export function aggregate(tag: string, ...children: readonly OfxNode[]): OfxNode {
  return { tag, children, lines: false };
}

/** An aggregate with a line for each child, so that two statements can be compared line by line. */
export function block(tag: string, ...children: readonly OfxNode[]): OfxNode {
  return { tag, children, lines: true };
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

function escaped(text: string): string {
  return text.replace(/[&<>]/gu, (character) => ESCAPES[character] ?? character);
}

export function xmlOf(node: OfxNode): string {
  if ('text' in node) return `<${node.tag}>${escaped(node.text)}</${node.tag}>`;
  const end = node.lines ? '\n' : '';
  return `<${node.tag}>${end}${node.children.map((child) => xmlOf(child) + end).join('')}</${node.tag}>`;
}
