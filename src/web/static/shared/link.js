/**
 * One socket at a time, opened again for as long as the close codes allow: handshake and silence
 * watched, full jitter between attempts, the server's own delay kept to the letter. What is said
 * over it is its owner's matter.
 */

import { backoffMs, mayReconnect, parseFrame } from './protocol.js';
import { Timers } from './timers.js';

/**
 * @typedef {import('./environment.js').Environment} Environment
 * @typedef {import('./environment.js').Socket} Socket
 *
 * @typedef {{t: 'status', status: 'connecting' | 'online' | 'waiting' | 'stopped', delayMs?: number, code?: number}} StatusSignal
 *
 * @typedef {object} Owner
 * @property {() => Promise<void>} [prepare] what must be done before each attempt; a `LinkStopped` ends the link
 * @property {() => object} greet the first frame
 * @property {(frame: any) => void} receive
 * @property {() => void} lost the socket is gone, whatever comes next
 * @property {(code: number) => void} ended there will be no other
 * @property {(signal: StatusSignal) => void} changed
 */

/** Thrown by `prepare` where trying again would be in vain. */
export class LinkStopped extends Error {
  /** @param {number} code the close code that says the same */
  constructor(code) {
    super(`the connection is not wanted: ${code}`);
    this.code = code;
  }
}

const handshakeMs = 10_000;
const silenceMs = 45_000;
const healthyMs = 30_000;
// Close codes of our own making; the server only reads them in its log.
export const closeNormal = 1000;
const closeHeartbeat = 4002;
export const closeResync = 4006;

export class Link {
  /** @type {Socket | null} */ #socket = null;
  /** @type {StatusSignal['status'] | 'idle'} */ #status = 'idle';
  #lastHeard = 0;
  #attempts = 0;
  #hurry = true;
  /** @type {number | null} */ #goAwayMs = null;
  /** @type {Timers} */ #timers;

  /** @param {{url: string, environment: Environment, owner: Owner}} options */
  constructor({ url, environment, owner }) {
    this.url = url;
    this.environment = environment;
    this.owner = owner;
    this.#timers = new Timers(environment);
  }

  get isOnline() {
    return this.#status === 'online';
  }

  start() {
    if (this.#status === 'idle') this.#open();
  }

  /** Ends for good, from this side. */
  stop() {
    if (this.#status !== 'stopped') this.#stopFor(closeNormal);
  }

  /** Call when the page becomes visible, or the network comes back. */
  wake() {
    if (this.#status === 'waiting' && this.#hurry) return this.#open();
    const silent = this.environment.now() - this.#lastHeard > silenceMs;
    if (this.#status === 'online' && silent) this.abandon(closeHeartbeat, 0);
  }

  /** @param {object} frame */
  transmit(frame) {
    this.#socket?.send(JSON.stringify(frame));
  }

  /** The server has let us in. */
  welcomed() {
    this.#setStatus({ t: 'status', status: 'online' });
    this.#watch(silenceMs);
    this.#timers.set('healthy', healthyMs, () => { this.#attempts = 0; });
  }

  /** The server is going: it names the delay and closes; a server that forgets to is left. @param {number} delayMs */
  leave(delayMs) {
    this.#goAwayMs = Math.max(0, Number(delayMs) || 0);
    this.#timers.set('goaway', this.#goAwayMs + 1_000, () => this.abandon(closeNormal, 0));
  }

  /** Gives the socket up without waiting for its close event, which a dead network never sends. @param {number} code @param {number} [delayMs] */
  abandon(code, delayMs) {
    const socket = this.#socket;
    this.#socket = null;
    socket?.close(code);
    this.#comeBack(delayMs);
  }

  #open() {
    this.#timers.clearAll();
    this.#setStatus({ t: 'status', status: 'connecting' });
    this.#goAwayMs = null;
    if (!this.owner.prepare) return this.#connect();
    this.owner.prepare().then(
      () => this.#status === 'connecting' && this.#connect(),
      (error) => {
        if (this.#status !== 'connecting') return;
        if (error instanceof LinkStopped) this.#stopFor(error.code);
        else this.#comeBack();
      },
    );
  }

  #connect() {
    this.#lastHeard = this.environment.now();
    const socket = this.environment.openSocket(this.url);
    this.#socket = socket;
    this.#watch(handshakeMs);
    socket.onopen = () => this.#ifCurrent(socket, () => this.transmit(this.owner.greet()));
    socket.onmessage = ({ data }) => this.#ifCurrent(socket, () => this.#receive(data));
    socket.onclose = ({ code }) => this.#ifCurrent(socket, () => this.#dropped(code));
  }

  /** @param {unknown} data */
  #receive(data) {
    this.#lastHeard = this.environment.now();
    if (this.#status === 'online') this.#watch(silenceMs);
    const frame = parseFrame(data);
    if (frame) this.owner.receive(frame);
  }

  /** @param {number} code */
  #dropped(code) {
    if (mayReconnect(code)) return this.#comeBack(this.#goAwayMs ?? undefined);
    this.#stopFor(code);
  }

  /** @param {number} [askedMs] the server's own delay */
  #comeBack(askedMs) {
    this.#disconnect();
    const delayMs = askedMs ?? backoffMs(this.#attempts, this.environment.random());
    if (askedMs === undefined) this.#attempts += 1;
    this.#hurry = askedMs === undefined;
    this.#setStatus({ t: 'status', status: 'waiting', delayMs });
    this.#timers.set('reconnect', delayMs, () => this.#open());
  }

  /** @param {number} code */
  #stopFor(code) {
    const socket = this.#socket;
    this.#disconnect();
    if (code === closeNormal) socket?.close(code);
    this.owner.ended(code);
    this.#setStatus({ t: 'status', status: 'stopped', code });
  }

  #disconnect() {
    this.#timers.clearAll();
    this.#socket = null;
    this.owner.lost();
  }

  /** @param {number} patienceMs */
  #watch(patienceMs) {
    this.#timers.set('watchdog', patienceMs, () => this.abandon(closeHeartbeat));
  }

  /** @param {Socket} socket @param {() => void} work */
  #ifCurrent(socket, work) {
    if (socket === this.#socket) work();
  }

  /** @param {StatusSignal} signal */
  #setStatus(signal) {
    this.#status = signal.status;
    this.owner.changed(signal);
  }
}
