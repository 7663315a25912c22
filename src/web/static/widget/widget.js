/**
 * The loader that a host page embeds: a launcher in a shadow root, and a frame of our origin that
 * holds the conversation, so that no script of the host can read it. It stores nothing and asks
 * the network for nothing before the visitor opens the chat. docs/widget.md is its manual.
 */

import { makeFrame } from './frame.js';
import { checked, settingsOf } from './settings.js';
import { make, makeLauncher, styleOf } from './style.js';
import { words } from './words.js';

/** @typedef {Record<string, any>} Fields */

const host = /** @type {Fields} */ (window);

/** @param {HTMLScriptElement} script */
function begin(script) {
  const base = new URL(script.src, location.href).origin;
  const mark = 'eider.widget';
  const phone = matchMedia('(max-width: 767px)');
  const settings = settingsOf(script, host.eiderConfig);
  const isInline = settings.position === 'inline' || Boolean(settings.target);
  /** @type {Fields} */ const context = checked(settings, ['drug', 'drugName', 'page', 'region']);
  /** @type {Fields} */ let person = {};
  const lang = () => (/^zh/i.test(settings.lang) ? words.zh : words.en);

  const outer = document.createElement('div');
  const root = outer.attachShadow({ mode: 'closed' });
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(styleOf(settings, isInline));
  root.adoptedStyleSheets = [sheet];

  const { launcher, label, badge } = makeLauncher();
  const panel = make('div', { class: 'panel', hidden: '' });
  root.append(...(isInline ? [panel] : [launcher, panel]));

  let isOpen = false;
  /** The visitor or the host opened it, so it may take the focus. */ let wantsFocus = false;
  let isLasting = false;
  let unread = 0;
  /** @type {Map<string, Set<(detail: Fields) => void>>} */ const listeners = new Map();

  /** @param {string} name @param {Fields} [detail] */
  function emit(name, detail = {}) {
    for (const listener of listeners.get(name) ?? []) {
      try {
        listener({ ...detail });
      } catch (error) {
        // A host's mistake must not end the chat.
        console.error(error);
      }
    }
  }

  function drawLabel() {
    const { open, unread: news } = lang();
    label.textContent = open;
    badge.hidden = unread === 0;
    badge.textContent = unread > 99 ? '99+' : String(unread);
    launcher.setAttribute('aria-label', open + (unread > 0 ? news.replace('{n}', String(unread)) : ''));
    frame.rename();
  }

  /** @param {boolean} isAlone as a page of its own, which no loader will tell more */
  function address(isAlone) {
    const query = new URLSearchParams({ site: settings.site, lang: settings.lang, ...(isAlone ? { ...context, alone: '1' } : {}) });
    return `${base}/chat?${query}`;
  }

  const frame = makeFrame({
    base, panel, address, words: lang, hear,
    close: isInline ? null : close,
    hello: () => ({
      lang: settings.lang, theme: settings.theme, color: styled('accent') ?? settings.color ?? '', font: styled('font') ?? '', radius: styled('radius') ?? '',
      citations: settings.citations, texts: settings.texts, inline: String(isInline), open: String(isOpen), ...context,
    }),
  });

  /** @param {string} name */
  function styled(name) {
    return getComputedStyle(outer).getPropertyValue(`--eider-${name}`).trim() || undefined;
  }

  function remember() {
    try {
      if (isLasting) sessionStorage.setItem(mark, isOpen ? 'open' : 'closed');
      else sessionStorage.removeItem(mark);
    } catch {
      // Without storage the chat is closed on the next page, nothing else.
    }
  }

  /** @param {boolean} [byItself] */
  function open(byItself) {
    outer.removeAttribute('data-hidden');
    wantsFocus = byItself !== true;
    if (isOpen) return focus();
    isOpen = true;
    frame.load();
    show();
    if (phone.matches && !isInline) history.pushState({ eider: 1 }, '');
    frame.tell('open');
    focus();
    emit('open');
  }

  function focus() {
    if (!wantsFocus) return;
    frame.focus();
    frame.tell('focus');
  }

  function close() {
    if (!isOpen || isInline) return;
    isOpen = false;
    show();
    frame.tell('close');
    launcher.focus({ preventScroll: true });
    if (history.state?.eider === 1) history.back();
    emit('close');
  }

  function show() {
    const covers = isOpen && phone.matches && !isInline;
    panel.hidden = !isOpen;
    launcher.hidden = isOpen;
    launcher.setAttribute('aria-expanded', String(isOpen));
    follow();
    // Our element is no child of the body, so the page behind a full screen can rest.
    if (document.body) document.body.inert = covers;
    document.documentElement.toggleAttribute('data-eider-open', isOpen && !isInline);
    document.documentElement.style.overflow = covers ? 'hidden' : '';
    remember();
  }

  /** On a phone the keyboard shrinks what is seen; the panel follows it. Asking for the size makes the browser lay the page out. */
  function follow() {
    const seen = window.visualViewport;
    if (!seen || !isOpen) return;
    panel.style.setProperty('--visible', `${seen.height}px`);
    panel.style.setProperty('--top', `${seen.offsetTop}px`);
  }

  /** What the frame may say. @type {Record<string, (message: Fields) => void>} */
  const heard = {
    ready() {
      if (Object.keys(person).length > 0) frame.tell('identify', person);
      if (isOpen && wantsFocus) frame.focus();
      emit('ready');
    },
    close,
    lasting({ value }) {
      isLasting = value === true;
      remember();
    },
    unread({ count }) {
      if (!Number.isSafeInteger(count) || count < 0) return;
      unread = count;
      drawLabel();
      emit('unread', { count });
    },
  };
  for (const name of ['answer', 'handoff', 'emergency', 'citation']) {
    heard[name] = ({ detail }) => detail !== null && typeof detail === 'object' && emit(name, detail);
  }

  /** @param {Fields} message */
  function hear(message) {
    if (Object.hasOwn(heard, message.t)) heard[message.t]?.(message);
  }

  /** @type {Record<string, (...given: any[]) => void>} */
  const commands = {
    open: () => open(), close, toggle: () => (isOpen ? close() : open()),
    show: () => outer.removeAttribute('data-hidden'),
    hide: () => {
      close();
      outer.setAttribute('data-hidden', '');
    },
    ask(text) {
      if (typeof text !== 'string' || text.trim() === '') return;
      open();
      frame.tell('ask', { text: text.slice(0, 4000) });
    },
    identify(given) {
      person = checked(given, ['name', 'contact']);
      if (frame.isReady) frame.tell('identify', person);
    },
    setLang(value) {
      Object.assign(settings, checked({ lang: value }));
      drawLabel();
      if (frame.isLoaded) frame.tell('lang', { lang: settings.lang });
    },
    setRegion: (value) => commands.setContext?.({ region: value }),
    setContext(given) {
      for (const name of ['drug', 'drugName', 'page', 'region']) if (given?.[name] === null) delete context[name];
      Object.assign(context, checked(given, ['drug', 'drugName', 'page', 'region']));
      if (frame.isLoaded) frame.tell('context', context);
    },
    reset: () => frame.isLoaded && frame.tell('reset'),
    on(name, listener) {
      if (typeof listener === 'function') listeners.set(name, (listeners.get(name) ?? new Set()).add(listener));
    },
    off: (name, listener) => (listener ? listeners.get(name)?.delete(listener) : listeners.delete(name)),
  };

  /** @param {string} name @param {any[]} given */
  function eider(name, ...given) {
    const command = Object.hasOwn(commands, name) && commands[name];
    if (command) command(...given);
    else console.warn(`eider: there is no command “${name}”`);
  }
  eider.isEider = true;
  const early = host.eider?.q;
  host.eider = eider;

  window.addEventListener('popstate', () => isOpen && phone.matches && close());
  phone.addEventListener('change', show);
  window.visualViewport?.addEventListener('resize', follow);
  window.visualViewport?.addEventListener('scroll', follow);
  launcher.addEventListener('click', () => open());
  // Inside the frame Esc is the frame's; here it is for the panel that stands in for it.
  panel.addEventListener('keydown', (/** @type {KeyboardEvent} */ event) => event.key === 'Escape' && close());

  function start() {
    const wanted = settings.target ? document.querySelector(settings.target) : null;
    if (wanted) wanted.append(outer);
    else if (isInline) script.after(outer);
    else document.documentElement.append(outer);
    if (settings.consent === 'wait') outer.setAttribute('data-hidden', '');
    drawLabel();
    for (const call of Array.isArray(early) ? early : []) eider(.../** @type {[string]} */ (Array.from(call)));
    let kept = null;
    try {
      kept = sessionStorage.getItem(mark);
    } catch {
      // Blocked storage: nothing was kept.
    }
    if (kept) isLasting = true;
    if (isInline || kept === 'open' || settings.open === 'true') open(true);
    else if (kept) frame.load();
  }

  if (document.body || !isInline) start();
  else document.addEventListener('DOMContentLoaded', start);
}

const found = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
// A second snippet on the page adds nothing.
if (found instanceof HTMLScriptElement && !host.eider?.isEider) begin(found);
