/**
 * Commands that want an answer (a person, feedback, export, erase), each a promise. They are sent
 * again after every reconnect until answered or overdue; their cid makes that harmless.
 */

/** @typedef {import('./environment.js').Environment} Environment */
/** @typedef {import('./protocol.js').ServerFrame} ServerFrame */

/** A command that came to nothing; `code` is the server's, or `timeout`. */
export class RequestFailed extends Error {
  /** @param {string} code @param {string | null} [field] the field of a form that is at fault */
  constructor(code, field = null) {
    super(`the request failed: ${code}`);
    this.code = code;
    this.field = field;
  }
}

/** @typedef {{frame: {t: string, [field: string]: unknown}, resolve: (frame: ServerFrame) => void, reject: (error: RequestFailed) => void, timer: any, retryTimer: any}} Pending */

const overdueMs = 15_000;

export class Requests {
  /** @type {Map<string, Pending>} */ #pending = new Map();
  #open = false;

  /** @param {Environment} environment @param {(frame: object) => void} transmit */
  constructor(environment, transmit) {
    this.environment = environment;
    this.transmit = transmit;
  }

  /** @param {string} cid @param {Pending['frame']} frame @param {number} [patienceMs] @returns {Promise<ServerFrame>} */
  add(cid, frame, patienceMs = overdueMs) {
    return new Promise((resolve, reject) => {
      const timer = this.environment.setTimeout(() => this.fail(cid, 'timeout'), patienceMs);
      this.#pending.set(cid, { frame, resolve, reject, timer, retryTimer: null });
      if (this.#open) this.transmit(frame);
    });
  }

  resume() {
    this.#open = true;
    for (const { frame } of this.#pending.values()) this.transmit(frame);
  }

  pause() {
    this.#open = false;
  }

  /** @param {string} cid @param {ServerFrame} frame */
  settle(cid, frame) {
    this.#take(cid)?.resolve(frame);
  }

  /** @param {string} cid @param {string} code @param {string | null} [field] */
  fail(cid, code, field) {
    this.#take(cid)?.reject(new RequestFailed(code, field));
  }

  /** Refused for now: it goes out again after the server's delay. @param {string} cid @param {number} delayMs */
  later(cid, delayMs) {
    const pending = this.#pending.get(cid);
    if (!pending) return;
    this.environment.clearTimeout(pending.retryTimer);
    pending.retryTimer = this.environment.setTimeout(() => {
      if (this.#open) this.transmit(pending.frame);
    }, delayMs);
  }

  /** The session is over: an erase has thereby succeeded, all else failed. @param {string} code */
  stop(code) {
    this.pause();
    for (const [cid, { frame }] of [...this.#pending]) {
      if (frame.t === 'erase' && code === 'closed') this.settle(cid, { t: 'erased', cid });
      else this.fail(cid, code);
    }
  }

  /** @param {string} cid */
  #take(cid) {
    const pending = this.#pending.get(cid);
    if (!pending) return null;
    this.#pending.delete(cid);
    this.environment.clearTimeout(pending.timer);
    this.environment.clearTimeout(pending.retryTimer);
    return pending;
  }
}
