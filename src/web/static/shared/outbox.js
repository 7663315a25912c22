/**
 * Messages on their way to the server, in the order they were written. Only the first one is in
 * flight: order survives rejections, and a retry under the same cid is harmless because the server
 * stores a cid once. Everything lives in memory only; what a visitor types is health data.
 */

/** @typedef {import('./environment.js').Environment} Environment */
/**
 * @typedef {import('./protocol.js').Alarm} Alarm
 * @typedef {import('./protocol.js').Rejected} Rejected
 * @typedef {import('./protocol.js').Triage} Triage
 */

/**
 * How a message stands: `sending`, `undelivered` (still trying, but the visitor must know), `sent`,
 * or `failed` (refused; nothing will happen by itself). The server judges what it refuses, too.
 * @typedef {{t: 'delivery', cid: string, state: 'sending' | 'undelivered' | 'sent' | 'failed', seq?: number, code?: string, triage?: Triage}} DeliverySignal
 * @typedef {{cid: string, frame: object, overdueTimer: any}} Entry
 */

/** The visitor is told within ten seconds; the message may still get through later. */
const overdueMs = 9_000;
/** An open socket that never answers a message gets it once more. */
const unansweredMs = 15_000;
const defaultRetryMs = 2_000;

export class Outbox {
  /** @type {Entry[]} */ #waiting = [];
  /** @type {Map<string, Entry>} */ #failed = new Map();
  #open = false;
  /** @type {any} */ #retryTimer = null;

  /**
   * @param {Environment} environment
   * @param {(frame: object) => void} transmit
   * @param {(signal: DeliverySignal) => void} notify
   */
  constructor(environment, transmit, notify) {
    this.environment = environment;
    this.transmit = transmit;
    this.notify = notify;
  }

  /** Says whether closing the page now would lose a message. */
  get isEmpty() {
    return this.#waiting.length === 0 && this.#failed.size === 0;
  }

  /** Takes a message. @param {string} cid @param {object} frame */
  add(cid, frame) {
    const entry = { cid, frame, overdueTimer: null };
    this.#waiting.push(entry);
    this.#watch(entry);
    if (this.#waiting.length === 1) this.#sendFirst();
  }

  /** The connection is welcome: whatever is unanswered goes out again. */
  resume() {
    this.#open = true;
    this.#sendFirst();
  }

  /** The connection is gone. */
  pause() {
    this.#open = false;
    this.environment.clearTimeout(this.#retryTimer);
  }

  /** Sends a message that was refused or is overdue once more, under the same cid. @param {string} cid */
  retry(cid) {
    const failed = this.#failed.get(cid);
    if (failed) {
      this.#failed.delete(cid);
      this.#waiting.push(failed);
    }
    const entry = this.#waiting.find((waiting) => waiting.cid === cid);
    if (!entry) return;
    this.notify({ t: 'delivery', cid, state: 'sending' });
    this.#watch(entry);
    if (this.#waiting[0] === entry) this.#sendFirst();
  }

  /** Forgets a refused message: the visitor took its text back. @param {string} cid */
  discard(cid) {
    this.#failed.delete(cid);
  }

  /** The server has it: `accepted`, or its event seen in the log. @param {string} cid @param {number} seq */
  settle(cid, seq) {
    const entry = this.#take(cid);
    if (entry) this.notify({ t: 'delivery', cid, state: 'sent', seq });
  }

  /** The server says that it is an emergency, and is still storing it. @param {Alarm} alarm */
  warn({ cid, triage }) {
    if (this.#waiting.some((entry) => entry.cid === cid)) this.notify({ t: 'delivery', cid, state: 'sending', triage });
  }

  /** The server refused it; says whether the cid was one of ours. @param {Rejected} rejected */
  refuse(rejected) {
    const { cid, code, retryable } = rejected;
    const judged = rejected.triage ? { triage: rejected.triage } : {};
    if (this.#waiting[0]?.cid !== cid) return false;
    if (retryable) {
      this.#later(rejected.retry_after_ms ?? defaultRetryMs);
      this.notify({ t: 'delivery', cid, state: 'sending', code, ...judged });
      return true;
    }
    const entry = this.#take(cid);
    if (entry) this.#failed.set(cid, entry);
    this.notify({ t: 'delivery', cid, state: 'failed', code, ...judged });
    return true;
  }

  /** Nothing will be sent any more: every waiting message is marked as failed. @param {string} code */
  stop(code) {
    this.pause();
    for (const entry of this.#waiting.splice(0)) {
      this.environment.clearTimeout(entry.overdueTimer);
      this.#failed.set(entry.cid, entry);
      this.notify({ t: 'delivery', cid: entry.cid, state: 'failed', code });
    }
  }

  /** @param {string} cid */
  #take(cid) {
    const index = this.#waiting.findIndex((entry) => entry.cid === cid);
    const [entry] = index < 0 ? [] : this.#waiting.splice(index, 1);
    if (!entry) return null;
    this.environment.clearTimeout(entry.overdueTimer);
    if (index === 0) this.#sendFirst();
    return entry;
  }

  #sendFirst() {
    this.environment.clearTimeout(this.#retryTimer);
    const first = this.#waiting[0];
    if (!first || !this.#open) return;
    this.#later(unansweredMs);
    this.transmit(first.frame);
  }

  /** @param {number} delayMs */
  #later(delayMs) {
    this.environment.clearTimeout(this.#retryTimer);
    this.#retryTimer = this.environment.setTimeout(() => this.#sendFirst(), delayMs);
  }

  /** @param {Entry} entry */
  #watch(entry) {
    this.environment.clearTimeout(entry.overdueTimer);
    entry.overdueTimer = this.environment.setTimeout(() => {
      this.notify({ t: 'delivery', cid: entry.cid, state: 'undelivered' });
    }, overdueMs);
  }
}
