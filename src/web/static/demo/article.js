/** Draws one article of the demonstration site. */

import { el, httpsOnly, outsideLink } from '../shared/dom.js';
import { formatDay, langTag, toLang } from '../shared/i18n.js';
import { renderMarkdown, showControls } from '../shared/markdown-dom.js';
import { drugName } from './knowledge.js';
import { say, sayOr, topicOrder } from './words.js';

/**
 * @typedef {import('../shared/i18n.js').Lang} Lang
 * @typedef {import('./knowledge.js').Article} Article
 * @typedef {import('./knowledge.js').Catalog} Catalog
 * @typedef {(id: string, ...children: (Node | string)[]) => HTMLAnchorElement} Link
 */

/** @param {Article} article @param {Catalog} catalog @param {Lang} lang @param {Link} link */
export function renderArticle(article, catalog, lang, link) {
  const drug = catalog.drug(article.drug);
  const articleLang = toLang(article.lang);
  return el('article', { 'aria-labelledby': 'article-title' },
    el('nav', { class: 'crumbs', 'aria-label': say(lang, 'crumbs') },
      drug && el('span', {}, sayOr(lang, `category.${drug.category}`, drug.category)),
      drug && crumb(catalog.firstOf(drug.slug, lang)?.id, drugName(drug, lang), link),
      !drug && el('span', {}, say(lang, 'services'))),
    el('h1', { id: 'article-title', tabindex: -1, lang: langTag(articleLang) }, showControls(article.title)),
    articleLang !== lang && el('p', { class: 'article-notice' }, say(lang, 'onlyOther')),
    el('div', { class: 'article-body', lang: langTag(articleLang) }, renderPassages(article, lang)),
    renderOrigin(article, lang),
    renderRelated(article, lang, link));
}

/** @param {string | undefined} id @param {string} name @param {Link} link */
function crumb(id, name, link) {
  return id === undefined ? el('span', {}, name) : link(id, name);
}

/** @param {Article} article @param {Lang} lang */
function renderPassages(article, lang) {
  /** @type {string[]} */ let path = [];
  return article.passages.map((passage) => {
    const heading = passage.heading.filter((name) => name !== article.title);
    const shared = heading.findIndex((name, depth) => name !== path[depth]);
    const fresh = shared < 0 ? [] : heading.slice(shared);
    const depth = heading.length - fresh.length;
    path = heading;
    return el('section', { class: 'passage', id: `passage-${passage.anchor}`, tabindex: -1 },
      fresh.map((name, index) => el(depth + index === 0 ? 'h2' : depth + index === 1 ? 'h3' : 'h4', {}, showControls(name))),
      renderMarkdown(passage.text, say(lang, 'table')));
  });
}

/** @param {Article} article @param {Lang} lang */
function renderOrigin(article, lang) {
  const address = httpsOnly(article.source_url);
  /** @type {[string, (Node | string)[]][]} */
  const facts = [
    [say(lang, 'source'), [el('span', { lang: langTag(article.lang) }, showControls(article.source)), ...(address ? [' ', outsideLink(address, say(lang, 'sourcePage'))] : [])]],
    [say(lang, 'published'), [formatDay(article.published, lang)]],
    [say(lang, 'reviewed'), [formatDay(article.reviewed, lang)]],
    ...(article.review_by ? [/** @type {[string, string[]]} */ ([say(lang, 'reviewBy'), [formatDay(article.review_by, lang)]])] : []),
    [say(lang, 'markets'), [article.markets?.length > 0 ? article.markets.join(', ') : say(lang, 'everywhere')]],
    [say(lang, 'version'), [el('code', {}, article.version.replace(/^sha256:/, '').slice(0, 12))]],
  ];
  return el('dl', { class: 'origin' }, facts.map(([name, value]) => el('div', {}, el('dt', {}, name), el('dd', {}, value))));
}

/** @param {Article} article @param {Lang} lang @param {Link} link */
function renderRelated(article, lang, link) {
  return article.related.length > 0 && el('section', { class: 'more-articles', 'aria-labelledby': 'related-title' },
    el('h2', { id: 'related-title' }, say(lang, 'related')),
    el('ul', {}, article.related.map(({ id, title }) => el('li', {}, link(id, title)))));
}

/** The list of a drug's articles beside the article. @param {Article} article @param {Catalog} catalog @param {Lang} lang @param {Link} link */
export function renderTopics(article, catalog, lang, link) {
  const drug = catalog.drug(article.drug);
  const entries = drug ? catalog.ofDrug(drug.slug, lang) : catalog.ofSite(lang);
  const isMain = (/** @type {import('./knowledge.js').Entry} */ { id, topic }) => id.replace(/\.zh$/, '').endsWith(`/${topic}`);
  const rank = (/** @type {import('./knowledge.js').Entry} */ { topic }) => topicOrder.indexOf(topic ?? '') + 1 || 99;
  const main = drug ? entries.filter(isMain).sort((a, b) => rank(a) - rank(b)) : entries;
  const others = entries.filter((entry) => !main.includes(entry));
  const list = (/** @type {typeof entries} */ some) => el('ul', {}, some.map((entry) => {
    const item = link(entry.id, drug && main.includes(entry) ? sayOr(lang, `topic.${entry.topic}`, entry.title) : entry.title);
    item.lang = langTag(main.includes(entry) && drug ? lang : entry.lang);
    if (entry.id === article.id) item.setAttribute('aria-current', 'page');
    return el('li', {}, item);
  }));
  return [
    el('p', { class: 'topics-drug' }, drug ? drugName(drug, lang) : say(lang, 'services'), drug && drug.brands.length > 0 && el('span', {}, drug.brands.join(', '))),
    list(main),
    others.length > 0 && el('p', { class: 'label' }, say(lang, 'otherSources')),
    others.length > 0 && list(others),
  ];
}
