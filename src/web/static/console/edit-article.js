/** One article: as it reads, its source, its problems, its versions, where it was quoted; and from here on to a draft or a recall. */

import { append, button, el } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';
import { renderDiff } from './edit-diff.js';
import { createSwitch, renderArticle, renderProblems, stateChip, whyNot } from './edit-parts.js';
import { showRecall } from './edit-recall.js';
import { drugWords, moment } from './format.js';

/** @typedef {import('./knowledge.js').Desk} Desk */
/** @typedef {{version: string, generations: number[], since: string | null, text: string}} Version */

/** @param {Desk} desk @param {string} path @returns {import('./knowledge.js').Part} */
export function createArticle(desk, path) {
  const { t, api, lang, load, goTo, say } = desk;
  const element = el('div', { class: 'edit-article' });

  function fetchNow() {
    return load(() => api.get('/v1/edit/article', { path }), draw);
  }

  /** @param {any} article */
  function draw(article) {
    const title = el('h2', { tabindex: -1 }, showControls(article.title ?? path));
    const isLive = article.version !== null && article.version === article.live;
    const facts = [path, article.status && t(`status.${article.status}`), t(isLive ? 'isLive' : 'notLive'), article.due && t(article.overdue ? 'overdueSince' : 'dueOn', { day: article.due })].filter(Boolean).join(' · ');
    const views = createSwitch(t('articleViews'), [
      { name: 'text', label: t('viewText'), render: () => (article.text === null ? el('p', { class: 'soft' }, t('noFile')) : renderArticle(t, article.text)) },
      { name: 'source', label: t('viewSource'), render: () => source(article.text ?? '') },
      { name: 'problems', label: `${t('problems')} (${article.problems.length})`, render: () => renderProblems(t, article.problems) },
      { name: 'versions', label: `${t('versions')} (${article.versions.length})`, render: () => versions(article) },
      { name: 'quoted', label: t('quotedWeek'), render: () => quoted(article.quoted) },
    ]);
    views.show('text');
    element.replaceChildren();
    append(element, [
      button({ class: 'secondary small' }, () => goTo('articles'), t('backToList')), title, el('p', { class: 'soft edit-facts' }, showControls(facts)),
      article.drafts.length > 0 && el('ul', { class: 'edit-list' }, article.drafts.map((/** @type {any} */ draft) => el('li', {}, button({ class: 'edit-entry' }, () => goTo('draft', draft.id),
        el('strong', {}, t('draftOf', { name: draft.author.name })), el('span', { class: 'soft' }, showControls(draft.note)), stateChip(t, draft.state))))),
      el('div', { class: 'edit-actions' }, button({ class: 'primary' }, () => begin(article.text ?? '', article.version ?? ''), t('beginDraft')),
        isLive && el('a', { class: 'button-link', href: `/knowledge/${path.replace(/\.md$/, '').split('/').map(encodeURIComponent).join('/')}`, target: '_blank', rel: 'noopener' }, t('openPage'))),
      views.element,
    ]);
    title.focus();
  }

  /** @param {string} text */
  function source(text) {
    return el('pre', { class: 'edit-source', tabindex: 0, role: 'group', 'aria-label': t('viewSource') }, showControls(text));
  }

  /** @param {{version: string | null, live: string | null, versions: Version[]}} article */
  function versions({ version, live, versions: all }) {
    if (all.length === 0) return el('p', { class: 'soft' }, t('versionsNone'));
    return el('ol', { class: 'edit-versions' }, all.map((known, index) => {
      const older = all[index + 1];
      const compare = el('details', {}, el('summary', {}, t(older ? 'compareBefore' : 'viewSource')), older ? renderDiff(older.text, known.text, t) : source(known.text));
      const entry = el('li', { class: 'edit-version' },
        el('p', {}, el('strong', {}, t('inGenerations', { list: known.generations.join(', ') })), ' ', known.version === live && el('span', { class: 'draft-state draft-published' }, t('isLive'))),
        el('p', { class: 'soft' }, [known.since && t('servedSince', { time: moment(known.since, lang) }), known.version.slice(0, 19)].filter(Boolean).join(' · ')), compare);
      const actions = el('div', { class: 'edit-actions' }, button({ class: 'secondary small' }, () => showRecall(desk, path, known.version), t('recallOpen')));
      if (known.version !== version) append(actions, [button({ class: 'secondary small' }, () => begin(known.text, version ?? ''), t('beginFrom'))]);
      entry.append(actions);
      return entry;
    }));
  }

  /** @param {{sessions: number | null, passages: {name: string, sessions: number}[], pages: {name: string, sessions: number}[]}} where */
  function quoted({ sessions, passages, pages }) {
    const list = (/** @type {string} */ title, /** @type {{name: string, sessions: number}[]} */ rows) => (rows.length === 0 ? null
      : el('section', {}, el('h3', {}, title), el('ul', {}, rows.map(({ name, sessions: count }) => el('li', {}, `${showControls(drugWords(name))}: ${count}`)))));
    const box = el('div', {});
    append(box, [el('p', {}, sessions === null ? t('quotedFew') : t('quotedIn', { count: sessions })), list(t('quotedPassages'), passages), list(t('quotedPages'), pages), el('p', { class: 'soft' }, t('quotedHint'))]);
    return box;
  }

  /** @param {string} text @param {string} base the version in the folder that it takes the place of */
  async function begin(text, base) {
    try {
      const { draft } = await api.post('/v1/edit/drafts', { path, base, text, note: '' });
      goTo('draft', draft.id);
    } catch (error) {
      say(whyNot(t, error));
    }
  }

  return { element, shown: () => { fetchNow(); } };
}
