/**
 * Characters that change what a terminal does or shows instead of being seen: controls (ESC, BEL, C1), line ends, direction
 * marks, invisible and tag characters. The programs without a build have the same set; a test compares them.
 */
const UNSEEN =
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]|\udb40[\udc00-\udfff]/g;

const code = (unit: string): string => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;

/**
 * One line of text for a terminal: unseen characters become their codes, such as `\u001b`. In a text that is JSON the codes
 * stand for the same characters, so the value does not change.
 */
export function printable(text: string): string {
  return text.replace(UNSEEN, (unseen) => unseen.split('').map(code).join(''));
}

/** Like `printable`, for several lines: their ends stay. */
export function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
