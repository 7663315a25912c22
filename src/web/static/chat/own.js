/** What visitors do with their own chat: take it with them, silence it, or have it erased. */

import { translator } from '../shared/i18n.js';
import { confirmDelete, createMenu } from './menu.js';
import { mute, muted } from './sound.js';
import { download, transcriptText } from './transcript.js';

/**
 * @typedef {object} Owned
 * @property {HTMLElement} root
 * @property {import('../shared/i18n.js').Lang} lang
 * @property {readonly import('./state.js').Item[]} items
 * @property {(t: string, fields?: object) => Promise<import('../shared/protocol.js').ServerFrame>} request
 * @property {(words: string) => void} say
 */

/** @param {import('../shared/i18n.js').Translate} t @param {() => Owned} chat @param {{erased: () => void, muted: () => void}} told */
export function createOwnMenu(t, chat, told) {
  return createMenu(t('more'), [
    { label: t('downloadText'), action: () => saveText(chat()) },
    { label: t('downloadData'), action: () => saveData(chat()) },
    { label: t(muted() ? 'soundOn' : 'soundOff'), action: () => {
      mute(!muted());
      told.muted();
    } },
    { label: t('deleteChat'), action: async () => await erase(chat()) && told.erased(), isGrave: true },
  ]);
}

/** @param {Owned} chat */
function saveText({ items, lang }) {
  download('chat.txt', 'text/plain', transcriptText(items, translator(lang), lang));
}

/** @param {Owned} chat */
function saveData({ request, say, lang }) {
  say('');
  request('export').then(
    (answer) => download('chat.json', 'application/json', JSON.stringify('session' in answer ? answer.session : {}, null, 2)),
    () => say(translator(lang)('downloadFailed')),
  );
}

/** Asks, then erases; says whether it is gone. @param {Owned} chat */
async function erase({ root, request, say, lang }) {
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
