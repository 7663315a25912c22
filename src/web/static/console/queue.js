/** The left column: who waits, whom we have, and what is over. Urgency shows by words, mark and edge. */

import { append, button, el, icon } from '../shared/dom.js';
import { keyedList, say } from '../shared/keyed.js';
import { showControls } from '../shared/markdown-dom.js';
import { secondsSince, sessionName, span } from './format.js';
import { isReserved, keptFor, lastWords, lists, medicine, personName, unread } from './select.js';

/**
 * @typedef {import('./protocol.js').Row} Row
 * @typedef {import('./state.js').State} State
 * @typedef {import('./desk.js').Tools} Tools
 * @typedef {{key: string, row: Row | null, session: import('./state.js').Session | null}} Entry
 */

/** So many entries of a group stand on the page; the most urgent come first. */
const most = 200;

/** @param {Tools} tools */
export function createQueue(tools) {
  const { t } = tools;
  /** @type {State | null} */ let state = null;
  const groups = /** @type {const} */ (['waiting', 'mine', 'others', 'over']).map((name) => createGroup(name, tools, () => state));
  const element = el('nav', { class: 'queue', 'aria-label': t('queue') }, groups.map(({ element: group }) => group));

  return {
    element,
    /** @param {State} next */
    update(next) {
      state = next;
      const { waiting, mine, others, over } = lists(next);
      const ofRow = (/** @type {Row} */ row) => ({ key: row.session, row, session: next.sessions[row.session] ?? null });
      const entries = [waiting.map(ofRow), mine.map(ofRow), others.map(ofRow), over.map((session) => ({ key: session.id, row: session.row, session }))];
      groups.forEach((group, index) => group.update(entries[index] ?? []));
    },
    /** Moves the time that each has waited on by a second. @param {number} now */
    tick(now) {
      for (const time of element.querySelectorAll('[data-since]')) {
        if (time instanceof HTMLElement) say(time, span(secondsSince(time.dataset.since ?? '', now), t));
      }
    },
    /** The entries in the order of the page, for the keys. */
    buttons: () => [...element.querySelectorAll('.entry-open')].filter((entry) => entry instanceof HTMLElement),
  };
}

/** @param {'waiting' | 'mine' | 'others' | 'over'} name @param {Tools} tools @param {() => State | null} state */
function createGroup(name, tools, state) {
  const { t } = tools;
  const count = el('span', { class: 'group-count' });
  const list = el('ul', { class: 'group-list' });
  const rest = el('p', { class: 'group-empty soft', hidden: true });
  const empty = name === 'waiting' || name === 'mine' ? el('p', { class: 'group-empty soft' }, t(`${name}None`)) : null;
  const element = el('section', { class: `group group-${name}`, 'aria-labelledby': `group-${name}` },
    el('h2', { id: `group-${name}`, class: 'group-title' }, t(name), ' ', count), list, rest, empty);
  const draw = keyedList(list, (/** @type {Entry} */ { key }) => key, () => createEntry(name, tools, state));
  return {
    element,
    /** @param {Entry[]} entries */
    update(entries) {
      draw(entries.slice(0, most));
      rest.hidden = entries.length <= most;
      say(rest, rest.hidden ? '' : t('notListed', { count: entries.length - most }));
      say(count, entries.length === 0 ? '' : String(entries.length));
      if (empty) empty.hidden = entries.length > 0;
      element.hidden = !empty && entries.length === 0;
    },
  };
}

