/** What a host page may set, by attributes of the snippet, by `window.eiderConfig` or by commands. */

/** @typedef {Record<string, any>} Fields */

/** What each setting must look like; anything else is named in the console and left out. @type {Record<string, RegExp>} */
const rules = {
  site: /^[a-z\d-]{1,64}$/, lang: /^[a-z]{2}(-[\w-]{1,20})?$/i, drug: /^[\w-]{1,80}$/, drugName: /^[^<>]{1,80}$/, page: /^\S{1,200}$/,
  region: /^[a-z-]{2,12}$/i, position: /^(left|right|inline)$/, target: /^[^<>]{1,200}$/, color: /^#[\da-f]{6}$/i,
  theme: /^(auto|light|dark)$/, open: /^(true|false)$/, consent: /^(ask|wait)$/, citations: /^(page|host)$/, texts: /^(true|false)$/, name: /^[^<>]{1,200}$/, contact: /^[^<>]{1,200}$/,
};

/** @param {Fields | undefined | null} given @param {string[]} [names] @returns {Fields} */
export function checked(given, names = Object.keys(rules)) {
  /** @type {Fields} */ const fine = Object.create(null);
  for (const name of names) {
    // Old libraries add to every object; only what the host itself wrote counts.
    const value = given && Object.hasOwn(given, name) ? given[name] : null;
    if (value === undefined || value === null) continue;
    if (rules[name]?.test(String(value))) fine[name] = String(value);
    else console.warn(`eider: the value of “${name}” is not understood and was left out`);
  }
  return fine;
}

/** The settings of this page: what stands on the snippet wins over the global object. @param {HTMLScriptElement} script @param {Fields | undefined} global @returns {Fields} */
export function settingsOf(script, global) {
  return Object.assign(Object.create(null), {
    site: 'self', position: 'right', theme: 'auto', open: 'false', consent: 'ask', citations: 'page', texts: 'false',
    lang: document.documentElement.lang || navigator.language, ...checked(global), ...checked(script.dataset),
  });
}
