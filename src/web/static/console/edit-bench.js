/** The test bench: a question, what is answered and why, and what a draft would make of it. Nothing of it is kept. */

import { append, el } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';
import { renderQuote } from './quote-view.js';

/** @typedef {import('./knowledge.js').Desk} Desk */

/** @param {Desk} desk @param {string} draft @returns {import('./knowledge.js').Part} */
export function createBench(desk, draft) {
  const { t, api, lang, load } = desk;
  const question = el('input', { id: 'bench-question', autocomplete: 'off', required: true, maxlength: 4000, dir: 'auto' });
  const page = el('input', { id: 'bench-drug', autocomplete: 'off' });
  const region = el('input', { id: 'bench-region', autocomplete: 'off', maxlength: 10 });
  const which = el('select', { id: 'bench-draft' }, el('option', { value: '' }, t('benchNoDraft')));
  const field = (/** @type {string} */ label, /** @type {HTMLElement} */ input) => el('div', { class: 'field' }, el('label', { for: input.id }, label), input);
  const answers = el('div', { class: 'said-sides' });
  const form = el('form', { class: 'bench-form' }, field(t('benchQuestion'), question), field(t('benchDraft'), which), field(t('benchDrug'), page), field(t('region'), region), el('button', { type: 'submit', class: 'primary' }, t('benchAsk')));
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    load(() => api.post('/v1/edit/try', { question: question.value, drug: page.value.trim(), region: region.value.trim(), draft: which.value }), draw);
  });

  /** @param {{old: any, new: any}} tried */
  function draw({ old, new: fresh }) {
    answers.replaceChildren();
    append(answers, [renderTried(desk, t('answerNow'), old), fresh && renderTried(desk, t('answerThen'), fresh)]);
  }

  function fetchDrafts() {
    return load(() => api.get('/v1/edit/drafts', { state: 'open' }), ({ drafts }) => {
      append(which, drafts.map((/** @type {any} */ known) => el('option', { value: known.id, selected: known.id === draft }, showControls(`${known.path} · ${known.author.name}`))));
      question.focus();
    });
  }
  return { element: el('div', { lang: lang === 'zh' ? 'zh-Hans' : 'en' }, el('p', { class: 'soft' }, t('benchHint')), form, answers), shown: () => { fetchDrafts(); } };
}

/** @param {Desk} desk @param {string} title @param {any} tried */
function renderTried({ t, lang }, title, tried) {
  if (!tried) return el('section', { class: 'said-side' }, el('h3', {}, title), el('p', { class: 'soft' }, t('nothingServed')));
  const { answer, why, generation } = tried;
  const list = (/** @type {string[]} */ items) => (items.length === 0 ? '–' : showControls(items.join(', ')));
  const facts = /** @type {[string, string][]} */ ([
    [t('language'), why.lang], [t('drug'), list(why.drugs) + (why.assumed ? ` (${t('benchAssumed')})` : '')], [t('benchTopics'), list(why.topics)], [t('benchOthers'), list(why.others)],
    [t('benchTriage'), `${why.triage.level} ${list(why.triage.rules)}`], [t('benchWords'), list(why.concepts.map((/** @type {any} */ concept) => concept.words.slice(0, 3).join(' = ')))]]);
  const rows = why.candidates.map((/** @type {any} */ one) => el('tr', {}, [one.score.toFixed(2), one.coverage.toFixed(2), one.likeness.toFixed(2), one.topic, `${one.article} › ${one.heading.join(' › ')}`].map((words) => el('td', {}, showControls(words)))));
  const section = el('section', { class: 'said-side' }, el('h3', {}, title, ' ', el('span', { class: 'soft' }, t('inGenerations', { list: generation }))));
  append(section, [
    answer ? el('p', {}, el('strong', {}, answer.kind), answer.text && ` ${showControls(answer.text)}`, answer.ask && ` ${showControls(answer.ask.text)}`) : el('p', { class: 'soft' }, t('code.internal')),
    (answer?.quotes ?? []).map((/** @type {any} */ quote) => renderQuote(quote, t, lang)),
    (answer?.conflicts ?? []).map((/** @type {any} */ one) => el('p', { class: 'said-conflict' }, t('conflict', { about: showControls(one.about), values: one.values.map((/** @type {any} */ value) => showControls(value.value)).join(' / ') }))),
    el('details', { class: 'change', open: true }, el('summary', {}, t('benchWhy')), el('dl', { class: 'bench-why' }, facts.flatMap(([name, value]) => [el('dt', {}, name), el('dd', {}, value)])),
      rows.length > 0 ? el('div', { class: 'table-frame', tabindex: 0, role: 'group', 'aria-label': t('benchWhy') }, el('table', { class: 'table table-narrow' },
        el('thead', {}, el('tr', {}, /** @type {const} */ (['benchScore', 'benchCovers', 'benchLike', 'benchTopic', 'benchPassage']).map((word) => el('th', { scope: 'col' }, t(word))))), el('tbody', {}, rows))) : el('p', { class: 'soft' }, t('benchNothing'))),
  ]);
  return section;
}
