/**
 * A desk of the tests' own, by docs/desk.md: it answers the console's requests and its socket from
 * memory, so that a test decides what happens and when. The page and its policy are the real ones.
 */

import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';

import { root } from './support.js';

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript; charset=utf-8', '.css': 'text/css; charset=utf-8', '.svg': 'image/svg+xml' };
const policy = "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; font-src 'self'; "
  + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

export const li = { id: 'u-li', login: 'li', name: 'Li Wen', roles: ['consultant'], available: true };
export const ago = (seconds) => new Date(Date.now() - seconds * 1000).toISOString();
export const quote = (fields = {}) => ({
  article: 'drugs/opicapone/missed-dose', title: 'Opicapone: missed dose', heading: ['Missed dose'], anchor: 'missed-dose', span: [10, 90], version: 'sha256:0',
  text: 'If one dose is missed, the **next dose** should be taken as scheduled. Do not take an additional dose to make up for it.',
  source: 'Product information', source_url: 'https://example.org/label', published: '2025-03-01', reviewed: '2026-01-05', rank: 'label', markets: ['EU'], lang: 'en', stale: false, ...fields,
});

export class FakeDesk {
  base = 'http://127.0.0.1';
  me;
  rows = new Map();
  logs = new Map();
  people = [];
  replies = [
    { id: 'greeting', text: { en: 'Hello, this is {consultant}. I am reading your messages now.', zh: '您好，我是{consultant}，正在阅读您的消息。' } },
    { id: 'wait', text: { en: 'One moment please: I am looking up {drug}.', zh: '请稍候，我正在查找{drug}的资料。' } },
  ];
  passages = [quote(), quote({ anchor: 'dose', heading: ['Dose'], title: 'Opicapone: administration', text: 'The recommended dose is 50 mg, taken once daily at bedtime.' })];
  answers = new Map();
  sent = [];
  posted = [];
  isSignedIn = true;
  accepts = true;
  isAway = false;
  sockets = new Set();
  followed = new Set();

  constructor({ me = li } = {}) {
    this.me = { ...me };
    this.people = [
      { id: me.id, name: me.name, available: me.available, online: true, sessions: 0 },
      { id: 'u-ana', name: 'Ana Ruiz', available: true, online: true, sessions: 2 },
      { id: 'u-bo', name: 'Bo Lund', available: false, online: false, sessions: 0 },
    ];
  }

  /** Adds a session with its log; `row: null` leaves it out of the queue. */
  session(id, row, events = [], extra = {}) {
    this.logs.set(id, { events: events.map((event, index) => ({ seq: index + 1, ts: ago(300 - index * 10), ...event })), notes: [], forms: [], online: true, ...extra });
    if (row) this.setRow(id, row);
  }

  setRow(id, fields) {
    const before = this.rows.get(id) ?? {
      session: id, state: 'queued', fence: 1, reason: 'asked', priority: 0, since: ago(60), deadline: null, escalations: 0, for: null, assignee: null, moves: 0,
      context: { drug: 'opicapone', page: '/drugs/opicapone', region: 'EU', lang: 'en' },
    };
    const row = { ...before, head_seq: this.logs.get(id)?.events.length ?? 0, ...fields };
    this.rows.set(id, row);
    this.say({ t: 'queue', set: [row], gone: [] });
    return row;
  }

  removeRow(id) {
    this.rows.delete(id);
    this.say({ t: 'queue', set: [], gone: [id] });
  }

  /** Something happens in a session's log. */
  happens(id, event) {
    const log = this.logs.get(id);
    const full = { seq: log.events.length + 1, ts: new Date().toISOString(), ...event };
    log.events.push(full);
    if (this.followed.has(id)) this.say({ t: 'event', session: id, ...full });
    return full.seq;
  }

  visitor(id, text) {
    return this.happens(id, { kind: 'message', role: 'visitor', cid: `v${Math.random()}`, body: { text } });
  }

  say(frame) {
    for (const socket of this.sockets) socket.send(JSON.stringify(frame));
  }

