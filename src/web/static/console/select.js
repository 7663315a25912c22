/** Questions about the desk's state that more than one view asks. Pure. */

import { urgentPriority } from './protocol.js';
import { lastSeq } from './state.js';

/**
 * @typedef {import('./state.js').State} State
 * @typedef {import('./state.js').Session} Session
 * @typedef {import('./protocol.js').Row} Row
 */

/** @typedef {{waiting: Row[], mine: Row[], others: Row[], over: Session[]}} Lists */

/** The rows by what they ask of us; a transfer to somebody else only waits for that person. @param {State} state @returns {Lists} */
export function lists({ rows, me, sessions }) {
  const present = new Set(rows.map(({ session }) => session));
  return {
    waiting: rows.filter(({ state }) => state === 'queued'),
    mine: rows.filter(({ state, assignee }) => state === 'claimed' && assignee === me?.id),
    others: rows.filter(({ state, assignee }) => state === 'claimed' && assignee !== me?.id),
    over: Object.values(sessions).filter(({ id, over }) => over !== null && !present.has(id)),
  };
}

/** @param {State} state @param {Row} row */
export function isReserved(state, row) {
  return (Boolean(row.for) && row.for !== state.me?.id) || (Boolean(row.team) && !myTeams(state).includes(row.team ?? ''));
}

/** @param {State} state */
function myTeams({ people, me }) {
  return people.find(({ id }) => id === me?.id)?.teams ?? [];
}

/** For whom a row is kept, by name: a person or a team. @param {State} state @param {Row} row */
export function keptFor(state, row) {
  return row.team ?? personName(state, row.for);
}

/** Teams that a session can be passed on to, with how many of their people are on duty. @param {State} state */
export function teams({ people, me }) {
  /** @type {Map<string, number>} */ const found = new Map();
  for (const person of people) {
    if (person.id === me?.id) continue;
    for (const team of person.teams ?? []) found.set(team, (found.get(team) ?? 0) + Number(person.available && person.online));
  }
  return [...found].map(([name, onDuty]) => ({ name, onDuty })).sort((a, b) => a.name.localeCompare(b.name));
}

/** The waiting session to take first. @param {State} state */
export function nextToClaim(state) {
  return lists(state).waiting.find((row) => !isReserved(state, row)) ?? null;
}

/**
 * The rows that must be heard: while on duty all that one may claim and every urgent one; off duty
 * only what was passed on to oneself.
 * @param {State} state
 */
export function ringing(state) {
  const { me } = state;
  if (!me) return [];
  return lists(state).waiting.filter((row) => {
    if (row.for === me.id) return true;
    return me.available && (!isReserved(state, row) || row.priority >= urgentPriority);
  });
}

/** Whether the session is ours to write in. @param {State} state @param {Session} session */
export function isMine({ me, rows }, session) {
  const row = rows.find(({ session: id }) => id === session.id);
  return session.over === null && row?.state === 'claimed' && row.assignee === me?.id;
}

/** Messages of the visitor that have not been on the screen. @param {Session} session */
export function unread(session) {
  return session.events.filter(({ seq, kind, role }) => seq > session.readTo && kind === 'message' && role === 'visitor').length;
}

/**
 * The medicine that is talked about, as a slug: what the bot answered on last, else the page's.
 * @param {Session | null | undefined} session one that is followed
 * @param {Pick<Row, 'about' | 'context'> | null | undefined} [row] one of the queue or of the past
 */
export function medicine(session, row = session?.row) {
  const answered = session?.events.flatMap(({ role, body }) => (role === 'bot' ? body.drugs?.[0] ?? [] : []));
  return answered?.at(-1) ?? row?.about ?? row?.context?.drug ?? null;
}

/** The last words that were said, to tell rows apart. @param {Session} session */
export function lastWords(session) {
  return session.events.filter(({ kind, role }) => kind === 'message' && role !== 'bot').at(-1)?.body.text ?? '';
}

/** Whether something came that a consultant must have read before sending. @param {Session} session @param {number} afterSeq @returns {import('./protocol.js').Event[]} */
export function cameAfter(session, afterSeq) {
  return session.events.filter(({ seq, kind, role }) => seq > afterSeq && seq <= lastSeq(session)
    && (kind === 'safety' || (kind === 'message' && (role === 'visitor' || role === 'consultant'))));
}

/** @param {State} state @param {string | null | undefined} id */
export function personName({ people }, id) {
  return people.find((person) => person.id === id)?.name ?? null;
}

/** Persons a session can be passed on to: on duty first. @param {State} state */
export function colleagues({ people, me }) {
  const onDuty = (/** @type {import('./protocol.js').Person} */ { available, online }) => Number(available && online);
  return people.filter(({ id }) => id !== me?.id).sort((a, b) => onDuty(b) - onDuty(a) || a.sessions - b.sessions || a.name.localeCompare(b.name));
}
