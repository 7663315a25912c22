/** The menu of the chat: a button that discloses a few more, and the question before deleting. */

import { button, el, icon } from '../shared/dom.js';

/** @typedef {import('../shared/i18n.js').Translate} Translate */

/**
 * @param {string} label
 * @param {{label: string, action: () => void, isGrave?: boolean}[]} entries
 */
export function createMenu(label, entries) {
  const toggle = button({ class: 'icon-button', 'aria-label': label, title: label, 'aria-expanded': 'false' }, () => show(panel.hidden !== false), icon('more'));
  const panel = el('div', { class: 'menu-panel', hidden: true }, entries.map(({ label: words, action, isGrave }) => (
    button({ class: isGrave ? 'menu-entry grave' : 'menu-entry' }, () => {
      show(false);
      toggle.focus();
      action();
    }, words))));
  const element = el('div', { class: 'menu' }, toggle, panel);

  /** @param {boolean} isOpen */
  function show(isOpen) {
    panel.hidden = !isOpen;
    toggle.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) panel.querySelector('button')?.focus();
  }
  element.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape' || panel.hidden) return;
    event.stopPropagation();
    show(false);
    toggle.focus();
  });
  element.addEventListener('focusout', ({ relatedTarget }) => {
    if (relatedTarget instanceof Node && !element.contains(relatedTarget)) show(false);
  });
  const outside = (/** @type {Event} */ event) => {
    if (event.target instanceof Node && !element.contains(event.target)) show(false);
  };
  document.addEventListener('pointerdown', outside);
  return { element, remove: () => document.removeEventListener('pointerdown', outside) };
}

/** Asks before deleting; resolves to the answer. @param {HTMLElement} place @param {Translate} t @returns {Promise<boolean>} */
export function confirmDelete(place, t) {
  return new Promise((resolve) => {
    const dialog = el('dialog', { class: 'confirm', 'aria-labelledby': 'confirm-title', 'aria-describedby': 'confirm-text' },
      el('h2', { id: 'confirm-title' }, t('deleteQuestion')),
      el('p', { id: 'confirm-text' }, t('deleteExplained')),
      el('div', { class: 'confirm-row' },
        button({ class: 'secondary' }, () => dialog.close('no'), t('deleteNo')),
        button({ class: 'danger' }, () => dialog.close('yes'), t('deleteYes'))));
    dialog.addEventListener('close', () => {
      dialog.remove();
      resolve(dialog.returnValue === 'yes');
    });
    place.append(dialog);
    dialog.showModal();
  });
}
