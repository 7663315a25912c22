/**
 * The chat as a whole: consent, session, connection, conversation. It fills one element and asks
 * its host for everything about the page around it, so any page can carry it.
 */

import { Connection } from '../shared/connection.js';
import { el } from '../shared/dom.js';
import { browserEnvironment, socketAddress } from '../shared/environment.js';
import { langTag, translator } from '../shared/i18n.js';
import { painter } from '../shared/painter.js';
import { SessionKeeper, createSession } from '../shared/session.js';
import { Attention } from './attention.js';
import { consentVersion, renderConsent } from './consent.js';
import { emergencyLine } from './emergency.js';
import { createOwnMenu } from './own.js';
import { createHeader, createPanel } from './panel.js';
import { apply, initialState, joinTexts, unsentTexts, withdraw } from './state.js';

/** @typedef {import('../shared/i18n.js').Lang} Lang @typedef {import('./page.js').Host} Host */

export class Chat {
  #state = initialState;
  /** @type {Connection | null} */ #connection = null;
  /** @type {ReturnType<typeof createPanel> | null} */ #panel = null;
  /** @type {ReturnType<typeof createHeader> | null} */ #head = null;
  /** @type {ReturnType<typeof emergencyLine> | null} */ #emergency = null;
  #keeper = new SessionKeeper(() => window.sessionStorage);
  #draw = painter(() => this.#attention.isSeen, () => this.#paint());
  #notice = '';
  /** What no panel holds at the moment: typed words and the reader's place survive every rebuild. */
  #draft = '';
  #place = this.#keeper.takePlace();
  #removeMenu = () => {};
  /** What the host page asked before there was a session. */ #question = '';
  /** @type {Record<string, string>} */ #person = {};
  /** @type {Attention} */ #attention;

  /** @param {HTMLElement} root @param {Host} host @param {Lang} lang */
  constructor(root, host, lang) {
    this.root = root;
    this.host = host;
    this.lang = lang;
    this.#attention = new Attention(host);
    root.classList.add('chat');
    document.addEventListener('visibilitychange', () => {
      if (document.visibilityState !== 'visible') return;
      this.#connection?.wake();
      this.#draw();
    });
    window.addEventListener('pagehide', () => this.#keeper.keepPlace(this.#panel?.here() ?? null));
    window.addEventListener('online', () => this.#connection?.wake());
    window.addEventListener('beforeunload', (event) => this.#hasUnsent() && event.preventDefault());
    const kept = this.#keeper.load();
    if (kept) this.#connect(kept);
    this.#build();
  }

  /** @param {Lang} lang */
  setLang(lang) {
    if (lang === this.lang) return;
    this.lang = lang;
    this.#build();
  }

  /** The page changed: other questions fit it now. */
  contextChanged() {
    this.#panel?.refreshStarters();
  }

  /** The chat comes into view, or leaves it. @param {boolean} isOpen */
  show(isOpen) {
    this.#attention.show(isOpen);
    this.#draw();
  }

  /** Asks for the visitor; without a session, as soon as there is one. @param {string} text */
  ask(text) {
    if (this.#connection) this.#send(text);
    else this.#question = text;
  }

  /** Ends this visit; what was said stays on the server until its time. */
  reset() {
    this.#startOver('');
  }

  /** Fills the form for contact details beforehand; nothing is sent. @param {Record<string, string>} person */
  identify(person) {
    this.#person = person;
    this.#panel?.identify(person);
  }

  focus() {
    if (this.#panel) this.#panel.composer.focus();
    else document.getElementById('consent-title')?.focus();
  }

  #build() {
    const t = translator(this.lang);
    this.#draft = this.#panel?.composer.text ?? this.#draft;
    this.#place = this.#panel?.here() ?? this.#place;
    this.#removeMenu();
    this.#panel = null;
    const menu = createOwnMenu(t, () => this.#owned(), {
      erased: () => this.#startOver(translator(this.lang)('deleted')), muted: () => this.#build(),
    });
    this.#removeMenu = menu.remove;
    const head = this.#head = createHeader(t, {
      askForPerson: () => this.#askForPerson(), menu: menu.element, close: this.host.close,
      switchLang: () => this.host.switchLang(this.lang === 'en' ? 'zh' : 'en'),
      otherLang: langTag(this.lang === 'en' ? 'zh' : 'en'), inSession: this.#connection !== null,
    });
    const notice = el('p', { class: 'chat-notice', role: 'status' }, this.#notice);
    const body = this.#connection ? this.#buildPanel() : this.#buildConsent();
    this.root.lang = langTag(this.lang);
    this.#emergency = emergencyLine(t);
    this.root.replaceChildren(head.element, notice, body, this.#emergency.element);
    this.#draw();
  }

  #buildConsent() {
    const t = translator(this.lang);
    const privacy = this.host.articleLink(this.lang === 'zh' ? 'general/privacy.zh' : 'general/privacy', null, t('consentPrivacy'));
    return renderConsent(t, { privacy, accept: () => this.#begin() });
  }

  async #begin() {
    const credentials = await createSession('', {
      site: this.host.site, consent: { version: consentVersion, lang: this.lang }, context: this.host.context(),
    });
    this.#notice = '';
    this.#keeper.keep(credentials);
    this.#connect(credentials);
    this.#build();
    this.focus();
    if (this.#question) this.#send(this.#question);
    this.#question = '';
  }

  #buildPanel() {
    const t = translator(this.lang);
    const send = (/** @type {string} */ text) => this.#send(text);
    this.#panel = createPanel({
      t, lang: this.lang, send,
      askForPerson: () => this.#askForPerson(),
      articleLink: this.host.articleLink,
      retry: (cid) => this.#retry(cid),
      takeBack: (cid) => this.#takeBack(cid),
      giveFeedback: (seq, value, reason) => this.#request('feedback', reason ? { seq, value, reason } : { seq, value }),
      sendForm: (fields) => this.#request('form', fields),
      numbers: () => this.#state.numbers,
    }, { starters: this.host.starters, submit: send, typing: () => this.#connection?.typing(), place: this.#place, startNew: () => this.#startOver('', joinTexts([...unsentTexts(this.#state), this.#panel?.composer.text ?? ''])) });
    this.#panel.identify(this.#person);
    this.#panel.composer.restore(this.#draft);
    return this.#panel.element;
  }

  /** @param {string} text */
  #send(text) {
    if (this.#connection === null || this.#state.status === 'stopped') return false;
    this.#panel?.asked();
    this.#connection.send(text, { lang: this.lang, context: this.host.context() });
    return true;
  }

  /** @param {import('../shared/protocol.js').Credentials} credentials */
  #connect(credentials) {
    this.#state = initialState;
    this.#connection = new Connection({
      url: socketAddress('/v1/chat'), credentials, environment: browserEnvironment(),
      listener: (signal) => {
        this.#state = apply(this.#state, signal);
        this.#attention.hear(signal, this.#state.replayTo);
        this.#draw();
      },
    });
    this.#connection.start();
    this.host.tell('lasting', { value: true });
  }

