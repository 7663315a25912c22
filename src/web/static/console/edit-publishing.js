/** What is served, what was served when, and the way back. */

import { append, button, el } from '../shared/dom.js';
import { askFor } from './dialogs.js';
import { createJob } from './edit-job.js';
import { whyNot } from './edit-parts.js';
import { moment } from './format.js';

/** @param {import('./knowledge.js').Desk} desk @returns {import('./knowledge.js').Part} */
export function createPublishing(desk) {
  const { t, api, lang, load, say } = desk;
  const job = createJob(desk, () => { fetchNow(); }, true);
  const now = el('p', { class: 'edit-served' });
  const actions = el('div', { class: 'edit-actions' });
  const rows = el('tbody', {});
  const element = el('div', {}, now, actions, job.element, el('h2', {}, t('history')), el('div', { class: 'table-frame', tabindex: 0, role: 'group', 'aria-label': t('history') },
    el('table', { class: 'table table-narrow' }, el('thead', {}, el('tr', {}, el('th', { scope: 'col' }, t('auditAt')), el('th', { scope: 'col' }, t('generation')), el('th', { scope: 'col' }, t('knowledgeHash')))), rows)));

  function fetchNow() {
    return load(() => api.get('/v1/edit/publication'), draw);
  }

  /** @param {{job: any, served: number | null, earlier: number | null, history: {generation: number, at: string, knowledge: string}[]}} answer */
  function draw({ job: known, served, earlier, history }) {
    now.textContent = served === null ? t('nothingServed') : t('servedNow', { generation: served });
    actions.replaceChildren();
    append(actions, [earlier !== null && served !== null ? button({ class: 'secondary' }, () => rollBack(served, earlier), t('rollBack', { generation: earlier })) : el('p', { class: 'soft' }, t('rollBackNone'))]);
    rows.replaceChildren();
    append(rows, history.map(({ generation, at, knowledge }) => el('tr', {}, el('td', {}, moment(at, lang)), el('td', {}, String(generation)), el('td', {}, el('code', {}, knowledge.slice(0, 12))))));
    if (known && !known.ended) job.follow();
    else if (known) job.show(known, served);
  }

  /** @param {number} generation @param {number} earlier */
  async function rollBack(generation, earlier) {
    const why = await askFor({ title: t('rollBack', { generation: earlier }), text: t('rollBackText', { generation }), input: t('reasonInput'), yes: t('rollBackYes'), no: t('cancel') });
    if (!why) return;
    try {
      const answer = await api.post('/v1/edit/rollback', { generation, why });
      await serves(answer.generation);
      say(t('rolledBack', { generation: answer.generation }));
    } catch (error) {
      await fetchNow();
      say(whyNot(t, error));
    }
  }

  /** Waits until this server has taken the generation up. @param {number} generation */
  async function serves(generation) {
    for (let turn = 0; turn < 40; turn += 1) {
      const { served } = await api.get('/v1/edit/publication');
      if (served === generation) break;
      await new Promise((resolve) => { setTimeout(resolve, 250); });
    }
    await fetchNow();
  }
  return { element, shown: () => { fetchNow(); }, hidden: () => job.stop() };
}
