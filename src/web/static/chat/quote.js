/** Draws one quote: the passage word for word, then where it comes from and how fresh it is. */

import { el, httpsOnly, icon, outsideLink } from '../shared/dom.js';
import { formatDay, isKey, langTag } from '../shared/i18n.js';
import { renderMarkdown, showControls } from '../shared/markdown-dom.js';

/** @typedef {import('./answer.js').Quote} Quote */

/** @param {Quote} quote @param {number} number @param {import('./answer.js').Tools} tools */
export function renderQuote(quote, number, tools) {
  const { t, lang } = tools;
  const headings = (quote.heading ?? []).filter((heading) => heading !== quote.title);
  return el('figure', { class: quote.stale ? 'quote quote-stale' : 'quote', lang: langTag(quote.lang) },
    el('figcaption', { class: 'quote-head' },
      el('span', { class: 'quote-number', lang: langTag(lang), title: t('quoteFrom', { number }) }, String(number)),
      el('span', { class: 'quote-title' }, showControls(quote.title),
        headings.length > 0 && el('span', { class: 'quote-path' }, headings.map(showControls).join(' › ')))),
    el('blockquote', { dir: 'auto' }, renderMarkdown(quote.text, t('table'))),
    renderOrigin(quote, tools));
}

/** @param {Quote} quote @param {import('./answer.js').Tools} tools */
function renderOrigin(quote, { t, lang, articleLink }) {
  const rank = `rank.${quote.rank}`;
  const address = httpsOnly(quote.source_url);
  const facts = [
    isKey(rank) && t(rank),
    quote.published && t('published', { date: formatDay(quote.published, lang) }),
    quote.reviewed && t('reviewed', { date: formatDay(quote.reviewed, lang) }),
    quote.markets && quote.markets.length > 0 && t('markets', { list: quote.markets.join(', ') }),
  ].filter((fact) => typeof fact === 'string');
  return el('div', { class: 'quote-origin', lang: langTag(lang) },
    el('p', { class: 'quote-source' }, el('span', { class: 'soft' }, `${t('source')}: `), el('span', { lang: langTag(quote.lang) }, showControls(quote.source))),
    el('p', { class: 'quote-facts' }, facts.join(' · ')),
    (quote.also ?? []).map(({ title, source }) => el('p', { class: 'quote-facts' }, t('also', { title: showControls(title), source: showControls(source) }))),
    quote.stale && el('p', { class: 'quote-mark' }, icon('alert'), t('stale')),
    quote.other_market && el('p', { class: 'quote-mark' }, icon('alert'), t('otherMarket')),
    el('p', { class: 'quote-links' },
      articleLink(quote.article, quote.anchor ?? null, t('showInArticle')),
      address && outsideLink(address, t('sourcePage'))));
}
