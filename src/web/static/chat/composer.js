/** Where the visitor types. Text leaves the box only when it has become a message. */

import { el, icon } from '../shared/dom.js';
import { joinTexts } from './state.js';

/**
 * @param {import('../shared/i18n.js').Translate} t
 * @param {(text: string) => boolean} submit says whether the text was taken
 * @param {() => void} typing
 */
export function createComposer(t, submit, typing) {
  let limit = 4000;
  const input = el('textarea', {
    id: 'chat-input', rows: 1, autocomplete: 'off', enterkeyhint: 'send', placeholder: t('inputPlaceholder'),
    'aria-label': t('inputLabel'), 'aria-describedby': 'chat-count', dir: 'auto',
  });
  const count = el('p', { id: 'chat-count', class: 'composer-count', role: 'status' });
  const send = el('button', { type: 'submit', class: 'composer-send', 'aria-label': t('send'), title: t('send') }, icon('send'));
  const form = el('form', { class: 'composer', novalidate: true }, el('div', { class: 'composer-row' }, input, send), count);

  // The server counts code points, not UTF-16 units.
  const left = () => limit - [...input.value].length;
  const refresh = () => {
    const remaining = left();
    input.rows = Math.min(6, Math.max(1, input.value.split('\n').length));
    send.disabled = remaining < 0;
    count.textContent = remaining < 0 ? t('charactersOver', { count: -remaining })
      : remaining < limit / 10 ? t('charactersLeft', { count: remaining }) : '';
    input.toggleAttribute('aria-invalid', remaining < 0);
  };
  const trySubmit = () => {
    const text = input.value.trim();
    if (text === '' || left() < 0 || !submit(text)) return;
    input.value = '';
    refresh();
  };

  input.addEventListener('input', () => {
    if (input.value !== '') typing();
    refresh();
  });
  input.addEventListener('keydown', (event) => {
    // 229: Safari ends a composition before it reports the Enter that ended it.
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== 'Enter' || event.shiftKey || isComposing) return;
    event.preventDefault();
    trySubmit();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    trySubmit();
    input.focus();
  });

  return {
    element: form,
    focus: () => input.focus(),
    get text() {
      return input.value;
    },
    /** Puts text before whatever is being typed. @param {string} text */
    restore(text) {
      input.value = joinTexts([text, input.value]);
      refresh();
    },
    /** @param {number} characters */
    setLimit(characters) {
      if (characters === limit) return;
      limit = characters;
      refresh();
    },
  };
}
