/**
 * The keys. Single letters work outside of text, where they can be switched off; with Alt they work
 * everywhere.
 */

import { el } from '../shared/dom.js';
import { isAsking, show } from './dialogs.js';

/** @typedef {{key: string, word: string, work: () => void}} Shortcut */

/**
 * @param {Shortcut[]} shortcuts
 * @param {() => boolean} hasKeys whether single letters are wanted
 * @returns {() => void} takes the keys back
 */
export function listen(shortcuts, hasKeys) {
  const pressed = (/** @type {KeyboardEvent} */ event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.isComposing || isAsking()) return;
    const isWriting = event.target instanceof Element && event.target.closest('input, textarea, select, [contenteditable]') !== null;
    if (!event.altKey && (isWriting || !hasKeys())) return;
    const key = event.altKey && /^Key[A-Z]$/.test(event.code) ? event.code.slice(3).toLowerCase() : event.key;
    const shortcut = shortcuts.find(({ key: wanted }) => wanted === key);
    if (!shortcut) return;
    event.preventDefault();
    shortcut.work();
  };
  document.addEventListener('keydown', pressed);
  return () => document.removeEventListener('keydown', pressed);
}

/**
 * The sheet that `?` opens.
 * @param {import('./words.js').Translate} t @param {Shortcut[]} shortcuts
 * @param {import('./preferences.js').Preferences} preferences
 */
export function showHelp(t, shortcuts, preferences) {
  const inText = /** @type {const} */ ([['Enter', 'keySend'], ['Shift Enter', 'keyLine'], ['/', 'keyReply'], ['>', 'keyPassage'], ['Esc', 'keyLeave'], ['Ctrl Enter', 'keyNote']]);
  const rows = (/** @type {readonly (readonly [string, string])[]} */ entries) => el('dl', { class: 'keys' },
    entries.flatMap(([key, word]) => [el('dt', {}, key.split(' ').map((part) => el('kbd', {}, part))), el('dd', {}, t(word))]));
  const toggle = el('input', { type: 'checkbox', id: 'single-keys', checked: preferences.hasKeys });
  toggle.addEventListener('change', () => preferences.change({ hasKeys: toggle.checked }));
  return show(t('helpTitle'), [
    el('div', { class: 'help-columns' },
      el('section', {}, el('h3', {}, t('helpDesk')), rows(shortcuts.map(({ key, word }) => /** @type {const} */ ([key.toUpperCase(), word])))),
      el('section', {}, el('h3', {}, t('helpText')), rows(inText))),
    el('label', { class: 'choice', for: 'single-keys' }, toggle, el('span', {}, t('helpSingle'))),
    el('p', { class: 'soft' }, t('helpAlt')),
  ], t('done'));
}
