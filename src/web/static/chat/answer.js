/**
 * Draws one answer of the bot: the emergency card first, then the words of the server, the quotes,
 * what they disagree on, the disclaimers, and the ways to go on.
 */

import { append, button, el, icon } from '../shared/dom.js';
import { isKey, langTag } from '../shared/i18n.js';
import { showControls } from '../shared/markdown-dom.js';
import { numbersOr, phoneLinks } from './emergency.js';
import { renderFeedback } from './feedback.js';
import { renderQuote } from './quote.js';

/**
 * @typedef {import('../shared/protocol.js').Answer} Answer
 * @typedef {import('../shared/protocol.js').Quote} Quote
 * @typedef {import('../shared/protocol.js').EmergencyCard} EmergencyCard
 *
 * @typedef {object} Tools what a message may do besides being read
 * @property {import('../shared/i18n.js').Translate} t
 * @property {import('../shared/i18n.js').Lang} lang
 * @property {(text: string) => void} send
 * @property {() => void} askForPerson
 * @property {import('./page.js').Host['articleLink']} articleLink
 * @property {(cid: string) => void} retry
 * @property {(cid: string) => void} takeBack
 * @property {(fields: object) => Promise<unknown>} sendForm
 * @property {(seq: number, value: 'up' | 'down', reason?: string) => Promise<unknown>} giveFeedback
 * @property {() => readonly import('../shared/protocol.js').PhoneNumber[]} numbers
 */

/** @param {import('./state.js').Item} item @param {Tools} tools */
export function renderAnswer(item, tools) {
  const answer = /** @type {Answer} */ (item.answer);
  const card = answer.triage?.card ?? answer.card;
  const level = answer.triage?.level ?? 0;
  const quotes = answer.quotes ?? [];
  const body = el('div', { class: 'answer', lang: langTag(answer.lang), dir: 'auto' });
  append(body, [
    (level >= 2 || card) && renderCard(answer, card ?? null, tools),
    level < 2 && renderAssumed(answer, tools),
    level < 2 && answer.text && renderText(answer.text),
    answer.ask && renderAsk(answer.ask, tools),
    renderConflicts(answer, tools),
    quotes.map((quote, index) => renderQuote(quote, index + 1, tools)),
    renderHandoff(answer, tools),
    renderDisclaimers(answer, tools),
    renderSuggestions(answer, tools),
    renderRelated(answer, tools),
    (quotes.length > 0 || answer.kind === 'not_found') && item.seq !== null && renderFeedback(item.seq, quotes.length > 0, tools),
  ]);
  return body;
}

/** Says which drug was taken for granted, so that a wrong guess is seen at once. @param {Answer} answer @param {Tools} tools */
function renderAssumed(answer, { t, lang }) {
  const words = assumedWords(answer, t);
  return words && el('p', { class: 'assumed', lang: langTag(lang) }, words);
}

/** @param {Answer} answer @param {import('../shared/i18n.js').Translate} t */
export function assumedWords({ assumed, about = [] }, t) {
  if (typeof assumed === 'string') return showControls(assumed);
  return assumed && about.length > 0 ? t('assumed', { names: showControls(about.join(', ')) }) : null;
}

/** @param {string} text */
function renderText(text) {
  return el('p', { class: 'answer-text' }, showControls(text));
}

/** @param {Answer | null} answer none for a message that could not be stored @param {EmergencyCard | null} card @param {Tools} tools */
export function renderCard(answer, card, tools) {
  const text = card?.text ?? answer?.text;
  const given = Array.isArray(card?.numbers) ? card.numbers : tools.numbers();
  return el('section', { class: 'card', 'aria-label': tools.t('emergencyCard') },
    el('p', { class: 'card-text' }, icon('alert'), el('strong', {}, showControls(text ?? tools.t('emergency')))),
    card?.text && answer?.text && card.text !== answer.text && renderText(answer.text),
    el('p', { class: 'card-numbers' }, icon('phone'), phoneLinks(numbersOr(tools.t, given))),
    card?.steps && card.steps.length > 0 && el('ul', { class: 'card-steps' }, card.steps.map((step) => el('li', {}, showControls(step)))));
}

/** @param {NonNullable<Answer['ask']>} ask @param {Tools} tools */
function renderAsk(ask, { t, send }) {
  return el('div', { class: 'ask' },
    el('p', { class: 'answer-text' }, showControls(ask.text)),
    el('div', { class: 'chips', role: 'group', 'aria-label': t('options') },
      (ask.options ?? []).map((option) => button({ class: 'chip chip-strong' }, () => send(option.send), showControls(option.label)))));
}

/** @param {Answer} answer @param {Tools} tools */
function renderConflicts(answer, { t, lang }) {
  return (answer.conflicts ?? []).map((conflict) => el('section', { class: 'conflict', 'aria-label': t('conflict', { about: conflict.about }) },
    el('p', { class: 'conflict-title' }, icon('alert'), el('strong', {}, t('conflict', { about: showControls(conflict.about) }))),
    el('ul', {}, conflict.values.map(({ value, quote: index }) => {
      const source = answer.quotes?.[index]?.source ?? '';
      return el('li', {}, el('strong', {}, showControls(value)), ' ',
        el('span', { class: 'soft', lang: langTag(lang) }, t('conflictSource', { number: index + 1, source: showControls(source) })));
    }))));
}

/** @param {Answer} answer @param {Tools} tools */
function renderDisclaimers(answer, { t }) {
  const disclaimers = answer.disclaimers ?? [];
  return disclaimers.length > 0 && el('aside', { class: 'disclaimers', 'aria-label': t('disclaimers') },
    disclaimers.map(({ id, text }) => el('p', { 'data-disclaimer': id }, showControls(text))));
}

/** @param {Answer} answer @param {Tools} tools */
function renderSuggestions(answer, { t, lang, send }) {
  const suggestions = answer.suggestions ?? [];
  return suggestions.length > 0 && el('div', { class: 'suggestions' },
    el('p', { class: 'label', lang: langTag(lang) }, t('suggestions')),
    el('div', { class: 'chips' }, suggestions.map((text) => button({ class: 'chip' }, () => send(text), showControls(text)))));
}

/** @param {Answer} answer @param {Tools} tools */
function renderRelated(answer, { t, lang, articleLink }) {
  const related = answer.related ?? [];
  return related.length > 0 && el('div', { class: 'related' },
    el('p', { class: 'label', lang: langTag(lang) }, t('related')),
    el('ul', {}, related.map(({ article, title }) => el('li', {}, articleLink(article, null, showControls(title))))));
}

/** @param {Answer} answer @param {Tools} tools */
function renderHandoff(answer, { t, lang, askForPerson }) {
  const { state = 'none', text = null } = answer.handoff ?? {};
  const key = `handoff${state.charAt(0).toUpperCase()}${state.slice(1)}`;
  if (!isKey(key)) return null;
  return el('div', { class: `handoff handoff-${state}` },
    el('p', { lang: text ? null : langTag(lang) }, text ? showControls(text) : t(key)),
    button({ class: 'secondary small', lang: langTag(lang) }, askForPerson, icon('person'), t('person')));
}
