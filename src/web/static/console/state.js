/**
 * What the desk shows, as a value: `apply(state, signal)` gives the next one and never changes the
 * old. Rows, events and sessions keep their identity while they do not change, so a view can
 * compare them by `===`.
 */

/**
 * @typedef {import('./protocol.js').Row} Row
 * @typedef {import('./protocol.js').Event} Event
 *
 * @typedef {object} Session one that is followed
 * @property {string} id
 * @property {Row | null} row as the queue has it, or had it last
 * @property {number} fence the newest that the server named
 * @property {readonly Event[]} events in the order of the log
 * @property {number} replayTo everything up to this seq was there before it was opened here
 * @property {number} readTo everything up to this seq has been on the screen
 * @property {readonly import('./protocol.js').Note[]} notes
 * @property {readonly import('./protocol.js').Form[]} forms
 * @property {boolean} isOpen the server has answered
 * @property {boolean} online whether the visitor's chat is connected
 * @property {boolean} isTyping
 * @property {string | null} over why it is no longer followed
 *
 * @typedef {object} State
 * @property {'idle' | 'connecting' | 'online' | 'waiting' | 'stopped'} status
 * @property {boolean} wasOnline
 * @property {number | null} stopCode
 * @property {import('./protocol.js').User | null} me
 * @property {import('./protocol.js').Limits} limits
 * @property {readonly string[]} outcomes
 * @property {readonly Row[]} rows most urgent first, then longest waiting
 * @property {readonly import('./protocol.js').Person[]} people
 * @property {Readonly<Record<string, Session>>} sessions
 * @property {string | null} current the session on the screen
 *
 * @typedef {import('./connection.js').Signal | {t: 'select', session: string | null} | {t: 'read', session: string}
 *   | {t: 'silent', session: string}} Signal
 */

/** @type {State} */
export const initialState = Object.freeze({
  status: 'idle', wasOnline: false, stopCode: null, me: null,
  limits: { text_chars: 4000, note_chars: 4000, frame_bytes: 65536, open_sessions: 20 },
  outcomes: [], rows: [], people: [], sessions: {}, current: null,
});

/** @param {State} state @param {Signal} signal @returns {State} */
export function apply(state, signal) {
  switch (signal.t) {
    case 'status': return {
      ...state, status: signal.status, stopCode: signal.code ?? null, wasOnline: state.wasOnline || signal.status === 'online',
    };
    case 'welcome': return withRows({
      ...state, me: signal.me, limits: { ...state.limits, ...signal.limits }, outcomes: signal.outcomes ?? [], people: signal.people ?? [],
    }, merged(state.rows, signal.queue ?? []));
    case 'queue': return withRows(state, changed(state.rows, signal.set ?? [], signal.gone ?? []));
    case 'people': return withPeople(state, signal.people);
    case 'reset': return { ...state, sessions: mapped(state.sessions, (session) => ({ ...session, events: [], readTo: 0 })) };
    case 'follow': return put(state, fresh(signal.session, state.rows.find(({ session }) => session === signal.session) ?? null));
    case 'leave': return drop(state, signal.session);
    case 'select': return { ...state, current: signal.session };
    case 'opened': return update(state, signal.session, (session) => ({
      ...session, row: signal.row ?? session.row, fence: Math.max(session.fence, signal.row?.fence ?? 0),
      replayTo: Math.max(session.replayTo, signal.head_seq), notes: signal.notes ?? [], forms: signal.forms ?? [],
      online: signal.online, isOpen: true, over: null,
    }));
    case 'event': return update(state, signal.session, (session) => logged(session, signal));
    case 'note': return update(state, signal.session, (session) => ({ ...session, notes: added(session.notes, signal.note) }));
    case 'form': return update(state, signal.session, (session) => ({ ...session, forms: added(session.forms, signal.form) }));
    case 'typing': return update(state, signal.session, (session) => (session.isTyping ? session : { ...session, isTyping: true }));
    case 'silent': return update(state, signal.session, (session) => (session.isTyping ? { ...session, isTyping: false } : session));
    case 'presence': return update(state, signal.session, (session) => ({ ...session, online: signal.online, isTyping: session.isTyping && signal.online }));
    case 'read': return update(state, signal.session, readAll);
    case 'closed': return update(state, signal.session, (session) => ({
      ...session, over: signal.why, isTyping: false,
      ...(signal.why === 'erased' ? { events: [], notes: [], forms: [] } : {}),
    }));
    case 'done':
    case 'refused': return fenced(state, signal);
    default: return state;
  }
}

