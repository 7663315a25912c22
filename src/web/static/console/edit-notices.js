/** What an editor must know before going on with a draft: what came back, what changed in the folder, what somebody else saved. */

import { append, button, el } from '../shared/dom.js';
import { showControls } from '../shared/markdown-dom.js';
import { renderDiff } from './edit-diff.js';

/** @param {import('./words.js').Translate} t */
export function createNotices(t) {
  const element = el('div', { class: 'edit-notices' });

  /** @param {string} words @param {(Node | string)[]} [more] @param {boolean} [isGrave] */
  function show(words, more = [], isGrave = false) {
    const shown = el('div', { class: isGrave ? 'edit-notice is-grave' : 'edit-notice', role: 'status' }, el('p', {}, words));
    append(shown, more);
    element.append(shown);
    return shown;
  }

  /** A button that takes its notice away. @param {string} words @param {() => void} work */
  const answer = (words, work) => {
    const pressed = button({ class: 'secondary small' }, () => {
      pressed.closest('.edit-notice')?.remove();
      work();
    }, words);
    return pressed;
  };

  return {
    element, show, answer,
    clear: () => element.replaceChildren(),
    /** The article was changed in the folder since. @param {{base_text: string, standing: string | null}} draft @param {() => void} taken */
    behind: ({ base_text: before, standing }, taken) => show(t('behind'), [el('details', { open: true }, el('summary', {}, t('behindWhat')), renderDiff(before, standing ?? '', t)), answer(t('behindTaken'), taken)], true),
    /** Somebody saved another text meanwhile: both are shown. @param {string} mine @param {{revision: number, text: string}} theirs @param {() => void} goOn @param {() => void} take */
    clash: (mine, theirs, goOn, take) => show(t('clash', { count: theirs.revision }), [
      el('details', { open: true }, el('summary', {}, t('clashTheirs')), renderDiff(mine, theirs.text, t), el('pre', { class: 'edit-source', tabindex: 0, role: 'group', 'aria-label': t('clashTheirs') }, showControls(theirs.text))),
      answer(t('clashMine'), goOn), ' ', answer(t('clashTake'), take)], true),
  };
}