  /** The network is gone until `mend`. */
  cut(code = 1012) {
    this.isAway = true;
    for (const socket of this.sockets) socket.close({ code });
    this.sockets.clear();
    this.followed.clear();
  }

  mend() {
    this.isAway = false;
  }

  async open(context, options = {}) {
    const page = await context.newPage();
    await page.route('**/*', (route) => this.#serve(route));
    await page.routeWebSocket(/\/v1\/desk$/, (socket) => this.#connect(socket));
    await page.goto(`${this.base}/console`);
    if (this.isSignedIn && options.wait !== false) await page.waitForSelector('.duty:enabled');
    return page;
  }

  async #serve(route) {
    const request = route.request();
    const { pathname, searchParams } = new URL(request.url());
    const json = (status, body, headers = {}) => route.fulfill({ status, headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) });
    if (pathname.startsWith('/v1/')) return this.#answer(request, pathname, searchParams, json, route);
    const path = pathname === '/console' ? 'console/index.html' : pathname.replace('/assets/', '');
    try {
      const body = readFileSync(join(root, 'src/web/static', path));
      return route.fulfill({ status: 200, headers: { 'content-type': types[extname(path)], 'content-security-policy': policy }, body });
    } catch {
      return route.fulfill({ status: 404, body: '' });
    }
  }

