/** Small parts that the editors' pages share: problems, article texts, what went wrong. */

import { append, button, el, icon } from '../shared/dom.js';
import { renderMarkdown, showControls } from '../shared/markdown-dom.js';
import { ApiFailed } from './api.js';
import { moment } from './format.js';

/**
 * @typedef {import('./knowledge.js').Desk} Desk
 * @typedef {{severity: string, path: string, line: number, message: string, hint: string, code?: string, excerpt?: string}} Problem
 */

/** Why a request failed, in words. @param {Desk['t']} t @param {unknown} error */
export function whyNot(t, error) {
  return t(`code.${error instanceof ApiFailed ? error.code : 'offline'}`);
}

/** @param {Desk['t']} t @param {Problem[]} problems @param {(line: number) => void} [goToLine] */
export function renderProblems(t, problems, goToLine) {
  if (problems.length === 0) return el('p', { class: 'soft' }, t('problemsNone'));
  return el('ul', { class: 'problems' }, problems.map((problem) => {
    const { severity, path, line, message, hint, code, excerpt } = problem;
    const place = line > 0 ? t('problemLine', { line }) : path;
    const element = el('li', { class: `problem problem-${severity}` });
    append(element, [
      el('p', { class: 'problem-head' }, icon('alert'), el('strong', {}, t(`problem.${severity}`)), ' ',
        goToLine && line > 0 ? button({ class: 'link' }, () => goToLine(line), place) : el('span', { class: 'soft' }, place), code && el('code', { class: 'soft' }, ` ${code}`)),
      el('p', { class: 'problem-words' }, showControls(message)),
      excerpt && el('pre', { class: 'problem-excerpt', tabindex: 0 }, showControls(excerpt)),
      el('p', { class: 'soft' }, showControls(hint)),
    ]);
    return element;
  }));
}

/** Front matter and text of an article. @param {string} text */
export function splitArticle(text) {
  const found = /^\uFEFF?---\r?\n([^]*?)\r?\n---\r?\n?([^]*)$/.exec(text);
  const keys = new Map((found?.[1] ?? '').split('\n').flatMap((line) => {
    const pair = /^(\w+):\s*(.*)$/.exec(line);
    return pair ? [[pair[1] ?? '', (pair[2] ?? '').replace(/^(['"])(.*)\1$/, '$2')]] : [];
  }));
  return { keys, body: found?.[2] ?? text };
}

/** An article as it reads. @param {Desk['t']} t @param {string} text */
export function renderArticle(t, text) {
  const { keys, body } = splitArticle(text);
  const facts = ['drug', 'topic', 'lang', 'status', 'rank', 'source', 'published', 'reviewed', 'review_by'].filter((key) => keys.get(key));
  const article = el('article', { class: 'edit-rendered', lang: keys.get('lang') === 'zh' ? 'zh-Hans' : 'en' },
    el('h3', {}, showControls(keys.get('title') ?? '')),
    el('p', { class: 'soft edit-facts' }, facts.map((key) => el('span', {}, `${key}: ${showControls(keys.get(key) ?? '')}`))));
  article.append(renderMarkdown(body, t('table')));
  return article;
}

/** @param {Desk['t']} t @param {string} state */
export function stateChip(t, state) {
  return el('span', { class: `draft-state draft-${state}` }, t(`draftState.${state}`));
}

/**
 * A group of views of which one is shown.
 * @param {string} label @param {{name: string, label: string, render: () => Node}[]} views
 */
export function createSwitch(label, views) {
  const box = el('div', { class: 'switch-box' });
  const chips = views.map(({ name, label: words }) => button({ class: 'chip', 'aria-pressed': 'false' }, () => show(name), words));
  let current = views[0]?.name ?? '';
  /** @param {string} name */
  function show(name) {
    current = name;
    chips.forEach((chip, index) => chip.setAttribute('aria-pressed', String(views[index]?.name === name)));
    const view = views.find((known) => known.name === name);
    box.replaceChildren();
    append(box, [view?.render()]);
  }
  return {
    element: el('section', { class: 'switch' }, el('div', { class: 'chips', role: 'group', 'aria-label': label }, chips), box),
    show, refresh: () => show(current), current: () => current,
    /** @param {string} name @param {string} words */
    rename(name, words) {
      const index = views.findIndex((known) => known.name === name);
      const chip = chips[index];
      if (chip && chip.textContent !== words) chip.textContent = words;
    },
  };
}

/** What was done with a draft. @param {Desk['t']} t @param {Desk['lang']} lang @param {{action: string, by: {name: string}, at: string, revision: number, words: string}} step */
export function renderStep(t, lang, { action, by, at, revision, words }) {
  return el('li', {}, el('strong', {}, t(`draftStep.${action}`)), ' ', el('span', { class: 'soft' }, `${showControls(by.name)} · ${moment(at, lang)} · ${t('revision', { count: revision })}`),
    words && el('p', { class: 'edit-step-words', dir: 'auto' }, showControls(words)));
}

/** Marks a line in a text box and scrolls to it. @param {HTMLTextAreaElement} box @param {number} line from 1 */
export function selectLine(box, line) {
  const lines = box.value.split('\n');
  const before = lines.slice(0, line - 1).join('\n').length + (line > 1 ? 1 : 0);
  box.focus();
  box.setSelectionRange(before, before + (lines[line - 1] ?? '').length);
  box.scrollTop = Math.max(0, (box.scrollHeight * (line - 3)) / lines.length);
}

/** A draft of a new article, not yet kept. @param {string} path @param {string} lang */
export function blankDraft(path, lang) {
  const [, drug = ''] = /^drugs\/([^/]+)\//.exec(path) ?? [];
  const today = new Date().toISOString().slice(0, 10);
  const about = drug === '' ? '' : `drug: ${drug}\ntopic: \n`;
  const text = `---\ntitle: \n${about}lang: ${lang}\nsource: \npublished: ${today}\nreviewed: ${today}\naudience: public\nstatus: published\nrank: article\n---\n\n`;
  return { id: null, path, state: 'draft', revision: 0, base: '', base_text: '', text, note: '', steps: [], own: true, behind: false, problems: [], elsewhere: [], others: [], author: { name: '' } };
}
