/** The console of somebody who edits and does not consult: the knowledge pages alone, without a live connection. */

import { button, el, icon } from '../shared/dom.js';
import { createMenu } from '../chat/menu.js';
import { createAccount } from './account.js';
import { show } from './dialogs.js';
import { createKnowledge } from './knowledge.js';
import { translator } from './words.js';

/**
 * @param {HTMLElement} root
 * @param {{api: import('./api.js').Api, me: import('./protocol.js').Me, preferences: import('./preferences.js').Preferences, applyPreferences: () => void, signedOut: (notice?: string) => void}} options
 */
export function openOffice(root, options) {
  const { api, me, preferences, applyPreferences, signedOut } = options;
  const t = translator(preferences.lang);
  document.title = t('officeTitle');
  const tools = { t, lang: preferences.lang, api, isAdministrator: false };
  const knowledge = createKnowledge(tools);
  /** @param {Parameters<typeof preferences.change>[0]} changes */
  const prefer = (changes) => {
    preferences.change(changes);
    applyPreferences();
    const { hash } = window.location;
    knowledge.hidden?.();
    window.history.replaceState(null, '', hash);
    menu.remove();
    openOffice(root, options);
  };
  const account = createAccount(tools, {
    me, alert: null, theme: preferences.theme, switchLang: () => prefer({ lang: preferences.lang === 'en' ? 'zh' : 'en' }), switchTheme: () => prefer({ theme: preferences.nextTheme() }),
    signOut: async () => {
      await api.post('/v1/logout').catch(() => {});
      knowledge.hidden?.();
      menu.remove();
      signedOut();
    },
  });
  const menu = createMenu(me.user.name, account.entries);
  const help = () => { show(t('helpTitle'), [el('dl', { class: 'keys' }, el('dt', {}, el('kbd', {}, 'Ctrl'), el('kbd', {}, 'S')), el('dd', {}, t('saveDraft')))], t('done')); };
  root.replaceChildren(el('div', { class: 'desk' },
    el('header', { class: 'top' }, el('a', { class: 'skip', href: '#panel' }, t('skip')), el('div', { class: 'top-row' },
      el('span', { class: 'brand' }, el('img', { src: '/assets/console/desk.svg', alt: '', width: 26, height: 26 }), el('span', {}, t('officeTitle'))),
      el('div', { class: 'top-tools' }, button({ class: 'icon-button help', 'aria-label': t('help'), title: t('help') }, help, icon('help')), menu.element))),
    el('div', { class: 'pages' }, knowledge.element)));
  knowledge.shown?.();
}
