/** The audit log, for administrators: who saw and changed what, and whether the chain is whole. */

import { append, button, el, icon } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';
import { moment } from './format.js';
import { createPage } from './page.js';

/** @typedef {{seq: number, at: string, actor: string, action: string, subject: string, detail?: string | null}} Row */

const pageSize = 50;

/** @param {import('./desk.js').Tools} tools @returns {import('./pages.js').View} */
export function createAudit({ t, lang, api }) {
  const { element, body, load } = createPage(t, t('page.audit'));
  const verdict = el('p', { class: 'audit-verdict', role: 'status' });
  const rows = el('tbody', {});
  const more = button({ class: 'secondary small', hidden: true }, () => fetchFrom(next), t('more'));
  /** @type {number | null} */ let next = null;
  append(body, [verdict, el('div', { class: 'table-frame', tabindex: 0, role: 'group', 'aria-label': t('page.audit') }, el('table', { class: 'table' },
    el('thead', {}, el('tr', {}, /** @type {const} */ (['auditAt', 'auditActor', 'auditAction', 'auditSubject', 'auditDetail']).map((word) => el('th', { scope: 'col' }, t(word))))),
    rows)), more]);

  /** @param {number | null} before */
  function fetchFrom(before) {
    load(() => api.get('/v1/desk/audit', { before, limit: pageSize }), (answer) => {
      if (before === null) rows.replaceChildren();
      append(rows, answer.rows.map((/** @type {Row} */ { at, actor, action, subject, detail }) => el('tr', {},
        [moment(at, lang), actor, action, subject, detail ?? ''].map((words) => el('td', {}, showControls(String(words)))))));
      next = answer.next ?? null;
      more.hidden = next === null;
      verdict.classList.toggle('is-broken', answer.intact !== true);
      verdict.replaceChildren();
      append(verdict, [answer.intact !== true && icon('alert'), t(answer.intact === true ? 'auditIntact' : 'auditBroken')]);
    });
  }
  return { element, shown: () => fetchFrom(null) };
}
