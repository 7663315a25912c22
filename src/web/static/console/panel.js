/** The middle column: one session's head with its actions, its log, and the composer. */

import { append, button, el, icon } from '../shared/dom.js';
import { say } from '../shared/keyed.js';
import { showControls } from '../shared/markdown-dom.js';
import { createComposer } from './composer.js';
import { sessionName } from './format.js';
import { priorityMark } from './queue.js';
import { cameAfter, isMine, isReserved, medicine, personName } from './select.js';
import { createTranscript } from './transcript.js';

/**
 * @typedef {import('./state.js').State} State
 * @typedef {import('./state.js').Session} Session
 * @typedef {import('./desk.js').Tools} Tools
 */

/** @param {Tools} tools */
export function createPanel(tools) {
  const { t, lang, actions, drafts } = tools;
  /** @type {Session | null} */ let shown = null;
  let barLooks = '';
  const withShown = (/** @type {(id: string) => void} */ work) => () => { if (shown) work(shown.id); };
  const title = el('h2', { class: 'panel-title' });
  const mark = el('span', { class: 'panel-mark' });
  const buttons = el('div', { class: 'panel-actions' });
  const transcript = createTranscript({ t, lang, myId: tools.myId });
  const typing = el('p', { class: 'panel-typing soft', role: 'status' });
  const composer = createComposer(tools);
  const foot = el('div', { class: 'panel-foot' });
  const empty = el('div', { class: 'panel-empty' }, el('p', {}, t('nothingOpen')), el('p', { class: 'soft' }, t('nothingOpenHint')));
  const open = el('div', { class: 'panel-open', hidden: true },
    el('header', { class: 'panel-head' },
      button({ class: 'icon-button panel-back', 'aria-label': t('back'), title: t('back') }, () => actions.select(null), icon('back')),
      el('div', { class: 'panel-name' }, title, mark),
      button({ class: 'icon-button side-open', 'aria-label': t('details'), title: t('details') }, () => actions.showSide(true), icon('person')), buttons),
    transcript.element, typing, foot, composer.element);
  const element = el('main', { class: 'panel', id: 'panel', 'aria-label': t('conversation') }, empty, open);

  /** @param {State} state @param {Session} session */
  function drawBar(state, session) {
    const row = state.rows.find(({ session: id }) => id === session.id) ?? null;
    const mine = isMine(state, session);
    const isWaiting = row?.state === 'queued' && session.over === null;
    const reserved = row !== null && isReserved(state, row);
    const owner = personName(state, row?.assignee ?? row?.for);
    const looks = JSON.stringify([session.id, mine, isWaiting, reserved, owner, row?.priority, session.over, row?.state]);
    if (looks === barLooks) return;
    barLooks = looks;
    mark.replaceChildren();
    append(mark, [row && row.priority > 0 && session.over === null && priorityMark(row, t)]);
    buttons.replaceChildren();
    append(buttons, [
      mine && (row?.priority ?? 0) > 0 && act('clear', actions.clear),
      mine && act('transfer', actions.transfer), mine && act('release', actions.release), mine && act('giveBack', actions.giveBack),
      mine && act('close', actions.close),
    ]);
    foot.replaceChildren();
    append(foot, isWaiting ? [
      el('p', {}, reserved ? t('reservedFor', { name: showControls(owner ?? t('colleague')) }) : t('notClaimed')),
      !reserved && button({ class: 'primary panel-claim' }, withShown(actions.claim), t('claim'), el('kbd', {}, 'C')),
    ] : !mine ? [
      el('p', {}, session.over !== null || row === null ? t('readOnlyOver') : t('readOnlyOther', { name: showControls(owner ?? t('colleague')) })),
      session.over !== null && button({ class: 'secondary small' }, withShown(actions.dismiss), t('dismiss')),
    ] : []);
    foot.hidden = mine;
    composer.element.hidden = !mine && drafts.of(session.id).text === '';
  }

  /** @param {'clear' | 'transfer' | 'release' | 'giveBack' | 'close'} word @param {(id: string) => void} work */
  function act(word, work) {
    return button({ class: `small ${word === 'close' ? 'primary' : 'secondary'}`, title: t(`${word}Hint`) }, withShown(work), t(word));
  }

  return {
    element,
    /** Puts the focus where one writes, or reads; says whether one can write. */
    focus() {
      const canWrite = !composer.element.hidden;
      if (canWrite) composer.focus();
      else transcript.focus();
      return canWrite;
    },
    /** @param {State} state */
    update(state) {
      const session = state.current ? state.sessions[state.current] ?? null : null;
      shown = session;
      empty.hidden = session !== null;
      open.hidden = session === null;
      if (!session) return;
      const draft = drafts.of(session.id);
      const isHeld = draft.phase === 'held' && cameAfter(session, draft.shownTo).length > 0;
      say(title, showControls(sessionName(session.id, medicine(session), t)));
      drawBar(state, session);
      transcript.update(session, isHeld ? draft.shownTo : undefined);
      say(typing, session.isTyping ? t('isTyping') : session.isOpen && session.over === null && !session.online ? t('isAwayLong') : '');
      composer.update(session, state.limits.text_chars);
    },
  };
}
