/**
 * Reads the small Markdown of the knowledge base into plain nodes. No DOM here: `markdown-dom.js`
 * turns the nodes into elements. Raw HTML is not Markdown to this reader; it stays text.
 */

/**
 * @typedef {{type: 'text' | 'code', text: string}
 *   | {type: 'strong' | 'em', children: Inline[]}
 *   | {type: 'link', href: string, children: Inline[]}
 *   | {type: 'break'}} Inline
 * @typedef {{type: 'paragraph' | 'heading', children: Inline[]}
 *   | {type: 'list', ordered: boolean, start: number, items: Block[][]}
 *   | {type: 'table', align: ('left' | 'center' | 'right' | null)[], head: Inline[][], rows: Inline[][][]}
 *   | {type: 'quote', children: Block[]}
 *   | {type: 'rule'}} Block
 */

const itemPattern = /^( *)([-*+]|\d{1,9}[.)])( +|$)(.*)$/;
const rulePattern = /^ {0,3}([-*_])( *\1){2,} *$/;
const headingPattern = /^ {0,3}#{1,6}(?: +(.*?))?(?: +#+)? *$/;
const separatorPattern = /^ *\|? *:?-+:? *(\| *:?-+:? *)*\|? *$/;
/** Deeper nesting than any article has is text, so that no input exhausts the stack. */
const deepest = 8;

/** @param {string} text @returns {Block[]} */
export function parseMarkdown(text) {
  return parseBlocks(text.replace(/\r\n?/g, '\n').replace(/\t/g, '    ').split('\n'), 0);
}

/** @param {string[]} lines @param {number} depth @returns {Block[]} */
function parseBlocks(lines, depth) {
  /** @type {Block[]} */ const blocks = [];
  /** @type {string[]} */ let paragraph = [];
  const endParagraph = () => {
    if (paragraph.length > 0) blocks.push({ type: 'paragraph', children: parseInline(paragraph.join('\n')) });
    paragraph = [];
  };
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? '';
    const special = depth < deepest ? parseSpecial(lines, at, depth) : null;
    if (special) {
      endParagraph();
      if (special.block) blocks.push(special.block);
      at = special.next;
    } else {
      if (line.trim() === '') endParagraph();
      else paragraph.push(line.replace(/^ +/, ''));
      at += 1;
    }
  }
  endParagraph();
  return blocks;
}

/** Anything that is not a paragraph. @param {string[]} lines @param {number} at @param {number} depth @returns {{block: Block | null, next: number} | null} */
function parseSpecial(lines, at, depth) {
  const line = lines[at] ?? '';
  const heading = headingPattern.exec(line);
  if (heading) return { block: { type: 'heading', children: parseInline(heading[1] ?? '') }, next: at + 1 };
  if (rulePattern.test(line)) return { block: { type: 'rule' }, next: at + 1 };
  if (/^ {0,3}>/.test(line)) return parseQuote(lines, at, depth);
  if (line.includes('|') && separatorPattern.test(lines[at + 1] ?? '') && (lines[at + 1] ?? '').includes('-')) return parseTable(lines, at);
  if (itemPattern.test(line)) return parseList(lines, at, depth);
  return null;
}

/** @param {string[]} lines @param {number} at @param {number} depth */
function parseQuote(lines, at, depth) {
  const inner = [];
  let next = at;
  while (next < lines.length && /^ {0,3}>/.test(lines[next] ?? '')) {
    inner.push((lines[next] ?? '').replace(/^ {0,3}> ?/, ''));
    next += 1;
  }
  return { block: /** @type {Block} */ ({ type: 'quote', children: parseBlocks(inner, depth + 1) }), next };
}

/** @param {string[]} lines @param {number} at @param {number} depth */
function parseList(lines, at, depth) {
  const first = /** @type {RegExpExecArray} */ (itemPattern.exec(lines[at] ?? ''));
  const indent = (first[1] ?? '').length;
  const ordered = /\d/.test(first[2] ?? '');
  /** @type {Block[][]} */ const items = [];
  let next = at;
  while (next < lines.length) {
    const line = items.length > 0 ? skipBlank(lines, next) : next;
    const item = itemPattern.exec(lines[line] ?? '');
    const isSibling = item !== null && (item[1] ?? '').length >= indent && (item[1] ?? '').length <= indent + 1
      && /\d/.test(item[2] ?? '') === ordered;
    if (!isSibling) break;
    const width = (item[1] ?? '').length + (item[2] ?? '').length + 1;
    const content = [item[4] ?? ''];
    next = line + 1;
    while (next < lines.length && belongsToItem(lines, next, indent)) {
      content.push((lines[next] ?? '').replace(new RegExp(`^ {0,${width}}`), ''));
      next += 1;
    }
    items.push(parseBlocks(content, depth + 1));
  }
  const start = ordered ? parseInt(first[2] ?? '1', 10) : 1;
  return { block: /** @type {Block} */ ({ type: 'list', ordered, start, items }), next };
}

/** @param {string[]} lines @param {number} at */
function skipBlank(lines, at) {
  let next = at;
  while (next < lines.length && (lines[next] ?? '').trim() === '') next += 1;
  return next;
}

