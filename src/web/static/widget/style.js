/** The look of the launcher and its panel, in a shadow root that the host page's rules do not reach. */

/** @typedef {Record<string, any>} Fields */

/**
 * Returns the rules as text. An important rule on `:host` wins over the page's own, however broad
 * or important those are. @param {Fields} settings @param {boolean} isInline
 */
export function styleOf(settings, isInline) {
  return `
:host { all: initial !important; ${isInline
    ? 'display: block !important; position: relative !important; height: var(--eider-height, 40rem) !important;'
    : `display: block !important; position: fixed !important; inset: auto ${settings.position === 'left' ? 'auto 0 0' : '0 0 auto'} !important; z-index: var(--eider-z-index, 2147483000) !important;`}
  --accent: var(--eider-accent, ${settings.color ?? '#0b6469'}); --on: var(--eider-on-accent, #fff); font: 16px/1.5 var(--eider-font, -apple-system, "Segoe UI", Roboto, "Noto Sans", "Noto Sans CJK SC", sans-serif) !important; }
:host([data-hidden]) { display: none !important; }
* { box-sizing: border-box; } [hidden] { display: none !important; }
button, a { font: inherit; } a { color: inherit; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 3px; box-shadow: 0 0 0 3px #fff; }
.launcher { position: absolute; bottom: calc(var(--eider-offset-y, 20px) + env(safe-area-inset-bottom)); ${settings.position === 'left' ? 'left' : 'right'}: var(--eider-offset-x, 20px);
  display: flex; align-items: center; gap: .5em; min-height: 56px; padding: 0 22px 0 18px; border: 1px solid transparent; border-radius: 28px; background: var(--accent); color: var(--on); font-weight: 600; white-space: nowrap; cursor: pointer; box-shadow: 0 2px 6px rgb(0 0 0 / 18%), 0 8px 24px rgb(0 0 0 / 16%); }
.launcher:hover { filter: brightness(.92); }
svg { width: 22px; height: 22px; fill: none; stroke: currentcolor; stroke-width: 2; stroke-linejoin: round; }
.badge { position: absolute; top: -6px; right: -4px; min-width: 24px; padding: 0 6px; border: 2px solid #fff; border-radius: 14px; background: #a8201a; color: #fff; font-size: 13px; line-height: 20px; text-align: center; }
.panel { ${isInline ? 'position: absolute; inset: 0;' : `position: fixed; bottom: calc(var(--eider-offset-y, 20px) + env(safe-area-inset-bottom)); ${settings.position === 'left' ? 'left' : 'right'}: var(--eider-offset-x, 20px); width: min(var(--eider-width, 26rem), calc(100vw - 40px)); height: min(var(--eider-height, 44rem), calc(100vh - 40px)); height: min(var(--eider-height, 44rem), calc(100dvh - 40px));`}
  overflow: hidden; border: 1px solid rgb(128 128 128 / 35%); border-radius: var(--eider-radius, 14px); background: Canvas; color: CanvasText; color-scheme: ${settings.theme === 'auto' ? 'light dark' : settings.theme}; box-shadow: 0 12px 40px rgb(0 0 0 / 24%); }
iframe { display: block; width: 100%; height: 100%; border: 0; }
.away { position: absolute; inset: 0; overflow: auto; padding: 24px; background: Canvas; }
.away a { display: inline-block; padding: 8px 0; margin-right: 12px; } .away button { min-height: 40px; padding: 4px 18px; margin-right: 8px; border: 1px solid currentcolor; border-radius: 20px; background: none; color: inherit; cursor: pointer; }
@media (max-width: 767px) { .panel { ${isInline ? '' : 'inset: 0; width: 100vw; height: 100vh; height: var(--visible, 100dvh); top: var(--top, 0); border: 0; border-radius: 0;'} } }
@media (forced-colors: active) { .launcher, .badge { border-color: ButtonText; } }`;
}

/** @param {string} tag @param {Fields} [attributes] @param {(Node | string)[]} children @returns {any} */
export function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  element.append(...children);
  return element;
}

/** The round button at the page's edge. */
export function makeLauncher() {
  const svg = document.createElementNS('http://www.w3.org/2000/svg', 'svg');
  const path = document.createElementNS('http://www.w3.org/2000/svg', 'path');
  path.setAttribute('d', 'M4 5h16v11H9l-5 4z');
  svg.setAttribute('viewBox', '0 0 24 24');
  svg.setAttribute('aria-hidden', 'true');
  svg.append(path);
  const label = make('span');
  const badge = make('span', { class: 'badge', hidden: '', 'aria-hidden': 'true' });
  const launcher = make('button', { type: 'button', class: 'launcher', 'aria-expanded': 'false' }, svg, label, badge);
  return { launcher, label, badge };
}
