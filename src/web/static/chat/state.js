/**
 * What the chat shows, as a value: `apply(state, signal)` gives the next one and never changes the
 * old. Items keep their identity while they do not change, so a view can compare them by `===`.
 */

/**
 * @typedef {import('../shared/connection.js').Signal} Signal
 * @typedef {import('../shared/protocol.js').Answer} Answer
 * @typedef {import('../shared/protocol.js').EventFrame} EventFrame
 * @typedef {import('../shared/protocol.js').PhoneNumber} PhoneNumber
 *
 * @typedef {'sending' | 'undelivered' | 'sent' | 'failed'} Delivery
 *
 * @typedef {object} Item one entry of the conversation
 * @property {string} key
 * @property {number | null} seq `null` until the server has stored it
 * @property {'visitor' | 'consultant' | 'system' | 'answer' | 'redacted'} kind
 * @property {string | null} [cid]
 * @property {string} [text]
 * @property {string} [name]
 * @property {import('../shared/protocol.js').Quote[]} [quotes] what a consultant quoted
 * @property {Record<string, string>} [words] a step in both languages
 * @property {Answer} [answer]
 * @property {string | null} [ts]
 * @property {Delivery} [delivery]
 * @property {string | null} [code] why a message is not delivered
 * @property {import('../shared/protocol.js').Triage | null} [triage] what the server said of a message it could not store
 *
 * @typedef {object} State
 * @property {readonly Item[]} items in the order of the log, then what is still on its way
 * @property {'idle' | 'connecting' | 'online' | 'waiting' | 'stopped'} status
 * @property {boolean} wasOnline the first connection is made, so a break is worth a word
 * @property {number | null} stopCode
 * @property {boolean} isFlagged an emergency or urgent answer stands in the conversation
 * @property {string | null} mode the last state the server named
 * @property {import('../shared/protocol.js').QueuePlace | null} place where the session stands in the queue
 * @property {string | null} consultant the name of the person who has the session
 * @property {number} typings how often the consultant was seen typing since the last words
 * @property {boolean} isFormOffered the server asked for contact details
 * @property {number} replayTo everything up to this seq was there before the page
 * @property {number} textLimit
 * @property {PhoneNumber[]} numbers
 */

/** @type {State} */
export const initialState = Object.freeze({
  items: [], status: 'idle', wasOnline: false, stopCode: null, isFlagged: false, mode: null,
  place: null, consultant: null, typings: 0, isFormOffered: false, replayTo: 0, textLimit: 4000, numbers: [],
});

/** @param {State} state @param {Signal} signal @returns {State} */
export function apply(state, signal) {
  switch (signal.t) {
    case 'status': return {
      ...state, status: signal.status, stopCode: signal.code ?? null, wasOnline: state.wasOnline || signal.status === 'online',
    };
    case 'welcome': return {
      ...state,
      replayTo: signal.head_seq ?? 0,
      textLimit: signal.limits?.text_chars ?? state.textLimit,
      numbers: Array.isArray(signal.numbers) ? signal.numbers.filter(isNumber) : state.numbers,
    };
    case 'reset': return { ...state, items: state.items.filter((item) => item.seq === null), isFlagged: false, mode: null, place: null, consultant: null, typings: 0, isFormOffered: false };
    case 'composed': return place(state, {
      key: `cid:${signal.cid}`, seq: null, kind: 'visitor', cid: signal.cid, text: signal.text, delivery: 'sending', code: null,
    });
    case 'delivery': {
      const isUrgent = (signal.triage?.level ?? 0) >= 2;
      return change({ ...state, isFlagged: state.isFlagged || isUrgent }, `cid:${signal.cid}`, (item) => ({
        ...item, delivery: signal.state, code: signal.code ?? null, seq: signal.seq ?? item.seq,
        ...(signal.triage ? { triage: signal.triage } : {}),
      }));
    }
    case 'event': return logged(state, signal);
    case 'queue': return { ...state, place: signal };
    case 'typing': return { ...state, typings: state.typings + 1 };
    default: return state;
  }
}

/** Takes a refused message out of the conversation, for its text goes back to the visitor. @param {State} state @param {string} cid */
export function withdraw(state, cid) {
  return { ...state, items: state.items.filter((item) => item.cid !== cid || item.seq !== null) };
}

