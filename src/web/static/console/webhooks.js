/** What other systems were told, for administrators: every message, how it stands, and another try. */

import { append, button, el } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';
import { moment } from './format.js';
import { createPage } from './page.js';

/** @typedef {{id: string, webhook: string, event: string, session: string, state: string, attempts: number, result: string, created: string, next: string | null}} Delivery */

/** @param {import('./desk.js').Tools} tools @returns {import('./pages.js').View} */
export function createWebhooks({ t, lang, api }) {
  const { element, body, status, load } = createPage(t, t('page.webhooks'));
  const rows = el('tbody', {});
  const more = button({ class: 'secondary small', hidden: true }, () => fetchFrom(next), t('more'));
  /** @type {number | null} */ let next = null;
  append(body, [el('div', { class: 'table-frame', tabindex: 0, role: 'group', 'aria-label': t('page.webhooks') }, el('table', { class: 'table' },
    el('thead', {}, el('tr', {}, /** @type {const} */ (['auditAt', 'hookTo', 'auditAction', 'hookState', 'hookResult', 'again']).map((word) => el('th', { scope: 'col' }, t(word))))),
    rows)), more]);

  /** @param {Delivery} delivery */
  function row({ id, webhook, event, state, attempts, result, created, next: due }) {
    const retry = state === 'delivered' ? '' : button({ class: 'secondary small', 'aria-label': `${t('again')}: ${event}, ${webhook}` }, async () => {
      await load(() => api.post(`/v1/desk/webhooks/${encodeURIComponent(id)}`), () => {});
      fetchFrom(null);
    }, t('again'));
    const standing = `${t(`hook.${state}`)} · ${t('hookAttempts', { count: attempts })}${due ? ` · ${t('hookNext', { time: moment(due, lang) })}` : ''}`;
    return el('tr', {}, [moment(created, lang), webhook, event, standing, result].map((words) => el('td', {}, showControls(words))), el('td', {}, retry));
  }

  /** @param {number | null} before */
  function fetchFrom(before) {
    load(() => api.get('/v1/desk/webhooks', { before }), (answer) => {
      if (before === null) rows.replaceChildren();
      append(rows, answer.deliveries.map(row));
      next = answer.next ?? null;
      more.hidden = next === null;
      if (rows.childElementCount === 0) status.textContent = t('hookNone');
    });
  }
  return { element, shown: () => fetchFrom(null) };
}
