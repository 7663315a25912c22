/** The account's menu: language, colours, notifications, the places one is signed in at, and the way out. */

import { append, button, el } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';
import { show } from './dialogs.js';
import { moment } from './format.js';
import { showSecondFactor } from './second-factor.js';

/** @typedef {{id: string, created: string, active: string, agent: string, current: boolean}} SignedIn */

/**
 * @param {Pick<import('./desk.js').Tools, 't' | 'lang' | 'api'>} tools
 * @param {{me: import('./protocol.js').Me, alert: import('./alert.js').Alert | null, theme: import('./preferences.js').Theme, signOut: () => void, switchLang: () => void, switchTheme: () => void}} options
 */
export function createAccount(tools, { me, alert, theme, signOut, switchLang, switchTheme }) {
  const { t } = tools;
  return {
    entries: [
      { label: t('otherLanguage'), action: switchLang },
      { label: t(`theme.${theme}`), action: switchTheme },
      ...(alert ? [{ label: t(alert.mayNotify ? 'notifyOn' : 'notifyAsk'), action: () => { alert.allowNotifications(); } }] : []),
      { label: t('secondFactor'), action: () => { showSecondFactor(tools.api, t); } },
      { label: t('signedInPlaces'), action: () => { showPlaces(tools, me); } },
      { label: t('signOut'), action: signOut, isGrave: true },
    ],
  };
}

/** @param {Pick<import('./desk.js').Tools, 't' | 'lang' | 'api'>} tools @param {import('./protocol.js').Me} me */
async function showPlaces({ t, lang, api }, me) {
  const list = el('ul', { class: 'places' });
  const status = el('p', { class: 'soft', role: 'status' });
  show(t('signedInPlaces'), [el('p', { class: 'soft' }, t('signedInUntil', { time: moment(me.expires, lang) })), status, list], t('done'));
  /** @param {SignedIn} place */
  const entry = ({ id, created, active, agent, current }) => {
    const element = el('li', {});
    append(element, [el('strong', {}, showControls(agent)), el('span', { class: 'soft' }, t('signedInFacts', { since: moment(created, lang), active: moment(active, lang) })),
      current ? el('span', { class: 'soft' }, t('signedInHere')) : button({ class: 'secondary small' }, async () => {
        try {
          await api.post('/v1/me/sessions/revoke', { id });
          element.remove();
        } catch {
          status.textContent = t('code.internal');
        }
      }, t('revoke'))]);
    return element;
  };
  try {
    const { sessions } = await api.get('/v1/me/sessions');
    list.replaceChildren(...sessions.map(entry));
  } catch {
    status.textContent = t('code.offline');
  }
}
