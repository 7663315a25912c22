/**
 * Making, keeping and forgetting a session. The token lives in the tab's sessionStorage and only
 * there; a browser that forbids storage keeps it in memory for the page's life.
 */

/** @typedef {import('./protocol.js').Credentials} Credentials */

const storageKey = 'eider.session';
const placeKey = 'eider.place';

/** The server would not open a session; `retryAfterMs` when it named a delay. */
export class SessionRefused extends Error {
  /** @param {number} status @param {number | null} retryAfterMs */
  constructor(status, retryAfterMs) {
    super(`the server refused a new session: status ${status}`);
    this.status = status;
    this.retryAfterMs = retryAfterMs;
  }
}

/**
 * Opens a session. The consent must have been given: nothing is sent or stored before.
 * @param {string} base the server's address, empty for the page's own
 * @param {{site: string, consent: {version: string, lang: string},
 *   context: {drug: string | null, page: string | null, region: string | null}}} request
 * @param {typeof fetch} [fetchIt]
 * @returns {Promise<Credentials>}
 */
export async function createSession(base, request, fetchIt = fetch) {
  const response = await fetchIt(`${base}/v1/sessions`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    credentials: 'omit',
    cache: 'no-store',
  });
  if (!response.ok) {
    const seconds = Number(response.headers.get('retry-after'));
    throw new SessionRefused(response.status, seconds > 0 ? seconds * 1000 : null);
  }
  const { session, token, epoch } = await response.json();
  return { session, token, epoch: epoch ?? null };
}

/** Keeps one session's credentials. */
export class SessionKeeper {
  /** @type {Credentials | null} */ #memory = null;

  /** @param {() => Storage} storage a getter, because merely touching storage can throw */
  constructor(storage) {
    this.storage = storage;
  }

  /** @returns {Credentials | null} */
  load() {
    try {
      const kept = JSON.parse(this.storage().getItem(storageKey) ?? 'null');
      if (typeof kept?.token === 'string') return { session: String(kept.session), token: kept.token, epoch: null };
    } catch {
      // Storage is blocked or holds something else: memory is what there is.
    }
    return this.#memory;
  }

  /** @param {Credentials} credentials */
  keep({ session, token }) {
    this.#memory = { session, token, epoch: null };
    try {
      this.storage().setItem(storageKey, JSON.stringify({ session, token }));
    } catch {
      // Blocked storage costs the session at reload, nothing else.
    }
  }

  /** Where the reader is, for the tab's next page. @param {object | null} place */
  keepPlace(place) {
    try {
      if (place) this.storage().setItem(placeKey, JSON.stringify(place));
    } catch {
      // The next page begins at the newest exchange.
    }
  }

  /** Returns what was kept of the place, once. @returns {any} */
  takePlace() {
    try {
      const kept = JSON.parse(this.storage().getItem(placeKey) ?? 'null');
      this.storage().removeItem(placeKey);
      return kept;
    } catch {
      return null;
    }
  }

  forget() {
    this.#memory = null;
    try {
      this.storage().removeItem(storageKey);
      this.storage().removeItem(placeKey);
    } catch {
      // Nothing was stored either.
    }
  }
}
