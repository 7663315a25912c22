/** The line to the host page, when there is one: exact origins, both ways, and a schema. */

import { readMessage } from './messages.js';

/** @typedef {import('./messages.js').HostMessage} HostMessage */

export class Bridge {
  /** @type {string | null} the origin that said hello */ #origin = null;

  /** @param {string[]} origins those that may speak, as the server registered them @param {(message: HostMessage) => void} hear */
  constructor(origins, hear) {
    window.addEventListener('message', ({ source, origin, data }) => {
      if (source !== window.parent || !origins.includes(origin)) return;
      const message = readMessage(data);
      if (message?.t === 'hello') this.#origin ??= origin;
      if (message && origin === this.#origin) hear(message);
    });
  }

  /** Says whether the page around is one of this server's own. */
  get isAtHome() {
    return this.#origin === window.location.origin;
  }

  /** @param {string} t @param {object} [fields] */
  tell(t, fields = {}) {
    if (this.#origin !== null) window.parent.postMessage({ eider: 1, t, ...fields }, this.#origin);
  }
}
