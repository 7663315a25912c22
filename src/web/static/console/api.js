/** The desk over HTTP: signing in and out, and everything that is no live session. */

/** @typedef {import('./protocol.js').Me} Me */

/** The server said no; `code` is its word, `retryAfterSeconds` what it asks for. */
export class ApiFailed extends Error {
  /** @param {number} status @param {string} code @param {number | null} retryAfterSeconds @param {any} [answer] the whole of it */
  constructor(status, code, retryAfterSeconds, answer = null) {
    super(`the request failed: ${status} ${code}`);
    this.status = status;
    this.code = code;
    this.retryAfterSeconds = retryAfterSeconds;
    this.answer = answer;
  }
}

export class Api {
  #csrf = '';
  /** By how much the server's clock is ahead of ours, in milliseconds; good to a second. */
  clockAheadMs = 0;

  /** @param {typeof fetch} [fetchIt] */
  constructor(fetchIt = (...request) => fetch(...request)) {
    this.fetchIt = fetchIt;
  }

  /** @param {string} login @param {string} password @param {string} code of the second factor, or empty @returns {Promise<Me>} */
  async login(login, password, code) {
    return this.#keep(await this.#call('POST', '/v1/login', { login, password, ...(code === '' ? {} : { code }) }));
  }

  /** Who is signed in; `null` when nobody is. @returns {Promise<Me | null>} */
  async me() {
    try {
      return this.#keep(await this.#call('GET', '/v1/me'));
    } catch (error) {
      if (error instanceof ApiFailed && error.status === 401) return null;
      throw error;
    }
  }

  /** @returns {Promise<string>} */
  async ticket() {
    return (await this.post('/v1/desk/ticket')).ticket;
  }

  /** @param {string} path @param {Record<string, string | number | null | undefined>} [query] what is empty is left out */
  get(path, query = {}) {
    const given = Object.entries(query).filter(([, value]) => value !== null && value !== undefined && value !== '');
    const search = new URLSearchParams(given.map(([name, value]) => [name, String(value)])).toString();
    return this.#call('GET', search === '' ? path : `${path}?${search}`);
  }

  /** @param {string} path @param {object} [body] */
  post(path, body = {}) {
    return this.#call('POST', path, body);
  }

  /** @param {Me} me */
  #keep(me) {
    this.#csrf = me.csrf;
    return me;
  }

  /** @param {string} method @param {string} path @param {object} [body] @returns {Promise<any>} */
  async #call(method, path, body) {
    const response = await this.fetchIt(path, {
      method,
      headers: body ? { 'content-type': 'application/json', 'x-csrf': this.#csrf } : {},
      body: body ? JSON.stringify(body) : undefined,
      credentials: 'same-origin',
      cache: 'no-store',
    });
    this.#readClock(response.headers.get('date'));
    if (response.status === 204) return null;
    const isText = response.ok && response.headers.get('content-type')?.startsWith('text/');
    const answer = isText ? await response.text() : await response.json().catch(() => null);
    if (response.ok) return answer;
    const seconds = Number(response.headers.get('retry-after'));
    throw new ApiFailed(response.status, String(answer?.error ?? 'internal'), seconds > 0 ? seconds : null, answer);
  }

  /** @param {string | null} date */
  #readClock(date) {
    const theirs = Date.parse(date ?? '');
    if (!Number.isNaN(theirs)) this.clockAheadMs = theirs + 500 - Date.now();
  }
}
