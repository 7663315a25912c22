/** A session's log on the screen: follows its end, keeps the reader's place, says what is new. */

import { button, el, icon } from '../shared/dom.js';
import { keyedList } from '../shared/keyed.js';
import { isShown, renderEvent } from './event-view.js';

/**
 * @typedef {import('./protocol.js').Event} Event
 * @typedef {import('./event-view.js').Reader} Reader
 */

/** So many events stand on the page at once; earlier ones come on demand. */
const pageSize = 200;
/** Within this many pixels of the end a reader counts as following. */
const nearEnd = 80;

/** @param {Reader} reader */
export function createTranscript(reader) {
  const { t } = reader;
  let pages = 1;
  let isFollowing = true;
  /** @type {string | null} */ let shownSession = null;
  /** @type {readonly Event[]} */ let shownEvents = [];
  const list = el('div', { class: 'events' });
  const earlier = button({ class: 'secondary small earlier', hidden: true }, showEarlier, t('earlier'));
  const log = el('div', { class: 'transcript', role: 'log', 'aria-live': 'polite', 'aria-relevant': 'additions', 'aria-label': t('transcript'), tabindex: 0 }, earlier, list);
  const news = button({ class: 'primary small transcript-news', hidden: true }, toEnd, icon('down'), t('newMessage'));
  const element = el('div', { class: 'transcript-frame' }, log, news);
  const draw = keyedList(list, (/** @type {Event} */ { seq, kind }) => `${shownSession} ${seq} ${kind}`, (event) => ({ element: renderEvent(event, reader), update: () => {} }));

  log.addEventListener('scroll', () => {
    isFollowing = log.scrollHeight - log.scrollTop - log.clientHeight < nearEnd;
    if (isFollowing) news.hidden = true;
  }, { passive: true });
  // The box above the composer changes its height: whoever follows the end goes on following it.
  new ResizeObserver(() => { if (isFollowing) toEnd(); }).observe(log);

  function toEnd() {
    log.scrollTop = log.scrollHeight;
    isFollowing = true;
    news.hidden = true;
  }

  function showEarlier() {
    const fromEnd = log.scrollHeight - log.scrollTop;
    pages += 1;
    drawPage();
    log.scrollTop = log.scrollHeight - fromEnd;
  }

  function drawPage() {
    const events = shownEvents.filter((event) => isShown(event, reader));
    const first = Math.max(0, events.length - pages * pageSize);
    earlier.hidden = first === 0;
    draw(events.slice(first));
  }

  return {
    element,
    focus: () => log.focus(),
    /**
     * @param {{id: string, events: readonly Event[], replayTo: number}} session
     * @param {number} [newAfter] marks what came after this one
     */
    update({ id, events, replayTo }, newAfter = Infinity) {
      const isOther = shownSession !== id;
      const known = isOther ? 0 : shownEvents.at(-1)?.seq ?? 0;
      if (isOther) {
        shownSession = id;
        pages = 1;
        isFollowing = true;
      }
      if (isOther || events !== shownEvents) {
        // What was said before is there to read, not to be announced.
        log.setAttribute('aria-live', known < replayTo ? 'off' : 'polite');
        shownEvents = events;
        drawPage();
        if (isFollowing) toEnd();
        else if (events.some(({ seq, kind }) => seq > known && kind === 'message')) news.hidden = false;
      }
      for (const line of list.children) line.classList.toggle('is-new', Number(line.getAttribute('data-seq')) > newAfter);
    },
  };
}
