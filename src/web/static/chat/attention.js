/**
 * Whether somebody looks at the chat, and what is done about what arrives meanwhile: a count, a
 * mark where the reader left off, a sound, and word to the host page.
 */

import { newsOf } from './messages.js';
import { chime } from './sound.js';
import { Unread } from './unread.js';

export class Attention {
  #isOpen;
  #unread;

  /** @param {Pick<import('./page.js').Host, 'isOpen' | 'hasTexts' | 'tell'>} host */
  constructor(host) {
    this.host = host;
    this.#isOpen = host.isOpen;
    this.#unread = new Unread((count) => host.tell('unread', { count }));
  }

  /** Somebody can see the chat now. */
  get isSeen() {
    return this.#isOpen && document.visibilityState === 'visible';
  }

  /** The chat comes into view, or leaves it. @param {boolean} isOpen */
  show(isOpen) {
    this.#isOpen = isOpen;
  }

  /** Takes in one signal; what was there before the page is no news. @param {import('../shared/connection.js').Signal} signal @param {number} replayTo */
  hear(signal, replayTo) {
    if (signal.t !== 'event' || signal.seq <= replayTo) return;
    const news = newsOf(signal, this.host.hasTexts);
    for (const { t, ...fields } of news) this.host.tell(t, fields);
    if (news.some(({ t }) => t === 'answer') && !this.isSeen) chime();
  }

  /** Counts what nobody has seen; returns where the reader left off. @param {import('./state.js').State} state */
  follow({ items, replayTo }) {
    this.#unread.follow(items, this.isSeen, replayTo);
    return this.#unread.mark;
  }

  forget() {
    this.#unread.forget();
  }
}
