/** The conversation as a file of the visitor's own. */

import { el } from '../shared/dom.js';
import { formatDay } from '../shared/i18n.js';
import { assumedWords } from './answer.js';

/** @typedef {import('../shared/i18n.js').Translate} Translate */
/** @typedef {import('../shared/i18n.js').Lang} Lang */

/** @param {readonly import('./state.js').Item[]} items @param {Translate} t @param {Lang} lang */
export function transcriptText(items, t, lang) {
  return items.map((item) => {
    const time = item.ts ? ` (${item.ts})` : '';
    switch (item.kind) {
      case 'answer': return `${t('bot')}${time}\n${answerText(/** @type {import('../shared/protocol.js').Answer} */ (item.answer), t, lang)}`;
      case 'redacted': return t('redacted');
      case 'consultant': return [`${item.name ?? t('consultant')}${time}`, item.text,
        ...(item.quotes ?? []).map((quote, index) => quoteText(quote, index + 1, t, lang))].filter(Boolean).join('\n');
      default: return `${t(item.kind === 'visitor' ? 'you' : 'system')}${time}\n${item.words?.[lang] ?? item.text ?? ''}`;
    }
  }).join('\n\n----\n\n').concat('\n');
}

/** @param {import('../shared/protocol.js').Answer} answer @param {Translate} t @param {Lang} lang */
function answerText(answer, t, lang) {
  const card = answer.triage?.card ?? answer.card;
  const numbers = Array.isArray(card?.numbers) ? card.numbers : [];
  const parts = [
    card?.text, ...(card?.steps ?? []), numbers.map(({ label, tel }) => `${label} ${tel}`).join(', '),
    assumedWords(answer, t), answer.text === card?.text ? null : answer.text,
    answer.ask && [answer.ask.text, ...answer.ask.options.map(({ label }) => `- ${label}`)].join('\n'),
    ...(answer.conflicts ?? []).map(({ about, values }) => `${t('conflict', { about })}\n${
      values.map(({ value, quote }) => `- ${value} (${t('conflictSource', { number: quote + 1, source: answer.quotes?.[quote]?.source ?? '' })})`).join('\n')}`),
    ...(answer.quotes ?? []).map((quote, index) => quoteText(quote, index + 1, t, lang)),
    answer.handoff?.text,
    ...(answer.disclaimers ?? []).map(({ text }) => text),
  ];
  return parts.filter((part) => typeof part === 'string' && part !== '').join('\n\n');
}

/** @param {import('../shared/protocol.js').Quote} quote @param {number} number @param {Translate} t @param {Lang} lang */
function quoteText(quote, number, t, lang) {
  const facts = [
    `${t('source')}: ${quote.source}`,
    quote.source_url,
    quote.published && t('published', { date: formatDay(quote.published, lang) }),
    quote.reviewed && t('reviewed', { date: formatDay(quote.reviewed, lang) }),
    quote.markets && quote.markets.length > 0 && t('markets', { list: quote.markets.join(', ') }),
    ...(quote.also ?? []).map(({ title, source }) => t('also', { title, source })),
    quote.stale && t('stale'), quote.other_market && t('otherMarket'), quote.article, quote.version,
  ].filter((fact) => typeof fact === 'string');
  return [`[${number}] ${[quote.title, ...(quote.heading ?? [])].join(' › ')}`, quote.text, facts.join('\n')].join('\n');
}

/** Hands a file to the browser's downloads. @param {string} name @param {string} type @param {string} content */
export function download(name, type, content) {
  const address = URL.createObjectURL(new Blob([content], { type: `${type};charset=utf-8` }));
  const link = el('a', { href: address, download: name, hidden: true });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
