/** Contact forms that visitors left: the new ones first, each until somebody has seen to it. */

import { append, button, el } from '../shared/dom.js';
import { createPage } from './page.js';
import { renderForm } from './side.js';

/** @param {import('./desk.js').Tools} tools @returns {import('./pages.js').View} */
export function createForms(tools) {
  const { t, api, actions } = tools;
  const { element, body, load } = createPage(t, t('page.forms'));
  let wanted = 'new';
  const filter = /** @type {const} */ (['new', 'done']).map((state) => button({ class: 'chip', 'aria-pressed': String(state === wanted) }, () => {
    wanted = state;
    fetchNow();
  }, t(`formState.${state}`)));
  const list = el('div', { class: 'form-list' });
  append(body, [el('div', { class: 'chips', role: 'group', 'aria-label': t('formFilter') }, filter), list]);
  /** The page's own tools: a form that is done leaves the list. */
  const here = { ...tools, actions: { ...actions, formDone: async (/** @type {import('./protocol.js').Form} */ form) => {
    const isDone = await actions.formDone(form);
    if (isDone) fetchNow();
    return isDone;
  } } };

  function fetchNow() {
    filter.forEach((chip, index) => chip.setAttribute('aria-pressed', String((index === 0) === (wanted === 'new'))));
    return load(() => api.get('/v1/desk/forms', { state: wanted }), ({ forms }) => {
      list.replaceChildren();
      append(list, forms.length > 0 ? forms.map((/** @type {import('./protocol.js').Form} */ form) => renderForm(form, here)) : [el('p', { class: 'soft' }, t('formsNone'))]);
    });
  }
  return { element, shown: () => { fetchNow(); } };
}
