/** The demonstration page: an article of a drug site, with the chat as any site embeds it. */

import { emergencyLine } from '../chat/emergency.js';
import { append, button, el } from '../shared/dom.js';
import { langTag, toLang, translator } from '../shared/i18n.js';
import { renderArticle, renderTopics } from './article.js';
import { renderBrowse } from './browse.js';
import { Catalog, FetchFailed, drugName, fetchArticle, fetchCatalog } from './knowledge.js';
import { say, sayOr } from './words.js';

/** @typedef {import('../shared/i18n.js').Lang} Lang */
/** @typedef {import('./knowledge.js').Article} Article */

const defaultArticle = 'drugs/inotuzumab-ozogamicin/side-effects';
const parameters = new URLSearchParams(window.location.search);

/** @type {Lang} */ let lang = toLang(parameters.get('lang') ?? navigator.language);
let wantedId = parameters.get('article') ?? defaultArticle;
/** @type {Article | null} */ let article = null;
let catalog = new Catalog([], []);

/** @param {string} id @returns {HTMLElement} */
function part(id) {
  const element = document.getElementById(id);
  if (!element) throw new Error(`the page has no #${id}`);
  return element;
}

/** The chat's commands; until its loader has come they wait in a queue. @param {any[]} call */
function eider(...call) {
  const page = /** @type {any} */ (window);
  page.eider ??= Object.assign((/** @type {any[]} */ ...early) => page.eider.q.push(early), { q: [] });
  page.eider(...call);
}

/** The chat learns which medicine the page is about. */
function tellContext() {
  const drug = catalog.drug(article?.drug);
  eider('setContext', { drug: drug?.slug ?? null, drugName: drug && drugName(drug, lang), page: article?.id ?? null, region: parameters.get('region') });
}

/** @param {string} id */
function addressOf(id) {
  return `/?${new URLSearchParams({ article: id, lang })}`;
}

/** A real link that loads its article without leaving the page. @type {import('./article.js').Link} */
function link(id, ...children) {
  const anchor = el('a', { href: addressOf(id) }, ...children);
  anchor.addEventListener('click', (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button !== 0) return;
    event.preventDefault();
    visit(id);
  });
  return anchor;
}

/** @param {string} id */
async function visit(id) {
  showBrowse(false);
  history.pushState(null, '', addressOf(id));
  await load(id);
  window.scrollTo(0, 0);
  document.getElementById('article-title')?.focus({ preventScroll: true });
}

/** @param {string} id */
async function load(id) {
  wantedId = catalog.inLang(id, lang);
  const isStillWanted = ((wanted) => () => wanted === wantedId)(wantedId);
  const place = part('article');
  place.setAttribute('aria-busy', 'true');
  try {
    const loaded = await fetchArticle(wantedId);
    if (!isStillWanted()) return;
    article = loaded;
    draw();
    tellContext();
  } catch (error) {
    if (isStillWanted()) drawFailure(error instanceof FetchFailed && error.status === 404);
  } finally {
    place.removeAttribute('aria-busy');
  }
}

function draw() {
  if (!article) return;
  const topics = part('topics');
  document.title = `${article.title} · ${say(lang, 'siteTitle')}`;
  part('article').replaceChildren(renderArticle(article, catalog, lang, link));
  topics.replaceChildren();
  append(topics, renderTopics(article, catalog, lang, link));
}

/** @param {boolean} isMissing */
function drawFailure(isMissing) {
  article = null;
  part('topics').replaceChildren();
  part('article').replaceChildren(el('div', { class: 'article-failure', role: 'alert' },
    el('p', {}, say(lang, isMissing ? 'missing' : 'failed')),
    isMissing ? link(defaultArticle, say(lang, 'home')) : button({ class: 'secondary' }, () => load(wantedId), say(lang, 'retry'))));
}

/** Brings the passage of a quote before the reader's eyes. @param {string} id @param {string | null} anchor */
async function showPassage(id, anchor) {
  if (window.matchMedia('(max-width: 767px)').matches) eider('close');
  if (article?.id !== id) {
    history.pushState(null, '', addressOf(id));
    wantedId = id;
    try {
      article = await fetchArticle(id);
    } catch (error) {
      return drawFailure(error instanceof FetchFailed && error.status === 404);
    }
    draw();
    tellContext();
  }
  const section = anchor === null ? document.getElementById('article-title') : document.getElementById(`passage-${anchor}`);
  document.querySelectorAll('.passage.marked').forEach((marked) => marked.classList.remove('marked'));
  section?.classList.add('marked');
  section?.scrollIntoView({ block: 'center' });
  section?.focus({ preventScroll: true });
}

/** @param {boolean} isOpen */
function showBrowse(isOpen) {
  part('browse').hidden = !isOpen;
  part('browse-toggle').setAttribute('aria-expanded', String(isOpen));
}

/** @param {Lang} next */
function switchLang(next) {
  lang = next;
  history.replaceState(null, '', addressOf(catalog.inLang(wantedId, lang)));
  drawWords();
  eider('setLang', lang);
  load(wantedId);
}

function drawWords() {
  document.documentElement.lang = langTag(lang);
  for (const element of document.querySelectorAll('[data-word]')) {
    element.textContent = sayOr(lang, element.getAttribute('data-word') ?? '', element.textContent ?? '');
  }
  part('lang-toggle').lang = langTag(lang === 'en' ? 'zh' : 'en');
  part('topics').setAttribute('aria-label', say(lang, 'topics'));
  part('foot-emergency').replaceChildren(emergencyLine(translator(lang), []));
  part('browse').replaceChildren(renderBrowse(catalog, lang, link));
}

async function start() {
  catalog = await fetchCatalog().catch(() => catalog);
  await load(wantedId);
  drawWords();
  eider('on', 'citation', (/** @type {{article: string, anchor: string | null}} */ { article: id, anchor }) => showPassage(id, anchor));
  part('lang-toggle').addEventListener('click', () => switchLang(lang === 'en' ? 'zh' : 'en'));
  part('browse-toggle').addEventListener('click', () => showBrowse(part('browse').hidden !== false));
  part('browse').addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    showBrowse(false);
    part('browse-toggle').focus();
  });
  window.addEventListener('popstate', () => {
    const now = new URLSearchParams(window.location.search);
    load(now.get('article') ?? defaultArticle);
  });
}

start();
