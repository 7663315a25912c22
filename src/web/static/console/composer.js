/**
 * Where the consultant writes. Words leave the box only when the server has them; until then they
 * stand here, whatever happens to the connection.
 */

import { append, button, el, icon } from '../shared/dom.js';
import { say } from '../shared/keyed.js';
import { showControls } from '../shared/markdown-dom.js';
import { replyText } from './drafts.js';
import { drugWords } from './format.js';
import { medicine } from './select.js';
import { createSuggestions } from './suggest.js';

/**
 * @typedef {import('./drafts.js').Draft} Draft
 * @typedef {import('./state.js').Session} Session
 */

const mostQuotes = 5;

/** @param {import('./desk.js').Tools} tools */
export function createComposer(tools) {
  const { t, actions, drafts } = tools;
  /** @type {Session | null} */ let session = null;
  let limit = 4000;
  const input = el('textarea', { id: 'composer', rows: 2, autocomplete: 'off', dir: 'auto', 'aria-label': t('message'), placeholder: t('messageHint'), 'aria-describedby': 'composer-status' });
  const status = el('p', { id: 'composer-status', class: 'composer-status', role: 'status' });
  const quotes = el('ul', { class: 'composer-quotes', 'aria-label': t('attached'), hidden: true });
  const send = el('button', { type: 'submit', class: 'primary composer-send', 'aria-label': t('send') }, icon('send'), el('span', {}, t('send')));
  const suggestions = createSuggestions(input, {
    t, fillReply: fill, loadReplies: actions.loadReplies,
    search: (query) => actions.searchPassages(query, medicine(session)),
    choose: (choice, from, to) => {
      if ('reply' in choice) return replace(from, to, fill(choice.reply));
      attach(choice.quote);
      replace(from, to, '');
    },
  });
  const form = el('form', { class: 'composer', novalidate: true, 'aria-label': t('composer') },
    suggestions.element, quotes, el('div', { class: 'composer-row' }, input, send), status);

  /** @returns {Draft | null} */
  const draft = () => (session ? drafts.of(session.id) : null);

  /** @param {import('./protocol.js').Reply} reply */
  function fill(reply) {
    const lang = session?.row?.context?.lang ?? 'en';
    return replyText(reply, lang, { consultant: tools.myName(), drug: drugWords(medicine(session)) || (lang === 'zh' ? '该药品' : 'this medicine') });
  }

  /** @param {number} from @param {number} to @param {string} words */
  function replace(from, to, words) {
    input.setRangeText(words, from, to, 'end');
    input.focus();
    typed();
  }

  /** @param {import('./protocol.js').Quote} quote */
  function attach(quote) {
    const now = draft();
    const isKnown = now?.quotes.some(({ article, anchor }) => article === quote.article && anchor === quote.anchor);
    if (!now || isKnown || now.quotes.length >= mostQuotes) return;
    now.quotes = [...now.quotes, quote];
    drawQuotes(now);
  }

  /** @param {Draft} now */
  function drawQuotes(now) {
    quotes.hidden = now.quotes.length === 0;
    quotes.replaceChildren(...now.quotes.map((quote) => {
      const name = showControls([quote.title, ...(quote.heading ?? []).filter((heading) => heading !== quote.title)].join(' › '));
      const chip = el('li', { class: 'composer-quote' });
      append(chip, [el('strong', {}, name), ' ', el('span', { class: 'soft' }, showControls(quote.source)),
        button({ class: 'icon-button', 'aria-label': t('detach', { name }) }, () => {
          now.quotes = now.quotes.filter((other) => other !== quote);
          drawQuotes(now);
          input.focus();
        }, icon('close'))]);
      return chip;
    }));
  }

  function typed() {
    const now = draft();
    if (!now || !session) return;
    now.text = input.value;
    if (now.phase === 'failed') now.phase = 'idle';
    if (input.value !== '' && input.value[0] !== '/' && input.value[0] !== '>') actions.typing(session.id);
    refresh();
  }

  function refresh() {
    const now = draft();
    if (!now) return;
    const isSending = now.phase === 'sending';
    const left = limit - [...input.value].length;
    input.readOnly = isSending;
    send.disabled = isSending || left < 0;
    form.classList.toggle('is-held', now.phase === 'held');
    form.classList.toggle('is-failed', now.phase === 'failed');
    form.classList.toggle('is-sending', isSending);
    input.rows = Math.min(8, Math.max(2, input.value.split('\n').length));
    say(status, left < 0 ? t('tooLong', { count: -left })
      : isSending ? t('sending')
        : now.phase === 'held' ? t('held')
          : now.phase === 'failed' ? t(`code.${now.code ?? 'internal'}`)
            : left < limit / 10 ? t('left', { count: left }) : '');
  }

  function trySend() {
    const now = draft();
    if (!session || !now || now.phase === 'sending' || [...input.value].length > limit) return;
    if (now.text.trim() === '' && now.quotes.length === 0) return;
    actions.send(session.id);
  }

  input.addEventListener('input', typed);
  input.addEventListener('keydown', (event) => {
    if (suggestions.key(event)) return;
    // 229: Safari ends a composition before it reports the Enter that ended it.
    const isComposing = event.isComposing || event.keyCode === 229;
    if (event.key !== 'Enter' || event.shiftKey || isComposing) return;
    event.preventDefault();
    trySend();
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    trySend();
    input.focus();
  });

  return {
    element: form,
    focus: () => input.focus(),
    /** @param {Session} next @param {number} textLimit */
    update(next, textLimit) {
      const isOther = next.id !== session?.id;
      session = next;
      limit = textLimit;
      const now = drafts.of(next.id);
      if (isOther) suggestions.close();
      if (isOther || input.value !== now.text) input.value = now.text;
      if (isOther || quotes.childElementCount !== now.quotes.length) drawQuotes(now);
      refresh();
    },
  };
}
