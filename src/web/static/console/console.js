/** The consultants' console: who signs in gets the desk. */

import { langTag } from '../shared/i18n.js';
import { el } from '../shared/dom.js';
import { Api } from './api.js';
import { Desk } from './desk.js';
import { openOffice } from './office.js';
import { Preferences } from './preferences.js';
import { showSecondFactor } from './second-factor.js';
import { createSignIn } from './sign-in.js';
import { translator } from './words.js';

/** @typedef {import('./protocol.js').Me} Me */

const preferences = new Preferences(() => window.localStorage, navigator.language);
const api = new Api();
/** @type {Desk | null} */ let desk = null;

function place() {
  const root = document.getElementById('console');
  if (!root) throw new Error('the page has no #console');
  return root;
}

function applyPreferences() {
  document.documentElement.lang = langTag(preferences.lang);
  if (preferences.theme === 'system') delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = preferences.theme;
}

/** @param {Me} me */
function openDesk(me) {
  if (me.needs_second_factor) {
    const t = translator(preferences.lang);
    place().replaceChildren(el('p', { class: 'starting' }, t('factorRequired')));
    showSecondFactor(api, t, () => { window.location.reload(); });
    return;
  }
  const { roles } = me.user;
  if (roles.includes('editor') && !roles.includes('consultant') && !roles.includes('administrator')) {
    openOffice(place(), { api, me, preferences, applyPreferences, signedOut: showSignIn });
    return;
  }
  desk = new Desk(place(), { api, me, preferences, applyPreferences, signedOut: showSignIn });
  desk.start();
}

/** @param {string} [notice] why somebody who was signed in sees this */
function showSignIn(notice = '') {
  desk = null;
  const t = translator(preferences.lang);
  document.title = t('title');
  const signIn = createSignIn(t, {
    api, notice, entered: openDesk,
    switchLang: () => {
      preferences.change({ lang: preferences.lang === 'en' ? 'zh' : 'en' });
      applyPreferences();
      showSignIn(notice);
    },
  });
  place().replaceChildren(signIn.element);
  signIn.focus();
}

async function start() {
  applyPreferences();
  const t = translator(preferences.lang);
  place().replaceChildren(el('p', { class: 'starting', role: 'status' }, t('starting')));
  try {
    const me = await api.me();
    if (me) openDesk(me);
    else showSignIn();
  } catch {
    showSignIn(t('serverAway'));
  }
}

window.addEventListener('beforeunload', (event) => {
  if (desk?.hasUnsent) event.preventDefault();
});
start();
