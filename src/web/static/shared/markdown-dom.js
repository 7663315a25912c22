/** Turns Markdown and visitors' words into DOM nodes, by text nodes only. */

import { append, el, httpsOnly, outsideLink } from './dom.js';
import { parseMarkdown } from './markdown.js';

/** @typedef {import('./markdown.js').Block} Block */
/** @typedef {import('./markdown.js').Inline} Inline */

/** Characters that turn the reading direction could make a dose read backwards. */
const bidiControls = /[\u202A-\u202E\u2066-\u2069]/g;

/** Shows direction controls by their code instead of obeying them. @param {string} text */
export function showControls(text) {
  return text.replace(bidiControls, (control) => `[U+${control.charCodeAt(0).toString(16).toUpperCase()}]`);
}

/** @param {string} text @param {string} tableLabel names a table that scrolls sideways */
export function renderMarkdown(text, tableLabel) {
  const fragment = document.createDocumentFragment();
  append(fragment, parseMarkdown(text).map((block) => renderBlock(block, tableLabel)));
  return fragment;
}

/** @param {Block} block @param {string} tableLabel @returns {HTMLElement} */
function renderBlock(block, tableLabel) {
  switch (block.type) {
    case 'paragraph': return el('p', {}, renderInline(block.children));
    case 'heading': return el('p', { class: 'md-heading' }, renderInline(block.children));
    case 'rule': return el('hr');
    case 'quote': return el('div', { class: 'md-quote' }, block.children.map((child) => renderBlock(child, tableLabel)));
    case 'list': return renderList(block, tableLabel);
    case 'table': return renderTable(block, tableLabel);
  }
}

/** @param {Extract<Block, {type: 'list'}>} list @param {string} tableLabel */
function renderList(list, tableLabel) {
  const items = list.items.map((blocks) => {
    const [first, ...rest] = blocks;
    const lead = first?.type === 'paragraph' ? renderInline(first.children) : first ? [renderBlock(first, tableLabel)] : [];
    return el('li', {}, lead, rest.map((block) => renderBlock(block, tableLabel)));
  });
  return list.ordered ? el('ol', { start: list.start === 1 ? null : list.start }, items) : el('ul', {}, items);
}

/** @param {Extract<Block, {type: 'table'}>} table @param {string} tableLabel */
function renderTable(table, tableLabel) {
  const cell = (/** @type {'th' | 'td'} */ tag) => (/** @type {Inline[]} */ content, /** @type {number} */ column) => (
    el(tag, { class: table.align[column] ? `md-${table.align[column]}` : null, scope: tag === 'th' ? 'col' : null }, renderInline(content)));
  return el('div', { class: 'md-table', role: 'group', tabindex: 0, 'aria-label': tableLabel },
    el('table', {},
      el('thead', {}, el('tr', {}, table.head.map(cell('th')))),
      el('tbody', {}, table.rows.map((row) => el('tr', {}, row.map(cell('td')))))));
}

/** @param {Inline[]} nodes @returns {(Node | string)[]} */
function renderInline(nodes) {
  return nodes.map((node) => {
    switch (node.type) {
      case 'text': return showControls(node.text);
      case 'code': return el('code', {}, showControls(node.text));
      case 'strong':
      case 'em': return el(node.type, {}, renderInline(node.children));
      case 'break': return el('br');
      case 'link': {
        const href = httpsOnly(node.href);
        return href ? outsideLink(href, ...renderInline(node.children)) : el('span', {}, renderInline(node.children));
      }
    }
  });
}
