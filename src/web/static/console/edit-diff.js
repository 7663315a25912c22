/** What differs between two texts, line by line. */

import { el } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';

/** @typedef {{kind: 'same' | 'old' | 'new', text: string}} Line */

/** Longest stretch that is compared line by line; a longer one counts as rewritten. */
const longest = 1500;
/** Lines of the same shown around a change. */
const around = 2;

/** @param {string} before @param {string} after @returns {Line[]} */
export function diff(before, after) {
  const [a, b] = [before, after].map((text) => text.replace(/\n$/, '').split('\n'));
  if (!a || !b) return [];
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start += 1;
  let end = 0;
  while (end < a.length - start && end < b.length - start && a[a.length - 1 - end] === b[b.length - 1 - end]) end += 1;
  const same = (/** @type {string[]} */ lines) => lines.map((text) => ({ kind: /** @type {const} */ ('same'), text }));
  return [...same(a.slice(0, start)), ...middle(a.slice(start, a.length - end), b.slice(start, b.length - end)), ...same(a.slice(a.length - end))];
}

/** The longest common run of lines stays, what is around it was taken out or put in. @param {string[]} a @param {string[]} b @returns {Line[]} */
function middle(a, b) {
  const old = (/** @type {string[]} */ lines) => lines.map((text) => ({ kind: /** @type {const} */ ('old'), text }));
  const fresh = (/** @type {string[]} */ lines) => lines.map((text) => ({ kind: /** @type {const} */ ('new'), text }));
  if (a.length > longest || b.length > longest) return [...old(a), ...fresh(b)];
  const width = b.length + 1;
  const lengths = new Uint16Array((a.length + 1) * width);
  const at = (/** @type {number} */ i, /** @type {number} */ j) => lengths[i * width + j] ?? 0;
  for (let i = a.length - 1; i >= 0; i -= 1) {
    for (let j = b.length - 1; j >= 0; j -= 1) lengths[i * width + j] = a[i] === b[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
  }
  /** @type {Line[]} */ const lines = [];
  let [i, j] = [0, 0];
  while (i < a.length || j < b.length) {
    if (i < a.length && j < b.length && a[i] === b[j]) {
      lines.push({ kind: 'same', text: a[i] ?? '' });
      i += 1;
      j += 1;
    } else if (j >= b.length || (i < a.length && at(i + 1, j) >= at(i, j + 1))) {
      lines.push({ kind: 'old', text: a[i] ?? '' });
      i += 1;
    } else {
      lines.push({ kind: 'new', text: b[j] ?? '' });
      j += 1;
    }
  }
  return lines;
}

/** @param {string} before @param {string} after @param {import('./words.js').Translate} t */
export function renderDiff(before, after, t) {
  const lines = diff(before, after);
  if (lines.every(({ kind }) => kind === 'same')) return el('p', { class: 'soft' }, t('diffNone'));
  const isNear = (/** @type {number} */ index) => lines.slice(Math.max(0, index - around), index + around + 1).some(({ kind }) => kind !== 'same');
  const shown = lines.flatMap((line, index) => (isNear(index) ? [{ ...line, index }] : []));
  const rows = shown.flatMap(({ kind, text, index }, position) => {
    const previous = shown[position - 1];
    const hasGap = previous ? previous.index < index - 1 : index > 0;
    const mark = { same: ' ', old: '−', new: '+' }[kind];
    const row = el(kind === 'old' ? 'del' : kind === 'new' ? 'ins' : 'span', { class: `diff-line diff-${kind}` },
      el('span', { class: 'diff-mark', 'aria-hidden': 'true' }, mark), el('span', { class: 'diff-text' }, showControls(text) || ' '));
    return hasGap ? [el('span', { class: 'diff-gap', 'aria-hidden': 'true' }, '⋯'), row] : [row];
  });
  return el('div', { class: 'diff', role: 'group', tabindex: 0, 'aria-label': t('changes'), dir: 'auto' }, rows);
}