/** @param {'waiting' | 'mine' | 'others' | 'over'} group @param {Tools} tools @param {() => State | null} state */
function createEntry(group, { t, actions, now }, state) {
  /** @type {Entry | null} */ let shown = null;
  const open = button({ class: 'entry-open' }, () => shown && actions.select(shown.key));
  const act = group === 'waiting' ? button({ class: 'primary small entry-act' }, () => shown?.row && actions.claim(shown.row.session), t('claim'))
    : group === 'over' ? button({ class: 'text-button entry-act' }, () => shown && actions.dismiss(shown.key), t('dismiss')) : null;
  const element = el('li', { class: 'entry' }, open, act);

  /** @param {Entry} entry */
  function update(entry) {
    const current = state();
    if (!current) return;
    const { key, row, session } = entry;
    const isCurrent = current.current === key;
    if (open.getAttribute('aria-current') !== String(isCurrent)) open.setAttribute('aria-current', String(isCurrent));
    const looks = entryLooks(current, entry);
    if (shown?.row === row && shown?.session === session && open.dataset.looks === looks) return;
    shown = entry;
    open.dataset.looks = looks;
    element.dataset.priority = String(row?.priority ?? 0);
    open.replaceChildren();
    append(open, group === 'waiting' && row ? waitingParts(current, row, session, t, now) : ownParts(group, entry, current, t));
    const isTaken = row !== null && group === 'waiting' && isReserved(current, row);
    if (act) act.setAttribute('aria-label', `${t(group === 'over' ? 'dismiss' : 'claim')}: ${sessionName(key, medicine(session, row), t)}`);
    if (act && group === 'waiting') act.disabled = isTaken;
  }
  return { element, update };
}

/** What an entry shows besides its row and session. @param {State} state @param {Entry} entry */
function entryLooks(state, { row }) {
  return `${row && isReserved(state, row)} ${row && keptFor(state, row)} ${personName(state, row?.assignee)}`;
}

/** @param {State} state @param {Row} row @param {import('./state.js').Session | null} session @param {import('./words.js').Translate} t @param {() => number} now */
function waitingParts(state, row, session, t, now) {
  const passedTo = keptFor(state, row);
  const facts = [row.context?.lang?.toUpperCase(), row.context?.region].filter(Boolean).map((fact) => showControls(String(fact)));
  return [
    el('span', { class: 'entry-line' }, priorityMark(row, t),
      el('span', { class: 'entry-wait', title: t('waitingSince') }, el('span', { class: 'hidden-visually' }, `${t('waitingFor')} `),
        el('span', { 'data-since': row.since }, span(secondsSince(row.since, now()), t)))),
    el('span', { class: 'entry-name' }, showControls(sessionName(row.session, medicine(session, row), t))),
    el('span', { class: 'entry-reason soft' }, [t(`reason.${row.reason}`), ...facts].join(' · '),
      row.escalations > 0 && el('strong', { class: 'entry-escalated' }, ` · ${t('escalated', { count: row.escalations })}`),
      passedTo && ` · ${t('passedTo', { name: showControls(passedTo) })}`),
  ];
}

/** @param {'waiting' | 'mine' | 'others' | 'over'} group @param {Entry} entry @param {State} state @param {import('./words.js').Translate} t */
function ownParts(group, { key, row, session }, state, t) {
  const owner = group === 'others' ? personName(state, row?.assignee) : null;
  const news = session && group === 'mine' ? unread(session) : 0;
  const words = session ? lastWords(session) : '';
  const isAway = session !== null && session.isOpen && group === 'mine' && !session.online;
  return [
    el('span', { class: 'entry-line' }, el('span', { class: 'entry-name' }, showControls(sessionName(key, medicine(session, row), t))),
      news > 0 && el('span', { class: 'badge' }, String(news), el('span', { class: 'hidden-visually' }, ` ${t('unread')}`))),
    row && row.priority > 0 && group !== 'over' && priorityMark(row, t),
    el('span', { class: 'entry-last soft' }, owner ? showControls(owner) : session?.isTyping ? t('isTyping') : isAway ? t('isAway') : showControls(words.slice(0, 120))),
  ];
}

/** Said in words and by a mark of its own shape, not by colour alone. @param {Row} row @param {import('./words.js').Translate} t */
export function priorityMark(row, t) {
  const level = Math.max(0, Math.min(3, row.priority));
  return el('span', { class: `priority priority-${level}` }, level >= 2 && icon('alert'), t(`priority.${level}`));
}
