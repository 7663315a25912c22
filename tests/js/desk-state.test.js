import assert from 'node:assert/strict';
import { test } from 'node:test';

import { announcement } from '../../src/web/static/console/announce.js';
import { cameAfter, colleagues, isMine, isReserved, keptFor, lastWords, lists, medicine, nextToClaim, ringing, teams, unread } from '../../src/web/static/console/select.js';
import { apply, initialState, lastSeq } from '../../src/web/static/console/state.js';
import { translator } from '../../src/web/static/console/words.js';

const me = { id: 'me', login: 'li', name: 'Li Wen', roles: ['consultant'], available: true };
const people = [
  { id: 'me', name: 'Li Wen', available: true, online: true, sessions: 1 }, { id: 'ana', name: 'Ana', available: false, online: true, sessions: 0 },
  { id: 'bo', name: 'Bo', available: true, online: true, sessions: 3 }, { id: 'cy', name: 'Cy', available: true, online: true, sessions: 1 },
];
const row = (session, fields = {}) => ({
  session, state: 'queued', fence: 1, reason: 'asked', priority: 0, since: '2026-11-22T12:00:00.000Z', deadline: null, escalations: 0,
  for: null, assignee: null, moves: 0, head_seq: 0, context: { drug: 'opicapone', page: null, region: null, lang: 'en' }, ...fields,
});
const welcome = (queue, fields = {}) => ({
  t: 'welcome', conn: 'c', epoch: 'e', hb_ms: 20000, me, limits: { text_chars: 100, note_chars: 50, frame_bytes: 9, open_sessions: 3 }, outcomes: ['answered'], queue, people, ...fields,
});
const opened = (session, fields = {}) => ({ t: 'opened', cid: 'o', session, head_seq: 0, row: null, online: true, notes: [], forms: [], ...fields });
const event = (session, seq, fields = {}) => ({ t: 'event', session, seq, kind: 'message', role: 'visitor', cid: `c${seq}`, ts: '2026-11-22T12:00:00.000Z', body: { text: `words ${seq}` }, ...fields });
const run = (signals, from = initialState) => signals.reduce(apply, from);
const ids = (rows) => rows.map(({ session }) => session);

test('a session is about what was last answered on, not about the page', () => {
  const answered = (seq, drugs) => event('a', seq, { role: 'bot', body: { drugs, quotes: [] } });
  const followed = [welcome([row('a')]), { t: 'follow', session: 'a' }, opened('a')];
  const about = (signals) => medicine(run([...followed, ...signals]).sessions.a);
  assert.equal(about([]), 'opicapone');
  assert.equal(about([answered(1, ['avelumab']), event('a', 2), answered(3, [])]), 'avelumab');
  assert.equal(about([answered(1, ['avelumab']), answered(2, ['faricimab', 'avelumab'])]), 'faricimab');
  assert.equal(medicine(null, row('b')), 'opicapone');
  assert.equal(medicine(null, null), null);
});

test('the queue is ordered by urgency, then by waiting time, whatever the order of arrival', () => {
  const rows = [row('late', { since: '2026-11-22T12:09:00.000Z' }), row('early'), row('urgent', { priority: 2, since: '2026-11-22T12:08:00.000Z' }), row('emergency', { priority: 3, since: '2026-11-22T12:09:00.000Z' })];
  assert.deepEqual(ids(run([welcome(rows)]).rows), ['emergency', 'urgent', 'early', 'late']);
  assert.deepEqual(ids(run([welcome([]), ...rows.map((set) => ({ t: 'queue', set: [set], gone: [] }))]).rows), ['emergency', 'urgent', 'early', 'late']);
});

test('changes of the queue give what a fresh welcome gives', () => {
  const live = run([
    welcome([row('a'), row('b')]),
    { t: 'queue', set: [row('c', { priority: 3 })], gone: [] },
    { t: 'queue', set: [row('a', { state: 'claimed', assignee: 'me', fence: 2 })], gone: ['b'] },
    { t: 'queue', set: [row('c', { priority: 0, fence: 2 })] },
    { t: 'queue', gone: ['unknown'] },
  ]);
  const fresh = run([welcome([row('c', { priority: 0, fence: 2 }), row('a', { state: 'claimed', assignee: 'me', fence: 2 })])]);
  assert.deepEqual(live.rows, fresh.rows);
  assert.deepEqual(live, { ...fresh, rows: live.rows });
});