/** The seq of the last event on the screen. @param {Session} session */
export function lastSeq(session) {
  return session.events.at(-1)?.seq ?? 0;
}

/** @param {string} id @param {Row | null} row @returns {Session} */
function fresh(id, row) {
  return {
    id, row, fence: row?.fence ?? 0, events: [], replayTo: 0, readTo: 0, notes: [], forms: [],
    isOpen: false, online: false, isTyping: false, over: null,
  };
}

/** @param {Session} session @param {Event & {t: string, session: string}} frame @returns {Session} */
function logged(session, { t: _t, session: _session, ...event }) {
  if (event.seq <= lastSeq(session)) return session;
  const body = event.body ?? {};
  const earlier = event.kind === 'redact' ? session.events.map((other) => (other.seq === body.seq ? redacted(other) : other)) : session.events;
  return { ...session, events: [...earlier, { ...event, body }], isTyping: event.role === 'visitor' ? false : session.isTyping };
}

/** @param {Event} event @returns {Event} */
function redacted({ seq, role, ts }) {
  return { seq, role, ts, kind: 'redacted', body: {} };
}

/** @param {Session} session */
function readAll(session) {
  const readTo = Math.max(lastSeq(session), session.readTo);
  return readTo === session.readTo ? session : { ...session, readTo };
}

/** A command's answer names the fence of now. @param {State} state @param {import('./protocol.js').Done | import('./protocol.js').Refused} frame */
function fenced(state, { session: id, fence }) {
  if (!id || fence === undefined) return state;
  return update(state, id, (session) => (fence > session.fence ? { ...session, fence } : session));
}

/** @param {State} state @param {readonly Row[]} rows @returns {State} */
function withRows(state, rows) {
  const byId = new Map(rows.map((row) => [row.session, row]));
  const sessions = mapped(state.sessions, (session) => {
    const row = byId.get(session.id) ?? session.row;
    return row === session.row ? session : { ...session, row, fence: Math.max(session.fence, row?.fence ?? 0) };
  });
  return { ...state, rows, sessions };
}

/** The list of people also says whether we are on duty ourselves. @param {State} state @param {readonly import('./protocol.js').Person[]} people @returns {State} */
function withPeople(state, people) {
  const self = people.find(({ id }) => id === state.me?.id);
  const me = self && state.me ? { ...state.me, available: self.available } : state.me;
  return { ...state, people, me };
}

/** A whole new queue; rows that are as before keep their identity. @param {readonly Row[]} before @param {Row[]} rows */
function merged(before, rows) {
  const known = new Map(before.map((row) => [row.session, row]));
  return sorted(rows.map((row) => {
    const old = known.get(row.session);
    return old && JSON.stringify(old) === JSON.stringify(row) ? old : row;
  }));
}

/** @param {readonly Row[]} before @param {Row[]} set @param {string[]} gone */
function changed(before, set, gone) {
  const touched = new Set([...gone, ...set.map(({ session }) => session)]);
  return sorted([...before.filter(({ session }) => !touched.has(session)), ...set]);
}

/** @param {Row[]} rows */
function sorted(rows) {
  return rows.sort((a, b) => b.priority - a.priority || compare(a.since, b.since) || compare(a.session, b.session));
}

/** @param {string} a @param {string} b */
function compare(a, b) {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** @template {{id: string}} T @param {readonly T[]} list @param {T} entry @returns {readonly T[]} */
function added(list, entry) {
  const known = list.findIndex(({ id }) => id === entry.id);
  return known < 0 ? [...list, entry] : list.map((other, index) => (index === known ? entry : other));
}

/** @param {State} state @param {string} id @param {(session: Session) => Session} change @returns {State} */
function update(state, id, change) {
  const session = state.sessions[id];
  if (!session) return state;
  const next = change(session);
  return next === session ? state : put(state, next);
}

/** @param {State} state @param {Session} session @returns {State} */
function put(state, session) {
  return { ...state, sessions: { ...state.sessions, [session.id]: session } };
}

/** @param {State} state @param {string} id @returns {State} */
function drop(state, id) {
  const { [id]: _gone, ...sessions } = state.sessions;
  return { ...state, sessions, current: state.current === id ? null : state.current };
}

/** @param {State['sessions']} sessions @param {(session: Session) => Session} change */
function mapped(sessions, change) {
  return Object.fromEntries(Object.entries(sessions).map(([id, session]) => [id, change(session)]));
}
