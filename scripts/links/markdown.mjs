// Finds the links of a Markdown document, and the anchors that other documents can link to, as GitHub shows it.

const FENCE = /^( *)(`{3,}|~{3,})[^\n]*\n(?:.*\n)*?\1\2[ \t]*$/gm;
const CODE = /(`+)(?!`)(?:.|\n(?!\n))*?(?<!`)\1(?!`)/g;
const INLINE_LINK = /\]\(\s*<?([^\s<>()]*(?:\([^\s()]*\)[^\s<>()]*)*)>?(?:\s+"[^"]*")?\s*\)/g;
const REFERENCE = /^ {0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s+"[^"]*")?\s*$/gm;
const ATTRIBUTE = /<(?:a|img)\b[^>]*?\b(?:href|src)="([^"]*)"/g;
const HEADING = /^ {0,3}#{1,6}[ \t]+(.*?)[ \t]*#*$/gm;
const NAMED = /<a\b[^>]*?\b(?:id|name)="([^"]*)"/g;
const LINK_IN_HEADING = /!?\[([^\]]*)\]\([^)]*\)/g;

/** Blanks a text but keeps its length and line breaks, so that a match after it still has its line number. */
const blank = (text) => text.replace(/[^\n]/g, ' ');

/** @returns {{ line: number, target: string }[]} */
export function linksOf(markdown) {
  const text = markdown.replace(FENCE, blank).replace(CODE, blank);
  return [INLINE_LINK, REFERENCE, ATTRIBUTE]
    .flatMap((pattern) => [...text.matchAll(pattern)])
    .map(({ 1: target, index }) => ({ line: text.slice(0, index).split('\n').length, target }))
    .sort((one, other) => one.line - other.line);
}

/** Returns the fragment of a heading's address. */
function slugOf(heading) {
  return heading
    .replace(LINK_IN_HEADING, '$1')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}\p{Pc}\- ]/gu, '')
    .replaceAll(' ', '-');
}

/** Returns the fragments that can follow a document's address. A repeated heading gets a number. */
export function anchorsOf(markdown) {
  const text = markdown.replace(FENCE, blank);
  const anchors = new Set(Array.from(text.matchAll(NAMED), ({ 1: name }) => name));
  const counts = new Map();
  for (const { 1: heading } of text.matchAll(HEADING)) {
    const slug = slugOf(heading);
    const count = counts.get(slug) ?? 0;
    counts.set(slug, count + 1);
    anchors.add(count === 0 ? slug : `${slug}-${count}`);
  }
  return anchors;
}
