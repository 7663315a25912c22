/** The list of drafts: those that wait for somebody, and those that are over. */

import { append, button, el } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';
import { stateChip } from './edit-parts.js';
import { moment } from './format.js';

/** @param {import('./knowledge.js').Desk} desk @returns {import('./knowledge.js').Part} */
export function createDrafts({ t, api, lang, load, goTo }) {
  let wanted = 'open';
  const filter = /** @type {const} */ (['open', 'over']).map((state) => button({ class: 'chip', 'aria-pressed': String(state === wanted) }, () => {
    wanted = state;
    fetchNow();
  }, t(`drafts.${state}`)));
  const list = el('ul', { class: 'edit-list' });

  function fetchNow() {
    filter.forEach((chip, index) => chip.setAttribute('aria-pressed', String((index === 0) === (wanted === 'open'))));
    return load(() => api.get('/v1/edit/drafts', { state: wanted }), ({ drafts }) => {
      list.replaceChildren();
      append(list, drafts.length === 0 ? [el('li', { class: 'soft' }, t('draftsNone'))] : drafts.map((/** @type {any} */ draft) => {
        const facts = [draft.path, draft.author.name, moment(draft.changed, lang), draft.generation && t('inGenerations', { list: draft.generation })].filter(Boolean).join(' · ');
        return el('li', {}, button({ class: 'edit-entry' }, () => goTo('draft', draft.id), el('strong', {}, showControls(draft.note || draft.path)), el('span', { class: 'soft' }, showControls(facts)), stateChip(t, draft.state)));
      }));
    });
  }
  return { element: el('div', {}, el('div', { class: 'chips', role: 'group', 'aria-label': t('draftsFilter') }, filter), list), shown: () => { fetchNow(); } };
}
