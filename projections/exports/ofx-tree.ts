import { invariant } from '../../src/kernel/errors.js';
import { asciiLine } from './text.js';

/** An element of OFX in no notation yet: 2.x writes it as XML; 1.x, with the same names and order, as SGML. */
export type OfxNode =
  | { readonly tag: string; readonly text: string }
  | { readonly tag: string; readonly children: readonly OfxNode[]; readonly lines: boolean };

/** A leaf of at most `max` ASCII characters; what is longer is cut, so only free text comes here. */
export function words(tag: string, text: string, max: number): OfxNode {
  return { tag, text: asciiLine(text, max) };
}

/** A free text that may be missing: an empty element is not allowed, so there is none then. */
export function optionalWords(tag: string, text: string, max: number): readonly OfxNode[] {
  const node = words(tag, text, max);
  return 'text' in node && node.text === '' ? [] : [node];
}

/** A leaf that may not change: an id, a code, a figure or a date. */
export function exact(tag: string, text: string, max = 32): OfxNode {
  invariant(
    text.length > 0 && text.length <= max && asciiLine(text, max) === text,
    'OFX_BAD_VALUE',
    `${tag} "${text.slice(0, 60)}" is not a plain ASCII text of 1 to ${max} characters, which OFX demands`,
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
