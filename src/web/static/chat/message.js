/** Draws one entry of the conversation, and how a visitor's own message stands. */

import { append, button, el } from '../shared/dom.js';
import { isKey, langTag, toLang } from '../shared/i18n.js';
import { showControls } from '../shared/markdown-dom.js';
import { renderAnswer, renderCard } from './answer.js';
import { renderQuote } from './quote.js';
import { numbersOr, phoneLinks } from './emergency.js';

/** @typedef {import('./state.js').Item} Item */
/** @typedef {import('./answer.js').Tools} Tools */

/** @param {Item} item @param {Tools} tools */
export function renderMessage(item, tools) {
  const { t } = tools;
  const element = el('div', { class: `message message-${item.kind}`, 'data-seq': item.seq });
  switch (item.kind) {
    case 'visitor':
      append(element, [speaker(t('you')), bubble(item.text ?? ''), renderDelivery(item, tools), renderUnstored(item, tools)]);
      break;
    case 'consultant':
      append(element, [el('p', { class: 'speaker' }, showControls(item.name ? `${item.name} · ${t('consultant')}` : t('consultant'))), item.text ? bubble(item.text) : null,
        (item.quotes ?? []).map((quote, index) => renderQuote(quote, index + 1, tools))]);
      break;
    case 'answer':
      append(element, [speaker(t('bot')), renderAnswer(item, tools)]);
      break;
    case 'redacted':
      append(element, [el('p', {}, t('redacted'))]);
      break;
    default:
      append(element, [speaker(t('system')), systemWords(item.words?.[tools.lang] ?? item.text ?? '')]);
  }
  return element;
}

/** Heard by screen readers; the eye sees it from the shape. @param {string} name */
function speaker(name) {
  return el('span', { class: 'hidden-visually' }, `${name}: `);
}

/** @param {string} text */
function systemWords(text) {
  return el('p', { lang: guessLang(text) }, showControls(text));
}

/** @param {string} text */
function bubble(text) {
  return el('p', { class: 'bubble', dir: 'auto', lang: guessLang(text) }, showControls(text));
}

/** @param {string} text */
function guessLang(text) {
  return langTag(toLang(/\p{Script=Han}/u.test(text) ? 'zh' : 'en'));
}

/** The card of an emergency that the server could not store; afterwards its answer has one. @param {Item} item @param {Tools} tools */
function renderUnstored({ delivery, triage }, tools) {
  return delivery !== 'sent' && triage?.card && renderCard(null, triage.card, tools);
}

/** @param {Item} item @param {Tools} tools */
function renderDelivery(item, { t, retry, takeBack, numbers }) {
  const { delivery, cid, code } = item;
  const because = code && isKey(`code.${code}`) ? t(/** @type {import('../shared/i18n.js').Key} */ (`code.${code}`)) : null;
  if (delivery === 'sent') return el('p', { class: 'delivery delivery-sent' }, t('sent'));
  if (delivery === 'sending') return el('p', { class: 'delivery delivery-sending' }, because ?? t('sending'));
  return el('div', { class: 'delivery delivery-undelivered' },
    el('p', {}, because && `${because} `, t(delivery === 'failed' ? 'failed' : 'undelivered'), ' ', phoneLinks(numbersOr(t, numbers()))),
    cid && el('div', { class: 'chips' },
      button({ class: 'chip' }, () => retry(cid), t('retry')),
      delivery === 'failed' && button({ class: 'chip' }, () => takeBack(cid), t('takeBack'))));
}
