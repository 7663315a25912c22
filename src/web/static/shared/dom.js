/**
 * Builds DOM nodes. Text goes in as text nodes and attributes by name, so no string is ever read as
 * markup; handlers are functions, never attributes.
 */

/**
 * @typedef {Node | string | null | undefined | false} Child
 * @typedef {Record<string, string | number | boolean | null | undefined>} Attributes
 */

/**
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {Attributes} [attributes] `true` gives an empty attribute; `false` and `null` leave it out
 * @param {...(Child | Child[])} children
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function el(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  setAttributes(element, attributes);
  append(element, children);
  return element;
}

/** @param {Element} element @param {Attributes} attributes */
export function setAttributes(element, attributes) {
  for (const [name, value] of Object.entries(attributes)) {
    if (name.startsWith('on')) throw new TypeError(`"${name}" must be added with addEventListener`);
    if (value === true) element.setAttribute(name, '');
    else if (value === false || value === null || value === undefined) element.removeAttribute(name);
    else element.setAttribute(name, String(value));
  }
}

/** @param {ParentNode} parent @param {(Child | Child[])[]} children */
export function append(parent, children) {
  for (const child of children.flat()) {
    if (child !== null && child !== undefined && child !== false) parent.append(child);
  }
}

/**
 * A button that does something.
 * @param {Attributes} attributes @param {() => void} action @param {...Child} children
 */
export function button(attributes, action, ...children) {
  const element = el('button', { type: 'button', ...attributes }, ...children);
  element.addEventListener('click', action);
  return element;
}

/** A link to a page elsewhere, which learns nothing of this one. @param {string} href @param {...Child} children */
export function outsideLink(href, ...children) {
  return el('a', { href, rel: 'noopener noreferrer', target: '_blank' }, ...children);
}

/** Lets only https addresses through. @param {string | null | undefined} address */
export function httpsOnly(address) {
  try {
    const url = new URL(address ?? '');
    return url.protocol === 'https:' ? url.href : null;
  } catch {
    return null;
  }
}

const svgNamespace = 'http://www.w3.org/2000/svg';

/** Strokes on a 24 × 24 grid. */
const shapes = {
  send: 'M5 12h13M12 5l7 7-7 7',
  close: 'M6 6l12 12M18 6L6 18',
  more: 'M5 12h.01M12 12h.01M19 12h.01',
  down: 'M12 5v14M6 13l6 6 6-6',
  chat: 'M4 5h16v11H9l-5 4z',
  person: 'M12 12a4 4 0 1 0 0-8 4 4 0 0 0 0 8M4 21c1-5 4-7 8-7s7 2 8 7',
  up: 'M7 11v9H4v-9zm0 0l4-8c2 0 3 1 2.600 3L13 9h6c1 0 2 1 1.700 2l-1.700 7c-.3 1-1 2-2 2H7',
  alert: 'M12 4l9 16H3zM12 10v4M12 17h.01',
  menu: 'M4 7h16M4 12h16M4 17h10',
  back: 'M19 12H6M12 5l-7 7 7 7',
  help: 'M9 9a3 3 0 1 1 4.500 2.600c-1 .6-1.500 1.200-1.500 2.400M12 17.500h.01',
  phone: 'M6 4h3l2 5-2.500 1.500c1 2.500 3 4.500 5.500 5.500L15.500 13.500 20 15.500v3c0 1-1 1.500-2 1.500C10 20 4 13 4 6c0-1 1-2 2-2',
};

/** An ornament next to text that says the same. @param {keyof typeof shapes} name */
export function icon(name) {
  const svg = document.createElementNS(svgNamespace, 'svg');
  setAttributes(svg, { viewBox: '0 0 24 24', 'aria-hidden': 'true', class: `icon icon-${name}` });
  const path = document.createElementNS(svgNamespace, 'path');
  path.setAttribute('d', shapes[name]);
  svg.append(path);
  return svg;
}
