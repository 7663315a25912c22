/** One quoted passage, dense: where it comes from, then its words; a long one opens on demand. */

import { button, el, httpsOnly, outsideLink } from '../shared/dom.js';
import { formatDay, langTag } from '../shared/i18n.js';
import { renderMarkdown, showControls } from '../shared/markdown-dom.js';

/** Longer passages are folded. */
const foldedCharacters = 420;

/** @param {import('./protocol.js').Quote} quote @param {import('./words.js').Translate} t @param {import('../shared/i18n.js').Lang} lang */
export function renderQuote(quote, t, lang) {
  const headings = (quote.heading ?? []).filter((heading) => heading !== quote.title);
  const address = httpsOnly(quote.source_url);
  const facts = [
    quote.published && formatDay(quote.published, lang),
    quote.markets && quote.markets.length > 0 && quote.markets.join(', '),
    quote.stale && t('stale'),
  ].filter((fact) => typeof fact === 'string');
  const isLong = quote.text.length > foldedCharacters;
  const words = el('blockquote', { class: isLong ? 'quoted-words folded' : 'quoted-words', dir: 'auto' }, renderMarkdown(quote.text, t('table')));
  const fold = isLong && button({ class: 'link said-more', lang: langTag(lang), 'aria-expanded': 'false' }, () => {
    const isFolded = words.classList.toggle('folded');
    if (fold) {
      fold.setAttribute('aria-expanded', String(!isFolded));
      fold.textContent = t(isFolded ? 'showAll' : 'showLess');
    }
  }, t('showAll'));
  return el('figure', { class: quote.stale ? 'quoted quoted-stale' : 'quoted', lang: langTag(quote.lang) },
    el('figcaption', { class: 'quoted-head' }, el('strong', {}, showControls([quote.title, ...headings].join(' › '))),
      el('span', { class: 'soft' }, ' ', showControls([quote.source, ...facts].join(' · ')), ' ', address && outsideLink(address, t('sourcePage')))),
    words, fold);
}
