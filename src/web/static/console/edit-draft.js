/** One draft: written with check and preview beside it, handed to a second person, approved, published. What is typed is kept in this browser until it is saved. */

import { append, button, el } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';
import { ApiFailed } from './api.js';
import { askFor } from './dialogs.js';
import { createCheck } from './edit-check.js';
import { renderDiff } from './edit-diff.js';
import { createJob } from './edit-job.js';
import { createNotices } from './edit-notices.js';
import { blankDraft, createSwitch, renderArticle, renderProblems, renderStep, selectLine, stateChip, whyNot } from './edit-parts.js';
import { moment } from './format.js';
import { withProof } from './second-factor.js';

const [checkAfterMs, drawAfterMs] = [600, 150];

/** @typedef {any} Draft */

/** @param {import('./knowledge.js').Desk} desk @param {string} id or `new:` and a path @returns {import('./knowledge.js').Part} */
export function createDraft(desk, id) {
  const { t, api, lang, load, goTo, say, unsaved, isAdministrator } = desk;
  const element = el('div', { class: 'edit-draft' });
  /** @type {Draft} */ let draft = null;
  /** @type {any[]} */ let problems = [];
  /** The version in the folder that the text in the box takes in. */
  let base = '';
  /** @type {any} */ let drawing = null;

  const box = el('textarea', { id: 'edit-box', class: 'edit-box', spellcheck: true, rows: 18, dir: 'auto' });
  const note = el('input', { id: 'edit-note', maxlength: 500, autocomplete: 'off' });
  const head = el('div', { class: 'edit-head' });
  const notices = createNotices(t);
  const check = createCheck(desk, (found) => {
    problems = found;
    side.rename('problems', `${t('problems')} (${problems.length})`);
    if (side.current() === 'problems') side.refresh();
    drawActions();
  });
  const actions = el('div', { class: 'edit-actions' });
  const steps = el('ol', { class: 'edit-steps' });
  const job = createJob(desk, () => { fetchNow(); });
  const side = createSwitch(t('draftViews'), [
    { name: 'preview', label: t('preview'), render: () => renderArticle(t, box.value) },
    { name: 'changes', label: t('changes'), render: () => renderDiff(draft?.base_text ?? '', box.value, t) },
    { name: 'problems', label: t('problems'), render: () => renderProblems(t, problems, (line) => selectLine(box, line)) },
  ]);
  const writing = el('div', { class: 'edit-columns' },
    el('div', { class: 'edit-writing' }, el('label', { for: 'edit-box' }, t('articleText')), box, check.element, el('label', { for: 'edit-note' }, t('noteOfDraft')), note), side.element);
  element.append(head, notices.element, writing, actions, job.element, el('section', {}, el('h3', {}, t('steps')), steps));

  const isNew = id.startsWith('new:');
  const text = () => ({ base, text: box.value, note: note.value });
  const isDirty = () => draft !== null && (box.value !== draft.text || note.value !== draft.note || base !== draft.base);
  const isOpen = () => isNew || ['draft', 'review', 'approved'].includes(draft?.state);

  function fetchNow() {
    if (isNew) return Promise.resolve(open(blankDraft(id.slice(4), lang)));
    return load(() => api.get(`/v1/edit/drafts/${encodeURIComponent(id)}`), (answer) => { open(answer.draft); });
  }

  /** Shows a draft as the server has it; what was typed over it and not saved comes back. @param {Draft} fresh */
  function open(fresh) {
    draft = fresh;
    base = fresh.base;
    [box.value, note.value] = [fresh.text, fresh.note];
    problems = [...fresh.problems, ...fresh.elsewhere];
    notices.clear();
    const kept = isOpen() ? unsaved.of(id) : null;
    if (kept && (kept.text !== fresh.text || kept.note !== fresh.note)) {
      [box.value, note.value, base] = [kept.text, kept.note, kept.base];
      if (kept.revision === fresh.revision) notices.show(t('restored'), [notices.answer(t('restoredDrop'), dropMine)]);
      else clash(fresh);
    } else unsaved.forget(id);
    if (fresh.behind) notices.behind(fresh, taken);
    if (fresh.others.length > 0) notices.show(t('othersWrite'), fresh.others.flatMap((/** @type {Draft} */ other) => [button({ class: 'link' }, () => goTo('draft', other.id), `${showControls(other.author.name)}, ${moment(other.changed, lang)}`), ' ']));
    side.rename('problems', `${t('problems')} (${problems.length})`);
    draw();
    side.show(fresh.state === 'review' ? 'changes' : 'preview');
    checkSoon(0);
  }

  function draw() {
    head.replaceChildren();
    append(head, [button({ class: 'secondary small' }, () => goTo('drafts'), t('backToList')),
      el('h2', { tabindex: -1 }, showControls(draft.note || draft.path)),
      el('p', { class: 'soft edit-facts' }, [showControls(draft.path), draft.author.name && showControls(draft.author.name), draft.revision > 0 && t('revision', { count: draft.revision }), draft.reviewer && t('approvedBy', { name: draft.reviewer.name })].filter(Boolean).join(' · ')), stateChip(t, draft.state)]);
    for (const input of [box, note]) input.readOnly = !isOpen();
    steps.replaceChildren();
    append(steps, draft.steps.map((/** @type {any} */ step) => renderStep(t, lang, step)));
    drawActions();
  }

  function drawActions() {
    const dirty = isDirty();
    const errors = problems.some(({ severity }) => severity === 'error');
    const choice = (/** @type {string} */ word, /** @type {() => void} */ work, isFirst = false, isOff = false) => button({ class: isFirst ? 'primary' : 'secondary', disabled: isOff }, work, t(word));
    actions.replaceChildren();
    if (!isOpen()) {
      append(actions, [choice('openArticle', () => goTo('article', draft.path))]);
      return;
    }
    const saved = draft.id !== null && !dirty;
    append(actions, [
      (dirty || draft.id === null) && choice('saveDraft', save, true),
      saved && draft.state === 'draft' && choice('submit', () => step('submit'), true, errors || draft.behind),
      saved && draft.state === 'review' && !draft.own && choice('approve', () => step('approve'), true, draft.behind),
      saved && draft.state === 'review' && draft.own && isAdministrator && choice('approveAlone', approveAlone, false, draft.behind),
      saved && (draft.state === 'review' || draft.state === 'approved') && choice('sendBack', sendBack),
      saved && draft.state === 'approved' && choice('publish', publish, true, draft.behind),
      saved && choice('previewAnswers', () => run('preview', {})),
      saved && choice('tryDraft', () => goTo('bench', draft.id)),
      saved && !errors && el('a', { class: 'button-link', href: `/v1/edit/drafts/${encodeURIComponent(draft.id)}/page`, target: '_blank', rel: 'noopener' }, t('openPage')),
      draft.id !== null && choice('discard', discard),
    ]);
    if (saved && draft.state === 'review' && draft.own) append(actions, [el('p', { class: 'soft' }, t('secondPerson'))]);
  }

  /** What changed in the folder is in the text now. */
  function taken() {
    base = draft.standing_version ?? '';
    draft = { ...draft, base_text: draft.standing ?? '' };
    changed();
    side.show('changes');
    box.focus();
  }

  /** Nothing is overwritten unseen. @param {Draft} theirs */
  function clash(theirs) {
    draft = { ...draft, ...theirs };
    notices.clash(box.value, theirs, () => { changed(); box.focus(); }, dropMine);
  }

  function dropMine() {
    unsaved.forget(id);
    fetchNow();
  }

  function changed() {
    if (!draft || !isOpen()) return;
    if (isDirty()) {
      if (!unsaved.keep(id, { revision: draft.revision, ...text(), path: draft.path })) say(t('notKept'));
    } else unsaved.forget(id);
    drawActions();
    clearTimeout(drawing);
    drawing = setTimeout(() => side.current() !== 'problems' && side.refresh(), drawAfterMs);
    checkSoon(checkAfterMs);
  }

  /** @param {number} delay */
  function checkSoon(delay) {
    if (isOpen()) check.soon(draft.path, () => box.value, delay);
  }

  async function save() {
    const sent = text();
    try {
      const answer = draft.id === null ? await api.post('/v1/edit/drafts', { path: draft.path, ...sent })
        : await api.post(`/v1/edit/drafts/${encodeURIComponent(draft.id)}`, { revision: draft.revision, ...sent });
      unsaved.forget(id);
      // What was typed meanwhile stands over the new revision.
      if (box.value !== sent.text || note.value !== sent.note) unsaved.keep(answer.draft.id, { revision: answer.draft.revision, ...text(), path: draft.path });
      if (draft.id === null) goTo('draft', answer.draft.id);
      else await fetchNow();
      say(t('saved', { count: answer.draft.revision }));
    } catch (error) {
      refused(error);
    }
  }

  /** @param {string} name @param {object} [more] */
  const post = (name, more = {}) => api.post(`/v1/edit/drafts/${encodeURIComponent(draft.id)}/${name}`, { revision: draft.revision, ...more });

  /** @param {string} name @param {object} [more] */
  async function step(name, more) {
    try {
      await post(name, more);
      await fetchNow();
      say(t(`done.${name}`));
    } catch (error) {
      refused(error);
    }
  }

  /** @param {unknown} error */
  function refused(error) {
    const answer = error instanceof ApiFailed ? error.answer : null;
    const isStale = answer?.error === 'stale' && answer.draft;
    if (isStale && isDirty() && isOpen()) clash(answer.draft);
    else if (isStale || answer?.error === 'changed') fetchNow();
    else if (answer?.error === 'faulty') {
      problems = answer.problems;
      side.show('problems');
    }
    say(answer?.error === 'words' ? answer.message : whyNot(t, error));
  }

  async function sendBack() {
    const words = await askFor({ title: t('sendBack'), text: t('sendBackText'), input: t('comment'), yes: t('sendBack'), no: t('cancel') });
    if (words) await step('return', { words });
  }

  async function approveAlone() {
    const alone = await askFor({ title: t('approveAlone'), text: t('approveAloneText'), input: t('reasonInput'), yes: t('approve'), no: t('cancel') });
    if (!alone) return;
    try {
      if (await withProof(api, t, () => post('approve', { alone }))) await fetchNow();
    } catch (error) {
      refused(error);
    }
  }

  async function discard() {
    if (await askFor({ title: t('discard'), text: t('discardText'), yes: t('discard'), no: t('cancel') })) await step('discard');
  }

  async function publish() {
    if (await askFor({ title: t('publishTitle'), text: t('publishText'), yes: t('publish'), no: t('cancel') })) await run('publish', {});
  }

  /** @param {'publish' | 'preview'} name @param {object} more */
  async function run(name, more) {
    try {
      await post(name, more);
      job.follow();
    } catch (error) {
      const answer = error instanceof ApiFailed ? error.answer : null;
      if (answer?.error === 'others') {
        if (await askFor({ title: t('othersTitle'), text: t('othersText', { list: answer.paths.slice(0, 20).join(', ') }), yes: t('publish'), no: t('cancel') })) await run(name, { with_others: true });
      } else refused(error);
    }
  }

  for (const input of [box, note]) input.addEventListener('input', changed);
  box.addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key === 's') {
      event.preventDefault();
      if (isDirty() || draft?.id === null) save();
    }
  });

  return {
    element,
    shown: () => { fetchNow(); },
    hidden() {
      check.stop();
      clearTimeout(drawing);
      job.stop();
    },
  };
}
