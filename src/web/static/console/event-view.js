/** Draws one event of a session's log for the consultant: who said what, what was quoted, what happened. */

import { append, button, el, icon } from '../shared/dom.js';
import { langTag } from '../shared/i18n.js';
import { showControls } from '../shared/markdown-dom.js';
import { clock, langOf } from './format.js';
import { renderQuote } from './quote-view.js';

/**
 * @typedef {import('./protocol.js').Event} Event
 * @typedef {{t: import('./words.js').Translate, lang: import('../shared/i18n.js').Lang, myId: string | null}} Reader
 */

/** Says whether an event has anything to show. @param {Event} event @param {Reader} reader */
export function isShown({ kind, body }, { lang }) {
  return kind === 'message' || kind === 'safety' || kind === 'redacted' || (kind === 'state' && stateWords(body, lang) !== null);
}

/** @param {Event} event @param {Reader} reader @returns {HTMLElement} */
export function renderEvent(event, reader) {
  switch (event.kind) {
    case 'message': return renderMessage(event, reader);
    case 'safety': return renderSafety(event, reader);
    case 'redacted': return el('div', { class: 'step', 'data-seq': event.seq }, reader.t('redacted'));
    default: return renderStep(event, reader);
  }
}

/** @param {Event} event @param {Reader} reader */
function renderMessage(event, reader) {
  const { t, lang, myId } = reader;
  const { role, body } = event;
  const isOwn = role === 'consultant' && body.by?.id === myId;
  const name = role === 'visitor' ? t('visitor') : role === 'bot' ? t('bot') : role === 'consultant' ? (isOwn ? t('you') : body.by?.name ?? t('colleague')) : t('system');
  const side = isOwn ? 'own' : role === 'consultant' ? 'colleague' : role ?? 'system';
  const element = el('div', { class: `said said-${side}`, 'data-seq': event.seq },
    el('p', { class: 'said-head' }, el('strong', {}, showControls(name)), ' ', el('time', { class: 'soft' }, clock(event.ts, lang))));
  if (role === 'bot') element.append(renderAnswer(body, reader));
  else {
    append(element, [
      body.text && el('p', { class: 'said-words', dir: 'auto', lang: langOf(body.text) }, showControls(body.text)),
      (body.quotes ?? []).map((quote) => renderQuote(quote, t, lang)),
    ]);
  }
  return element;
}

/** @param {import('./protocol.js').Body} answer @param {Reader} reader */
function renderAnswer(answer, { t, lang }) {
  const card = answer.triage?.card ?? answer.card;
  const disclaimers = answer.disclaimers ?? [];
  const box = el('div', { class: 'said-answer', lang: langTag(answer.lang) });
  append(box, [
    card?.text && el('p', { class: 'said-card' }, icon('alert'), el('span', {}, showControls(card.text))),
    answer.text && answer.text !== card?.text && el('p', { class: 'said-words' }, showControls(answer.text)),
    answer.ask && el('p', { class: 'said-words' }, showControls(answer.ask.text)),
    (answer.quotes ?? []).map((quote) => renderQuote(quote, t, lang)),
    (answer.conflicts ?? []).map(({ about, values }) => el('p', { class: 'said-conflict', lang: langTag(lang) }, icon('alert'),
      el('span', {}, t('conflict', { about: showControls(about), values: values.map(({ value }) => showControls(value)).join(' / ') })))),
    answer.handoff?.text && el('p', { class: 'soft' }, showControls(answer.handoff.text)),
    disclaimers.length > 0 && renderDisclaimers(disclaimers, t, lang),
  ]);
  return box;
}

/** @param {{text: string}[]} disclaimers @param {import('./words.js').Translate} t @param {import('../shared/i18n.js').Lang} lang */
function renderDisclaimers(disclaimers, t, lang) {
  const words = el('div', { class: 'soft', hidden: true }, disclaimers.map(({ text }) => el('p', {}, showControls(text))));
  const toggle = button({ class: 'link said-more', lang: langTag(lang), 'aria-expanded': 'false' }, () => {
    words.hidden = !words.hidden;
    toggle.setAttribute('aria-expanded', String(!words.hidden));
  }, t('disclaimers', { count: disclaimers.length }));
  return el('div', {}, toggle, words);
}

/** @param {Event} event @param {Reader} reader */
function renderSafety({ seq, ts, body }, { t, lang }) {
  const level = body.level ?? 0;
  return el('div', { class: `step step-safety step-safety-${level}`, 'data-seq': seq }, icon('alert'),
    el('span', {}, t(level >= 3 ? 'safety3' : level === 2 ? 'safety2' : 'safety1'), body.category && ` · ${showControls(body.category.replace(/[-_]/g, ' '))}`),
    el('time', { class: 'soft' }, clock(ts, lang)));
}

/** @param {Event} event @param {Reader} reader */
function renderStep({ seq, ts, body }, reader) {
  const { t, lang } = reader;
  const own = body.state === 'person_asked' ? t('personAsked') : body.state === 'form_sent' ? t('formSent') : body.state === 'ended' ? t('visitorEnded') : null;
  const outcome = body.outcome ? ` · ${t(`outcome.${body.outcome}`)}` : '';
  const words = stateWords(body, lang) ?? '';
  return el('div', { class: 'step', 'data-seq': seq },
    el('span', {}, own ?? showControls(words), outcome), ' ', el('time', { class: 'soft' }, clock(ts, lang)));
}

/** What a step of the hand-off is in words: the editors' own, or a name for the visitor's steps, which have none. @param {import('./protocol.js').Body} body @param {string} lang */
export function stateWords(body, lang) {
  if (body.state === 'person_asked' || body.state === 'form_sent' || body.state === 'ended') return body.state;
  return body.words?.[lang] ?? body.words?.en ?? null;
}
