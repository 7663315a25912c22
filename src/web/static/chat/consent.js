/** The step before the chat: what it is, what it stores, for how long. Nothing is sent before the click. */

import { button, el, icon } from '../shared/dom.js';
import { SessionRefused } from '../shared/session.js';

/** Raised when the text changes, so that a stored consent says what was agreed to. */
export const consentVersion = '1';

/**
 * @param {import('../shared/i18n.js').Translate} t
 * @param {{privacy: HTMLElement | null, accept: () => Promise<void>}} options `accept` opens the session, or throws
 */
export function renderConsent(t, { privacy, accept }) {
  const status = el('p', { class: 'consent-status', role: 'status' });
  const agree = button({ class: 'primary' }, open, t('consentYes'));
  const points = [t('consentBot'), t('consentStored'), t('consentHowLong'), t('consentNoNames')];

  async function open() {
    agree.disabled = true;
    status.textContent = t('consentWorking');
    try {
      await accept();
    } catch (error) {
      const isBusy = error instanceof SessionRefused && (error.status === 429 || error.status === 503);
      status.textContent = t(isBusy ? 'consentBusy' : 'consentFailed');
      agree.disabled = false;
      agree.focus();
    }
  }

  return el('section', { class: 'consent', 'aria-labelledby': 'consent-title' },
    el('span', { class: 'consent-mark' }, icon('chat')),
    el('h2', { id: 'consent-title', tabindex: -1 }, t('consentTitle')),
    el('ul', { class: 'consent-points' }, points.map((point) => el('li', {}, point))),
    privacy && el('p', { class: 'consent-privacy' }, privacy),
    agree, status);
}
