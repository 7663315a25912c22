/** The check of a text while it is written: after a pause, and what comes late is passed over. */

import { el } from '../shared/dom.js';
import { whyNot } from './edit-parts.js';

/** @typedef {import('./edit-parts.js').Problem} Problem */

/** @param {import('./knowledge.js').Desk} desk @param {(problems: Problem[]) => void} found */
export function createCheck({ t, api }, found) {
  const element = el('p', { class: 'soft edit-checked', role: 'status' });
  /** @type {any} */ let timer = null;
  let turn = 0;

  /** @param {string} path @param {string} text */
  async function check(path, text) {
    const mine = turn += 1;
    try {
      const answer = await api.post('/v1/edit/check', { path, text });
      if (mine !== turn) return;
      /** @type {Problem[]} */ const problems = [...answer.problems, ...answer.elsewhere];
      const count = (/** @type {string} */ wanted) => problems.filter(({ severity }) => severity === wanted).length;
      element.textContent = problems.length === 0 ? t('checkedFine') : [t('errorsCount', { count: count('error') }), t('warningsCount', { count: count('warning') })].join(' · ');
      element.classList.toggle('is-wrong', count('error') > 0);
      found(problems);
    } catch (error) {
      if (mine === turn) element.textContent = whyNot(t, error);
    }
  }
  return {
    element,
    /** @param {string} path @param {() => string} text @param {number} delay */
    soon(path, text, delay) {
      clearTimeout(timer);
      timer = setTimeout(() => check(path, text()), delay);
    },
    stop() {
      clearTimeout(timer);
      turn += 1;
    },
  };
}
