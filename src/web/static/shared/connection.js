/**
 * The visitor's connection: reads the session's log from where it left off, over a link that comes
 * back by itself. It reports everything as signals to one listener and leaves out the DOM, storage
 * and the making of sessions.
 */

import { Cursor } from './cursor.js';
import { Link, closeNormal, closeResync } from './link.js';
import { Outbox } from './outbox.js';
import { Requests } from './requests.js';
import { Timers } from './timers.js';

/**
 * @typedef {import('./environment.js').Environment} Environment
 * @typedef {import('./protocol.js').Credentials} Credentials
 * @typedef {import('./protocol.js').ServerFrame} ServerFrame
 * @typedef {import('./protocol.js').EventFrame} EventFrame
 * @typedef {import('./protocol.js').Welcome} Welcome
 *
 * @typedef {{t: 'composed', cid: string, text: string}} ComposedSignal
 * @typedef {{t: 'reset'} | Welcome | EventFrame | import('./link.js').StatusSignal | ComposedSignal | import('./protocol.js').ErrorFrame
 *   | import('./protocol.js').QueuePlace | {t: 'typing'} | import('./outbox.js').DeliverySignal} Signal
 */

const ackMs = 1_000;
const ackEvery = 16;
const typingEveryMs = 3_000;

export class Connection {
  /** @type {string | null} */ #epoch;
  #cursor = new Cursor();
  #unacked = 0;
  /** @type {Timers} */ #timers;
  /** @type {Link} */ #link;

  /**
   * @param {{url: string, credentials: Credentials, environment: Environment, client?: string,
   *   listener: (signal: Signal) => void}} options
   */
  constructor({ url, credentials, environment, listener, client = 'eider-web' }) {
    this.credentials = credentials;
    this.environment = environment;
    this.listener = listener;
    this.client = client;
    this.#epoch = credentials.epoch ?? null;
    this.#timers = new Timers(environment);
    this.#link = new Link({ url, environment, owner: {
      greet: () => this.#hello(), receive: (frame) => this.#handle(frame),
      lost: () => this.#pause(), ended: (code) => this.#ended(code), changed: listener,
    } });
    this.outbox = new Outbox(environment, (frame) => this.#link.transmit(frame), listener);
    this.requests = new Requests(environment, (frame) => this.#link.transmit(frame));
  }

  start() {
    this.#link.start();
  }

  /** Ends for good, from this side. */
  stop() {
    this.#link.stop();
  }

  /** Call when the page becomes visible, or the network comes back. */
  wake() {
    this.#link.wake();
  }

  /** Sends a message; returns the cid that follows it for the session's life. @param {string} text @param {object} [extra] */
  send(text, extra = {}) {
    const cid = this.environment.uuid();
    this.listener({ t: 'composed', cid, text });
    // What is typed after a message is news again.
    this.#timers.clear('typing');
    this.outbox.add(cid, { t: 'send', cid, text, ...extra });
    return cid;
  }

  /** Sends a command and resolves with its answer. @param {string} t @param {object} [fields] */
  request(t, fields = {}) {
    const cid = this.environment.uuid();
    return this.requests.add(cid, { t, cid, ...fields });
  }

  /** Tells the consultant that something is being written, at most every three seconds. */
  typing() {
    if (!this.#link.isOnline || this.#timers.has('typing')) return;
    this.#timers.set('typing', typingEveryMs, () => {});
    this.#link.transmit({ t: 'typing' });
  }

  #hello() {
    return { t: 'hello', token: this.credentials.token, epoch: this.#epoch, after_seq: this.#cursor.lastSeq, client: this.client };
  }

  /** @param {ServerFrame} frame */
  #handle(frame) {
    switch (frame.t) {
      case 'welcome': return this.#welcomed(frame);
      case 'event': return this.#logged(frame);
      case 'ping': return this.#pinged(frame);
      case 'accepted':
        this.outbox.settle(frame.cid, frame.seq);
        return this.requests.settle(frame.cid, frame);
      case 'done':
      case 'exported':
      case 'erased': return this.requests.settle(frame.cid, frame);
      case 'alarm': return this.outbox.warn(frame);
      case 'rejected': return this.#rejected(frame);
      case 'goaway': return this.#link.leave(frame.reconnect_in_ms);
      case 'queue':
      case 'typing': return this.listener(frame);
      case 'error':
        if (frame.cid) this.#rejected({ t: 'rejected', cid: frame.cid, code: frame.code, retryable: false });
        return this.listener(frame);
      default: // Frames of a later version are no concern of this one.
    }
  }

  /** @param {Welcome} frame */
  #welcomed(frame) {
    this.#epoch = frame.epoch ?? null;
    if (this.#cursor.welcome(frame.mode)) this.listener({ t: 'reset' });
    this.#link.welcomed();
    this.listener(frame);
    this.outbox.resume();
    this.requests.resume();
  }

  /** @param {EventFrame} frame */
  #logged(frame) {
    const news = this.#cursor.read(frame.seq);
    if (news === 'gap') return this.#link.abandon(closeResync);
    if (news === 'known') return;
    if (frame.role === 'visitor' && frame.cid) this.outbox.settle(frame.cid, frame.seq);
    this.listener(frame);
    this.#unacked += 1;
    if (this.#unacked >= ackEvery) this.#ack();
    else if (!this.#timers.has('ack')) this.#timers.set('ack', ackMs, () => this.#ack());
  }

  #ack() {
    this.#timers.clear('ack');
    this.#unacked = 0;
    this.#link.transmit({ t: 'ack', seq: this.#cursor.lastSeq });
  }

  /** @param {import('./protocol.js').Ping} frame */
  #pinged(frame) {
    this.#link.transmit({ t: 'pong', n: frame.n });
    if (this.#cursor.isBehind(frame.head_seq ?? 0)) this.#link.abandon(closeResync);
  }

  /** @param {import('./protocol.js').Rejected} frame */
  #rejected(frame) {
    if (this.outbox.refuse(frame)) return;
    if (frame.retryable) this.requests.later(frame.cid, frame.retry_after_ms ?? 2_000);
    else this.requests.fail(frame.cid, frame.code, frame.field);
  }

  #pause() {
    this.#timers.clearAll();
    this.#unacked = 0;
    this.outbox.pause();
    this.requests.pause();
  }

  /** @param {number} code */
  #ended(code) {
    const reason = code === closeNormal || code === 4503 ? 'closed' : 'stopped';
    this.requests.stop(reason);
    this.outbox.stop(reason);
  }
}
