import assert from 'node:assert/strict';
import { test } from 'node:test';

import { parseInline, parseMarkdown } from '../../src/web/static/shared/markdown.js';

/** Nodes as a short string, so that a case fits on a line. */
function show(nodes) {
  return nodes.map((node) => {
    switch (node.type) {
      case 'text': return node.text;
      case 'code': return `code(${node.text})`;
      case 'break': return '↵';
      case 'link': return `link(${node.href} ${show(node.children)})`;
      case 'strong': case 'em': case 'paragraph': case 'heading': case 'quote': return `${node.type}(${show(node.children)})`;
      case 'rule': return 'rule';
      case 'list': return `${node.ordered ? `ol${node.start}` : 'ul'}[${node.items.map(show).join('|')}]`;
      default: return `table[${[node.head, ...node.rows].map((row) => row.map(show).join(',')).join('|')}]`;
    }
  }).join('');
}

const inlines = [
  ['plain', 'plain'],
  ['**a** b', 'strong(a) b'],
  ['*a* and _b_', 'em(a) and em(b)'],
  ['**a *b* c**', 'strong(a em(b) c)'],
  ['1.5 * 2 * 3 mg', '1.5 * 2 * 3 mg'],
  ['snake_case_name', 'snake_case_name'],
  ['a\\*b\\*', 'a*b*'],
  ['**open', '**open'],
  ['`a *b*`', 'code(a *b*)'],
  ['[EMA](https://www.ema.europa.eu/x?y=1)', 'link(https://www.ema.europa.eu/x?y=1 EMA)'],
  ['<https://a.example/b>', 'link(https://a.example/b https://a.example/b)'],
  ['[x](javascript:alert(1))', '[x](javascript:alert(1))'],
  ['[x](http://a.example)', '[x](http://a.example)'],
  ['[x](data:text/html,1)', '[x](data:text/html,1)'],
  ['<img src=x onerror=alert(1)>', '<img src=x onerror=alert(1)>'],
  ['<script>alert(1)</script>', '<script>alert(1)</script>'],
  ['&lt;b&gt; &amp;', '&lt;b&gt; &amp;'],
  ['one\ntwo', 'one two'],
  ['one  \ntwo', 'one↵two'],
];

for (const [source, expected] of inlines) {
  test(`inline: ${JSON.stringify(source)}`, () => assert.equal(show(parseInline(source)), expected));
}

const blocks = [
  ['a\nb\n\nc', 'paragraph(a b)paragraph(c)'],
  ['## Dose\ntext', 'heading(Dose)paragraph(text)'],
  ['lead:\n- one\n- two', 'paragraph(lead:)ul[paragraph(one)|paragraph(two)]'],
  ['- one\n  - deep\n  - deeper\n- two', 'ul[paragraph(one)ul[paragraph(deep)|paragraph(deeper)]|paragraph(two)]'],
  ['- one\n    more\n- two', 'ul[paragraph(one more)|paragraph(two)]'],
  ['- one\n\n- two\n\nafter', 'ul[paragraph(one)|paragraph(two)]paragraph(after)'],
  ['3. a\n4. b', 'ol3[paragraph(a)|paragraph(b)]'],
  ['1. a\n   - x\n2. b', 'ol1[paragraph(a)ul[paragraph(x)]|paragraph(b)]'],
  ['| a | b |\n|---|--:|\n| 1 | 2 |\n| 3 |', 'table[a,b|1,2|3,]'],
  ['a | b\n-|-\n**1** | x \\| y', 'table[a,b|strong(1),x | y]'],
  ['not | a table', 'paragraph(not | a table)'],
  ['> said\n> so', 'quote(paragraph(said so))'],
  ['a\n\n---\n\nb', 'paragraph(a)ruleparagraph(b)'],
  ['2024-03-06 is a day', 'paragraph(2024-03-06 is a day)'],
  ['-5 °C is not a list', 'paragraph(-5 °C is not a list)'],
  ['', ''],
];

for (const [source, expected] of blocks) {
  test(`blocks: ${JSON.stringify(source)}`, () => assert.equal(show(parseMarkdown(source)), expected));
}

test('hostile input takes neither long nor deep', () => {
  const started = Date.now();
  for (const piece of ['(', '*', '_', '**a', '`', '[', '[a](', '<', '> ', '- ', '|', '\\', '*a **b ', '1. ', '\n', '- \n']) {
    parseMarkdown(piece.repeat(4_000));
  }
  assert.ok(Date.now() - started < 3_000, `${Date.now() - started} ms`);
});
