/**
 * The list of messages on the screen. It only adds and replaces what changed, keeps the reader's
 * place, and offers a way down when something new arrived out of sight.
 */

import { button, el, icon } from '../shared/dom.js';
import { renderMessage } from './message.js';

/**
 * @typedef {import('./state.js').Item} Item
 * @typedef {{key: string, below: number, newest: number}} Place where a reader is: so far below the top of this message, when that one was the newest
 */

/** So many messages stand on the page at once; earlier ones come on demand. */
const pageSize = 200;
/** Within this many pixels of the end a reader counts as following. */
const nearEnd = 80;

/** @param {import('./answer.js').Tools} tools @param {HTMLElement} emptyView @param {Place | null} place where to go on reading once the log is there */
export function createLog(tools, emptyView, place) {
  const { t } = tools;
  /** @type {Map<string, {item: Item, element: HTMLElement}>} */ let shown = new Map();
  let isFollowing = true;
  let newestSeq = 0;
  /** Index of the first item on the page. */
  let first = 0;
  /** @type {readonly Item[]} */ let all = [];
  /** Something is to be brought into view, as soon as the log has a size. */ let isOwed = false;
  /** The log is not whole before this one. */ let replayEnd = 0;
  /** What comes next was asked here. The answer may come in the same drawing as the question. */ let hasAsked = false;
  const list = el('div', { class: 'log', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', 'aria-label': t('log'), tabindex: 0 });
  const earlier = button({ class: 'chip earlier', hidden: true }, showEarlier, t('earlier'));
  const divider = el('p', { class: 'unread', role: 'separator' }, t('unread'));
  const newAnswer = button({ class: 'new-answer', hidden: true }, () => reveal(), icon('down'), t('newAnswer'));
  const element = el('div', { class: 'log-frame' }, list, newAnswer);

  list.addEventListener('scroll', () => {
    isFollowing = list.scrollHeight - list.scrollTop - list.clientHeight < nearEnd;
    if (isFollowing) newAnswer.hidden = true;
  }, { passive: true });

  function reveal() {
    isOwed = true;
    settle();
  }

  /** What is not on the screen cannot be scrolled. */
  function settle() {
    if (!isOwed || list.clientHeight === 0) return;
    const index = place ? all.findIndex(({ key }) => key === place?.key) : -1;
    // The rest is still coming.
    if (place && newestSeq < replayEnd) return;
    isOwed = false;
    if (place && index >= 0) goBack(place, index);
    else showNewest();
    place = null;
  }

  /** @param {Place} to @param {number} index */
  function goBack({ key, below, newest }, index) {
    if (index < first) {
      first = index;
      draw(all.slice(first));
    }
    list.scrollTop = (shown.get(key)?.element.offsetTop ?? 0) + below;
    newAnswer.hidden = newestSeq <= newest;
  }

  /** The newest exchange from its question on, so that a long answer is read from its start. */
  function showNewest() {
    const own = list.querySelectorAll('.message-visitor');
    const question = own[own.length - 1];
    newAnswer.hidden = true;
    list.scrollTop = question instanceof HTMLElement ? question.offsetTop - 12 : list.scrollHeight;
  }

  /** Adds a page of earlier messages above, and leaves what is being read where it is. */
  function showEarlier() {
    const fromEnd = list.scrollHeight - list.scrollTop;
    first = Math.max(0, first - pageSize);
    draw(all.slice(first));
    list.scrollTop = list.scrollHeight - fromEnd;
  }

  /** Where the reader is. @returns {Place | null} */
  function here() {
    const top = [...shown].find(([, { element }]) => element.offsetTop + element.offsetHeight > list.scrollTop);
    if (!top || list.clientHeight === 0) return place;
    return { key: top[0], below: list.scrollTop - top[1].element.offsetTop, newest: newestSeq };
  }

  /** @param {readonly Item[]} items @param {number} replayTo @param {number | null} mark where the reader left off */
  function update(items, replayTo, mark) {
    // What was said before the page was opened is there to read, not to be announced.
    list.setAttribute('aria-live', newestSeq < replayTo ? 'off' : 'polite');
    replayEnd = replayTo;
    newestSeq = items.reduce((newest, item) => Math.max(newest, item.seq ?? 0), 0);
    const isTooLong = isFollowing && items.length - first > 1.5 * pageSize;
    if (isTooLong || items.length <= first) first = Math.max(0, items.length - pageSize);
    all = items;
    const fresh = draw(items.slice(first));
    if (items.length === 0) list.replaceChildren(emptyView);
    else emptyView.remove();
    const missed = mark === null ? undefined : items.find(({ seq }) => seq === mark);
    const below = missed && shown.get(missed.key)?.element;
    if (below) list.insertBefore(divider, below);
    if (fresh.length > 0) arrived(fresh, replayTo);
    settle();
  }

  /** Brings the list on the page in line with these items; returns those that are new on it. @param {readonly Item[]} items */
  function draw(items) {
    /** @type {typeof shown} */ const next = new Map();
    /** @type {Item[]} */ const fresh = [];
    divider.remove();
    earlier.hidden = first === 0;
    if (list.firstChild !== earlier) list.prepend(earlier);
    /** @type {HTMLElement} */ let previous = earlier;
    for (const item of items) {
      const old = shown.get(item.key);
      const element = old?.item === item ? old.element : renderMessage(item, tools);
      if (old && old.element !== element) old.element.replaceWith(element);
      if (!old) fresh.push(item);
      const place = previous.nextSibling;
      if (place !== element) list.insertBefore(element, place);
      next.set(item.key, { item, element });
      previous = element;
    }
    for (const [key, { element }] of shown) if (!next.has(key)) element.remove();
    shown = next;
    return fresh;
  }

  /** @param {Item[]} fresh @param {number} replayTo */
  function arrived(fresh, replayTo) {
    const isOwn = hasAsked && fresh.some(({ kind }) => kind === 'visitor');
    if (isOwn) place = null;
    hasAsked &&= !isOwn;
    const isReplay = fresh.every((item) => item.seq !== null && item.seq <= replayTo);
    if (isOwn || isFollowing || (isReplay && newestSeq >= replayTo)) reveal();
    else if (!isReplay) newAnswer.hidden = false;
  }

  return { element, update, here, asked: () => { hasAsked = true; } };
}
