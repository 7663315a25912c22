/**
 * The alert that nobody can miss: sound, the page's title and a desktop notification, again and
 * again until every waiting session is claimed. None of them carries a word about the visitor.
 */

import { urgentPriority } from './protocol.js';
import { ringing } from './select.js';

/** @typedef {import('./state.js').State} State */

const calmEveryMs = 12_000;
const urgentEveryMs = 4_000;
const blinkMs = 1_000;

export class Alert {
  /** Rows that somebody asked to be quiet about; each escalation rings anew. @type {Set<string>} */ #silenced = new Set();
  /** @type {Set<string>} */ #notified = new Set();
  /** @type {AudioContext | null} */ #audio = null;
  #lastSound = -Infinity;
  #isBlinking = false;
  /** @type {any} */ #timer;
  /** @type {import('./protocol.js').Row[]} */ #rows = [];
  /** @type {Notification | null} */ #notification = null;

  /** @param {{words: () => import('./words.js').Translate, changed: () => void}} options */
  constructor({ words, changed }) {
    this.words = words;
    this.changed = changed;
    this.#timer = setInterval(() => this.#beat(), blinkMs);
  }

  /** The rows that ring, whether silenced or not. */
  get rows() {
    return this.#rows;
  }

  get isUrgent() {
    return this.#rows.some(({ priority }) => priority >= urgentPriority);
  }

  get isSilenced() {
    return this.#loud().length === 0;
  }

  /** Whether the browser lets us be heard; it wants a click or a key first. */
  get isHeard() {
    return this.#audio?.state === 'running';
  }

  /** Call on a click or key: browsers give sound only then. */
  allowSound() {
    try {
      this.#audio ??= new AudioContext();
      this.#audio.resume().then(() => this.changed(), () => {});
    } catch {
      // A machine without sound: title and notification remain.
    }
  }

  /** Asks for notifications; call on a click. */
  async allowNotifications() {
    if ('Notification' in window && Notification.permission === 'default') await Notification.requestPermission();
    this.changed();
  }

  get mayNotify() {
    return 'Notification' in window && Notification.permission === 'granted';
  }

  /** Silences what rings now; what comes later, or escalates, is heard. */
  silence() {
    for (const row of this.#rows) this.#silenced.add(keyOf(row));
    this.changed();
  }

  /** One soft tone: a visitor wrote in a session of ours that is not on the screen. */
  chime() {
    this.#play([523], 0.2, 0.08);
  }

  /** @param {State} state */
  update(state) {
    this.#rows = ringing(state);
    const present = new Set(this.#rows.map(keyOf));
    for (const kept of [this.#silenced, this.#notified]) for (const key of kept) if (!present.has(key)) kept.delete(key);
    if (this.#rows.length === 0) {
      this.#lastSound = -Infinity;
      this.#notification?.close();
      this.#notification = null;
    }
    this.#beat();
  }

  stop() {
    clearInterval(this.#timer);
    this.#notification?.close();
    this.#audio?.close().catch(() => {});
    document.title = this.words()('title');
  }

  #loud() {
    return this.#rows.filter((row) => !this.#silenced.has(keyOf(row)));
  }

  #beat() {
    const loud = this.#loud();
    this.#setTitle();
    if (loud.length === 0) return;
    const isUrgent = loud.some(({ priority }) => priority >= urgentPriority);
    if (performance.now() - this.#lastSound >= (isUrgent ? urgentEveryMs : calmEveryMs)) {
      this.#lastSound = performance.now();
      this.#sound(isUrgent);
    }
    const fresh = loud.filter((row) => !this.#notified.has(keyOf(row)));
    if (fresh.length > 0) this.#notify(fresh, isUrgent);
  }

  #setTitle() {
    const t = this.words();
    const count = this.#rows.length;
    this.#isBlinking = count > 0 && !this.#isBlinking;
    const title = count === 0 ? t('title') : this.#isBlinking ? t(this.isUrgent ? 'titleUrgent' : 'titleWaiting', { count }) : `(${count}) ${t('title')}`;
    if (document.title !== title) document.title = title;
  }

  /** Two tones for a session that waits, five quick ones for an urgent one. @param {boolean} isUrgent */
  #sound(isUrgent) {
    if (isUrgent) this.#play([880, 660, 880, 660, 880], 0.14, 0.25);
    else this.#play([660, 880], 0.22, 0.25);
  }

  /** @param {number[]} tones in hertz @param {number} every in seconds @param {number} loudness */
  #play(tones, every, loudness) {
    const audio = this.#audio;
    if (!audio || audio.state !== 'running') return;
    tones.forEach((frequency, index) => {
      const at = audio.currentTime + index * every;
      const tone = audio.createOscillator();
      const volume = audio.createGain();
      tone.frequency.value = frequency;
      volume.gain.setValueAtTime(0.0001, at);
      volume.gain.exponentialRampToValueAtTime(loudness, at + 0.02);
      volume.gain.exponentialRampToValueAtTime(0.0001, at + 0.13);
      tone.connect(volume).connect(audio.destination);
      tone.start(at);
      tone.stop(at + 0.15);
    });
  }

  /** @param {import('./protocol.js').Row[]} rows @param {boolean} isUrgent */
  #notify(rows, isUrgent) {
    for (const row of rows) this.#notified.add(keyOf(row));
    if (!this.mayNotify || document.hasFocus()) return;
    const t = this.words();
    try {
      this.#notification?.close();
      this.#notification = new Notification(t(isUrgent ? 'notifyUrgent' : 'notifyWaiting'), { body: t('notifyText', { count: this.#rows.length }), tag: 'eider-desk', requireInteraction: isUrgent });
      this.#notification.onclick = () => window.focus();
    } catch {
      // Some systems only allow notifications from a worker: sound and title remain.
    }
  }
}

/** @param {import('./protocol.js').Row} row */
function keyOf({ session, escalations, fence }) {
  return `${session} ${fence} ${escalations}`;
}
