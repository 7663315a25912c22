/** The editors' pages: articles, drafts, test bench, gaps, work list, publishing. The address says which one is open, so that a reload comes back to it. */

import { append, button, el } from '../shared/dom.js';
import { createArticle } from './edit-article.js';
import { createArticles } from './edit-articles.js';
import { createBench } from './edit-bench.js';
import { createDraft } from './edit-draft.js';
import { createDrafts } from './edit-drafts.js';
import { createGaps } from './edit-gaps.js';
import { createPublishing } from './edit-publishing.js';
import { createWork } from './edit-work.js';
import { createPage } from './page.js';
import { UnsavedTexts } from './unsaved.js';

/**
 * @typedef {{name: string, subject: string}} Place
 * @typedef {object} Desk what every editors' page may use
 * @property {import('./words.js').Translate} t
 * @property {import('../shared/i18n.js').Lang} lang
 * @property {import('./api.js').Api} api
 * @property {boolean} isAdministrator
 * @property {UnsavedTexts} unsaved
 * @property {(name: string, subject?: string) => void} goTo
 * @property {(words: string) => void} say shown and told to screen readers
 * @property {ReturnType<typeof createPage>['load']} load
 *
 * @typedef {{element: HTMLElement, shown?: () => void, hidden?: () => void}} Part
 */

const tabs = /** @type {const} */ (['articles', 'drafts', 'bench', 'gaps', 'work', 'publishing']);
const address = /^#\/(\w+)(?:\/(.+))?$/;

/** @param {Pick<import('./desk.js').Tools, 't' | 'lang' | 'api' | 'isAdministrator'>} tools @returns {import('./pages.js').View} */
export function createKnowledge({ t, lang, api, isAdministrator }) {
  const page = createPage(t, t('page.knowledge'));
  const chips = tabs.map((name) => ({ name, element: button({ class: 'chip' }, () => goTo(name), t(`edit.${name}`)) }));
  const holder = el('div', { class: 'edit' });
  append(page.body, [el('nav', { class: 'chips edit-tabs', 'aria-label': t('editPages') }, chips.map(({ element }) => element)), holder]);
  /** @type {Desk} */
  const desk = {
    t, lang, api, isAdministrator, unsaved: new UnsavedTexts(() => window.localStorage), goTo, load: page.load,
    say: (words) => { page.status.textContent = words; },
  };
  /** @type {Record<string, (subject: string) => Part>} */
  const makers = {
    articles: () => createArticles(desk), article: (path) => createArticle(desk, path), drafts: () => createDrafts(desk), draft: (id) => createDraft(desk, id),
    bench: (draft) => createBench(desk, draft), gaps: () => createGaps(desk), work: () => createWork(desk), publishing: () => createPublishing(desk),
  };
  /** @type {Part | null} */ let current = null;

  /** @param {string} name @param {string} [subject] */
  function goTo(name, subject = '') {
    const wanted = `#/${name}${subject === '' ? '' : `/${encodeURIComponent(subject)}`}`;
    if (window.location.hash === wanted) show();
    else window.location.hash = wanted;
  }

  /** @returns {Place} */
  function place() {
    const [, name = 'articles', subject = ''] = address.exec(window.location.hash) ?? [];
    return makers[name] ? { name, subject: decoded(subject) } : { name: 'articles', subject: '' };
  }

  function show() {
    current?.hidden?.();
    const { name, subject } = place();
    const group = name === 'article' ? 'articles' : name === 'draft' ? 'drafts' : name;
    for (const chip of chips) {
      if (chip.name === group) chip.element.setAttribute('aria-current', 'page');
      else chip.element.removeAttribute('aria-current');
    }
    page.status.replaceChildren();
    current = (makers[name] ?? makers.articles)?.(subject) ?? null;
    holder.replaceChildren();
    append(holder, [current?.element]);
    page.element.scrollTop = 0;
    current?.shown?.();
  }

  function follow() {
    if (page.element.isConnected) show();
    else window.removeEventListener('hashchange', follow);
  }

  return {
    element: page.element,
    shown() {
      window.addEventListener('hashchange', follow);
      show();
    },
    hidden() {
      window.removeEventListener('hashchange', follow);
      current?.hidden?.();
      if (isEditing()) window.history.replaceState(null, '', window.location.pathname);
    },
  };
}

/** Whether the address names an editors' page. */
export function isEditing() {
  return address.test(window.location.hash);
}

/** @param {string} text */
function decoded(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return '';
  }
}