  #paint() {
    this.#head?.update(this.#state);
    this.#panel?.update(this.#state, this.#attention.follow(this.#state));
    this.#emergency?.update(this.#state.numbers);
    this.root.toggleAttribute('data-flagged', this.#state.isFlagged);
  }

  /** @param {string} t @param {object} [fields] */
  #request(t, fields) {
    return this.#connection ? this.#connection.request(t, fields) : Promise.reject(new Error('no session'));
  }

  /** @param {string} words */
  #say(words) {
    this.#notice = words;
    const notice = this.root.querySelector('.chat-notice');
    if (notice) notice.textContent = words;
  }

  #askForPerson() {
    this.#say('');
    this.#request('handoff').catch(() => this.#say(translator(this.lang)('personFailed')));
  }

  /** @param {string} cid */
  #retry(cid) {
    this.#connection?.outbox.retry(cid);
    this.#connection?.wake();
  }

  /** @param {string} cid */
  #takeBack(cid) {
    const text = this.#state.items.find((item) => item.cid === cid)?.text ?? '';
    this.#connection?.outbox.discard(cid);
    this.#state = withdraw(this.#state, cid);
    this.#panel?.composer.restore(text);
    this.#panel?.composer.focus();
    this.#draw();
  }

  /** @returns {import('./own.js').Owned} */
  #owned() {
    return {
      root: this.root, lang: this.lang, items: this.#state.items, say: (words) => this.#say(words),
      request: (t, fields) => this.#request(t, fields),
    };
  }

  /** Leaves the session behind; the next one needs consent again. @param {string} notice @param {string} [draft] */
  #startOver(notice, draft = '') {
    this.#connection?.stop();
    this.#connection = null;
    this.#keeper.forget();
    this.#attention.forget();
    this.host.tell('lasting', { value: false });
    this.#state = initialState;
    this.#notice = notice;
    this.#panel = this.#place = null;
    this.#draft = draft;
    this.#build();
    this.focus();
  }

  #hasUnsent() {
    const draft = this.#panel?.composer.text.trim() ?? '';
    return draft !== '' || this.#connection?.outbox.isEmpty === false;
  }
}
