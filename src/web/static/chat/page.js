/** The chat as a page of its own: in the frame of a host, which it hears over the bridge, or alone. */

import { el } from '../shared/dom.js';
import { langTag, toLang, translator } from '../shared/i18n.js';
import { Bridge } from './bridge.js';
import { Chat } from './chat.js';
import { wear } from './look.js';
import { readMessage } from './messages.js';

/**
 * @typedef {import('./messages.js').HostMessage} HostMessage
 *
 * @typedef {object} Host what the page around the chat knows and does
 * @property {string} site
 * @property {boolean} hasTexts the host page may hear what was said
 * @property {boolean} isOpen the chat is in view from the start
 * @property {() => {drug: string | null, page: string | null, region: string | null}} context
 * @property {() => string[]} starters questions that fit the page
 * @property {(id: string, anchor: string | null, ...words: string[]) => HTMLElement} articleLink to an article, or to one passage of it
 * @property {(lang: import('../shared/i18n.js').Lang) => void} switchLang
 * @property {(() => void) | null} close
 * @property {(t: string, fields?: object) => void} tell what the host page may hear
 */

const query = Object.fromEntries(new URLSearchParams(window.location.search));
const isFramed = window.parent !== window;
const registered = document.querySelector('meta[name="eider-origins"]')?.getAttribute('content') ?? '';
const origins = [window.location.origin, ...registered.split(' ').filter(Boolean)];

/** What the page around says; the address carries it where nobody is around. @type {Record<string, string>} */
let context = readMessage({ eider: 1, t: 'context', ...query }) ?? {};
let citesOnHost = false;
/** @type {Chat | null} */ let chat = null;

const bridge = new Bridge(origins, hear);

/** @type {Host['articleLink']} */
function articleLink(id, anchor, ...words) {
  const path = `/knowledge/${id.split('/').map(encodeURIComponent).join('/')}`;
  const link = el('a', { href: anchor ? `${path}#${encodeURIComponent(anchor)}` : path, target: '_blank', rel: 'noopener' }, ...words);
  link.addEventListener('click', (event) => {
    bridge.tell('citation', { detail: { article: id, anchor } });
    if (citesOnHost) event.preventDefault();
    // Our own pages have room for article and chat side by side, and carry the chat along.
    else link.target = bridge.isAtHome && window.screen.width >= 768 ? '_top' : '_blank';
  });
  return link;
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
    articleLink,
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

/** Alone on a phone, the page ends where the keyboard begins; zooming in is the reader's own affair. */
function fit() {
  const seen = window.visualViewport;
  if (seen?.scale === 1) document.body.style.height = `${seen.height}px`;
}

if (!isFramed) {
  start(false, false, true);
  window.visualViewport?.addEventListener('resize', fit);
}
// Esc closes the chat from anywhere in it that has no use for the key itself.
document.addEventListener('keydown', (event) => {
  if (event.key === 'Escape' && !event.defaultPrevented && isFramed && !document.querySelector('dialog[open]')) bridge.tell('close');
});
