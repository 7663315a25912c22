/**
 * The visitor's connection: one socket at a time, opened again for as long as the protocol allows,
 * reading the session's log from where it left off. It reports everything as signals to one
 * listener and leaves out the DOM, storage and the making of sessions.
 */

import { Cursor } from './cursor.js';
import { Outbox } from './outbox.js';
import { backoffMs, mayReconnect, parseFrame } from './protocol.js';
import { Requests } from './requests.js';
import { Timers } from './timers.js';

/**
 * @typedef {import('./environment.js').Environment} Environment
 * @typedef {import('./environment.js').Socket} Socket
 * @typedef {import('./protocol.js').Credentials} Credentials
 * @typedef {import('./protocol.js').ServerFrame} ServerFrame
 * @typedef {import('./protocol.js').EventFrame} EventFrame
 * @typedef {import('./protocol.js').Welcome} Welcome
 *
 * @typedef {{t: 'status', status: 'connecting' | 'online' | 'waiting' | 'stopped', delayMs?: number, code?: number}} StatusSignal
 * @typedef {{t: 'composed', cid: string, text: string}} ComposedSignal
 * @typedef {{t: 'reset'} | Welcome | EventFrame | StatusSignal | ComposedSignal | import('./protocol.js').ErrorFrame
 *   | import('./outbox.js').DeliverySignal | import('./protocol.js').Queue | import('./protocol.js').Typing} Signal
 */

const handshakeMs = 10_000;
const silenceMs = 45_000;
const healthyMs = 30_000;
const ackMs = 1_000;
const ackEvery = 16;
// Close codes of our own making; the server only reads them in its log.
const closeNormal = 1000;
const closeHeartbeat = 4002;
const closeResync = 4006;

export class Connection {
  /** @type {Socket | null} */ #socket = null;
  /** @type {StatusSignal['status'] | 'idle'} */ #status = 'idle';
  /** @type {string | null} */ #epoch;
  #cursor = new Cursor();
  #lastHeard = 0;
  #attempts = 0;
  #unacked = 0;
  #hurry = true;
  /** @type {number | null} */ #goAwayMs = null;
  /** @type {Timers} */ #timers;

  /**
   * @param {{url: string, credentials: Credentials, environment: Environment, client?: string,
   *   listener: (signal: Signal) => void}} options
   */
  constructor({ url, credentials, environment, listener, client = 'eider-web' }) {
    this.url = url;
    this.credentials = credentials;
    this.environment = environment;
    this.listener = listener;
    this.client = client;
    this.#epoch = credentials.epoch ?? null;
    this.#timers = new Timers(environment);
    this.outbox = new Outbox(environment, (frame) => this.#transmit(frame), listener);
    this.requests = new Requests(environment, (frame) => this.#transmit(frame));
  }

  start() {
    if (this.#status === 'idle') this.#open();
  }

  /** Ends for good, from this side. */
  stop() {
    if (this.#status !== 'stopped') this.#stopFor(closeNormal, 'closed');
  }

  /** Call when the page becomes visible, or the network comes back. */
  wake() {
    if (this.#status === 'waiting' && this.#hurry) return this.#open();
    const silent = this.environment.now() - this.#lastHeard > silenceMs;
    if (this.#status === 'online' && silent) this.#abandon(closeHeartbeat, 0);
  }

  /** Sends a message; returns the cid that follows it for the session's life. @param {string} text @param {object} [extra] */
  send(text, extra = {}) {
    const cid = this.environment.uuid();
    this.listener({ t: 'composed', cid, text });
    this.outbox.add(cid, { t: 'send', cid, text, ...extra });
    return cid;
  }

  /** Sends a command and resolves with its answer. @param {string} t @param {object} [fields] */
  request(t, fields = {}) {
    const cid = this.environment.uuid();
    return this.requests.add(cid, { t, cid, ...fields });
  }

  #open() {
    this.#timers.clearAll();
    this.#setStatus({ t: 'status', status: 'connecting' });
    this.#goAwayMs = null;
    this.#lastHeard = this.environment.now();
    const socket = this.environment.openSocket(this.url);
    this.#socket = socket;
    this.#watch(handshakeMs);
    socket.onopen = () => this.#ifCurrent(socket, () => this.#transmit({
      t: 'hello', token: this.credentials.token, epoch: this.#epoch, after_seq: this.#cursor.lastSeq, client: this.client,
    }));
    socket.onmessage = ({ data }) => this.#ifCurrent(socket, () => this.#receive(data));
    socket.onclose = ({ code }) => this.#ifCurrent(socket, () => this.#dropped(code));
  }

  /** @param {unknown} data */
  #receive(data) {
    this.#lastHeard = this.environment.now();
    if (this.#status === 'online') this.#watch(silenceMs);
    const frame = parseFrame(data);
    if (frame) this.#handle(frame);
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
      case 'done': case 'exported': case 'erased': return this.requests.settle(frame.cid, frame);
      case 'rejected': return this.#rejected(frame);
      case 'queue': case 'typing': return this.listener(frame);
      case 'goaway': return this.#leave(frame.reconnect_in_ms);
      case 'error':
        if (frame.cid) this.#rejected({ t: 'rejected', cid: frame.cid, code: frame.code, retryable: false });
        return this.listener(frame);
      default: // Unknown and ephemeral frames are no concern of this client.
    }
  }

  /** @param {Welcome} frame */
  #welcomed(frame) {
    this.#epoch = frame.epoch ?? null;
    if (this.#cursor.welcome(frame.mode)) this.listener({ t: 'reset' });
    this.#setStatus({ t: 'status', status: 'online' });
    this.#watch(silenceMs);
    this.#timers.set('healthy', healthyMs, () => { this.#attempts = 0; });
    this.listener(frame);
    this.outbox.resume();
    this.requests.resume();
  }

  /** @param {EventFrame} frame */
  #logged(frame) {
    const news = this.#cursor.read(frame.seq);
    if (news === 'gap') return this.#abandon(closeResync);
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
    this.#transmit({ t: 'ack', seq: this.#cursor.lastSeq });
  }

