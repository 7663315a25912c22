/** The list above the composer: canned replies after `/`, passages of the knowledge base after `>`. */

import { append, el } from '../shared/dom.js';
import { langTag } from '../shared/i18n.js';
import { renderMarkdown, showControls } from '../shared/markdown-dom.js';
import { asked, fitting } from './drafts.js';
import { langOf } from './format.js';

/**
 * @typedef {import('./protocol.js').Reply} Reply
 * @typedef {import('./protocol.js').Quote} Quote
 * @typedef {{reply: Reply} | {quote: Quote}} Choice
 */

const pauseMs = 150;
const most = 8;

/**
 * @param {HTMLTextAreaElement} input
 * @param {{t: import('./words.js').Translate, fillReply: (reply: Reply) => string, loadReplies: () => Promise<Reply[]>,
 *   search: (query: string) => Promise<Quote[]>, choose: (choice: Choice, from: number, to: number) => void}} options
 */
export function createSuggestions(input, { t, fillReply, loadReplies, search, choose }) {
  /** @type {Choice[]} */ let choices = [];
  /** @type {ReturnType<typeof asked>} */ let ask = null;
  let active = 0;
  let turn = 0;
  /** @type {any} */ let timer = null;
  const list = el('ul', { id: 'suggestions', class: 'suggestions', role: 'listbox', 'aria-label': t('suggestions'), hidden: true });
  const status = el('p', { class: 'hidden-visually', role: 'status' });
  input.setAttribute('aria-autocomplete', 'list');
  input.setAttribute('aria-controls', 'suggestions');

  function refresh() {
    clearTimeout(timer);
    ask = input.readOnly || input.selectionStart !== input.selectionEnd ? null : asked(input.value, input.selectionStart ?? 0);
    turn += 1;
    if (!ask) return close();
    const { kind, query } = ask;
    if (kind === 'reply') return offer(loadReplies().then((replies) => fitting(replies, query).slice(0, most).map((reply) => ({ reply }))));
    if (query.length < 2) return hint(t('searchHint'));
    timer = setTimeout(() => offer(search(query).then((quotes) => quotes.slice(0, most).map((quote) => ({ quote })))), pauseMs);
  }

  /** @param {Promise<Choice[]>} coming */
  async function offer(coming) {
    const mine = turn;
    try {
      const found = await coming;
      if (mine !== turn) return;
      // Whoever has gone down the list to one of them keeps it, however the list changes.
      const kept = active > 0 ? found.findIndex((choice) => isSame(choice, choices[active])) : 0;
      choices = found;
      active = Math.max(0, kept);
      if (found.length === 0) return hint(t('suggestionsNone'));
      draw();
      status.textContent = t('suggestionsCount', { count: found.length });
    } catch {
      if (mine === turn) hint(t('suggestionsFailed'));
    }
  }

  /** @param {string} words */
  function hint(words) {
    choices = [];
    active = 0;
    input.removeAttribute('aria-activedescendant');
    list.replaceChildren(el('li', { class: 'suggestion-hint soft', role: 'option', 'aria-disabled': 'true', 'aria-selected': 'false' }, words));
    status.textContent = words;
    list.hidden = false;
  }

  function draw() {
    list.replaceChildren(...choices.map((choice, index) => {
      const option = el('li', { id: `suggestion-${index}`, class: 'suggestion', role: 'option', 'aria-selected': String(index === active) });
      append(option, 'reply' in choice ? replyParts(choice.reply) : quoteParts(choice.quote));
      // The press would take the focus away from the text.
      option.addEventListener('pointerdown', (event) => event.preventDefault());
      option.addEventListener('click', () => take(index));
      return option;
    }));
    list.hidden = false;
    input.setAttribute('aria-activedescendant', `suggestion-${active}`);
    list.children[active]?.scrollIntoView({ block: 'nearest' });
  }

  /** @param {Reply} reply */
  function replyParts(reply) {
    const words = fillReply(reply);
    return [el('strong', {}, `/${reply.id}`), ' ', el('span', { class: 'suggestion-words', lang: langOf(words) }, words)];
  }

  /** @param {Quote} quote */
  function quoteParts(quote) {
    const place = [quote.title, ...(quote.heading ?? []).filter((heading) => heading !== quote.title)].join(' › ');
    return [el('strong', { lang: langTag(quote.lang) }, showControls(place)), ' ', el('span', { class: 'soft' }, showControls(quote.source), quote.stale && ` · ${t('stale')}`),
      el('span', { class: 'suggestion-words', lang: langTag(quote.lang) }, preview(quote.text))];
  }

  /** @param {number} index */
  function take(index) {
    const choice = choices[index];
    if (!choice || !ask) return;
    const { from, to } = ask;
    close();
    choose(choice, from, to);
  }

  function close() {
    clearTimeout(timer);
    turn += 1;
    choices = [];
    active = 0;
    list.hidden = true;
    status.textContent = '';
    input.removeAttribute('aria-activedescendant');
  }

  /** Says whether the key was meant for the list. @param {KeyboardEvent} event */
  function key(event) {
    if (list.hidden) return false;
    if (event.key === 'Escape') close();
    else if (event.key === 'ArrowDown' || event.key === 'ArrowUp') {
      if (choices.length === 0) return false;
      active = (active + (event.key === 'ArrowDown' ? 1 : choices.length - 1)) % choices.length;
      draw();
    } else if ((event.key === 'Enter' || event.key === 'Tab') && choices.length > 0) take(active);
    else return false;
    event.preventDefault();
    event.stopPropagation();
    return true;
  }

  input.addEventListener('input', refresh);
  input.addEventListener('blur', close);
  return { element: el('div', { class: 'suggestions-frame' }, list, status), key, close };
}

/** @param {Choice} one @param {Choice | undefined} other */
function isSame(one, other) {
  if (!other || 'reply' in one || 'reply' in other) return one === other;
  return one.quote.article === other.quote.article && one.quote.anchor === other.quote.anchor;
}

/** The beginning of a passage without its marks. @param {string} text */
function preview(text) {
  return Array.from(renderMarkdown(text, '').childNodes, ({ textContent }) => textContent).join(' ').slice(0, 240);
}
