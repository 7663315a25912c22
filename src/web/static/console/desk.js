/** The desk as a whole: state, connection, alert and pages, brought together. */

import { el } from '../shared/dom.js';
import { browserEnvironment, socketAddress, uuid } from '../shared/environment.js';
import { painter } from '../shared/painter.js';
import { Timers } from '../shared/timers.js';
import { createAccount } from './account.js';
import { createActions } from './actions.js';
import { Alert } from './alert.js';
import { announcement } from './announce.js';
import { DeskConnection } from './connection.js';
import { Drafts } from './drafts.js';
import { createFrame } from './frame.js';
import { createPages, firstPage, pageNames } from './pages.js';
import { lists, nextToClaim } from './select.js';
import { listen, showHelp } from './shortcuts.js';
import { apply, initialState } from './state.js';
import { createWorkplace } from './workplace.js';
import { translator } from './words.js';

/**
 * @typedef {import('./frame.js').Page} Page
 * @typedef {import('./state.js').State} State
 *
 * @typedef {object} Tools what every view may use
 * @property {import('./words.js').Translate} t
 * @property {import('../shared/i18n.js').Lang} lang
 * @property {import('./api.js').Api} api
 * @property {import('./actions.js').Actions} actions
 * @property {Drafts} drafts
 * @property {string} myId
 * @property {boolean} isAdministrator
 * @property {() => string} myName
 * @property {() => State} state
 * @property {() => number} now the server's clock, in milliseconds
 *
 * @typedef {object} Options
 * @property {import('./api.js').Api} api
 * @property {import('./protocol.js').Me} me
 * @property {import('./preferences.js').Preferences} preferences
 * @property {() => void} applyPreferences
 * @property {(notice?: string) => void} signedOut
 */

/** After so long without another sign, nobody is typing any more. */
const typingMs = 5_000;

export class Desk {
  /** @type {State} */ #state;
  #drafts = new Drafts(uuid);
  #draw = painter(() => document.visibilityState === 'visible', () => this.#paint());
  /** @type {Page} */ #page = 'desk';
  #typing = new Timers(browserEnvironment());
  /** @type {(() => void)[]} */ #undo = [];
  /** @type {{id: string, isFirst: boolean} | null} */ #focusFor = null;
  #t;

