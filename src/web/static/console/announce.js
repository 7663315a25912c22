/** What a screen reader hears of a signal: sessions that begin to ring, words in a session that is not on the screen. Pure. */

import { drugWords } from './format.js';
import { urgentPriority } from './protocol.js';
import { isMine, medicine, ringing } from './select.js';

/**
 * @typedef {import('./state.js').State} State
 * @typedef {{text: string, isUrgent: boolean}} Announcement
 */

/** @param {State} before @param {State} after @param {import('./state.js').Signal} signal @param {import('./words.js').Translate} t @returns {Announcement | null} */
export function announcement(before, after, signal, t) {
  if (signal.t === 'queue' || signal.t === 'welcome') return before.rows === after.rows ? null : newRings(before, after, t);
  if (signal.t !== 'event' || signal.kind !== 'message' || signal.role !== 'visitor') return null;
  const session = after.sessions[signal.session];
  if (!session || session.id === after.current || signal.seq <= session.replayTo || !isMine(after, session)) return null;
  return { text: t('newMessageFrom', { drug: drugWords(medicine(session)) || t('visitor') }), isUrgent: false };
}

/** @param {State} before @param {State} after @param {import('./words.js').Translate} t @returns {Announcement | null} */
function newRings(before, after, t) {
  const known = new Set(ringing(before).map(({ session, escalations }) => `${session} ${escalations}`));
  const fresh = ringing(after).filter(({ session, escalations }) => !known.has(`${session} ${escalations}`));
  const [first] = fresh;
  if (!first) return null;
  const isUrgent = fresh.some(({ priority }) => priority >= urgentPriority);
  if (fresh.length > 1) return { text: t('newWaitingMany', { count: fresh.length }), isUrgent };
  return { text: t('newWaiting', { priority: t(`priority.${first.priority}`), reason: t(`reason.${first.reason}`), drug: drugWords(medicine(null, first)) }), isUrgent };
}
