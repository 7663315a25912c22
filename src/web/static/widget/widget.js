/**
 * The loader that a host page embeds: a launcher in a shadow root, and a frame of our origin that
 * holds the conversation, so that no script of the host can read it. It stores nothing and asks
 * the network for nothing before the visitor opens the chat. docs/widget.md is its manual.
 */

import { makeAway } from './away.js';
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

  /** @type {HTMLIFrameElement | null} */ let frame = null;
  let isReady = false;
  let isOpen = false;
  let isLasting = false;
  let unread = 0;
  /** @type {Fields[]} */ let waiting = [];
  /** @type {Record<string, Set<(detail: Fields) => void>>} */ const listeners = {};

  /** @param {string} name @param {Fields} [detail] */
  function emit(name, detail = {}) {
    for (const listener of listeners[name] ?? []) {
      try {
        listener({ ...detail });
      } catch (error) {
        // A host's mistake must not end the chat.
        console.error(error);
      }
    }
  }

  /** @param {string} t @param {Fields} [fields] */
  function tell(t, fields = {}) {
    if (isReady) frame?.contentWindow?.postMessage({ eider: 1, t, ...fields }, base);
    else waiting.push({ t, fields });
  }

  function drawLabel() {
    const { open, unread: news, title } = lang();
    label.textContent = open;
    badge.hidden = unread === 0;
    badge.textContent = unread > 99 ? '99+' : String(unread);
    launcher.setAttribute('aria-label', open + (unread > 0 ? news.replace('{n}', String(unread)) : ''));
    frame?.setAttribute('title', title);
  }

  /** @param {boolean} isAlone as a page of its own, which no loader will tell more */
  function address(isAlone) {
    const query = new URLSearchParams({ site: settings.site, lang: settings.lang, ...(isAlone ? { ...context, alone: '1' } : {}) });
    return `${base}/chat?${query}`;
  }

  function load() {
    if (frame) return;
    isReady = false;
    const made = make('iframe', { src: address(false), title: lang().title, referrerpolicy: 'no-referrer' });
    frame = made;
    const giveUp = () => frame === made && !isReady && showAway();
    let timer = setTimeout(giveUp, 15_000);
    made.addEventListener('load', () => {
      made.contentWindow?.postMessage({ eider: 1, t: 'hello', lang: settings.lang, theme: settings.theme, color: styled('accent') ?? settings.color ?? '', font: styled('font') ?? '', radius: styled('radius') ?? '',
        citations: settings.citations, texts: settings.texts, inline: String(isInline), open: String(isOpen), ...context }, base);
      clearTimeout(timer);
      timer = setTimeout(giveUp, 2_000);
    });
    panel.replaceChildren(made);
  }

  /** @param {string} name */
  function styled(name) {
    return getComputedStyle(outer).getPropertyValue(`--eider-${name}`).trim() || undefined;
  }

  function showAway() {
    const retry = () => {
      frame?.remove();
      frame = null;
      load();
    };
    const away = makeAway(lang(), address(true), retry, isInline ? null : close);
    panel.append(away);
    if (isOpen) away.querySelector('button').focus();
  }

  function remember() {
    try {
      if (isLasting) sessionStorage.setItem(mark, isOpen ? 'open' : 'closed');
      else sessionStorage.removeItem(mark);
    } catch {
      // Without storage the chat is closed on the next page, nothing else.
    }
  }

  function open() {
    outer.removeAttribute('data-hidden');
    if (isOpen) return tell('focus');
    isOpen = true;
    load();
    show();
    if (phone.matches && !isInline) history.pushState({ eider: 1 }, '');
    tell('open');
    frame?.focus();
    emit('open');
  }

  function close() {
    if (!isOpen || isInline) return;
    isOpen = false;
    show();
    tell('close');
    launcher.focus({ preventScroll: true });
    if (history.state?.eider === 1) history.back();
    emit('close');
  }

  function show() {
    const covers = isOpen && phone.matches && !isInline;
    panel.hidden = !isOpen;
    launcher.hidden = isOpen;
    launcher.setAttribute('aria-expanded', String(isOpen));
    // Our element is no child of the body, so the page behind a full screen can rest.
    if (document.body) document.body.inert = covers;
    document.documentElement.style.overflow = covers ? 'hidden' : '';
    remember();
  }

  /** On a phone the keyboard shrinks what is seen; the panel follows it. */
  function follow() {
    const seen = window.visualViewport;
    if (!seen) return;
    panel.style.setProperty('--visible', `${seen.height}px`);
    panel.style.setProperty('--top', `${seen.offsetTop}px`);
  }

  /** What the frame may say. @type {Record<string, (message: Fields) => void>} */
  const heard = {
    ready() {
      if (isReady) return;
      isReady = true;
      panel.querySelector('.away')?.remove();
      for (const { t, fields } of waiting.splice(0)) tell(t, fields);
      if (Object.keys(person).length > 0) tell('identify', person);
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

  /** @type {Record<string, (...given: any[]) => void>} */
  const commands = {
    open, close, toggle: () => (isOpen ? close() : open()),
    show: () => outer.removeAttribute('data-hidden'),
    hide: () => {
      close();
      outer.setAttribute('data-hidden', '');
    },
    ask(text) {
      if (typeof text !== 'string' || text.trim() === '') return;
      open();
      tell('ask', { text: text.slice(0, 4000) });
    },
    identify(given) {
      person = checked(given, ['name', 'contact']);
      if (isReady) tell('identify', person);
    },
    setLang(value) {
      Object.assign(settings, checked({ lang: value }));
      drawLabel();
      if (frame) tell('lang', { lang: settings.lang });
    },
    setRegion: (value) => commands.setContext?.({ region: value }),
    setContext(given) {
      for (const name of ['drug', 'drugName', 'page', 'region']) if (given?.[name] === null) delete context[name];
      Object.assign(context, checked(given, ['drug', 'drugName', 'page', 'region']));
      if (frame) tell('context', context);
    },
    reset: () => frame && tell('reset'),
    on(name, listener) {
      if (typeof listener === 'function') (listeners[name] ??= new Set()).add(listener);
    },
    off: (name, listener) => (listener ? listeners[name]?.delete(listener) : delete listeners[name]),
  };

  /** @param {string} name @param {any[]} given */
  function eider(name, ...given) {
    const command = Object.hasOwn(commands, name) && commands[name];
    if (command) command(...given);
    else console.warn(`eider: there is no command “${name}”`);
  }
  eider.isEider = true;

  window.addEventListener('message', ({ source, origin, data }) => {
    if (!frame || source !== frame.contentWindow || origin !== base || data?.eider !== 1) return;
    if (Object.hasOwn(heard, data.t)) heard[data.t]?.(data);
  });
  window.addEventListener('popstate', () => isOpen && phone.matches && close());
  phone.addEventListener('change', show);
  window.visualViewport?.addEventListener('resize', follow);
  window.visualViewport?.addEventListener('scroll', follow);
  launcher.addEventListener('click', open);

  function start() {
    const wanted = settings.target ? document.querySelector(settings.target) : null;
    if (wanted) wanted.append(outer);
    else if (isInline) script.after(outer);
    else document.documentElement.append(outer);
    if (settings.consent === 'wait') outer.setAttribute('data-hidden', '');
    drawLabel();
    follow();
    const early = host.eider?.q;
    host.eider = eider;
    for (const call of Array.isArray(early) ? early : []) eider(.../** @type {[string]} */ (Array.from(call)));
    let kept = null;
    try {
      kept = sessionStorage.getItem(mark);
    } catch {
      // Blocked storage: nothing was kept.
    }
    if (kept) isLasting = true;
    if (isInline || kept === 'open' || settings.open === 'true') open();
    else if (kept) load();
  }

  if (document.body || !isInline) start();
  else document.addEventListener('DOMContentLoaded', start);
}

const found = document.currentScript ?? document.querySelector('script[src*="/widget.js"]');
// A second snippet on the page adds nothing.
if (found instanceof HTMLScriptElement && !host.eider?.isEider) begin(found);
