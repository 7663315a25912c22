/** The shapes of the desk's wire `desk.v1` (docs/desk.md). No DOM, no state. */

/**
 * @typedef {import('../shared/protocol.js').Quote} Quote
 * @typedef {import('../shared/protocol.js').Answer} Answer
 *
 * @typedef {{id: string, name: string}} Named
 * @typedef {{id: string, login: string, name: string, roles: string[], available: boolean}} User
 * @typedef {{user: User, csrf: string, idle_seconds: number, expires: string, needs_second_factor?: boolean}} Me
 * @typedef {{text_chars: number, note_chars: number, frame_bytes: number, open_sessions: number}} Limits
 * @typedef {{drug?: string | null, page?: string | null, region?: string | null, lang?: string | null}} Context
 * @typedef {{id: string, name: string, available: boolean, online: boolean, sessions: number, capacity?: number, teams?: string[]}} Person
 * @typedef {{id: string, by: Named, at: string, text: string}} Note
 *
 * @typedef {object} Row a session that waits for a person, or that one has
 * @property {string} session
 * @property {'queued' | 'claimed'} state
 * @property {number} fence
 * @property {string} reason
 * @property {number} priority
 * @property {string} since
 * @property {string | null} deadline
 * @property {number} escalations
 * @property {string | null} for
 * @property {string | null} [team]
 * @property {string | null} assignee
 * @property {number} moves
 * @property {number} head_seq
 * @property {Context} context
 * @property {string | null} [about] the medicine that the bot last answered on
 *
 * @typedef {object} Form
 * @property {string} id
 * @property {string} session
 * @property {string} at
 * @property {string | null} due
 * @property {'new' | 'done'} state
 * @property {string} name
 * @property {string} contact
 * @property {string | null} [preferred]
 * @property {string | null} [service]
 * @property {string | null} [text]
 * @property {string | null} [lang]
 *
 * @typedef {{state?: string, words?: Record<string, string>, by?: Named, to?: Named, reason?: string, priority?: number, why?: string,
 *   opens?: string | null, escalations?: number, outcome?: string, due?: string, seq?: number, level?: number, category?: string | null,
 *   value?: string, drugs?: string[]} & Partial<Answer>} Body
 * @typedef {{seq: number, kind: string, role?: string, cid?: string | null, ts?: string, body: Body}} Event
 *
 * @typedef {{t: 'welcome', conn: string, epoch: string, hb_ms: number, me: User, limits: Limits, outcomes: string[], queue: Row[], people: Person[]}} Welcome
 * @typedef {{t: 'done', cid: string, session?: string, fence?: number, seq?: number, dup?: boolean}} Done
 * @typedef {{t: 'refused', cid: string, code: string, retryable: boolean, session?: string, fence?: number, head_seq?: number, retry_after_ms?: number}} Refused
 * @typedef {{t: 'queue', set?: Row[], gone?: string[]}} QueueChange
 * @typedef {{t: 'people', people: Person[]}} People
 * @typedef {{t: 'opened', cid: string, session: string, head_seq: number, row: Row | null, online: boolean, notes: Note[], forms: Form[]}} Opened
 * @typedef {{t: 'event', session: string} & Event} EventFrame
 * @typedef {{t: 'note', session: string, note: Note}} NoteFrame
 * @typedef {{t: 'form', session: string, form: Form}} FormFrame
 * @typedef {{t: 'closed', session: string, why: string}} Closed
 * @typedef {{t: 'typing', session: string}} Typing
 * @typedef {{t: 'presence', session: string, online: boolean}} Presence
 * @typedef {{t: 'ping', n: number}} Ping
 * @typedef {{t: 'goaway', reconnect_in_ms: number}} GoAway
 * @typedef {{t: 'error', code: string, fatal?: boolean}} Fault
 * @typedef {Welcome | Done | Refused | QueueChange | People | Opened | EventFrame | NoteFrame | FormFrame | Closed | Typing | Presence
 *   | Ping | GoAway | Fault} ServerFrame
 *
 * @typedef {object} Past a session that was handed over, as the search lists it
 * @property {string} session
 * @property {'bot' | 'queued' | 'claimed' | 'closed'} state
 * @property {string} reason
 * @property {number} priority
 * @property {string | null} outcome
 * @property {Named | null} assignee
 * @property {string} opened
 * @property {string | null} active
 * @property {Context} context
 * @property {string | null} [about] the medicine that the bot last answered on
 *
 * @typedef {{id: string, text: Record<string, string>}} Reply
 * @typedef {{waiting: number, longest_wait_seconds: number | null, on_duty: number, today: Record<string, number | null>}} Figures
 */

export const reasons = /** @type {const} */ (['asked', 'urgent', 'not_found', 'conflict', 'sensitive', 'repeated_failure', 'adverse_event']);

/** From this priority on a row rings everybody on duty. */
export const urgentPriority = 2;
