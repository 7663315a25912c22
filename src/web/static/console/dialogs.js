/** Questions that stop everything else: each resolves with the answer, or `null` when called off. */

import { append, button, el } from '../shared/dom.js';

/** @typedef {{value: string, label: string, hint?: string}} Option */

/**
 * @param {object} question
 * @param {string} question.title
 * @param {string} [question.text]
 * @param {Option[]} [question.options] one of them must be chosen
 * @param {string} [question.input] the label of a line of text that must be filled in
 * @param {boolean} [question.isSecret] whether nobody may read it over one's shoulder
 * @param {string} question.yes
 * @param {string} question.no
 * @returns {Promise<string | null>}
 */
export function askFor({ title, text, options = [], input, isSecret = false, yes, no }) {
  return new Promise((resolve) => {
    const line = input ? el('input', { id: 'dialog-line', maxlength: 300, required: true, ...(isSecret ? { type: 'password', autocomplete: 'current-password' } : { autocomplete: 'off' }) }) : null;
    const choices = options.map(({ value, label, hint }, index) => el('label', { class: 'choice' },
      el('input', { type: 'radio', name: 'choice', value, checked: index === 0 }),
      el('span', {}, label, hint && el('span', { class: 'soft choice-hint' }, ` ${hint}`))));
    const form = el('form', { method: 'dialog' },
      el('h2', { id: 'dialog-title' }, title),
      text && el('p', {}, text),
      choices.length > 0 && el('fieldset', { class: 'choices' }, el('legend', { class: 'hidden-visually' }, title), choices),
      line && el('label', { for: 'dialog-line' }, input ?? ''), line,
      el('div', { class: 'dialog-row' },
        button({ class: 'secondary' }, () => dialog.close(), no),
        el('button', { type: 'submit', class: 'primary' }, yes)));
    const dialog = el('dialog', { class: 'dialog', 'aria-labelledby': 'dialog-title' }, form);
    /** @type {string | null} */ let answer = null;
    form.addEventListener('submit', (event) => {
      const chosen = form.querySelector('input[name="choice"]:checked');
      answer = line ? line.value.trim() : chosen instanceof HTMLInputElement ? chosen.value : 'yes';
      if (answer === '') {
        event.preventDefault();
        line?.focus();
      }
    });
    dialog.addEventListener('cancel', () => { answer = null; });
    open(dialog, () => resolve(answer || null));
    const first = form.querySelector('input:checked') ?? line ?? form.querySelector('button[type="submit"]');
    if (first instanceof HTMLElement) first.focus();
  });
}

/** Shows something to read. @param {string} title @param {(Node | string)[]} content @param {string} close */
export function show(title, content, close) {
  const dialog = el('dialog', { class: 'dialog dialog-wide', 'aria-labelledby': 'dialog-title' },
    el('h2', { id: 'dialog-title', tabindex: -1 }, title));
  append(dialog, content);
  append(dialog, [el('div', { class: 'dialog-row' }, button({ class: 'secondary' }, () => dialog.close(), close))]);
  open(dialog, () => {});
  return dialog;
}

/** Whether a dialog stands open: the keys are its own then. */
export function isAsking() {
  return document.querySelector('dialog[open]') !== null;
}

/** @param {HTMLDialogElement} dialog @param {() => void} closed */
function open(dialog, closed) {
  const before = document.activeElement;
  dialog.addEventListener('close', () => {
    dialog.remove();
    if (before instanceof HTMLElement && before.isConnected) before.focus();
    closed();
  });
  document.body.append(dialog);
  dialog.showModal();
}
