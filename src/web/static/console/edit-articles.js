/** The tree of articles, with search: by medicine and folder, each with what is wrong and what is waiting. */

import { append, button, el, icon } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';
import { askFor } from './dialogs.js';
import { stateChip } from './edit-parts.js';
import { drugWords } from './format.js';

/** @typedef {{path: string, title: string | null, drug: string | null, topic: string | null, lang: string | null, status: string | null, rank: string | null, due: string | null, age: string, live: boolean, errors: number, warnings: number, drafts: string[]}} Listed */

/** @param {import('./knowledge.js').Desk} desk @returns {import('./knowledge.js').Part} */
export function createArticles(desk) {
  const { t, api, load, goTo } = desk;
  const field = el('input', { id: 'edit-search', type: 'search', autocomplete: 'off', placeholder: t('editSearchHint') });
  const form = el('form', { class: 'edit-search', role: 'search' }, el('label', { class: 'hidden-visually', for: 'edit-search' }, t('search')), field,
    el('button', { type: 'submit', class: 'secondary' }, t('search')), button({ class: 'secondary' }, begin, t('newArticle')));
  const count = el('p', { class: 'soft', role: 'status' });
  const tree = el('div', { class: 'edit-tree' });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    fetchNow();
  });

  function fetchNow() {
    const words = field.value.trim();
    return load(() => api.get('/v1/edit/articles', { q: words }), ({ articles, more }) => {
      count.textContent = t(more > 0 ? 'articlesMore' : 'articlesCount', { count: articles.length, more });
      draw(articles, words !== '');
    });
  }

  /** @param {Listed[]} articles @param {boolean} isSearch */
  function draw(articles, isSearch) {
    /** @type {Map<string, Listed[]>} */ const folders = new Map();
    for (const article of articles) {
      const parts = article.path.split('/');
      const folder = parts[0] === 'drugs' ? parts.slice(0, 2).join('/') : parts[0] ?? '';
      folders.set(folder, [...(folders.get(folder) ?? []), article]);
    }
    tree.replaceChildren();
    append(tree, [...folders].map(([folder, inside]) => {
      const name = folder.startsWith('drugs/') ? drugWords(folder.slice(6)) : t(`folder.${folder}`);
      const wrong = inside.some(({ errors }) => errors > 0);
      const details = el('details', { class: 'edit-folder', open: isSearch || folders.size < 4 || wrong },
        el('summary', {}, el('span', { class: 'edit-folder-name' }, showControls(name)), ' ', el('span', { class: 'soft' }, String(inside.length)), wrong && icon('alert')));
      details.append(el('ul', { class: 'edit-list' }, inside.map(entry)));
      return details;
    }));
  }

  /** @param {Listed} article */
  function entry({ path, title, topic, lang, status, age, live, errors, warnings, drafts }) {
    const facts = [topic, lang, status && status !== 'published' && t(`status.${status}`), !live && status === 'published' && t('notLive'),
      age !== 'fine' && t(`age.${age}`), errors > 0 && t('errorsCount', { count: errors }), warnings > 0 && t('warningsCount', { count: warnings })].filter(Boolean).join(' · ');
    const open = button({ class: 'edit-entry' }, () => goTo('article', path), el('strong', {}, showControls(title ?? path)), el('span', { class: 'soft edit-entry-path' }, showControls(path)));
    append(open, [facts !== '' && el('span', { class: errors > 0 ? 'edit-entry-facts is-wrong' : 'edit-entry-facts soft' }, facts), ...drafts.map((state) => stateChip(t, state))]);
    return el('li', {}, open);
  }

  async function begin() {
    const path = await askFor({ title: t('newArticle'), text: t('newArticleText'), input: t('newArticlePath'), yes: t('goOn'), no: t('cancel') });
    if (path) goTo('draft', `new:${path.endsWith('.md') ? path : `${path}.md`}`);
  }

  return { element: el('div', {}, form, count, tree), shown: () => { fetchNow(); } };
}