  #answer(request, path, query, json, route) {
    const body = request.method() === 'POST' ? request.postDataJSON() : null;
    if (body) this.posted.push({ path, body, csrf: request.headers()['x-csrf'] });
    const me = { user: this.me, csrf: 'c-1', idle_seconds: 900, expires: new Date(Date.now() + 36e5).toISOString() };
    if (path === '/v1/login') {
      if (body.password === 'busy') return json(429, { error: 'rate_limited', message: '' }, { 'retry-after': '30' });
      if (body.password !== 'right') return json(401, { error: 'unauthorized', message: '' });
      this.isSignedIn = true;
      return json(200, me);
    }
    if (!this.isSignedIn) return json(401, { error: 'unauthorized', message: '' });
    if (path === '/v1/me') return json(200, me);
    if (path === '/v1/desk/ticket') return json(200, { ticket: 'ticket', expires_in_ms: 30000 });
    if (path === '/v1/logout') {
      this.isSignedIn = false;
      setTimeout(() => this.cut(4501), 50); // The answer goes out first.
      return route.fulfill({ status: 204 });
    }
    if (path === '/v1/desk/replies') return json(200, { replies: this.replies });
    if (path === '/v1/desk/search') return json(200, { generation: 1, results: this.passages.map((passage) => ({ quote: passage, score: 1 })) });
    const given = this.answers.get(path) ?? this.answers.get(path.replace(/\/[^/]+$/, '/*'));
    if (typeof given === 'function') {
      const { status = 200, body: said } = given({ query, body, path });
      return status === 204 ? route.fulfill({ status }) : json(status, said);
    }
    return given ? json(200, given) : json(404, { error: 'not_found', message: '' });
  }

  #connect(socket) {
    if (this.isAway) return socket.close({ code: 1012 });
    socket.onMessage((data) => {
      const frame = JSON.parse(data);
      this.sent.push(frame);
      if (frame.t === 'hello') return this.#welcome(socket);
      if (this.accepts) this.#obey(socket, frame);
    });
    socket.onClose(() => this.sockets.delete(socket));
  }

  #welcome(socket) {
    this.sockets.add(socket);
    socket.send(JSON.stringify({
      t: 'welcome', conn: 'c', epoch: 'e', hb_ms: 20000, me: this.me, limits: { text_chars: 4000, note_chars: 4000, frame_bytes: 65536, open_sessions: 20 },
      outcomes: ['answered', 'referred', 'adverse_event', 'no_reply', 'spam', 'other'], queue: [...this.rows.values()], people: this.people,
    }));
  }

  #obey(socket, frame) {
    const { t, cid, session: id } = frame;
    const row = this.rows.get(id);
    const log = this.logs.get(id);
    const by = { id: this.me.id, name: this.me.name };
    const done = (fields = {}) => this.say({ t: 'done', cid, session: id, dup: false, ...fields });
    const refuse = (code) => this.say({ t: 'refused', cid, code, retryable: false, session: id, fence: row?.fence, head_seq: log?.events.length });
    const step = (state, words, fields = {}) => this.happens(id, { kind: 'state', role: 'consultant', cid, body: { state, by, words: { en: words, zh: `（${words}）` }, ...fields } });
    const move = (state, words, change, fields) => {
      if (frame.fence !== row.fence) return refuse('stale_fence');
      const fence = row.fence + 1;
      const seq = step(state, words, fields);
      if (change) this.setRow(id, { fence, since: new Date().toISOString(), ...change });
      else this.removeRow(id);
      return done({ fence, seq });
    };
    switch (t) {
      case 'open':
        if (!log) return refuse('not_found');
        this.followed.add(id);
        socket.send(JSON.stringify({ t: 'opened', cid, session: id, head_seq: log.events.length, row: row ?? null, online: log.online, notes: log.notes, forms: log.forms }));
        for (const event of log.events.filter(({ seq }) => seq > frame.after_seq)) socket.send(JSON.stringify({ t: 'event', session: id, ...event }));
        return undefined;
      case 'leave': return this.followed.delete(id);
      case 'claim':
        if (row?.state !== 'queued') return refuse('lost_race');
        return move('claimed', `${by.name} has joined the chat.`, { state: 'claimed', assignee: by.id, for: null });
      case 'release': return move('requeued', 'Back in the queue.', { state: 'queued', assignee: null }, { why: 'released' });
      case 'transfer': return move('transferred', 'Passed on.', { state: 'queued', assignee: null, for: frame.to, moves: row.moves + 1 }, { to: { id: frame.to, name: 'Ana Ruiz' } });
      case 'return': return move('returned', 'The bot answers again.', null);
      case 'clear': return move('cleared', 'Cleared.', { priority: 0 });
      case 'close':
        move('closed', 'The chat is closed.', null, { outcome: frame.outcome });
        return this.say({ t: 'closed', session: id, why: 'ended' });
      case 'send': {
        if (frame.fence !== row.fence) return refuse('stale_fence');
        const news = log.events.some(({ seq, kind, role }) => seq > frame.base_seq && (kind === 'safety' || role === 'visitor'));
        if (news) return refuse('stale_view');
        const quotes = (frame.quotes ?? []).map((wanted) => this.passages.find(({ article, anchor }) => article === wanted.article && anchor === wanted.anchor));
        const seq = this.happens(id, { kind: 'message', role: 'consultant', cid, body: { text: frame.text, by, quotes } });
        return done({ fence: row.fence, seq });
      }
      case 'note': {
        const note = { id: `n${log.notes.length + 1}`, by, at: new Date().toISOString(), text: frame.text };
        log.notes.push(note);
        this.say({ t: 'note', session: id, note });
        return done();
      }
      case 'available':
        this.me.available = frame.on;
        this.people = this.people.map((person) => (person.id === by.id ? { ...person, available: frame.on } : person));
        this.say({ t: 'people', people: this.people });
        return done();
      default: return undefined;
    }
  }
}

/** The log of a session as it comes to a consultant: question, quoted answer, the wish for a person. */
export function usualLog(text = 'I forgot my opicapone yesterday evening. Can I take two today?') {
  return [
    { kind: 'message', role: 'visitor', cid: 'v1', body: { text } },
    { kind: 'message', role: 'bot', cid: 'bot:1', body: {
      kind: 'answer', lang: 'en', text: null, quotes: [quote()], conflicts: [], triage: { level: 0, category: null, rules: [] },
      disclaimers: [{ id: 'general', text: 'This is information, not medical advice.' }], handoff: { state: 'offered', reason: 'sensitive', text: null } } },
    { kind: 'state', role: 'visitor', body: { state: 'person_asked' } },
    { kind: 'state', role: 'system', body: { state: 'queued', reason: 'asked', priority: 0, words: { en: 'You are in the queue for a consultant.', zh: '您已进入人工咨询队列。' } } },
  ];
}
