/** What the pages beside the desk have in common: a head, a state of loading, a fault that can be tried again. */

import { append, button, el } from '../shared/dom.js';
import { ApiFailed } from './api.js';

/** @param {import('./words.js').Translate} t @param {string} title */
export function createPage(t, title) {
  const status = el('p', { class: 'page-status', role: 'status' });
  const body = el('div', { class: 'page-body' });
  const element = el('main', { class: 'page', id: 'panel' }, el('h1', { tabindex: -1 }, title), status, body);
  let turn = 0;

  /**
   * Fetches, then draws; a later call overtakes an earlier one.
   * @template T
   * @param {() => Promise<T>} fetchIt @param {(answer: T) => void} draw
   */
  async function load(fetchIt, draw) {
    const mine = turn += 1;
    element.setAttribute('aria-busy', 'true');
    try {
      const answer = await fetchIt();
      if (mine !== turn) return;
      status.replaceChildren();
      draw(answer);
    } catch (error) {
      if (mine !== turn) return;
      const code = error instanceof ApiFailed ? error.code : 'offline';
      status.replaceChildren();
      append(status, [t(`code.${code}`), ' ', button({ class: 'link' }, () => load(fetchIt, draw), t('again'))]);
    } finally {
      if (mine === turn) element.removeAttribute('aria-busy');
    }
  }
  return { element, body, status, load };
}
