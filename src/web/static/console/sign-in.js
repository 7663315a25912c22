/** The way in: name and password. */

import { button, el } from '../shared/dom.js';
import { ApiFailed } from './api.js';

/**
 * @param {import('./words.js').Translate} t
 * @param {{api: import('./api.js').Api, notice: string, entered: (me: import('./protocol.js').Me) => void, switchLang: () => void}} options
 */
export function createSignIn(t, { api, notice, entered, switchLang }) {
  const login = el('input', { id: 'login', name: 'username', autocomplete: 'username', autocapitalize: 'none', spellcheck: 'false', required: true, maxlength: 100 });
  const password = el('input', { id: 'password', name: 'password', type: 'password', autocomplete: 'current-password', required: true, maxlength: 1000 });
  const code = el('input', { id: 'code', name: 'code', autocomplete: 'one-time-code', autocapitalize: 'none', spellcheck: 'false', maxlength: 40 });
  const second = el('div', { class: 'sign-in-code', hidden: true }, el('label', { for: 'code' }, t('code')), code, el('p', { class: 'soft' }, t('codeHint')));
  const fault = el('p', { class: 'sign-in-fault', role: 'alert' });
  const enter = el('button', { type: 'submit', class: 'primary' }, t('signIn'));
  const form = el('form', { class: 'sign-in-form', novalidate: true },
    el('label', { for: 'login' }, t('login')), login,
    el('label', { for: 'password' }, t('password')), password,
    second, fault, enter);
  const element = el('main', { class: 'sign-in' },
    el('div', { class: 'sign-in-card' },
      el('img', { src: '/assets/console/desk.svg', alt: '', width: 44, height: 44 }),
      el('h1', {}, t('title')),
      notice !== '' && el('p', { class: 'sign-in-notice', role: 'status' }, notice),
      form,
      button({ class: 'link', lang: t('otherLanguageTag') }, switchLang, t('otherLanguage'))));

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const empty = [login, password].find(({ value }) => value === '');
    if (empty) {
      fault.textContent = t('signInEmpty');
      return empty.focus();
    }
    enter.disabled = true;
    fault.textContent = '';
    try {
      entered(await api.login(login.value.trim(), password.value, code.value.trim()));
    } catch (error) {
      enter.disabled = false;
      if (error instanceof ApiFailed && ['code_required', 'bad_code'].includes(error.code)) {
        const isFirst = second.hidden;
        second.hidden = false;
        fault.textContent = error.code === 'bad_code' && !isFirst ? t('badCode') : '';
        code.select();
        return code.focus();
      }
      fault.textContent = faultWords(t, error);
      if (error instanceof ApiFailed && error.status === 401) password.select();
      password.focus();
    }
  });
  return { element, focus: () => login.focus() };
}

/** @param {import('./words.js').Translate} t @param {unknown} error */
function faultWords(t, error) {
  if (!(error instanceof ApiFailed)) return t('serverAway');
  if (error.status === 401) return t('signInWrong');
  if (error.status === 429) return t('signInOften', { seconds: error.retryAfterSeconds ?? 60 });
  return error.code === 'forbidden' ? t('signInForbidden') : t('signInFailed');
}
