/** The consult form: how and when a visitor wants to be reached. Nothing is sent without its own consent. */

import { el } from '../shared/dom.js';
import { consentVersion } from './consent.js';

/**
 * @param {import('../shared/i18n.js').Translate} t
 * @param {import('../shared/i18n.js').Lang} lang
 * @param {(fields: object) => Promise<unknown>} submit
 */
export function createForm(t, lang, submit) {
  const name = el('input', { id: 'form-name', name: 'name', autocomplete: 'name', maxlength: 200, required: true, dir: 'auto' });
  const contact = el('input', { id: 'form-contact', name: 'contact', maxlength: 200, required: true });
  const preferred = el('input', { id: 'form-preferred', name: 'preferred', maxlength: 200, dir: 'auto' });
  const words = el('textarea', { id: 'form-text', name: 'text', rows: 2, maxlength: 2000, dir: 'auto' });
  const consent = el('input', { id: 'form-consent', type: 'checkbox', required: true });
  const status = el('p', { class: 'form-status', role: 'status' });
  const send = el('button', { type: 'submit', class: 'primary small' }, t('formSend'));
  const element = el('form', { class: 'consult-form', hidden: true, 'aria-labelledby': 'form-title' },
    el('h3', { id: 'form-title' }, t('formTitle')),
    field(t('formName'), name), field(t('formContact'), contact), field(t('formPreferred'), preferred), field(t('formText'), words),
    el('p', { class: 'form-consent' }, consent, el('label', { for: 'form-consent' }, t('formConsent'))),
    send, status);

  element.addEventListener('submit', async (event) => {
    event.preventDefault();
    send.disabled = true;
    status.textContent = t('formSending');
    try {
      await submit({
        consent: { version: consentVersion, lang }, name: name.value, contact: contact.value,
        preferred: preferred.value, text: words.value,
      });
      element.reset();
      status.textContent = '';
    } catch (error) {
      const isInvalid = error instanceof Error && 'code' in error && error.code === 'invalid_form';
      status.textContent = t(isInvalid ? 'formInvalid' : 'formFailed');
      if (isInvalid) contact.focus();
    } finally {
      send.disabled = false;
    }
  });

  return {
    element,
    /** What was typed stays when the form is put away. @param {boolean} isOffered */
    offer(isOffered) {
      element.hidden = !isOffered;
    },
  };
}

/** @param {string} label @param {HTMLElement} input */
function field(label, input) {
  return el('p', { class: 'form-field' }, el('label', { for: input.id }, label), input);
}
