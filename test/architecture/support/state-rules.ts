import ts from 'typescript';
import { BOT_STATES } from '../../../src/domain/lifecycle/bot-state.js';
import { everyNode, finding, type Finding, type Source } from './source.js';

/** The files that may list bot states. */
const TABLE = 'src/domain/lifecycle/bot-state.ts';

/** A mapping with so many states as keys decides about states; fewer are texts for single steps. */
const MOST_KEYS = 5;

/** Lists and mappings of bot states outside the one table: traits that another file would have to keep up to date. */
export function stateLists(source: Source): readonly Finding[] {
  const found: Finding[] = [];
  if (source.path === TABLE) return found;
  everyNode(source, (node) => {
    if (ts.isArrayLiteralExpression(node)) {
      const states = node.elements.filter((each) => ts.isStringLiteralLike(each) && isBotState(each.text));
      if (states.length >= 2) found.push(finding(source, node, `a list of ${states.length} bot states`));
    }
    if (ts.isObjectLiteralExpression(node)) {
      const states = node.properties.filter(({ name }) => name !== undefined && isBotState(keyOf(name)));
      if (states.length >= MOST_KEYS) found.push(finding(source, node, `a mapping of ${states.length} bot states`));
    }
  });
  return found;
}

const isBotState = (text: string): boolean => Object.hasOwn(BOT_STATES, text);

function keyOf(name: ts.PropertyName): string {
  return ts.isIdentifier(name) || ts.isStringLiteralLike(name) ? name.text : '';
}
