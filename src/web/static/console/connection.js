/**
 * The console's connection: a new ticket for each socket, the sessions that are followed opened
 * again from where they were read to, commands repeated until answered. Everything that comes is
 * reported as signals to one listener.
 */

import { Cursor } from '../shared/cursor.js';
import { Link, LinkStopped, closeNormal } from '../shared/link.js';
import { Requests } from '../shared/requests.js';
import { Timers } from '../shared/timers.js';
import { ApiFailed } from './api.js';

/**
 * @typedef {import('./protocol.js').ServerFrame} ServerFrame
 * @typedef {import('../shared/link.js').StatusSignal} StatusSignal
 * @typedef {ServerFrame | StatusSignal | {t: 'reset'} | {t: 'follow', session: string} | {t: 'leave', session: string}} Signal
 * @typedef {{cid: string, cursor: Cursor}} Followed
 */

/** A message is not given up while the page is open: it goes out again after every reconnect. */
const sendPatienceMs = 60 * 60_000;
const typingEveryMs = 3_000;
const retryMs = 2_000;
const signedOut = 4501;
const disabled = 4506;

export class DeskConnection {
  /** @type {Map<string, Followed>} */ #followed = new Map();
  /** @type {string | null} */ #epoch = null;
  /** @type {string | null} */ #ticket = null;
  /** @type {Link} */ #link;
  /** @type {Timers} */ #timers;

  /**
   * @param {{url: string, fetchTicket: () => Promise<string>, environment: import('../shared/environment.js').Environment,
   *   listener: (signal: Signal) => void}} options
   */
  constructor({ url, fetchTicket, environment, listener }) {
    this.environment = environment;
    this.listener = listener;
    this.#timers = new Timers(environment);
    this.#link = new Link({ url, environment, owner: {
      prepare: async () => { this.#ticket = await fetchTicket().catch(refusal); },
      greet: () => ({ t: 'hello', ticket: this.#ticket }),
      receive: (frame) => this.#handle(frame),
      lost: () => this.requests.pause(),
      ended: (code) => this.requests.stop(code === closeNormal ? 'closed' : 'stopped'),
      changed: listener,
    } });
    this.requests = new Requests(environment, (frame) => this.#link.transmit(frame));
  }

  start() {
    this.#link.start();
  }

  stop() {
    this.#link.stop();
  }

  /** Call when the page becomes visible, or the network comes back. */
  wake() {
    this.#link.wake();
  }

  /** Follows a session's log from its beginning. @param {string} session */
  follow(session) {
    if (this.#followed.has(session)) return;
    const followed = { cid: this.environment.uuid(), cursor: new Cursor() };
    followed.cursor.welcome('fresh');
    this.#followed.set(session, followed);
    this.listener({ t: 'follow', session });
    if (this.#link.isOnline) this.#openSession(session, followed);
  }

  /** @param {string} session */
  leave(session) {
    if (this.#followed.delete(session) && this.#link.isOnline) this.#link.transmit({ t: 'leave', session });
    this.listener({ t: 'leave', session });
  }

  /** Sends a command and resolves with its `done`. @param {string} t @param {object} fields @param {string} [cid] the same on a retry of the same words @returns {Promise<import('./protocol.js').Done>} */
  request(t, fields, cid = this.environment.uuid()) {
    // What is typed after a message is news again.
    if (t === 'send' && 'session' in fields) this.#timers.clear(`typing:${fields.session}`);
    const answered = this.requests.add(cid, { t, cid, ...fields }, t === 'send' ? sendPatienceMs : undefined);
    return /** @type {Promise<any>} */ (answered);
  }

  /** Tells the visitor that something is being written, at most every three seconds. @param {string} session */
  typing(session) {
    if (!this.#link.isOnline || this.#timers.has(`typing:${session}`)) return;
    this.#timers.set(`typing:${session}`, typingEveryMs, () => {});
    this.#link.transmit({ t: 'typing', session });
  }

  /** @param {ServerFrame} frame */
  #handle(frame) {
    switch (frame.t) {
      case 'welcome': return this.#welcomed(frame);
      case 'event': return this.#logged(frame);
      case 'done':
        this.listener(frame);
        return this.requests.settle(frame.cid, /** @type {any} */ (frame));
      case 'refused': return this.#refused(frame);
      case 'closed':
        this.#followed.delete(frame.session);
        return this.listener(frame);
      case 'ping': return this.#link.transmit({ t: 'pong', n: frame.n });
      case 'goaway': return this.#link.leave(frame.reconnect_in_ms);
      case 'opened':
      case 'queue':
      case 'people':
      case 'note':
      case 'form':
      case 'typing':
      case 'presence':
      case 'error': return this.listener(frame);
      default: // Frames of a later version are no concern of this one.
    }
  }

  /** @param {import('./protocol.js').Welcome} frame */
  #welcomed(frame) {
    if (this.#epoch !== null && this.#epoch !== frame.epoch) {
      this.listener({ t: 'reset' });
      for (const { cursor } of this.#followed.values()) cursor.welcome('fresh');
    }
    this.#epoch = frame.epoch;
    this.#link.welcomed();
    this.listener(frame);
    for (const [session, followed] of this.#followed) this.#openSession(session, followed);
    this.requests.resume();
  }

  /** @param {string} session @param {Followed} followed */
  #openSession(session, { cid, cursor }) {
    this.#link.transmit({ t: 'open', cid, session, after_seq: cursor.lastSeq });
  }

  /** @param {import('./protocol.js').EventFrame} frame */
  #logged(frame) {
    const followed = this.#followed.get(frame.session);
    if (!followed) return;
    const news = followed.cursor.read(frame.seq);
    if (news === 'gap') this.#openSession(frame.session, followed);
    else if (news === 'next') this.listener(frame);
  }

  /** @param {import('./protocol.js').Refused} frame */
  #refused(frame) {
    const opened = [...this.#followed].find(([, { cid }]) => cid === frame.cid);
    if (opened) {
      const [session, followed] = opened;
      if (frame.retryable) return this.#timers.set(`open:${session}`, frame.retry_after_ms ?? retryMs, () => this.#openSession(session, followed));
      this.#followed.delete(session);
      return this.listener({ t: 'closed', session, why: frame.code });
    }
    this.listener(frame);
    if (frame.retryable) this.requests.later(frame.cid, frame.retry_after_ms ?? retryMs);
    else this.requests.fail(frame.cid, frame.code);
  }
}

/** Signed out for good, or only a network that is away? @param {unknown} error @returns {never} */
function refusal(error) {
  if (error instanceof ApiFailed && error.status === 401) throw new LinkStopped(signedOut);
  if (error instanceof ApiFailed && error.status === 403) throw new LinkStopped(error.code === 'forbidden' ? disabled : signedOut);
  throw error;
}
