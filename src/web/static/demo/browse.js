/** The list of all medicines by category, the new ones, and the site's own pages. */

import { el } from '../shared/dom.js';
import { langTag } from '../shared/i18n.js';
import { drugName } from './knowledge.js';
import { say, sayOr } from './words.js';

/** @typedef {import('./knowledge.js').Drug} Drug */

/** @param {import('./knowledge.js').Catalog} catalog @param {import('../shared/i18n.js').Lang} lang @param {import('./article.js').Link} link */
export function renderBrowse(catalog, lang, link) {
  const drugLink = (/** @type {Drug} */ drug) => {
    const first = catalog.firstOf(drug.slug, lang);
    const words = [drugName(drug, lang), el('span', { class: 'soft' }, ` ${drug.brands.join(', ')}`)];
    return el('li', {}, first ? link(first.id, ...words) : words);
  };
  const column = (/** @type {string} */ title, /** @type {HTMLElement[]} */ items, isWide = false) => (
    items.length > 0 && el('section', { class: isWide ? 'wide' : null }, el('h2', {}, title), el('ul', {}, items)));
  const categories = [...new Set(catalog.drugs.map(({ category }) => category))];
  return el('div', { class: 'browse-columns' },
    categories.map((category) => column(sayOr(lang, `category.${category}`, category),
      catalog.drugs.filter((drug) => drug.category === category).map(drugLink))),
    column(say(lang, 'newMedicines'), catalog.drugs.filter((drug) => drug.new).map(drugLink)),
    column(say(lang, 'services'), catalog.ofSite(lang).map((entry) => el('li', { lang: langTag(entry.lang) }, link(entry.id, entry.title))), true));
}
