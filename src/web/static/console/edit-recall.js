/** Who was shown a version of an article, and word to those sessions that are still open. It names sessions, so a fresh proof is asked for. */

import { append, button, el } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';
import { askFor, show } from './dialogs.js';
import { whyNot } from './edit-parts.js';
import { moment } from './format.js';
import { withProof } from './second-factor.js';

/** Most sessions that are listed. */
const most = 200;

/** @param {import('./knowledge.js').Desk} desk @param {string} path @param {string} version */
export async function showRecall({ t, api, lang, say }, path, version) {
  /** @type {{shown: {session: string, at: string, role: string, open: boolean}[]} | null} */ let answer;
  try {
    answer = await withProof(api, t, () => api.post('/v1/edit/recall', { path, version }));
  } catch (error) {
    say(whyNot(t, error));
    return;
  }
  if (!answer) return;
  const { shown } = answer;
  const sessions = new Set(shown.map(({ session }) => session));
  const open = new Set(shown.filter((one) => one.open).map(({ session }) => session));
  const status = el('p', { role: 'status' });
  const rows = shown.slice(0, most).map((one) => el('tr', {}, [one.session.slice(0, 12), moment(one.at, lang), t(one.role === 'bot' ? 'bot' : 'colleague'), t(one.open ? 'sessionOpen' : 'sessionOver')].map((words) => el('td', {}, words))));
  /** @type {(Node | string)[]} */ const content = [el('p', {}, t('recallCount', { count: sessions.size, open: open.size })), status];
  if (rows.length > 0) {
    content.push(el('div', { class: 'table-frame', tabindex: 0, role: 'group', 'aria-label': t('recallTitle') }, el('table', { class: 'table' },
      el('thead', {}, el('tr', {}, /** @type {const} */ (['session', 'auditAt', 'recallBy', 'hookState']).map((word) => el('th', { scope: 'col' }, t(word))))), el('tbody', {}, rows))));
  }
  if (shown.length > most) content.push(el('p', { class: 'soft' }, t('notListed', { count: shown.length - most })));
  if (open.size > 0) content.push(button({ class: 'primary' }, tell, t('recallTell')));
  const dialog = show(t('recallTitle'), content, t('done'));
  dialog.classList.add('recall');

  async function tell() {
    try {
      const { notices } = await api.get('/v1/edit/notices');
      const options = notices.map((/** @type {{id: string, text: Record<string, string>}} */ notice) => ({ value: notice.id, label: showControls(notice.text[lang] ?? notice.text.en ?? '') }));
      if (options.length === 0) {
        status.textContent = t('noticesNone');
        return;
      }
      const notice = await askFor({ title: t('recallTell'), text: t('recallTellText'), options, yes: t('send'), no: t('cancel') });
      if (!notice) return;
      const told = await withProof(api, t, () => api.post('/v1/edit/recall/note', { path, version, notice }));
      if (told) status.textContent = t('recallTold', { told: told.told, before: told.before, missed: told.missed });
    } catch (error) {
      status.replaceChildren();
      append(status, [whyNot(t, error)]);
    }
  }
}
