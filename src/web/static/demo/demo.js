/** The demonstration page: a host like any other, with two languages and questions to try. */

import { langTag, toLang } from '../shared/i18n.js';
import { say } from './words.js';

/** The chat's commands; until its loader has come they wait in a queue. @param {any[]} call */
function eider(...call) {
  const page = /** @type {any} */ (window);
  page.eider ??= Object.assign((/** @type {any[]} */ ...early) => page.eider.q.push(early), { q: [] });
  page.eider(...call);
}

/** @param {import('../shared/i18n.js').Lang} lang */
function speak(lang) {
  const other = lang === 'en' ? 'zh' : 'en';
  document.documentElement.lang = langTag(lang);
  document.title = say(lang, 'siteTitle') ?? '';
  for (const element of document.querySelectorAll('[data-word]')) {
    element.textContent = say(lang, element.getAttribute('data-word') ?? undefined) ?? element.textContent;
  }
  for (const link of document.querySelectorAll('a[data-path]')) {
    // Articles are files of a language; lists take it from the address.
    const path = link.getAttribute('data-path') ?? '';
    link.setAttribute('href', path.endsWith('/') || path === '/chat' ? `${path}?lang=${lang}` : path + (lang === 'zh' ? '.zh' : ''));
  }
  const toggle = document.getElementById('lang-toggle');
  if (toggle) {
    toggle.lang = langTag(other);
    toggle.onclick = () => {
      history.replaceState(history.state, '', `/?lang=${other}`);
      speak(other);
    };
  }
  eider('setLang', lang);
}

speak(toLang(new URLSearchParams(window.location.search).get('lang') ?? navigator.language));
for (const question of document.querySelectorAll('button.question')) {
  question.addEventListener('click', () => eider('ask', question.textContent ?? ''));
}