  /** @param {HTMLElement} root @param {Options} options */
  constructor(root, options) {
    this.root = root;
    this.options = options;
    this.#t = translator(options.preferences.lang);
    this.#state = { ...initialState, me: options.me.user };
    this.connection = new DeskConnection({
      url: socketAddress('/v1/desk'), fetchTicket: () => options.api.ticket(), environment: browserEnvironment(), listener: (signal) => this.#dispatch(signal),
    });
    this.alert = new Alert({ words: () => this.#t, changed: () => this.#draw() });
    this.actions = createActions({
      connection: this.connection, api: options.api, drafts: this.#drafts, state: () => this.#state, dispatch: (signal) => this.#dispatch(signal),
      words: () => this.#t, toast: (words, isFault = false) => this.views.frame.toast(words, isFault), draw: () => this.#draw(),
      opened: (id) => this.#showSession(id), showSide: (isShown) => this.views.workplace.showSide(isShown),
    });
    this.views = this.#build();
    this.#arrange(firstPage(options.me.user.roles));
  }

  /** Whether leaving the page would lose words. */
  get hasUnsent() { return this.#drafts.hasWords; }

  start() {
    const wake = () => {
      if (document.visibilityState === 'visible') this.connection.wake();
      this.#draw();
    };
    const allowSound = () => this.alert.allowSound();
    const tick = setInterval(() => this.views.workplace.tick(this.#now()), 1_000);
    document.addEventListener('visibilitychange', wake);
    window.addEventListener('online', wake);
    document.addEventListener('pointerdown', allowSound, { once: true });
    document.addEventListener('keydown', allowSound, { once: true });
    this.#undo.push(() => clearInterval(tick), () => document.removeEventListener('visibilitychange', wake), () => window.removeEventListener('online', wake),
      listen(this.#shortcuts(), () => this.options.preferences.hasKeys));
    this.alert.allowSound();
    this.connection.start();
  }

  #build() {
    const { preferences, api, me } = this.options;
    const t = this.#t = translator(preferences.lang);
    const isAdministrator = me.user.roles.includes('administrator');
    /** @type {Tools} */
    const tools = {
      t, lang: preferences.lang, api, actions: this.actions, drafts: this.#drafts, myId: me.user.id, isAdministrator,
      myName: () => this.#state.me?.name ?? me.user.name, state: () => this.#state, now: () => this.#now(),
    };
    const account = createAccount(tools, {
      me, alert: this.alert, theme: preferences.theme, signOut: () => this.#signOut(),
      switchLang: () => this.#prefer({ lang: preferences.lang === 'en' ? 'zh' : 'en' }), switchTheme: () => this.#prefer({ theme: preferences.nextTheme() }),
    });
    const frame = createFrame(t, {
      pages: pageNames(me.user.roles), name: me.user.name, entries: account.entries, goTo: (page) => this.#goTo(page),
      setDuty: (on) => this.actions.setDuty(on), silence: () => this.alert.silence(), allowSound: () => this.alert.allowSound(), help: () => this.#help(),
    });
    const workplace = createWorkplace(tools);
    return { frame, workplace, pages: createPages(tools, workplace.element) };
  }

  #arrange(page = this.#page) {
    const { frame, pages } = this.views;
    this.root.replaceChildren(el('div', { class: 'desk' }, frame.element, pages.element, frame.toasts));
    this.#goTo(page);
  }

  /** @param {import('./state.js').Signal} signal */
  #dispatch(signal) {
    const before = this.#state;
    this.#state = apply(before, signal);
    if (signal.t === 'typing') this.#typing.set(signal.session, typingMs, () => this.#dispatch({ t: 'silent', session: signal.session }));
    if (signal.t === 'queue' || signal.t === 'welcome') this.#followOwn();
    if (signal.t === 'status' && signal.status === 'stopped') return this.#leave(signal.code ?? 0);
    const isSeen = document.visibilityState === 'visible';
    const words = announcement(before, isSeen ? this.#state : { ...this.#state, current: null }, signal, this.#t);
    if (words) this.views.frame.announce(words.text, words.isUrgent);
    if (words && signal.t === 'event') this.alert.chime();
    this.#draw();
  }

  /** What is ours is followed whether it is on the screen or not. */
  #followOwn() {
    for (const { session } of lists(this.#state).mine.slice(0, this.#state.limits.open_sessions - 1)) this.connection.follow(session);
  }

  #paint() {
    if (!this.root.isConnected || this.#state.status === 'stopped') return;
    this.alert.update(this.#state);
    this.views.frame.update(this.#state, this.alert, lists(this.#state).waiting.length);
    this.views.workplace.update(this.#state);
    this.views.pages.update(this.#state);
    this.#focusSession();
    const { current } = this.#state;
    if (!current || this.#page !== 'desk' || document.visibilityState !== 'visible') return;
    const read = apply(this.#state, { t: 'read', session: current });
    if (read === this.#state) return;
    this.#state = read;
    this.#draw();
  }

  /** A session was chosen. @param {string} id */
  #showSession(id) {
    this.#focusFor = { id, isFirst: true };
    this.views.workplace.showSide(false);
    this.#goTo('desk');
  }

  /** The focus goes to the box to write in as soon as the session is ours, unless it was moved meanwhile. */
  #focusSession() {
    const wanted = this.#focusFor;
    const { workplace } = this.views;
    if (!wanted || wanted.id !== this.#state.current) return;
    const isLeft = !wanted.isFirst && !workplace.isReading();
    wanted.isFirst = false;
    if (isLeft || workplace.focusSession()) this.#focusFor = null;
  }

  /** @param {Page} page */
  #goTo(page) {
    this.#page = page;
    this.views.frame.setPage(page);
    this.views.pages.show(page);
    this.#draw();
  }

  /** @param {Partial<{lang: import('../shared/i18n.js').Lang, theme: import('./preferences.js').Theme, hasKeys: boolean}>} changes */
  #prefer(changes) {
    this.options.preferences.change(changes);
    this.options.applyPreferences();
    this.views.frame.remove();
    this.views = this.#build();
    this.#arrange();
  }

  /** @returns {import('./shortcuts.js').Shortcut[]} */
  #shortcuts() {
    const { actions } = this;
    const withCurrent = (/** @type {(id: string) => void} */ work) => () => { if (this.#state.current) work(this.#state.current); };
    const withMine = (/** @type {(id: string) => void} */ work) => withCurrent((id) => { if (lists(this.#state).mine.some(({ session }) => session === id)) work(id); });
    return [
      { key: 'n', word: 'keyNext', work: () => { const row = nextToClaim(this.#state); if (row) actions.claim(row.session); else this.views.frame.toast(this.#t('waitingNone'), false); } },
      { key: 'c', word: 'keyClaim', work: withCurrent(actions.claim) },
      { key: 'j', word: 'keyDown', work: () => this.views.workplace.move(1) },
      { key: 'k', word: 'keyUp', work: () => this.views.workplace.move(-1) },
      { key: 'r', word: 'keyWrite', work: () => this.views.workplace.focusSession() },
      { key: 'o', word: 'keyNoteOpen', work: () => this.views.workplace.focusNote() },
      { key: 't', word: 'transfer', work: withMine(actions.transfer) },
      { key: 'q', word: 'release', work: withMine(actions.release) },
      { key: 'b', word: 'giveBack', work: withMine(actions.giveBack) },
      { key: 'x', word: 'close', work: withMine(actions.close) },
      { key: 'e', word: 'clear', work: withMine(actions.clear) },
      { key: 'd', word: 'keyDuty', work: () => actions.setDuty(!this.#state.me?.available) },
      { key: 'm', word: 'silence', work: () => this.alert.silence() },
      { key: 'g', word: 'keyPage', work: () => this.#nextPage() },
      { key: '?', word: 'help', work: () => this.#help() },
    ];
  }

  #nextPage() {
    const pages = pageNames(this.options.me.user.roles);
    this.#goTo(pages[(pages.indexOf(this.#page) + 1) % pages.length] ?? 'desk');
  }

  #help() {
    showHelp(this.#t, this.#shortcuts(), this.options.preferences);
  }

  async #signOut() {
    await this.options.api.post('/v1/logout').catch(() => {});
    this.connection.stop();
  }

  /** The desk is over. @param {number} code */
  #leave(code) {
    this.alert.stop();
    this.views.frame.remove();
    for (const undo of this.#undo.splice(0)) undo();
    this.#typing.clearAll();
    this.options.signedOut(code === 1000 ? '' : this.#t(code === 4501 ? 'signedOut' : code === 4506 ? 'accountOff' : 'stopped'));
  }

  #now() {
    return Date.now() + this.options.api.clockAheadMs;
  }
}