test('events one by one give what opening anew gives; repeated ones change nothing', () => {
  const notes = [{ id: 'n1', by: { id: 'ana', name: 'Ana' }, at: 'x', text: 'first' }, { id: 'n2', by: { id: 'me', name: 'Li Wen' }, at: 'y', text: 'second' }];
  const forms = [{ id: 'f1', session: 'a', state: 'new', name: 'N', contact: 'c' }];
  const log = [event('a', 1), event('a', 2, { role: 'bot', body: { quotes: [] } }), event('a', 3, { kind: 'state', role: 'system', body: { state: 'queued', words: { en: 'q' } } }), event('a', 4, { kind: 'redact', role: 'system', body: { seq: 1 } })];
  const live = run([
    welcome([row('a')]), { t: 'follow', session: 'a' }, opened('a', { head_seq: 1, notes: [notes[0]] }), log[0], { t: 'typing', session: 'a' }, log[1], { t: 'note', session: 'a', note: notes[1] },
    { t: 'note', session: 'a', note: notes[1] }, log[2], log[1], { t: 'form', session: 'a', form: { ...forms[0], state: 'done' } }, { t: 'form', session: 'a', form: forms[0] },
    { t: 'presence', session: 'a', online: false }, { t: 'silent', session: 'a' }, log[3],
    // The connection was lost: opened again where it was read to.
    { t: 'status', status: 'waiting' }, { t: 'status', status: 'online' }, welcome([row('a')]), opened('a', { head_seq: 4, notes, forms, online: true }),
  ]);
  const fresh = run([{ t: 'status', status: 'online' }, welcome([row('a')]), { t: 'follow', session: 'a' }, opened('a', { head_seq: 4, notes, forms }), ...log]);
  assert.deepEqual(live, fresh);
  assert.equal(JSON.stringify(live).includes('words 1'), false, 'what was redacted is gone');
});

test('rows and sessions that do not change keep their identity', () => {
  const before = run([welcome([row('a'), row('b')]), { t: 'follow', session: 'a' }, { t: 'follow', session: 'b' }, event('a', 1)]);
  const after = run([event('b', 1), welcome([row('a'), row('b')]), { t: 'people', people }, { t: 'typing', session: 'nobody' }], before);
  assert.equal(after.sessions.a, before.sessions.a);
  assert.equal(after.rows[0], before.rows[0]);
  assert.equal(run([{ t: 'read', session: 'b' }], before), before);
  assert.equal(before.sessions.b.events.length, 0, 'the old value is not touched');
});

test('the fence is the newest that a row or an answer named, and never goes back', () => {
  const fence = (state) => state.sessions.a.fence;
  let state = run([welcome([row('a', { fence: 4 })]), { t: 'follow', session: 'a' }]);
  assert.equal(fence(state), 4);
  state = run([{ t: 'done', cid: 'c', session: 'a', fence: 5, seq: 2, dup: false }], state);
  assert.equal(fence(state), 5);
  state = run([{ t: 'queue', set: [row('a', { fence: 4 })], gone: [] }, { t: 'refused', cid: 'x', code: 'stale_view', retryable: false, session: 'a', fence: 5 }], state);
  assert.equal(fence(state), 5);
  state = run([{ t: 'refused', cid: 'x', code: 'stale_fence', retryable: false, session: 'a', fence: 9 }, { t: 'done', cid: 'n' }, { t: 'refused', cid: 'q', code: 'rate_limited', retryable: true }], state);
  assert.equal(fence(state), 9);
  assert.equal(fence(run([opened('a', { row: row('a', { fence: 11 }) })], state)), 11);
});

test('what is over says why; an erased session keeps no word', () => {
  const base = run([welcome([row('a')]), { t: 'follow', session: 'a' }, opened('a', { notes: [{ id: 'n', text: 'secret note' }], forms: [{ id: 'f', contact: 'secret@example.org' }] }), event('a', 1, { body: { text: 'secret' } })]);
  assert.equal(run([{ t: 'closed', session: 'a', why: 'ended' }], base).sessions.a.over, 'ended');
  const erased = run([{ t: 'queue', set: [], gone: ['a'] }, { t: 'closed', session: 'a', why: 'erased' }], base);
  assert.equal(JSON.stringify(erased).includes('secret'), false);
  assert.deepEqual(lists(erased).over.map(({ id }) => id), ['a']);
  const left = run([{ t: 'select', session: 'a' }, { t: 'leave', session: 'a' }], erased);
  assert.deepEqual([left.sessions.a, left.current], [undefined, null]);
});

test('another database: the logs are read anew', () => {
  const state = run([welcome([row('a')]), { t: 'follow', session: 'a' }, event('a', 1), { t: 'reset' }, event('a', 1, { body: { text: 'other' } })]);
  assert.deepEqual(state.sessions.a.events.map(({ body }) => body.text), ['other']);
});

