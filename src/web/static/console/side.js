/** The right column: what is known of the visitor's page, their contact forms, and internal notes. */

import { append, button, el } from '../shared/dom.js';
import { keyedList } from '../shared/keyed.js';
import { showControls } from '../shared/markdown-dom.js';
import { clock, drugWords, langOf, moment } from './format.js';
import { medicine, personName } from './select.js';

/**
 * @typedef {import('./state.js').Session} Session
 * @typedef {import('./desk.js').Tools} Tools
 */

/** @param {Tools} tools */
export function createSide(tools) {
  const { t, lang, actions, drafts } = tools;
  /** @type {string | null} */ let shown = null;
  const facts = el('dl', { class: 'facts' });
  const forms = el('div', { class: 'side-forms' });
  const notes = el('ul', { class: 'notes' });
  const input = el('textarea', { id: 'note', rows: 2, 'aria-label': t('noteLabel'), placeholder: t('noteHint'), dir: 'auto' });
  const save = el('button', { type: 'submit', class: 'secondary small' }, t('noteSave'));
  const form = el('form', { class: 'note-form' }, input, save);
  const element = el('aside', { class: 'side', 'aria-label': t('details') },
    button({ class: 'text-button side-close' }, () => actions.showSide(false), t('back')),
    el('section', {}, el('h3', {}, t('visitor')), facts),
    forms,
    el('section', {}, el('h3', {}, t('notes')), el('p', { class: 'soft side-hint' }, t('notesHint')), notes, form));
  const drawNotes = keyedList(notes, (/** @type {import('./protocol.js').Note} */ { id }) => id, (note) => ({
    element: el('li', { class: 'note' }, el('p', { class: 'note-head soft' }, showControls(note.by.name), ' ', el('time', {}, clock(note.at, lang))),
      el('p', { class: 'note-text', dir: 'auto', lang: langOf(note.text) }, showControls(note.text))),
    update: () => {},
  }));

  input.addEventListener('input', () => { if (shown) drafts.of(shown).note = input.value; });
  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    const id = shown;
    if (!id || input.value.trim() === '') return;
    save.disabled = true;
    if (await actions.note(id, input.value.trim())) {
      drafts.of(id).note = '';
      if (shown === id) input.value = '';
    }
    save.disabled = false;
  });
  input.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) form.requestSubmit();
  });

  return {
    element,
    focusNote: () => input.focus(),
    /** @param {import('./state.js').State} state @param {Session} session */
    update(state, session) {
      if (session.id !== shown) {
        shown = session.id;
        input.value = drafts.of(session.id).note;
      }
      input.maxLength = state.limits.note_chars;
      facts.replaceChildren();
      append(facts, factsOf(state, session, tools));
      forms.replaceChildren(...session.forms.map((given) => renderForm(given, tools)));
      drawNotes(session.notes);
      form.hidden = session.over !== null;
    },
  };
}

/** @param {import('./state.js').State} state @param {Session} session @param {Tools} tools */
function factsOf(state, session, { t, lang }) {
  const { id, row, online, over } = session;
  const context = row?.context ?? {};
  /** @type {[string, string | null | undefined][]} */
  const facts = [
    [t('presence'), over !== null ? t('sessionOver') : t(online ? 'isOnline' : 'isAway')],
    [t('drug'), drugWords(medicine(session)) || null],
    [t('page'), context.page],
    [t('language'), context.lang === 'zh' ? '中文' : context.lang === 'en' ? 'English' : context.lang],
    [t('region'), context.region],
    [t('reason'), row ? t(`reason.${row.reason}`) : null],
    [t('assignee'), personName(state, row?.assignee)],
    [t('since'), row ? moment(row.since, lang) : null],
    [t('moves'), row && row.moves > 0 ? String(row.moves) : null],
    [t('session'), id],
  ];
  return facts.filter(([, value]) => value).flatMap(([name, value]) => [el('dt', {}, name), el('dd', { dir: 'auto' }, showControls(String(value)))]);
}

/** @param {import('./protocol.js').Form} form @param {Tools} tools */
export function renderForm(form, { t, lang, actions }) {
  /** @type {[string, string | null | undefined][]} */
  const fields = [
    [t('formName'), form.name], [t('formContact'), form.contact], [t('formPreferred'), form.preferred],
    [t('formService'), form.service], [t('formDue'), moment(form.due, lang)], [t('formText'), form.text],
  ];
  return el('section', { class: `form form-${form.state}` },
    el('h3', {}, t('form'), ' ', el('span', { class: 'soft' }, `${moment(form.at, lang)} · ${t(`formState.${form.state}`)}`)),
    el('dl', { class: 'facts' }, fields.filter(([, value]) => value).flatMap(([name, value]) => [el('dt', {}, name), el('dd', { dir: 'auto' }, showControls(String(value)))])),
    form.state === 'new' && button({ class: 'secondary small' }, () => actions.formDone(form), t('formDone')));
}
