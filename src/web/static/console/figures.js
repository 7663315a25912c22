/** The dashboard: what waits now, and how today went. */

import { append, el } from '../shared/dom.js';
import { span } from './format.js';
import { createPage } from './page.js';

/** @typedef {import('./protocol.js').Figures} Figures */

const everyMs = 10_000;

/** @param {import('./desk.js').Tools} tools @returns {import('./pages.js').View} */
export function createFigures({ t, api }) {
  const { element, body, load } = createPage(t, t('page.figures'));
  /** @type {any} */ let timer = null;
  const fetchNow = () => load(() => api.get('/v1/desk/figures'), draw);

  /** @param {Figures} figures */
  function draw({ waiting, longest_wait_seconds: longest, on_duty: onDuty, today }) {
    const time = (/** @type {number | null | undefined} */ seconds) => (seconds === null || seconds === undefined ? '–' : span(seconds, t));
    const count = (/** @type {number | null | undefined} */ value) => (value === null || value === undefined ? '–' : String(value));
    const share = today.sessions && today.bot_alone !== null ? `${Math.round((100 * (today.bot_alone ?? 0)) / today.sessions)} %` : '–';
    body.replaceChildren();
    append(body, [
      group(t('figuresNow'), [[t('figure.waiting'), count(waiting)], [t('figure.longest'), time(longest)], [t('figure.onDuty'), count(onDuty)]]),
      group(t('figuresToday'), [
        [t('figure.handedOver'), count(today.handed_over)], [t('figure.claimed'), count(today.claimed)], [t('figure.abandoned'), count(today.abandoned)],
        [t('figure.closed'), count(today.closed)], [t('figure.firstReply'), time(today.first_reply_seconds), t('median')],
        [t('figure.resolution'), time(today.resolution_seconds), t('median')],
        [t('figure.sessions'), count(today.sessions)], [t('figure.botAlone'), count(today.bot_alone), share],
      ]),
    ]);
  }

  return {
    element,
    shown() {
      fetchNow();
      clearInterval(timer);
      timer = setInterval(() => (element.isConnected && document.visibilityState === 'visible' ? fetchNow() : undefined), everyMs);
    },
    hidden: () => clearInterval(timer),
  };
}

/** @param {string} title @param {[string, string, string?][]} figures */
function group(title, figures) {
  return el('section', { class: 'figures' }, el('h2', {}, title),
    el('dl', { class: 'figure-grid' }, figures.map(([name, value, hint]) => el('div', { class: 'figure' },
      el('dt', {}, name), el('dd', {}, value, hint && hint !== '–' && el('span', { class: 'soft figure-hint' }, ` ${hint}`))))));
}