/** A deeper line, a continued paragraph, or a blank line with a deeper one after it. @param {string[]} lines @param {number} at @param {number} indent */
function belongsToItem(lines, at, indent) {
  const line = lines[at] ?? '';
  const depthOf = (/** @type {string} */ text) => text.length - text.trimStart().length;
  if (line.trim() === '') {
    const following = lines[skipBlank(lines, at)];
    return following !== undefined && depthOf(following) > indent + 1;
  }
  const isItem = itemPattern.test(line);
  if (isItem || (lines[at - 1] ?? '').trim() === '') return depthOf(line) > indent + 1;
  return !headingPattern.test(line) && !rulePattern.test(line);
}

/** @param {string[]} lines @param {number} at */
function parseTable(lines, at) {
  const align = cells(lines[at + 1] ?? '').map((cell) => {
    const [left, right] = [cell.startsWith(':'), cell.endsWith(':')];
    return left && right ? 'center' : right ? 'right' : left ? 'left' : null;
  });
  const row = (/** @type {string} */ line) => {
    const found = cells(line).map(parseInline);
    return align.map((_, column) => found[column] ?? []);
  };
  const rows = [];
  let next = at + 2;
  while (next < lines.length && (lines[next] ?? '').includes('|')) {
    rows.push(row(lines[next] ?? ''));
    next += 1;
  }
  return { block: /** @type {Block} */ ({ type: 'table', align, head: row(lines[at] ?? ''), rows }), next };
}

/** @param {string} line */
function cells(line) {
  const bare = line.trim().replace(/^\|/, '').replace(/(?<!\\)\|$/, '');
  return bare.split(/(?<!\\)\|/).map((cell) => cell.replaceAll('\\|', '|').trim());
}

/** @param {string} text @param {number} [depth] @returns {Inline[]} */
export function parseInline(text, depth = 0) {
  /** @type {Inline[]} */ const nodes = [];
  let plain = '';
  const endPlain = () => {
    if (plain !== '') nodes.push({ type: 'text', text: plain });
    plain = '';
  };
  let at = 0;
  while (at < text.length) {
    const span = depth < deepest ? parseSpan(text, at, depth) : null;
    if (span) {
      endPlain();
      nodes.push(span.node);
      at = span.next;
    } else if (text[at] === '\\' && /[!-/:-@[-`{-~]/.test(text[at + 1] ?? '')) {
      plain += text[at + 1];
      at += 2;
    } else {
      plain += text[at] === '\n' ? ' ' : text[at];
      at += 1;
    }
  }
  endPlain();
  return nodes;
}

const codePattern = /(`+)([^`]|[^`][^]*?[^`])\1(?!`)/y;
const linkPattern = /\[((?:[^[\]\\]|\\.){1,500})\]\((https:\/\/[^\s()<>]+)\)/y;
const autolinkPattern = /<(https:\/\/[^\s<>]+)>/y;
const breakPattern = /(?: {2,}|\\)\n/y;
const emphasisPattern = /(\*\*|__|\*|_)(?=[^\s*_])([^]{0,2000}?[^\s\\])\1/y;

/** @param {string} text @param {number} at @param {number} depth @returns {{node: Inline, next: number} | null} */
function parseSpan(text, at, depth) {
  const match = (/** @type {RegExp} */ pattern) => {
    pattern.lastIndex = at;
    return pattern.exec(text);
  };
  switch (text[at]) {
    case ' ':
    case '\\': return taken(match(breakPattern), at, () => ({ type: 'break' }));
    case '`': return taken(match(codePattern), at, ([, , code]) => ({ type: 'code', text: code ?? '' }));
    case '[': return taken(match(linkPattern), at, ([, label, href]) => (
      { type: 'link', href: href ?? '', children: parseInline(label ?? '', depth + 1) }));
    case '<': return taken(match(autolinkPattern), at, ([, href]) => (
      { type: 'link', href: href ?? '', children: [{ type: 'text', text: href ?? '' }] }));
    case '*':
    case '_': return parseEmphasis(text, at, depth, match);
    default: return null;
  }
}

/** @param {string} text @param {number} at @param {number} depth @param {(pattern: RegExp) => RegExpExecArray | null} match */
function parseEmphasis(text, at, depth, match) {
  const found = match(emphasisPattern);
  if (!found) return null;
  const [whole, mark = '', inner = ''] = found;
  const after = text[at + whole.length] ?? '';
  const isInsideWord = mark.startsWith('_') && (/\w/.test(text[at - 1] ?? '') || /\w/.test(after));
  const isHalfOfDouble = mark === '*' && after === '*';
  if (isInsideWord || isHalfOfDouble) return null;
  return taken(found, at, () => (
    { type: mark.length === 2 ? 'strong' : 'em', children: parseInline(inner, depth + 1) }));
}

/** @param {RegExpExecArray | null} found @param {number} at @param {(found: RegExpExecArray) => Inline} make */
function taken(found, at, make) {
  return found ? { node: make(found), next: at + found[0].length } : null;
}
