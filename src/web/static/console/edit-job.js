/** A publication or preview under way: how far it is, and what came of it. */

import { append, button, el } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';
import { renderProblems, whyNot } from './edit-parts.js';

const everyMs = 300;
/** Most changed answers that are drawn. */
const most = 50;

/** @typedef {import('./knowledge.js').Desk} Desk */

/** @param {Desk} desk @param {(job: any) => void} ended called once for each one that was followed to its end @param {boolean} [isBeside] whether what is served stands elsewhere on the page */
export function createJob({ t, api, goTo }, ended, isBeside = false) {
  const bar = el('progress', { 'aria-label': t('progress') });
  const words = el('p', { role: 'status' });
  const outcome = el('div', { class: 'job-outcome' });
  const element = el('section', { class: 'job', hidden: true }, words, bar, outcome);
  /** @type {any} */ let timer = null;

  async function follow() {
    clearTimeout(timer);
    element.hidden = false;
    outcome.replaceChildren();
    try {
      const { job, served } = await api.get('/v1/edit/publication');
      if (!job) return;
      const isTaken = job.ended?.result !== 'published' || served === job.ended.generation;
      show(isTaken ? job : { ...job, ended: null, stage: 'taking', of: 0 }, served);
      if (job.ended && isTaken) ended(job);
      else timer = setTimeout(follow, everyMs);
    } catch (error) {
      words.textContent = whyNot(t, error);
      timer = setTimeout(follow, 4 * everyMs);
    }
  }

  /** @param {any} job @param {number | null} served */
  function show(job, served) {
    element.hidden = false;
    bar.hidden = Boolean(job.ended);
    if (job.of > 0) {
      bar.max = job.of;
      bar.value = job.done;
    } else bar.removeAttribute('value');
    if (!job.ended) {
      const stage = t(`stage.${job.stage}`, { done: job.done, of: job.of });
      if (words.textContent !== stage) words.textContent = stage;
      return;
    }
    outcome.replaceChildren();
    const { ended: end } = job;
    words.textContent = t(`result.${end.result}`, { generation: end.generation ?? '', count: end.changes?.length ?? 0, asked: end.asked ?? 0 });
    append(outcome, [
      end.result === 'published' && el('p', {}, end.git_fault ? t('gitFault', { why: showControls(end.git_fault) }) : end.commit ? t('gitCommit', { hash: end.commit }) : t('gitNone')),
      end.result === 'published' && !isBeside && served !== null && el('p', { class: 'soft' }, t('servedNow', { generation: served })),
      end.result === 'published' && !isBeside && button({ class: 'secondary small' }, () => goTo('publishing'), t('edit.publishing')),
      end.result === 'faulty' && renderProblems(t, end.problems), end.result === 'failed' && el('p', {}, showControls(end.why)),
      (end.failed ?? []).length > 0 && el('section', {}, el('h3', {}, t('goldenFailed')), el('ul', { class: 'problems' }, end.failed.map((/** @type {any} */ one) => el('li', { class: 'problem problem-error' },
        el('strong', { dir: 'auto' }, showControls(one.ask)), el('p', {}, showControls(one.misses.join('; '))), el('p', { class: 'soft' }, one.at))))),
      end.result === 'previewed' && renderChanges(t, end.changes, end.hidden),
    ]);
  }
  return { element, follow, show, stop: () => clearTimeout(timer) };
}

/** Old and new answers side by side. @param {Desk['t']} t @param {any[]} changes @param {number} hidden */
function renderChanges(t, changes, hidden) {
  const said = (/** @type {string} */ title, /** @type {any} */ answer, /** @type {any} */ other) => el('div', { class: 'said-side' }, el('h4', {}, title),
    answer ? el('div', {}, el('p', { class: 'soft' }, [answer.kind, answer.handoff].filter(Boolean).join(' · ')), answer.quotes.map((/** @type {[string, string]} */ [article, text]) => el('blockquote', {
      class: other?.quotes.some((/** @type {[string, string]} */ [, known]) => known === text) ? 'said-quote' : 'said-quote is-new', dir: 'auto' }, el('p', {}, showControls(text)), el('cite', {}, article)))) : el('p', { class: 'soft' }, t('nothingServed')));
  return el('div', {}, changes.slice(0, most).map(({ ask, at, old, new: fresh }) => el('details', { class: 'change', open: changes.length < 4 }, el('summary', { dir: 'auto' }, showControls(ask), ' ', el('span', { class: 'soft' }, at)),
    el('div', { class: 'said-sides' }, said(t('answerNow'), old, fresh), said(t('answerThen'), fresh, old)))), changes.length > most && el('p', { class: 'soft' }, t('notListed', { count: changes.length - most })), hidden > 0 && el('p', { class: 'soft' }, t('hiddenChanges', { count: hidden })));
}
