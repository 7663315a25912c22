/** Times, spans and names as people read them. */

import { langTag } from '../shared/i18n.js';

/** @typedef {import('../shared/i18n.js').Lang} Lang */
/** @typedef {import('./words.js').Translate} Translate */

/** Hours and minutes; the day too when it is not today. @param {string | null | undefined} ts @param {Lang} lang */
export function clock(ts, lang) {
  const date = new Date(ts ?? '');
  if (Number.isNaN(date.getTime())) return '';
  const isToday = date.toDateString() === new Date().toDateString();
  return new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', isToday ? { hour: '2-digit', minute: '2-digit' }
    : { day: 'numeric', month: 'short', hour: '2-digit', minute: '2-digit' }).format(date);
}

/** Day, month, year and time. @param {string | null | undefined} ts @param {Lang} lang */
export function moment(ts, lang) {
  const date = new Date(ts ?? '');
  if (Number.isNaN(date.getTime())) return '';
  return new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short' }).format(date);
}

/** Minutes and seconds, or hours and minutes with their unit. @param {number} seconds @param {Translate} t */
export function span(seconds, t) {
  const whole = Math.max(0, Math.floor(seconds));
  const two = (/** @type {number} */ part) => String(part).padStart(2, '0');
  if (whole < 3600) return `${Math.floor(whole / 60)}:${two(whole % 60)}`;
  return t('hoursMinutes', { hours: Math.floor(whole / 3600), minutes: two(Math.floor((whole % 3600) / 60)) });
}

/** Seconds between a server's time and now. @param {string} ts @param {number} nowMs the server's now */
export function secondsSince(ts, nowMs) {
  const time = Date.parse(ts);
  return Number.isNaN(time) ? 0 : Math.max(0, (nowMs - time) / 1000);
}

/** A drug's slug as words. @param {string | null | undefined} slug */
export function drugWords(slug) {
  return (slug ?? '').replace(/-/g, ' ');
}

/** Enough of an id to tell two sessions apart by eye and ear. @param {string} session */
export function shortId(session) {
  return session.slice(0, 4);
}

/** What a session is called in lists. @param {string} session @param {string | null | undefined} drug @param {Translate} t */
export function sessionName(session, drug, t) {
  return `${drugWords(drug) || t('visitor')} · ${shortId(session)}`;
}

/** The language visitors' words are read in. @param {string} text */
export function langOf(text) {
  return langTag(/\p{Script=Han}/u.test(text) ? 'zh' : 'en');
}
