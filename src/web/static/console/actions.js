/** Everything a consultant can do at the desk: one function for each, with what follows from its answer. */

import { RequestFailed } from '../shared/requests.js';
import { askFor } from './dialogs.js';
import { colleagues, isMine, teams } from './select.js';

/**
 * @typedef {import('./state.js').State} State
 * @typedef {import('./desk.js').Desk} Desk
 *
 * @typedef {object} Surroundings
 * @property {() => State} state
 * @property {(signal: import('./state.js').Signal) => void} dispatch
 * @property {import('./connection.js').DeskConnection} connection
 * @property {import('./api.js').Api} api
 * @property {import('./drafts.js').Drafts} drafts
 * @property {() => import('./words.js').Translate} words
 * @property {(words: string, isFault?: boolean) => void} toast
 * @property {() => void} draw
 * @property {(id: string) => void} opened a session came on the screen by our own doing
 * @property {(isShown: boolean) => void} showSide
 */

/** @typedef {ReturnType<typeof createActions>} Actions */

/** @param {Surroundings} surroundings */
export function createActions({ state, dispatch, connection, api, drafts, words, toast, draw, opened, showSide }) {
  /** @type {Promise<import('./protocol.js').Reply[]> | null} */ let replies = null;
  const fenceOf = (/** @type {string} */ id) => state().sessions[id]?.fence ?? state().rows.find(({ session }) => session === id)?.fence ?? 0;

  /** Says in words why a command was refused. @param {unknown} error */
  function refused(error) {
    const code = error instanceof RequestFailed ? error.code : 'internal';
    toast(words()(`code.${code}`), true);
  }

  /** @param {string} t @param {object} fields @returns {Promise<boolean>} */
  async function command(t, fields) {
    try {
      await connection.request(t, fields);
      return true;
    } catch (error) {
      refused(error);
      return false;
    }
  }

  /** @param {string | null} id */
  function select(id) {
    const before = state().current;
    if (id !== null) connection.follow(id);
    dispatch({ t: 'select', session: id });
    // What was only looked at is not followed for ever.
    const left = before !== null && before !== id ? state().sessions[before] : null;
    if (left && !isMine(state(), left) && left.over === null && drafts.of(left.id).text === '') connection.leave(left.id);
    if (id !== null) opened(id);
  }

  /** @param {string} id */
  async function claim(id) {
    if (await command('claim', { session: id, fence: fenceOf(id) })) select(id);
  }

  /** @param {string} id */
  async function send(id) {
    const t = words();
    const draft = drafts.of(id);
    const session = state().sessions[id];
    if (!session) return;
    Object.assign(draft, { phase: 'sending', code: null, shownTo: session.readTo });
    draw();
    const quotes = draft.quotes.map(({ article, anchor }) => ({ article, anchor }));
    try {
      await connection.request('send', { session: id, fence: session.fence, base_seq: session.readTo, text: draft.text.trim(), ...(quotes.length > 0 ? { quotes } : {}) }, drafts.cidOf(id));
      drafts.sent(id);
    } catch (error) {
      const code = error instanceof RequestFailed ? error.code : 'internal';
      Object.assign(draft, code === 'stale_view' ? { phase: 'held' } : { phase: 'failed', code });
      if (state().current !== id) toast(t('sendFailedElsewhere'), true);
    }
    draw();
  }

  /** @param {string} id */
  async function transfer(id) {
    const t = words();
    const people = colleagues(state());
    if (people.length === 0) return toast(t('nobodyToPassTo'), true);
    const persons = people.map(({ id: value, name, available, online, sessions }) => ({
      value: `to ${value}`, label: name, hint: available && online ? t('onDutyWith', { count: sessions }) : t(online ? 'offDuty' : 'notHere'),
    }));
    const groups = teams(state()).map(({ name, onDuty }) => ({ value: `team ${name}`, label: t('team', { name }), hint: t('teamOnDuty', { count: onDuty }) }));
    const chosen = await askFor({ title: t('transferTitle'), text: t('transferText'), options: [...groups, ...persons], yes: t('transfer'), no: t('cancel') });
    if (!chosen) return;
    const [, field = '', value] = /^(to|team) (.*)$/.exec(chosen) ?? [];
    if (await command('transfer', { session: id, fence: fenceOf(id), [field]: value })) toast(t('transferred'));
  }

  /** @param {string} id */
  async function close(id) {
    const t = words();
    const options = state().outcomes.map((value) => ({ value, label: t(`outcome.${value}`) }));
    const outcome = await askFor({ title: t('closeTitle'), text: t('closeText'), options, yes: t('close'), no: t('cancel') });
    if (outcome && await command('close', { session: id, fence: fenceOf(id), outcome })) {
      drafts.forget(id);
      toast(t('closed'));
    }
  }

  /** @param {'release' | 'return' | 'clear'} command_ @param {'release' | 'giveBack' | 'clear'} word @param {string} id */
  async function confirmed(command_, word, id) {
    const t = words();
    const yes = await askFor({ title: t(`${word}Title`), text: t(`${word}Text`), yes: t(word), no: t('cancel') });
    if (yes && await command(command_, { session: id, fence: fenceOf(id) })) toast(t(`${word}Done`));
  }

  /** @param {string} id */
  function dismiss(id) {
    drafts.forget(id);
    connection.leave(id);
  }

  return {
    select, claim, send, transfer, close, dismiss, showSide,
    release: (/** @type {string} */ id) => confirmed('release', 'release', id),
    giveBack: (/** @type {string} */ id) => confirmed('return', 'giveBack', id),
    clear: (/** @type {string} */ id) => confirmed('clear', 'clear', id),
    typing: (/** @type {string} */ id) => connection.typing(id),
    note: (/** @type {string} */ id, /** @type {string} */ text) => command('note', { session: id, text }),
    setDuty: (/** @type {boolean} */ on) => command('available', { on }),
    /** @param {import('./protocol.js').Form} form */
    async formDone(form) {
      try {
        await api.post(`/v1/desk/forms/${encodeURIComponent(form.id)}`, { state: 'done' });
        if (state().sessions[form.session]) dispatch({ t: 'form', session: form.session, form: { ...form, state: 'done' } });
        return true;
      } catch {
        toast(words()('code.internal'), true);
        return false;
      }
    },
    loadReplies() {
      replies ??= api.get('/v1/desk/replies').then((answer) => answer.replies ?? []);
      replies.catch(() => { replies = null; });
      return replies;
    },
    /** @param {string} q @param {string | null} drug @returns {Promise<import('./protocol.js').Quote[]>} */
    async searchPassages(q, drug) {
      const { results } = await api.get('/v1/desk/search', { q, drug, k: 8 });
      return (results ?? []).map((/** @type {{quote: import('./protocol.js').Quote}} */ { quote }) => quote);
    },
  };
}
