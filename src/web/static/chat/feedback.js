/** Thumbs for one answer, and a reason for a thumb that points down. */

import { button, el, icon } from '../shared/dom.js';
import { langTag } from '../shared/i18n.js';

const reasons = /** @type {const} */ (['wrong_medicine', 'off_topic', 'unclear', 'outdated']);

/** @param {number} seq @param {boolean} hasQuotes without quotes none can be out of date @param {import('./answer.js').Tools} tools */
export function renderFeedback(seq, hasQuotes, { t, lang, giveFeedback }) {
  const offered = reasons.filter((reason) => hasQuotes || reason !== 'outdated');
  const thanks = el('span', { class: 'feedback-thanks', role: 'status' });
  const up = button({ class: 'icon-button thumb', 'aria-label': t('yes'), title: t('yes'), 'aria-pressed': 'false' }, () => give('up'), icon('up'));
  const down = button({ class: 'icon-button thumb thumb-down', 'aria-label': t('no'), title: t('no'), 'aria-pressed': 'false' }, () => give('down'), icon('up'));
  const why = el('div', { class: 'chips', hidden: true }, offered.map((reason) => (
    button({ class: 'chip', 'aria-pressed': 'false' }, () => give('down', reason), t(`reason.${reason}`)))));

  /** @param {'up' | 'down'} value @param {typeof reasons[number]} [reason] */
  async function give(value, reason) {
    try {
      await giveFeedback(seq, value, reason);
      up.setAttribute('aria-pressed', String(value === 'up'));
      down.setAttribute('aria-pressed', String(value === 'down'));
      why.hidden = value === 'up';
      Array.from(why.children, (chip, index) => chip.setAttribute('aria-pressed', String(offered[index] === reason)));
      thanks.textContent = t('feedbackThanks');
    } catch {
      thanks.textContent = t('feedbackFailed');
    }
  }

  return el('div', { class: 'feedback', lang: langTag(lang) },
    el('div', { class: 'feedback-row' }, el('span', {}, t('helpful')), up, down, thanks), why);
}
