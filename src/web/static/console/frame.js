/** The top of the desk: pages, duty, what rings, and the account. */

import { append, button, el, icon } from '../shared/dom.js';
import { say } from '../shared/keyed.js';
import { createMenu } from '../chat/menu.js';

/**
 * @typedef {'desk' | 'figures' | 'past' | 'forms' | 'audit' | 'webhooks' | 'knowledge'} Page
 * @typedef {import('./words.js').Translate} Translate
 */

/**
 * @param {Translate} t
 * @param {{pages: Page[], name: string, goTo: (page: Page) => void, setDuty: (on: boolean) => void, silence: () => void, allowSound: () => void,
 *   entries: {label: string, action: () => void, isGrave?: boolean}[], help: () => void}} options
 */
export function createFrame(t, { pages, name, goTo, setDuty, silence, allowSound, entries, help }) {
  const tabs = pages.map((page) => {
    const count = el('span', { class: 'tab-count' });
    return { page, count, element: button({ class: 'tab' }, () => goTo(page), el('span', {}, t(`page.${page}`)), count) };
  });
  const duty = button({ class: 'duty', role: 'switch', 'aria-checked': 'false', title: t('dutyHint') }, () => setDuty(duty.getAttribute('aria-checked') !== 'true'),
    el('span', { class: 'duty-knob', 'aria-hidden': 'true' }), el('span', { class: 'duty-words' }));
  const dutyWords = /** @type {HTMLElement} */ (duty.lastElementChild);
  const ring = button({ class: 'ring small', hidden: true }, () => {
    allowSound();
    silence();
  }, icon('alert'), el('span', { class: 'ring-words' }));
  const ringWords = /** @type {HTMLElement} */ (ring.lastElementChild);
  const menu = createMenu(name, entries);
  const bar = el('p', { class: 'bar', role: 'status', hidden: true });
  const spoken = el('p', { class: 'hidden-visually', role: 'status' });
  const spokenNow = el('p', { class: 'hidden-visually', role: 'alert' });
  const toasts = el('div', { class: 'toasts', role: 'status' });
  const element = el('header', { class: 'top' },
    el('a', { class: 'skip', href: '#panel' }, t('skip')),
    el('div', { class: 'top-row' },
      el('span', { class: 'brand' }, el('img', { src: '/assets/console/desk.svg', alt: '', width: 26, height: 26 }), el('span', { class: 'brand-words' }, t('title'))),
      el('nav', { class: 'tabs', 'aria-label': t('pages') }, tabs.map(({ element: tab }) => tab)),
      el('div', { class: 'top-tools' }, ring, duty,
        button({ class: 'icon-button help', 'aria-label': t('help'), title: `${t('help')} (?)` }, help, icon('help')), menu.element)),
    bar, spoken, spokenNow);

  return {
    element, toasts,
    remove: () => menu.remove(),
    /** @param {Page} page */
    setPage(page) {
      for (const tab of tabs) {
        if (tab.page === page) tab.element.setAttribute('aria-current', 'page');
        else tab.element.removeAttribute('aria-current');
      }
    },
    /** @param {import('./state.js').State} state @param {import('./alert.js').Alert} alert @param {number} waiting */
    update(state, alert, waiting) {
      const isOn = state.me?.available === true;
      duty.setAttribute('aria-checked', String(isOn));
      duty.disabled = state.status !== 'online';
      say(dutyWords, t(isOn ? 'onDuty' : 'offDuty'));
      ring.hidden = alert.rows.length === 0;
      ring.classList.toggle('is-urgent', alert.isUrgent);
      ring.classList.toggle('is-silenced', alert.isSilenced);
      say(ringWords, alert.isSilenced ? t('silenced') : alert.isHeard ? t('silence') : t('soundOff'));
      const [first] = tabs;
      if (first) say(first.count, waiting > 0 ? String(waiting) : '');
      const words = state.status === 'waiting' || (state.status === 'connecting' && state.wasOnline) ? t('reconnecting') : '';
      bar.hidden = words === '';
      say(bar, words);
    },
    /** Said to screen readers: at once when it cannot wait. @param {string} words @param {boolean} isUrgent */
    announce(words, isUrgent) {
      (isUrgent ? spokenNow : spoken).textContent = words;
    },
    /** @param {string} words @param {boolean} isFault */
    toast(words, isFault) {
      const toast = el('div', { class: isFault ? 'toast toast-fault' : 'toast' });
      append(toast, [isFault && icon('alert'), el('span', {}, words), button({ class: 'icon-button', 'aria-label': t('dismiss') }, () => toast.remove(), icon('close'))]);
      toasts.append(toast);
      while (toasts.childElementCount > 3) toasts.firstElementChild?.remove();
      setTimeout(() => toast.remove(), isFault ? 12_000 : 5_000);
    },
  };
}