test('status, people and unknown frames', () => {
  const state = run([{ t: 'status', status: 'online' }, welcome([]), { t: 'people', people: people.map((person) => ({ ...person, available: false })) }, { t: 'status', status: 'stopped', code: 4501 }, { t: 'error', code: 'bad_frame', fatal: false }, { t: 'news' }]);
  assert.deepEqual([state.me.available, state.wasOnline, state.stopCode], [false, true, 4501]);
});

test('who is listed where, and who may claim what', () => {
  const state = run([welcome([row('free'), row('for-me', { for: 'me' }), row('for-ana', { for: 'ana', priority: 2 }), row('mine', { state: 'claimed', assignee: 'me' }), row('hers', { state: 'claimed', assignee: 'ana' })]), { t: 'follow', session: 'mine' }]);
  const { waiting, mine, others } = lists(state);
  assert.deepEqual([ids(waiting), ids(mine), ids(others)], [['for-ana', 'for-me', 'free'], ['mine'], ['hers']]);
  assert.deepEqual(waiting.map((waits) => isReserved(state, waits)), [true, false, false]);
  assert.equal(nextToClaim(state).session, 'for-me');
  assert.equal(isMine(state, state.sessions.mine), true);
  assert.deepEqual(colleagues(state).map(({ id }) => id), ['cy', 'bo', 'ana']);
});

test('what rings: on duty all that may be claimed and everything urgent, off duty only what was passed on', () => {
  const rows = [row('free'), row('for-me', { for: 'me' }), row('for-ana', { for: 'ana' }), row('urgent-for-ana', { for: 'ana', priority: 2 }), row('taken', { state: 'claimed', assignee: 'ana', priority: 3 })];
  assert.deepEqual(ids(ringing(run([welcome(rows)]))), ['urgent-for-ana', 'for-me', 'free']);
  assert.deepEqual(ids(ringing(run([welcome(rows, { me: { ...me, available: false } })]))), ['for-me']);
  assert.deepEqual(ringing(initialState), []);
});

test('unread words, the last words, and what came after', () => {
  let state = run([welcome([row('a')]), { t: 'follow', session: 'a' }, event('a', 1), event('a', 2, { role: 'bot', body: {} }), { t: 'read', session: 'a' }, event('a', 3, { kind: 'state', body: {} }), event('a', 4), event('a', 5, { kind: 'safety', role: 'system', body: { level: 3 } })]);
  const { a } = state.sessions;
  assert.deepEqual([unread(a), lastWords(a), lastSeq(a), a.readTo], [1, 'words 4', 5, 2]);
  assert.deepEqual(cameAfter(a, 2).map(({ seq }) => seq), [4, 5]);
  state = run([{ t: 'read', session: 'a' }], state);
  assert.equal(unread(state.sessions.a), 0);
});

test('a screen reader hears of what is new, urgent at once, and never the words of a visitor', () => {
  const t = translator('en');
  const hear = (state, signal) => announcement(state, apply(state, signal), signal, t);
  const before = run([welcome([row('a')]), { t: 'follow', session: 'a' }]);
  assert.equal(hear(before, { t: 'people', people }), null);
  assert.equal(hear(before, { t: 'queue', set: [], gone: ['a'] }), null);
  assert.deepEqual(hear(before, { t: 'queue', set: [row('b', { priority: 3, reason: 'urgent' })] }), { text: 'New in the queue: Emergency. May be an emergency. opicapone', isUrgent: true });
  assert.match(hear(before, { t: 'queue', set: [row('a', { escalations: 1 })] }).text, /New in the queue/);
  assert.match(hear(initialState, welcome([row('a'), row('b')])).text, /2 new sessions/);
  const mine = run([welcome([row('a', { state: 'claimed', assignee: 'me' })]), { t: 'follow', session: 'a' }, opened('a', { head_seq: 1 })]);
  assert.equal(hear(mine, event('a', 1)), null, 'what was there before is no news');
  assert.equal(hear(mine, event('a', 2, { body: { text: 'my secret' } })).text, 'New message: opicapone');
  assert.equal(hear(run([{ t: 'select', session: 'a' }], mine), event('a', 2)), null);
});

test('a row that is kept for a team rings its people alone, and teams can be chosen', () => {
  const inTeam = people.map((person) => ({ ...person, teams: person.id === me.id ? ['oncology'] : ['oncology', 'pharmacy'] }));
  const rows = [row('a', { team: 'oncology' }), row('b', { team: 'pharmacy' })];
  const state = run([welcome(rows, { people: inTeam, me: { ...me, available: true } })]);
  assert.deepEqual(ringing(state).map(({ session }) => session), ['a']);
  assert.deepEqual([nextToClaim(state)?.session, isReserved(state, state.rows[1]), keptFor(state, state.rows[1])], ['a', true, 'pharmacy']);
  assert.deepEqual(teams(state).map(({ name }) => name), ['oncology', 'pharmacy']);
});
