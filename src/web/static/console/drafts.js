/**
 * What a consultant has written and not sent, for each session, in memory only: it survives
 * reconnects, changes of session and of language. A draft keeps its cid for as long as its words
 * stay the same, so that sending it again can never send it twice.
 */

/**
 * @typedef {import('./protocol.js').Quote} Quote
 *
 * @typedef {object} Draft
 * @property {string} text
 * @property {Quote[]} quotes
 * @property {string} note an internal note that is being written
 * @property {'idle' | 'sending' | 'held' | 'failed'} phase `held`: something came in that must be read first
 * @property {string | null} code why it failed
 * @property {number} shownTo the last event that was on the screen when it was sent
 */

/** @returns {Draft} */
function blank() {
  return { text: '', quotes: [], note: '', phase: 'idle', code: null, shownTo: 0 };
}

export class Drafts {
  /** @type {Map<string, Draft>} */ #drafts = new Map();
  /** @type {Map<string, {key: string, cid: string}>} */ #cids = new Map();

  /** @param {() => string} uuid */
  constructor(uuid) {
    this.uuid = uuid;
  }

  /** @param {string} session */
  of(session) {
    const known = this.#drafts.get(session);
    if (known) return known;
    const draft = blank();
    this.#drafts.set(session, draft);
    return draft;
  }

  /** The cid under which these words go out. @param {string} session */
  cidOf(session) {
    const { text, quotes } = this.of(session);
    const key = JSON.stringify([text, quotes.map(({ article, anchor }) => [article, anchor])]);
    const known = this.#cids.get(session);
    if (known?.key === key) return known.cid;
    const cid = this.uuid();
    this.#cids.set(session, { key, cid });
    return cid;
  }

  /** The server has the message. @param {string} session */
  sent(session) {
    this.#cids.delete(session);
    this.#drafts.set(session, { ...blank(), note: this.of(session).note });
  }

  /** @param {string} session */
  forget(session) {
    this.#cids.delete(session);
    this.#drafts.delete(session);
  }

  /** Whether leaving the page would lose words. */
  get hasWords() {
    return [...this.#drafts.values()].some(({ text, note, quotes }) => text.trim() !== '' || note.trim() !== '' || quotes.length > 0);
  }
}

/**
 * What a line that is being typed asks for: `/` a canned reply, `>` a passage of the knowledge base.
 * @param {string} text @param {number} caret
 * @returns {{kind: 'reply' | 'passage', query: string, from: number, to: number} | null}
 */
export function asked(text, caret) {
  const from = text.lastIndexOf('\n', caret - 1) + 1;
  const mark = text[from];
  if (caret <= from || (mark !== '/' && mark !== '>' && mark !== '》' && mark !== '、')) return null;
  const query = text.slice(from + 1, caret);
  return { kind: mark === '/' || mark === '、' ? 'reply' : 'passage', query: query.trim(), from, to: caret };
}

/** The replies that fit what was typed: by name first, then by their words. @param {import('./protocol.js').Reply[]} replies @param {string} query */
export function fitting(replies, query) {
  const wanted = query.toLowerCase();
  const rank = (/** @type {import('./protocol.js').Reply} */ { id, text }) => (id.startsWith(wanted) ? 0 : id.includes(wanted) ? 1
    : Object.values(text).some((words) => words.toLowerCase().includes(wanted)) ? 2 : 3);
  return replies.filter((reply) => rank(reply) < 3).sort((a, b) => rank(a) - rank(b));
}

/**
 * A canned reply in the visitor's language with its variables filled in.
 * @param {import('./protocol.js').Reply} reply @param {string} lang @param {{consultant: string, drug: string}} values
 */
export function replyText(reply, lang, values) {
  const words = reply.text[lang] ?? reply.text.en ?? Object.values(reply.text)[0] ?? '';
  return words.replace(/\{(consultant|drug)\}/g, (_, name) => values[/** @type {'consultant' | 'drug'} */ (name)]);
}
