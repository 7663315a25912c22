/** The conversation on the screen: status bar, messages, the box to type in. Draws states; decides nothing. */

import { button, el, icon } from '../shared/dom.js';
import { say } from '../shared/keyed.js';
import { showControls } from '../shared/markdown-dom.js';
import { createComposer } from './composer.js';
import { createLog } from './log.js';
import { createPerson } from './person.js';
import { isEnded } from './state.js';

/** @typedef {import('./state.js').State} State */
/** @typedef {import('../shared/i18n.js').Translate} Translate */

/**
 * @param {import('./answer.js').Tools} tools
 * @param {{starters: () => string[], submit: (text: string) => boolean, typing: () => void, startNew: () => void, place: import('./log.js').Place | null}} actions
 */
export function createPanel(tools, { starters, submit, typing, startNew, place }) {
  const { t } = tools;
  const examples = el('div', { class: 'chips' });
  const emptyText = el('p', {});
  const emptyView = el('div', { class: 'empty' }, el('p', { class: 'empty-title' }, t('emptyTitle')), emptyText, examples);
  const bar = el('p', { class: 'bar', role: 'status' });
  const log = createLog(tools, emptyView, place);
  const person = createPerson(tools.lang, tools.sendForm);
  const composer = createComposer(t, submit, typing);
  const overWords = el('p', {});
  const over = el('div', { class: 'over', role: 'status', hidden: true }, overWords, button({ class: 'primary small' }, startNew, t('startNew')));
  const element = el('div', { class: 'panel' }, bar, log.element, el('div', { class: 'foot' }, person.element, over, composer.element));

  function refreshStarters() {
    const texts = starters();
    emptyText.textContent = t(texts.length > 0 ? 'emptyText' : 'emptyAlone');
    examples.replaceChildren(...texts.map((text) => button({ class: 'chip' }, () => tools.send(text), text)));
  }

  /** @param {State} state @param {number | null} mark where the reader left off */
  function update(state, mark) {
    say(bar, barWords(state, t));
    log.update(state.items, state.replayTo, mark);
    person.update(state);
    composer.setLimit(state.textLimit);
    const words = overWordsFor(state, t);
    say(overWords, words ?? '');
    over.hidden = words === null;
    composer.element.hidden = words !== null && composer.text === '';
  }

  refreshStarters();
  return { element, composer, update, refreshStarters, identify: person.identify, here: log.here, asked: log.asked };
}

/** @param {State} state @param {Translate} t */
function barWords(state, t) {
  if (state.status === 'waiting' || (state.status === 'connecting' && state.wasOnline)) return t('reconnecting');
  return state.status === 'connecting' ? t('connecting') : '';
}

/** @param {State} state @param {Translate} t */
function overWordsFor(state, t) {
  if (isEnded(state)) return t('ended');
  if (state.status !== 'stopped') return null;
  if (state.stopCode === 4501) return t('stoppedAuth');
  return state.stopCode === 4505 ? t('stoppedPlaces') : t('stopped');
}

/**
 * The top of the chat: its name, who answers, a person, the menu, and whatever the host adds.
 * @param {Translate} t
 * @param {{askForPerson: () => void, menu: HTMLElement, close: (() => void) | null, switchLang: () => void, otherLang: string, inSession: boolean}} options
 */
export function createHeader(t, { askForPerson, menu, close, switchLang, otherLang, inSession }) {
  const answers = el('p', { class: 'chat-subtitle' }, t('chatSubtitle'));
  const element = el('header', { class: 'chat-head' },
    el('div', { class: 'chat-row' },
      el('h2', { id: 'chat-title' }, t('chatTitle')),
      button({ class: 'text-button', lang: otherLang }, switchLang, t('otherLanguage')),
      inSession && menu,
      close && button({ class: 'icon-button chat-close', 'aria-label': t('close'), title: t('close') }, close, icon('close'))),
    el('div', { class: 'chat-row' },
      answers,
      inSession && button({ class: 'secondary small chat-person' }, askForPerson, icon('person'), t('person'))));
  return {
    element,
    /** @param {State} state */
    update: ({ consultant }) => say(answers, consultant ? showControls(`${consultant} · ${t('consultant')}`) : t('chatSubtitle')),
  };
}
