/** The second factor: setting it up with an app, its recovery codes, taking it away, and proving again who one is. */

import { append, button, el, setAttributes } from '../shared/dom.js';
import { ApiFailed } from './api.js';
import { askFor, show } from './dialogs.js';

/**
 * @typedef {import('./api.js').Api} Api
 * @typedef {import('./words.js').Translate} Translate
 * @typedef {{on: boolean, recovery_left: number | null, required: boolean, proved: boolean}} Factor
 */

/**
 * Does something that needs a fresh proof, and asks for one when the server wants it; `null` when called off.
 * @template T
 * @param {Api} api @param {Translate} t @param {() => Promise<T>} run @returns {Promise<T | null>}
 */
export async function withProof(api, t, run) {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof ApiFailed) || error.code !== 'proof_required') throw error;
    return await prove(api, t) ? run() : null;
  }
}

/** @param {Api} api @param {Translate} t @returns {Promise<boolean>} */
async function prove(api, t) {
  const { on } = /** @type {Factor} */ (await api.get('/v1/me/second-factor'));
  for (let text = t(on ? 'proveCodeText' : 'provePasswordText'); ; text = t(on ? 'badCode' : 'signInWrong')) {
    const given = await askFor({ title: t('proveTitle'), text, input: t(on ? 'code' : 'password'), isSecret: !on, yes: t('goOn'), no: t('cancel') });
    if (given === null) return false;
    try {
      await api.post('/v1/me/prove', on ? { code: given } : { password: given });
      return true;
    } catch (error) {
      if (!(error instanceof ApiFailed) || error.status !== 401) throw error;
    }
  }
}

/** Shows whether there is a second factor, and what can be done about it. @param {Api} api @param {Translate} t @param {() => void} [changed] */
export async function showSecondFactor(api, t, changed = () => {}) {
  const body = el('div', { class: 'factor' });
  const fault = el('p', { class: 'sign-in-fault', role: 'alert' });
  const dialog = show(t('secondFactor'), [body, fault], t('done'));
  /** @param {() => Promise<void>} step */
  const attempt = async (step) => {
    fault.textContent = '';
    try {
      await step();
    } catch (error) {
      fault.textContent = t(error instanceof ApiFailed ? error.code === 'bad_code' ? 'badCode' : error.status === 429 ? 'code.rate_limited' : 'code.internal' : 'code.offline');
    }
  };

  const overview = () => attempt(async () => {
    const factor = /** @type {Factor} */ (await api.get('/v1/me/second-factor'));
    body.replaceChildren();
    append(body, factor.on
      ? [el('p', {}, t('factorOn', { count: factor.recovery_left ?? 0 })), button({ class: 'secondary' }, () => attempt(remove), t('factorRemove'))]
      : [el('p', {}, t(factor.required ? 'factorRequired' : 'factorOff')), button({ class: 'primary' }, () => attempt(begin), t('factorBegin'))]);
  });

  async function remove() {
    const done = await withProof(api, t, async () => { await api.post('/v1/me/second-factor/remove'); return true; });
    if (done) await overview();
  }

  async function begin() {
    const begun = await withProof(api, t, () => api.post('/v1/me/second-factor'));
    if (!begun) return;
    const code = el('input', { id: 'factor-code', inputmode: 'numeric', autocomplete: 'one-time-code', maxlength: 8, required: true });
    const form = el('form', { class: 'factor-form' }, el('label', { for: 'factor-code' }, t('factorFirstCode')), code, el('button', { type: 'submit', class: 'primary' }, t('factorConfirm')));
    form.addEventListener('submit', (event) => {
      event.preventDefault();
      attempt(async () => {
        const { recovery } = await api.post('/v1/me/second-factor/confirm', { code: code.value });
        showRecovery(recovery);
      });
    });
    body.replaceChildren();
    append(body, [el('p', {}, t('factorScan')), picture(begun.qr, t('factorPicture')),
      el('p', {}, t('factorType'), ' ', el('code', { class: 'factor-secret' }, begun.secret.match(/.{1,4}/g)?.join(' ') ?? '')),
      el('p', {}, el('a', { href: begun.uri }, t('factorOpen'))), form]);
    code.focus();
  }

  /** @param {string[]} codes */
  function showRecovery(codes) {
    body.replaceChildren();
    const title = el('h3', { tabindex: -1 }, t('factorRecovery'));
    append(body, [title, el('p', {}, t('factorRecoveryText')), el('ul', { class: 'factor-codes' }, codes.map((code) => el('li', {}, el('code', {}, code))))]);
    title.focus();
    dialog.addEventListener('close', changed, { once: true });
  }
  await overview();
}

/** Draws a QR code. @param {string[]} rows `1` is dark @param {string} label */
function picture(rows, label) {
  const namespace = 'http://www.w3.org/2000/svg';
  const svg = document.createElementNS(namespace, 'svg');
  const size = rows.length + 8;
  setAttributes(svg, { viewBox: `-4 -4 ${size} ${size}`, class: 'factor-qr', role: 'img', 'aria-label': label });
  const path = document.createElementNS(namespace, 'path');
  path.setAttribute('d', rows.flatMap((row, y) => [...row].map((cell, x) => (cell === '1' ? `M${x} ${y}h1v1h-1z` : ''))).join(''));
  svg.append(path);
  return svg;
}
