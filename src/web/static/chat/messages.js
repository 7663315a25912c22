/**
 * What a host page may say to the chat in its frame: known messages, known fields, short texts.
 * Nothing here can carry a token, markup or an address to go to. No DOM.
 */

/** @typedef {{t: string, [field: string]: string}} HostMessage */

const tag = /^[a-z]{2}(-[\w-]{1,20})?$/i;
const slug = /^[\w-]{1,80}$/;
const label = /^[^<>\u0000-\u001f]{1,80}$/;
const flag = /^(true|false)$/;
const context = { drug: slug, drugName: label, page: /^\S{1,200}$/, region: /^[a-z-]{2,12}$/i };

/** @type {Record<string, Record<string, RegExp>>} */
const schema = {
  hello: {
    lang: tag, theme: /^(auto|light|dark)$/, color: /^#[\da-f]{6}$/i, font: /^[\w\s,"'-]{1,200}$/, radius: /^\d{1,2}(\.\d+)?(px|rem)$/,
    citations: /^(page|host)$/, texts: flag, inline: flag, open: flag, ...context,
  },
  open: {}, close: {}, focus: {}, reset: {},
  ask: { text: /^[^]{1,4000}$/ },
  lang: { lang: tag },
  context,
  identify: { name: /^[^<>\u0000-\u001f]{1,200}$/, contact: /^[^<>\u0000-\u001f]{1,200}$/ },
};

/** Reads a message; what is not of the schema is left out, and `null` when nothing is left of it. @param {unknown} data @returns {HostMessage | null} */
export function readMessage(data) {
  if (data === null || typeof data !== 'object') return null;
  const given = /** @type {Record<string, unknown>} */ (data);
  const { eider, t } = given;
  const fields = eider === 1 && typeof t === 'string' && Object.hasOwn(schema, t) ? schema[t] : undefined;
  if (!fields) return null;
  /** @type {HostMessage} */ const message = { t: String(t) };
  for (const [name, rule] of Object.entries(fields)) {
    const value = Object.hasOwn(given, name) ? given[name] : undefined;
    if (typeof value === 'string' && rule.test(value)) message[name] = value;
  }
  return t === 'ask' && !message.text ? null : message;
}

/** @typedef {{t: string, detail?: Record<string, unknown>, count?: number, value?: boolean}} News */

/**
 * What the host page hears of a signal: that something happened, never what was said unless the
 * host asked for texts. @param {import('../shared/connection.js').Signal} signal @param {boolean} hasTexts @returns {News[]}
 */
export function newsOf(signal, hasTexts) {
  if (signal.t !== 'event') return [];
  const { kind, role, body = {} } = signal;
  if (kind === 'state' && body.state) return [{ t: 'handoff', detail: { state: body.state } }];
  if (kind !== 'message' || (role !== 'bot' && role !== 'consultant')) return [];
  const level = body.triage?.level ?? 0;
  const said = hasTexts ? { text: body.text ?? '' } : {};
  /** @type {News[]} */ const news = [{ t: 'answer', detail: { by: role, kind: body.kind ?? 'message', ...said } }];
  if (level >= 2) news.push({ t: 'emergency', detail: { level } });
  return news;
}
