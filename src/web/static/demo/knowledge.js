/** What the demonstration page knows of the knowledge base: the list of articles, and one at a time. */

/**
 * @typedef {import('../shared/i18n.js').Lang} Lang
 * @typedef {{slug: string, name: string, brands: string[], names_zh: string[], category: string, new: boolean, class: string}} Drug
 * @typedef {{id: string, title: string, drug: string | null, topic: string | null, lang: string, published: string, reviewed: string}} Entry
 * @typedef {{anchor: string, heading: string[], text: string}} Passage
 * @typedef {Entry & {source: string, source_url: string | null, review_by: string | null, markets: string[], rank: string,
 *   version: string, related: {id: string, title: string}[], passages: Passage[]}} Article
 */

/** The answer was not an article; `status` says why. */
export class FetchFailed extends Error {
  /** @param {number} status */
  constructor(status) {
    super(`the server answered with status ${status}`);
    this.status = status;
  }
}

/** @param {string} path @returns {Promise<any>} */
async function fetchJson(path) {
  const response = await fetch(path, { credentials: 'omit' });
  if (!response.ok) throw new FetchFailed(response.status);
  return response.json();
}

/** @param {string} id @returns {Promise<Article>} */
export function fetchArticle(id) {
  return fetchJson(`/v1/knowledge/${id.split('/').map(encodeURIComponent).join('/')}`);
}

export async function fetchCatalog() {
  const { drugs = [], articles = [] } = await fetchJson('/v1/knowledge');
  return new Catalog(drugs, articles);
}

/** The list of drugs and articles, and the questions the page asks of it. */
export class Catalog {
  /** @param {Drug[]} drugs @param {Entry[]} articles */
  constructor(drugs, articles) {
    this.drugs = drugs;
    this.articles = articles;
  }

  /** @param {string | null | undefined} slug */
  drug(slug) {
    return this.drugs.find((drug) => drug.slug === slug) ?? null;
  }

  /** The article itself, or the same one in the wished language when there is one. @param {string} id @param {Lang} lang */
  inLang(id, lang) {
    const base = id.replace(/\.zh$/, '');
    const wished = lang === 'zh' ? `${base}.zh` : base;
    return this.articles.some((article) => article.id === wished) ? wished : id;
  }

  /** A list with each article once: in the wished language where it exists. @param {Entry[]} entries @param {Lang} lang */
  #once(entries, lang) {
    return entries.filter((entry) => this.inLang(entry.id, lang) === entry.id
      && (entry.lang === lang || !entry.id.endsWith('.zh')));
  }

  /** @param {string} slug @param {Lang} lang */
  ofDrug(slug, lang) {
    return this.#once(this.articles.filter((article) => article.drug === slug), lang);
  }

  /** Articles about no drug. @param {Lang} lang */
  ofSite(lang) {
    return this.#once(this.articles.filter((article) => !article.drug), lang);
  }

  /** The article a visitor of a drug sees first. @param {string} slug @param {Lang} lang */
  firstOf(slug, lang) {
    const articles = this.ofDrug(slug, lang);
    return articles.find(({ topic }) => topic === 'overview') ?? articles.find(({ topic }) => topic === 'indications') ?? articles[0] ?? null;
  }

  /** @param {string} topic @param {Lang} lang */
  siteArticle(topic, lang) {
    return this.ofSite(lang).find((article) => article.topic === topic) ?? null;
  }
}

/** A drug's name as the page says it. @param {Drug} drug @param {Lang} lang */
export function drugName(drug, lang) {
  return (lang === 'zh' && drug.names_zh?.[0]) || drug.name;
}