/** What the visitor wrote and the server has not got. @param {State} state */
export function unsentTexts(state) {
  return state.items.filter((item) => item.seq === null).map((item) => item.text ?? '');
}

/** @param {string[]} texts */
export function joinTexts(texts) {
  return texts.filter((text) => text !== '').join('\n');
}

/** Says whether the session has ended, by the server's word. @param {State} state */
export function isEnded(state) {
  return state.mode === 'ended' || state.mode === 'closed' || state.stopCode === 4503;
}

/** @param {State} state @param {EventFrame} event @returns {State} */
function logged(state, event) {
  const body = event.body ?? {};
  switch (event.kind) {
    case 'message': {
      const item = messageItem({ ...event, body });
      const isUrgent = (item.answer?.triage?.level ?? 0) >= 2;
      const typings = item.kind === 'consultant' ? 0 : state.typings;
      return place({ ...state, typings, isFlagged: state.isFlagged || isUrgent }, item);
    }
    case 'state': {
      const next = stepped(state, body);
      const text = body.text ?? body.words?.en;
      return text ? place(next, { key: `seq:${event.seq}`, seq: event.seq, kind: 'system', text, words: body.words, ts: event.ts }) : next;
    }
    case 'redact': {
      const target = state.items.find((item) => item.seq === body.seq);
      return target ? change(state, target.key, ({ key, seq, ts }) => ({ key, seq, ts, kind: 'redacted' })) : state;
    }
    default: return state;
  }
}

/** A step of the session: waiting ends with it unless it says otherwise. @param {State} state @param {import('../shared/protocol.js').EventBody} body @returns {State} */
function stepped(state, body) {
  const step = body.state ?? '';
  const isOwn = step === 'person_asked' || step === 'form_sent';
  const waits = step === 'queued' || step === 'requeued' || step === 'transferred' || step === 'escalated' || isOwn;
  return {
    ...state, mode: body.state ?? state.mode, place: waits ? state.place : null, consultant: hasLeft(step) ? null : step === 'claimed' ? body.by?.name ?? null : state.consultant, typings: 0,
    isFormOffered: body.form === true || (state.isFormOffered && (isOwn ? step !== 'form_sent' : waits)),
  };
}

/** @param {string} step */
function hasLeft(step) {
  return ['requeued', 'transferred', 'returned', 'closed', 'ended'].includes(step);
}

/** @param {EventFrame} event @returns {Item} */
function messageItem({ seq, role, cid, ts, body }) {
  const common = { seq, cid, ts, text: body.text ?? '' };
  switch (role) {
    case 'visitor': return { ...common, key: cid ? `cid:${cid}` : `seq:${seq}`, kind: 'visitor', delivery: 'sent', code: null };
    case 'bot': return { ...common, key: `seq:${seq}`, kind: 'answer', answer: { ...body, kind: body.kind ?? 'answer' } };
    case 'consultant': return { ...common, key: `seq:${seq}`, kind: 'consultant', name: body.by?.name, quotes: body.quotes ?? [] };
    default: return { ...common, key: `seq:${seq}`, kind: 'system' };
  }
}

/** Puts an item where it belongs, in place of the one with the same key. @param {State} state @param {Item} item @returns {State} */
function place(state, item) {
  const others = state.items.some((other) => other.key === item.key)
    ? state.items.filter((other) => other.key !== item.key) : state.items;
  const { seq } = item;
  if (seq === null) return { ...state, items: [...others, item] };
  let at = others.length;
  while (at > 0 && comesAfter(others[at - 1], seq)) at -= 1;
  return { ...state, items: [...others.slice(0, at), item, ...others.slice(at)] };
}

/** @param {Item | undefined} item @param {number} seq */
function comesAfter(item, seq) {
  return item !== undefined && (item.seq === null || item.seq > seq);
}

/** @param {State} state @param {string} key @param {(item: Item) => Item} update @returns {State} */
function change(state, key, update) {
  const item = state.items.find((other) => other.key === key);
  if (!item) return state;
  const changed = update(item);
  if (changed.seq !== item.seq) return place(state, changed);
  return { ...state, items: state.items.map((other) => (other === item ? changed : other)) };
}

/** @param {unknown} number */
function isNumber(number) {
  const { label, tel } = /** @type {Record<string, unknown>} */ (number ?? {});
  return typeof label === 'string' && typeof tel === 'string';
}
