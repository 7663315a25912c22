/** The chat as a page of its own: in the frame of a host, which it hears over the bridge, or alone. */

import { el } from '../shared/dom.js';
import { langTag, toLang, translator } from '../shared/i18n.js';
import { Bridge } from './bridge.js';
import { Chat } from './chat.js';
import { wear } from './look.js';
import { readMessage } from './messages.js';

/** @typedef {import('./messages.js').HostMessage} HostMessage */

const query = Object.fromEntries(new URLSearchParams(window.location.search));
const isFramed = window.parent !== window;
const registered = document.querySelector('meta[name="eider-origins"]')?.getAttribute('content') ?? '';
const origins = [window.location.origin, ...registered.split(' ').filter(Boolean)];

/** What the page around says; the address carries it where nobody is around. @type {Record<string, string>} */
let context = readMessage({ eider: 1, t: 'context', ...query }) ?? {};
let citesOnHost = false;
/** @type {Chat | null} */ let chat = null;

const bridge = new Bridge(origins, hear);

/** The article that a quote comes from, readable on our own site. @param {string} id @param {string} [anchor] */
function articleAddress(id, anchor) {
  const path = id.split('/').map(encodeURIComponent).join('/');
  return `/knowledge/${path}${anchor ? `#${encodeURIComponent(anchor)}` : ''}`;
}

/** @param {string} article @param {string} [anchor] */
function cite(article, anchor) {
  bridge.tell('citation', { detail: { article, anchor: anchor ?? null } });
  if (!citesOnHost) window.open(articleAddress(article, anchor), '_blank', 'noopener');
}

/** @param {import('../shared/i18n.js').Lang} lang */
function switchLang(lang) {
  document.documentElement.lang = langTag(lang);
  document.title = translator(lang)('chatTitle');
  chat?.setLang(lang);
}

/** @param {boolean} hasTexts @param {boolean} canClose @param {boolean} isOpen */
function start(hasTexts, canClose, isOpen) {
  const lang = toLang(query.lang ?? navigator.language);
  const place = document.getElementById('chat');
  if (!place) return;
  chat = new Chat(place, {
    site: query.site ?? 'self',
    hasTexts,
    isOpen,
    context: () => ({ drug: context.drug ?? null, page: context.page ?? null, region: context.region ?? null }),
    starters: () => {
      const drug = context.drugName ?? context.drug?.replaceAll('-', ' ');
      const t = translator(chat?.lang ?? lang);
      return drug ? [t('startSideEffects', { drug }), t('startUse', { drug }), t('startFor', { drug })] : [];
    },
    showQuote: (quote) => cite(quote.article, quote.anchor),
    showArticle: cite,
    privacyLink: (label) => el('a', { href: articleAddress(chat?.lang === 'zh' || lang === 'zh' ? 'general/privacy.zh' : 'general/privacy'), target: '_blank', rel: 'noopener' }, label),
    switchLang,
    close: canClose ? () => bridge.tell('close') : null,
    tell: (t, fields) => bridge.tell(t, fields),
  }, lang);
  switchLang(lang);
}

/** @param {HostMessage} message */
function hear(message) {
  const { t, ...fields } = message;
  switch (t) {
    case 'hello':
      if (chat) return;
      context = fields;
      citesOnHost = fields.citations === 'host';
      wear(fields);
      if (fields.lang) query.lang = fields.lang;
      start(fields.texts === 'true', fields.inline !== 'true', fields.open === 'true');
      return bridge.tell('ready');
    case 'open': return chat?.show(true);
    case 'close': return chat?.show(false);
    case 'focus': return chat?.focus();
    case 'ask': return chat?.ask(fields.text ?? '');
    case 'reset': return chat?.reset();
    case 'lang': return switchLang(toLang(fields.lang));
    case 'identify': return chat?.identify(fields);
    case 'context':
      context = fields;
      return chat?.contextChanged();
    default:
  }
}

if (!isFramed) start(false, false, true);
// Esc closes the chat from anywhere in it that has no use for the key itself.
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.defaultPrevented && isFramed && !document.querySelector('dialog[open]')) bridge.tell('close');
});
