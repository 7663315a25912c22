/** Past sessions: a search, its results, and the transcript of one, which the audit log takes note of. */

import { append, button, el } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';
import { ApiFailed } from './api.js';
import { askFor } from './dialogs.js';
import { isShown, renderEvent } from './event-view.js';
import { clock, langOf, moment, sessionName } from './format.js';
import { createPage } from './page.js';
import { reasons } from './protocol.js';
import { withProof } from './second-factor.js';
import { medicine } from './select.js';
import { renderForm } from './side.js';

/** @typedef {import('./protocol.js').Past} Past */

/** @param {import('./desk.js').Tools} tools @returns {import('./pages.js').View} */
export function createPast(tools) {
  const { t, lang, api } = tools;
  const { element, body, status, load } = createPage(t, t('page.past'));
  const outcome = el('select', { id: 'past-outcome' });
  const fields = {
    q: el('input', { id: 'past-q', type: 'search', maxlength: 200 }), drug: el('input', { id: 'past-drug', maxlength: 100 }),
    reason: el('select', { id: 'past-reason' }, el('option', { value: '' }, t('any')), reasons.map((reason) => el('option', { value: reason }, t(`reason.${reason}`)))),
    outcome, from: el('input', { id: 'past-from', type: 'date' }), to: el('input', { id: 'past-to', type: 'date' }),
  };
  const labels = /** @type {const} */ ({ q: 'pastWords', drug: 'drug', reason: 'reason', outcome: 'outcome', from: 'pastFrom', to: 'pastTo' });
  const form = el('form', { class: 'past-form', role: 'search', 'aria-label': t('page.past') },
    Object.entries(fields).map(([name, field]) => el('div', { class: `field field-${name}` }, el('label', { for: field.id }, t(labels[/** @type {keyof typeof labels} */ (name)])), field)),
    el('button', { type: 'submit', class: 'primary' }, t('search')));
  const list = el('ul', { class: 'past-list' });
  const more = button({ class: 'secondary small', hidden: true }, () => fetchFrom(next), t('more'));
  const take = button({ class: 'secondary small' }, takeOut, t('pastExport'));
  const results = el('div', {}, form, list, el('div', { class: 'past-row' }, more, tools.isAdministrator && take));
  const reading = el('div', { class: 'past-reading', hidden: true });
  /** @type {string | null} */ let next = null;
  append(body, [results, reading]);

  form.addEventListener('submit', (event) => {
    event.preventDefault();
    fetchFrom(null);
  });

  /** @param {string | null} before */
  function fetchFrom(before) {
    const query = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value.trim()]));
    load(() => api.get('/v1/desk/sessions', { ...query, before }), (answer) => {
      if (before === null) list.replaceChildren();
      append(list, answer.sessions.map(entry));
      next = answer.next ?? null;
      more.hidden = next === null;
      if (before === null) status.textContent = t(answer.sessions.length === 0 ? 'pastNone' : next ? 'pastMany' : 'pastCount', { count: answer.sessions.length });
    });
  }

  /** @param {Past} past */
  function entry(past) {
    const facts = [
      moment(past.opened, lang), t(`reason.${past.reason}`), past.outcome ? t(`outcome.${past.outcome}`) : t(`state.${past.state}`),
      past.assignee ? showControls(past.assignee.name) : null, past.context?.lang?.toUpperCase(),
    ].filter(Boolean);
    return el('li', {}, button({ class: 'past-entry' }, () => read(past.session),
      el('strong', {}, showControls(sessionName(past.session, medicine(null, past), t))), past.priority > 0 && el('span', { class: `priority priority-${past.priority}` }, t(`priority.${past.priority}`)),
      el('span', { class: 'soft' }, facts.join(' · '))));
  }

  /** Whoever looks into a session that is not theirs says why. @param {string} id @param {string} [reason] */
  async function fetchTranscript(id, reason) {
    try {
      return await api.get(`/v1/desk/sessions/${encodeURIComponent(id)}`, { reason });
    } catch (error) {
      if (!(error instanceof ApiFailed) || error.code !== 'reason_required') throw error;
      const why = await askFor({ title: t('reasonTitle'), text: t('reasonText'), input: t('reasonInput'), yes: t('open'), no: t('cancel') });
      return why ? withProof(api, t, () => api.get(`/v1/desk/sessions/${encodeURIComponent(id)}`, { reason: why })) : null;
    }
  }

  /** @param {string} id */
  function read(id) {
    load(() => fetchTranscript(id), (answer) => {
      if (!answer) return;
      const reader = { t, lang, myId: tools.myId };
      const title = el('h2', { tabindex: -1 }, showControls(sessionName(id, medicine(null, answer.session), t)));
      reading.replaceChildren(
        button({ class: 'secondary small' }, back, t('backToList')), title,
        el('p', { class: 'soft' }, [moment(answer.session.opened, lang), t(`reason.${answer.session.reason}`), answer.session.assignee ? showControls(answer.session.assignee.name) : ''].filter(Boolean).join(' · ')),
        el('div', { class: 'events' }, answer.events.filter((/** @type {import('./protocol.js').Event} */ event) => isShown(event, reader)).map((/** @type {import('./protocol.js').Event} */ event) => renderEvent(event, reader))),
        el('section', {}, el('h3', {}, t('notes')), answer.notes.length === 0 ? el('p', { class: 'soft' }, t('notesNone')) : el('ul', { class: 'notes' },
          answer.notes.map((/** @type {import('./protocol.js').Note} */ note) => el('li', { class: 'note' }, el('p', { class: 'note-head soft' }, `${showControls(note.by.name)} ${clock(note.at, lang)}`),
            el('p', { class: 'note-text', dir: 'auto', lang: langOf(note.text) }, showControls(note.text)))))),
        el('div', {}, answer.forms.map((/** @type {import('./protocol.js').Form} */ given) => renderForm(given, tools))));
      results.hidden = true;
      reading.hidden = false;
      title.focus();
    });
  }

  /** The server keeps the reading of it in the audit log and wants a fresh proof; the browser saves the file. */
  function takeOut() {
    const path = `/v1/desk/export?${new URLSearchParams({ from: fields.from.value, to: fields.to.value })}`;
    load(() => withProof(api, t, () => api.get(path)), (answer) => {
      if (answer !== null) saveAs('sessions.csv', String(answer));
    });
  }

  function back() {
    reading.hidden = true;
    results.hidden = false;
    reading.replaceChildren();
    fields.q.focus();
  }

  return {
    element,
    shown: () => {
      if (list.childElementCount === 0) fetchFrom(null);
    },
    update({ outcomes }) {
      if (outcome.childElementCount === outcomes.length + 1) return;
      outcome.replaceChildren(el('option', { value: '' }, t('any')), ...outcomes.map((value) => el('option', { value }, t(`outcome.${value}`))));
    },
  };
}

/** @param {string} name @param {string} text */
function saveAs(name, text) {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }));
  el('a', { href: url, download: name }).click();
  setTimeout(() => URL.revokeObjectURL(url), 1000);
}
