/**
 * The visitor's side of the wire protocol `consult.v1`: the shapes of its frames, and what each
 * close code asks of a client. No DOM, no state.
 */

/**
 * @typedef {{text: string, steps?: string[], numbers?: PhoneNumber[]}} EmergencyCard
 * @typedef {{label: string, tel: string}} PhoneNumber
 * @typedef {{level: number, category: string | null, rules: string[], card?: EmergencyCard | null}} Triage
 *
 * @typedef {object} Quote
 * @property {string} article
 * @property {string} title
 * @property {string[]} heading
 * @property {string} [anchor]
 * @property {string} text
 * @property {string} source
 * @property {string | null} [source_url]
 * @property {string | null} [published]
 * @property {string | null} [reviewed]
 * @property {string} [rank]
 * @property {string[]} [markets]
 * @property {string} [lang]
 * @property {boolean} [stale]
 * @property {boolean} [other_market] it holds for other markets than the one asked about
 * @property {string} [version]
 * @property {{article: string, title: string, source: string}[]} [also] other articles that say the same
 *
 * @typedef {{about: string, values: {value: string, quote: number}[]}} Conflict
 * @typedef {{text: string, options: {label: string, send: string}[]}} Clarification
 *
 * @typedef {object} Answer
 * @property {string} [id]
 * @property {string} kind
 * @property {string} [lang]
 * @property {string | null} [text]
 * @property {string[]} [about] the names of the drugs it is about
 * @property {boolean | string | null} [assumed] the drug was taken from the page or the session
 * @property {Triage} [triage]
 * @property {EmergencyCard | null} [card]
 * @property {Quote[]} [quotes]
 * @property {Conflict[]} [conflicts]
 * @property {{id: string, text: string}[]} [disclaimers]
 * @property {Clarification | null} [ask]
 * @property {string[]} [suggestions]
 * @property {{article: string, title: string}[]} [related]
 * @property {{state: string, reason?: string | null, text?: string | null}} [handoff]
 *
 * @typedef {'visitor' | 'bot' | 'consultant' | 'system'} Role
 * @typedef {{text?: string | null, words?: Record<string, string>, state?: string, seq?: number, by?: {id: string, name: string}, form?: boolean | string} & Partial<Answer>} EventBody
 * @typedef {{t: 'event', seq: number, kind: string, role?: Role, cid?: string | null, ts?: string, body: EventBody}} EventFrame
 *
 * @typedef {object} Welcome
 * @property {'welcome'} t
 * @property {string} epoch
 * @property {number} head_seq
 * @property {'fresh' | 'resumed' | 'resync'} mode
 * @property {{text_chars?: number}} [limits]
 * @property {PhoneNumber[]} [numbers]
 *
 * @typedef {{t: 'accepted', cid: string, seq: number, dup?: boolean}} Accepted
 * @typedef {{t: 'alarm', cid: string, triage: Triage}} Alarm
 * @typedef {{t: 'rejected', cid: string, code: string, retryable: boolean, retry_after_ms?: number | null, field?: string | null, triage?: Triage | null}} Rejected
 * @typedef {{t: 'queue', position: number, on_duty: number, waited_seconds: number, expected_seconds: number | null}} QueuePlace
 * @typedef {{t: 'ping', n: number, head_seq?: number}} Ping
 * @typedef {{t: 'goaway', reconnect_in_ms: number}} GoAway
 * @typedef {{t: 'error', code: string, fatal?: boolean, cid?: string}} ErrorFrame
 * @typedef {{t: 'exported', cid: string, session: unknown}} Exported
 * @typedef {{t: 'erased', cid: string} | {t: 'done', cid: string}} Finished
 * @typedef {EventFrame | Welcome | Accepted | Alarm | Rejected | Ping | GoAway | ErrorFrame | Exported | Finished | QueuePlace | {t: 'typing'}} ServerFrame
 * @typedef {{session: string, token: string, epoch?: string | null}} Credentials
 */

/** Reads one frame; `null` when it is not an object with a type. @param {unknown} data @returns {ServerFrame | null} */
export function parseFrame(data) {
  if (typeof data !== 'string') return null;
  try {
    const frame = JSON.parse(data);
    return frame !== null && typeof frame === 'object' && typeof frame.t === 'string' ? frame : null;
  } catch {
    return null;
  }
}

/** Standard codes after which trying again would only repeat the fault. */
const protocolFaults = new Set([1002, 1003, 1007, 1008, 1009, 1010]);

/** Says whether a client may come back after this close code; the range decides. @param {number} code */
export function mayReconnect(code) {
  if (code >= 4000 && code <= 4499) return true;
  if (code >= 4500 && code <= 4999) return false;
  return !protocolFaults.has(code);
}

/** Full jitter: anything between nothing and the ceiling of this attempt. @param {number} attempt @param {number} random in 0..1 */
export function backoffMs(attempt, random) {
  const ceiling = Math.min(30_000, 500 * 2 ** Math.min(attempt, 16));
  return Math.floor(random * ceiling);
}