  /** @param {import('./protocol.js').Ping} frame */
  #pinged(frame) {
    this.#transmit({ t: 'pong', n: frame.n });
    if (this.#cursor.isBehind(frame.head_seq ?? 0)) this.#abandon(closeResync);
  }

  /** @param {import('./protocol.js').Rejected} frame */
  #rejected(frame) {
    if (this.outbox.refuse(frame)) return;
    if (frame.retryable) this.requests.later(frame.cid, frame.retry_after_ms ?? 2_000);
    else this.requests.fail(frame.cid, frame.code);
  }

  /** The server is going: it names the delay and closes; a server that forgets to is left. @param {number} delayMs */
  #leave(delayMs) {
    this.#goAwayMs = Math.max(0, Number(delayMs) || 0);
    this.#timers.set('goaway', this.#goAwayMs + 1_000, () => this.#abandon(closeNormal, 0));
  }

  /** Gives the socket up without waiting for its close event, which a dead network never sends. @param {number} code @param {number} [delayMs] */
  #abandon(code, delayMs) {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(code);
    this.#comeBack(delayMs);
  }

  /** @param {number} code */
  #dropped(code) {
    if (mayReconnect(code)) return this.#comeBack(this.#goAwayMs ?? undefined);
    this.#stopFor(code, code === 4503 ? 'closed' : 'stopped');
  }

  /** @param {number} [askedMs] the server's own delay, which is kept to the letter */
  #comeBack(askedMs) {
    this.#disconnect();
    const delayMs = askedMs ?? backoffMs(this.#attempts, this.environment.random());
    if (askedMs === undefined) this.#attempts += 1;
    this.#hurry = askedMs === undefined;
    this.#setStatus({ t: 'status', status: 'waiting', delayMs });
    this.#timers.set('reconnect', delayMs, () => this.#open());
  }

  /** @param {number} code @param {string} reason */
  #stopFor(code, reason) {
    const socket = this.#socket;
    this.#disconnect();
    if (code === closeNormal) socket?.close(code);
    this.requests.stop(reason);
    this.outbox.stop(reason);
    this.#setStatus({ t: 'status', status: 'stopped', code });
  }

  #disconnect() {
    this.#timers.clearAll();
    this.#socket = null;
    this.#unacked = 0;
    this.outbox.pause();
    this.requests.pause();
  }

  /** @param {number} patienceMs */
  #watch(patienceMs) {
    this.#timers.set('watchdog', patienceMs, () => this.#abandon(closeHeartbeat));
  }

  /** @param {object} frame */
  #transmit(frame) {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** @param {Socket} socket @param {() => void} work */
  #ifCurrent(socket, work) {
    if (socket === this.#socket) work();
  }

  /** @param {StatusSignal} signal */
  #setStatus(signal) {
    this.#status = signal.status;
    this.listener(signal);
  }
}
