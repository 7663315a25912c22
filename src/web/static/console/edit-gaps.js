/** Gaps: what visitors asked and did not get, by medicine and topic; nothing that only a few share. */

import { append, button, el } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';
import { askFor } from './dialogs.js';
import { drugWords } from './format.js';

const spans = /** @type {const} */ ([7, 30, 90]);

/** @typedef {{drug: string | null, topic: string | null, sessions: number, signs: Record<string, number | null>, questions: {text: string, sessions: number}[]}} Gap */

/** @param {import('./knowledge.js').Desk} desk @returns {import('./knowledge.js').Part} */
export function createGaps({ t, api, load, goTo }) {
  let days = 30;
  const chips = spans.map((span) => button({ class: 'chip', 'aria-pressed': String(span === days) }, () => {
    days = span;
    fetchNow();
  }, t('lastDays', { count: span })));
  const hint = el('p', { class: 'soft' });
  const list = el('ul', { class: 'gaps' });

  function fetchNow() {
    chips.forEach((chip, index) => chip.setAttribute('aria-pressed', String(spans[index] === days)));
    return load(() => api.get('/v1/edit/gaps', { days }), draw);
  }

  /** @param {{gaps: Gap[], others: number | null, least: number, shows_questions: boolean}} answer */
  function draw({ gaps, others, least, shows_questions: shows }) {
    hint.textContent = [t('gapsHint', { count: least }), t(shows ? 'gapsShown' : 'gapsHidden')].join(' ');
    list.replaceChildren();
    append(list, gaps.map((gap) => entry(gap, least)));
    if (gaps.length === 0) append(list, [el('li', { class: 'soft' }, t('gapsNone'))]);
    if (others !== 0) append(list, [el('li', { class: 'soft' }, others === null ? t('gapsOthersFew', { count: least }) : t('gapsOthers', { count: others }))]);
  }

  /** @param {Gap} gap @param {number} least */
  function entry({ drug, topic, sessions, signs, questions }, least) {
    const name = [drug ? drugWords(drug) : t('noDrug'), topic ?? t('noTopic')].join(' · ');
    const element = el('li', { class: 'gap' }, el('h3', {}, showControls(name), ' ', el('span', { class: 'soft' }, t('gapSessions', { count: sessions }))),
      el('p', { class: 'gap-signs' }, Object.entries(signs).filter(([, count]) => count !== 0).map(([sign, count]) => el('span', { class: 'priority' }, `${t(`sign.${sign}`)}: ${count === null ? `< ${least}` : count}`))));
    append(element, [questions.length > 0 && el('ul', {}, questions.map(({ text, sessions: count }) => el('li', { dir: 'auto' }, showControls(text), ' ', el('span', { class: 'soft' }, t('gapSessions', { count }))))),
      el('div', { class: 'edit-actions' }, button({ class: 'secondary small' }, () => write(drug, topic), t('writeArticle')), drug && button({ class: 'link' }, () => goTo('bench'), t('edit.bench')))]);
    return element;
  }

  /** The new article takes medicine and topic from here, and no word of any visitor. @param {string | null} drug @param {string | null} topic */
  async function write(drug, topic) {
    const place = drug ? `drugs/${drug}/${topic ?? 'article'}` : `general/${topic ?? 'article'}`;
    const path = await askFor({ title: t('newArticle'), text: t('writeText', { place }), options: [{ value: `${place}.md`, label: place }, { value: `${place}-2.md`, label: `${place}-2` }], yes: t('goOn'), no: t('cancel') });
    if (path) goTo('draft', `new:${path}`);
  }
  return { element: el('div', {}, el('div', { class: 'chips', role: 'group', 'aria-label': t('gapsSpan') }, chips), hint, list), shown: () => { fetchNow(); } };
}
