/** What visitors do with their own chat: take it with them, or have it erased. */

import { translator } from '../shared/i18n.js';
import { confirmDelete } from './menu.js';
import { download, transcriptText } from './transcript.js';

/**
 * @typedef {object} Owned
 * @property {HTMLElement} root
 * @property {import('../shared/i18n.js').Lang} lang
 * @property {readonly import('./state.js').Item[]} items
 * @property {(t: string, fields?: object) => Promise<import('../shared/protocol.js').ServerFrame>} request
 * @property {(words: string) => void} say
 */

/** @param {Owned} chat */
export function saveText({ items, lang }) {
  download('chat.txt', 'text/plain', transcriptText(items, translator(lang), lang));
}

/** @param {Owned} chat */
export function saveData({ request, say, lang }) {
  say('');
  request('export').then(
    (answer) => download('chat.json', 'application/json', JSON.stringify('session' in answer ? answer.session : {}, null, 2)),
    () => say(translator(lang)('downloadFailed')),
  );
}

/** Asks, then erases; says whether it is gone. @param {Owned} chat */
export async function erase({ root, request, say, lang }) {
  const t = translator(lang);
  if (!(await confirmDelete(root, t))) return false;
  try {
    await request('erase');
    return true;
  } catch {
    say(t('deleteFailed'));
    return false;
  }
}
