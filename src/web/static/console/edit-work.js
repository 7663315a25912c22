/** The work list: errors, sources that disagree, newer labels, articles that are overdue or soon will be. */

import { append, button, el } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';

const kinds = /** @type {const} */ (['error', 'conflict', 'label', 'overdue', 'soon']);

/** @typedef {{kind: string, path: string, title: string | null, problem?: {message: string, hint: string, line: number}, day?: string, old?: number | null, new?: number, sections?: string[]}} Work */

/** @param {import('./knowledge.js').Desk} desk @returns {import('./knowledge.js').Part} */
export function createWork({ t, api, load, goTo }) {
  const element = el('div', {});

  /** @param {{work: Work[]}} answer */
  function draw({ work }) {
    element.replaceChildren();
    if (work.length === 0) append(element, [el('p', { class: 'soft' }, t('workNone'))]);
    for (const kind of kinds) {
      const own = work.filter((one) => one.kind === kind);
      if (own.length === 0) continue;
      append(element, [el('section', {}, el('h2', {}, `${t(`work.${kind}`)} (${own.length})`), el('ul', { class: 'edit-list' }, own.map(entry)))]);
    }
  }

  /** @param {Work} one */
  function entry({ kind, path, title, problem, day, old, new: fresh, sections }) {
    const words = problem ? problem.message : kind === 'label' ? t('labelNewer', { old: old ?? '?', new: fresh ?? '?' }) : t(kind === 'overdue' ? 'overdueSince' : 'dueOn', { day: day ?? '' });
    const open = button({ class: 'edit-entry' }, () => goTo('article', path), el('strong', {}, showControls(title ?? path)), el('span', { class: 'soft edit-entry-path' }, showControls(path)), el('span', { class: 'work-words' }, showControls(words)));
    append(open, [problem && el('span', { class: 'soft' }, showControls(problem.hint)), sections && sections.length > 0 && el('span', { class: 'soft' }, showControls(t('labelSections', { list: sections.slice(0, 12).join(' · ') })))]);
    return el('li', {}, open);
  }
  return { element, shown: () => { load(() => api.get('/v1/edit/work'), draw); } };
}
