/** On the way to a person: the place in the queue, whether somebody types, and the form for contact details. */

import { append, button, el, icon } from '../shared/dom.js';
import { say } from '../shared/keyed.js';
import { showControls } from '../shared/markdown-dom.js';
import { RequestFailed } from '../shared/requests.js';
import { consentVersion } from './consent.js';
import { isPersonWord, personWords, services } from './person-words.js';

/** @typedef {(fields: object) => Promise<unknown>} SendForm resolves when the server has the form */

/** After so long without another sign, nobody is typing any more. */
const typingMs = 5_000;

/** @param {import('../shared/i18n.js').Lang} lang @param {SendForm} sendForm */
export function createPerson(lang, sendForm) {
  const word = personWords(lang);
  const place = el('p', { class: 'person-place', role: 'status' });
  const typing = el('p', { class: 'person-typing', role: 'status' });
  const form = renderForm(lang, sendForm, () => show(false));
  const open = button({ class: 'secondary small person-open' }, () => show(true), icon('person'), word('open'));
  const element = el('div', { class: 'person' }, typing, place, open, form.element);

  let signs = 0;
  /** @type {any} */ let timer = null;

  /** @param {number} seen */
  function sawTyping(seen) {
    if (seen === signs) return;
    signs = seen;
    clearTimeout(timer);
    typing.textContent = seen > 0 ? word('typing') : '';
    if (seen > 0) timer = setTimeout(() => { typing.textContent = ''; }, typingMs);
  }

  /** @param {boolean} isShown */
  function show(isShown) {
    form.element.hidden = !isShown;
    open.hidden = isShown;
    if (isShown) form.focus();
    else open.focus();
  }

  return {
    element,
    identify: form.identify,
    /** @param {import('./state.js').State} state */
    update(state) {
      say(place, state.consultant ? word('with', { name: showControls(state.consultant) }) : placeWords(state.place, word));
      sawTyping(state.typings);
      if (!state.isFormOffered) form.element.hidden = true;
      open.hidden = !state.isFormOffered || !form.element.hidden;
    },
  };
}

/** @param {import('../shared/protocol.js').QueuePlace | null} place @param {ReturnType<typeof personWords>} word */
function placeWords(place, word) {
  if (!place) return '';
  const minutes = place.expected_seconds === null ? null : Math.max(1, Math.round(place.expected_seconds / 60));
  return [word('position', { position: place.position }), place.on_duty > 0 ? word('onDuty', { count: place.on_duty }) : word('nobody'),
    minutes !== null && place.on_duty > 0 ? word('expected', { minutes }) : ''].join(' ').trim();
}

/** @param {import('../shared/i18n.js').Lang} lang @param {SendForm} sendForm @param {() => void} close */
function renderForm(lang, sendForm, close) {
  const word = personWords(lang);
  const fields = {
    name: el('input', { id: 'form-name', autocomplete: 'name', maxlength: 200, required: true }),
    contact: el('input', { id: 'form-contact', autocomplete: 'email', maxlength: 200, required: true }),
    preferred: el('input', { id: 'form-preferred', maxlength: 200 }),
    service: el('select', { id: 'form-service' }, el('option', { value: '' }, word('choose')), services.map((service) => el('option', { value: service }, word(`service.${service}`)))),
    text: el('textarea', { id: 'form-text', rows: 2, maxlength: 2000 }),
  };
  const agree = el('input', { type: 'checkbox', id: 'form-consent' });
  const status = el('p', { class: 'person-status', role: 'alert' });
  const send = el('button', { type: 'submit', class: 'primary small' }, word('send'));
  const form = el('form', { class: 'person-form', novalidate: true, hidden: true, 'aria-labelledby': 'form-title' });
  append(form, [el('h3', { id: 'form-title' }, word('title')),
    Object.entries(fields).map(([name, field]) => el('div', {}, el('label', { for: field.id }, word(/** @type {keyof typeof fields} */ (name))), field)),
    el('label', { class: 'person-consent', for: 'form-consent' }, agree, el('span', {}, word('consent'))), status,
    el('div', { class: 'person-row' }, button({ class: 'secondary small' }, close, word('cancel')), send)]);

  form.addEventListener('submit', async (event) => {
    event.preventDefault();
    if (!agree.checked) {
      status.textContent = word('consentNeeded');
      return agree.focus();
    }
    send.disabled = true;
    status.textContent = word('sending');
    try {
      const values = Object.fromEntries(Object.entries(fields).map(([name, field]) => [name, field.value.trim()]));
      await sendForm({ consent: { version: consentVersion, lang }, ...values });
      form.reset();
      status.textContent = '';
    } catch (error) {
      const field = error instanceof RequestFailed ? error.field : null;
      const wrong = `wrong.${field}`;
      status.textContent = isPersonWord(wrong) ? word(wrong) : word('failed');
      if (field && field in fields) fields[/** @type {keyof typeof fields} */ (field)].focus();
    } finally {
      send.disabled = false;
    }
  });
  /** Fills in what the host page knows; the visitor sees it and sends it, or not. @param {Record<string, string>} person */
  function identify({ name, contact }) {
    fields.name.value ||= name ?? '';
    fields.contact.value ||= contact ?? '';
  }
  return { element: form, identify, focus: () => fields.name.focus() };
}
