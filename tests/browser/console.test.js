/**
 * The consultants' console as a consultant uses it, against a desk of the test's own: keys only,
 * several sessions at once, what comes in between, what gets lost, and how it looks.
 */

import assert from 'node:assert/strict';
import { test } from 'node:test';

import { FakeDesk, ago, li, quote, usualLog } from './desk-fake.js';
import { stage, until, watchedContext } from './support.js';

const here = stage({ isServed: false });

const mine = { state: 'claimed', assignee: li.id };

/** Declares a test with a desk that `stage` fills; nothing forbidden may happen in it. */
function desk(name, stage, work, options = {}) {
  test(name, async () => {
    const { context, faults } = await watchedContext(here.browser, options);
    const fake = new FakeDesk(options);
    stage(fake);
    try {
      const page = await fake.open(context, options);
      await work(page, fake, context);
      assert.deepEqual(faults, []);
    } finally {
      await context.close();
    }
  });
}
const frames = (fake, t) => fake.sent.filter((frame) => frame.t === t);
const focused = (page) => page.evaluate(() => document.activeElement?.id || document.activeElement?.className || '');

/** Opens the first session of ours, and waits until its whole log stands on the page. */
async function openMine(page, fake) {
  const { session } = [...fake.rows.values()].find(({ assignee }) => assignee === li.id);
  await page.locator('.group-mine .entry-open').first().click();
  await page.waitForSelector('.group-mine .entry:first-child .entry-open[aria-current="true"]');
  await until(page, (seq) => document.querySelector('.events')?.lastElementChild?.getAttribute('data-seq') === seq, String(fake.logs.get(session).events.length));
}


desk('signing in: empty, wrong, too often, right; and out again', (fake) => { fake.isSignedIn = false; }, async (page, fake) => {
  await page.waitForSelector('#login');
  assert.equal(await focused(page), 'login');
  await page.keyboard.press('Enter');
  assert.match(await page.innerText('.sign-in-fault'), /fill in/);
  for (const [password, words] of [['wrong', /wrong/], ['busy', /30 seconds/]]) {
    await page.fill('#login', 'li');
    await page.fill('#password', password);
    await page.keyboard.press('Enter');
    await until(page, (pattern) => new RegExp(pattern).test(document.querySelector('.sign-in-fault').textContent), words.source);
  }
  await page.fill('#password', 'right');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.duty:enabled');
  assert.equal(await page.evaluate(() => document.cookie + JSON.stringify(sessionStorage)), '{}');
  await page.click('.menu > button');
  await page.click('.menu-entry.grave');
  await page.waitForSelector('#login');
  assert.equal(fake.posted.filter(({ path }) => path === '/v1/logout')[0].csrf, 'c-1');
  assert.equal(await page.title(), 'Eider desk');
});

desk('from the queue to the close, by keys alone', (fake) => {
  fake.session('aaaa1111', { since: ago(30) }, usualLog());
  fake.session('bbbb2222', { priority: 3, reason: 'urgent', since: ago(5) }, usualLog('I cannot breathe'));
}, async (page, fake) => {
  await page.keyboard.press('n');
  await page.waitForSelector('.said');
  assert.equal(frames(fake, 'claim')[0].session, 'bbbb2222', 'the most urgent first');
  await until(page, () => document.activeElement?.id === 'composer');
  await page.keyboard.type('I am a person. Please call 911 now.');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.said-own');
  await until(page, () => document.querySelector('#composer').value === '');
  await page.keyboard.press('Alt+e');
  await page.waitForSelector('dialog[open]');
  await page.keyboard.press('Enter');
  await until(page, () => !document.querySelector('.panel-mark .priority-3'));
  await page.keyboard.press('Escape');
  await until(page, () => /entry-open/.test(document.activeElement?.className ?? ''));
  await page.keyboard.press('o');
  await until(page, () => document.activeElement?.id === 'note');
  await page.keyboard.type('Called 911 themselves.');
  await page.keyboard.press('Control+Enter');
  await page.waitForSelector('.note');
  await page.keyboard.press('Escape');
  await page.keyboard.press('x');
  await page.waitForSelector('dialog[open] input[value="referred"]');
  await page.keyboard.press('ArrowDown');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.group-over .entry');
  assert.equal(frames(fake, 'close')[0].outcome, 'referred');
  await until(page, () => /over/.test(document.querySelector('.panel-foot').textContent));
  assert.equal(await page.locator('#composer').isVisible(), false);
});

desk('a lost race is told kindly, and the queue stays', (fake) => fake.session('aaaa1111', {}, usualLog()), async (page, fake) => {
  await page.locator('.group-waiting .entry-open').click();
  await page.waitForSelector('.panel-claim');
  fake.rows.get('aaaa1111').state = 'claimed';
  await page.keyboard.press('c');
  await page.waitForSelector('.toast-fault');
  assert.match(await page.innerText('.toast-fault'), /Somebody else was faster/);
  fake.setRow('aaaa1111', { state: 'claimed', assignee: 'u-ana', fence: 2 });
  await until(page, () => /With Ana Ruiz/.test(document.querySelector('.panel-foot').textContent));
});

desk('words that came in between are shown before ours go out', (fake) => fake.session('aaaa1111', mine, usualLog()), async (page, fake) => {
  await openMine(page, fake);
  await page.fill('#composer', 'Take it tomorrow.');
  // The message comes in, and reaches the page only after the answer to ours.
  fake.logs.get('aaaa1111').events.push({ seq: 5, kind: 'message', role: 'visitor', ts: ago(0), body: { text: 'I am pregnant, by the way' } });
  await page.press('#composer', 'Enter');
  await page.waitForSelector('.is-held');
  assert.match(await page.innerText('.composer-status'), /Read it, then press Enter/);
  assert.equal(await page.inputValue('#composer'), 'Take it tomorrow.');
  fake.say({ t: 'event', session: 'aaaa1111', ...fake.logs.get('aaaa1111').events[4] });
  await page.waitForSelector('.said.is-new');
  await page.press('#composer', 'Enter');
  await page.waitForSelector('.said-own');
  const [first, second] = frames(fake, 'send');
  assert.deepEqual([first.base_seq, second.base_seq, first.cid === second.cid], [4, 5, true]);
  assert.equal(await page.locator('.said.is-new').count(), 0);
});

desk('nothing unsent is lost when the connection goes', (fake) => {
  fake.session('aaaa1111', mine, usualLog());
  fake.session('bbbb2222', mine, usualLog('second'));
}, async (page, fake) => {
  await openMine(page, fake);
  fake.accepts = false;
  await page.fill('#composer', 'On its way');
  await page.press('#composer', 'Enter');
  await page.locator('.group-mine .entry-open').nth(1).click();
  await page.fill('#composer', 'Half a thought');
  fake.cut();
  await page.waitForSelector('.bar:visible');
  fake.accepts = true;
  fake.mend();
  await page.waitForSelector('.bar', { state: 'hidden' });
  assert.equal(await page.inputValue('#composer'), 'Half a thought');
  await until(page, () => document.querySelectorAll('.entry-last')[0].textContent.includes('On its way'));
  assert.equal(fake.logs.get('aaaa1111').events.filter(({ body }) => body.text === 'On its way').length, 1);
  await page.locator('.group-mine .entry-open').first().click();
  await until(page, () => document.querySelector('#composer').value === '');
  assert.equal(await page.locator('.said').count(), 3, 'events are not doubled');
});

desk('canned replies after /, passages after >, both by keys', (fake) => fake.session('aaaa1111', mine, usualLog()), async (page, fake) => {
  await openMine(page, fake);
  await page.focus('#composer');
  await page.keyboard.type('/wa');
  await page.waitForSelector('.suggestion');
  await page.keyboard.press('Enter');
  assert.equal(await page.inputValue('#composer'), 'One moment please: I am looking up opicapone.');
  await page.keyboard.press('Shift+Enter');
  await page.keyboard.type('>dose');
  await page.waitForSelector('.suggestion:nth-child(2)');
  await page.keyboard.press('ArrowDown');
  assert.equal(await page.getAttribute('#composer', 'aria-activedescendant'), 'suggestion-1');
  // More is found meanwhile: what was chosen stays chosen.
  fake.passages.unshift(quote({ anchor: 'storage', heading: ['Storage'] }));
  await page.keyboard.type('s');
  await page.waitForSelector('.suggestion:nth-child(3)');
  assert.equal(await page.getAttribute('#composer', 'aria-activedescendant'), 'suggestion-2');
  await page.keyboard.press('Enter');
  await page.waitForSelector('.composer-quote');
  assert.match(await page.innerText('.composer-quote'), /Dose.*Product information/s);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.said-own .quoted');
  assert.deepEqual(frames(fake, 'send')[0].quotes, [{ article: quote().article, anchor: 'dose' }]);
  assert.equal(frames(fake, 'send')[0].text, 'One moment please: I am looking up opicapone.');
  assert.ok(frames(fake, 'typing').length <= 1);
  await page.keyboard.type('/nothing of the kind');
  await page.keyboard.press('Escape');
  assert.equal(await page.inputValue('#composer'), '/nothing of the kind', 'Escape closes the list and keeps the words');
});

desk('transfer, back to the queue, back to the bot', (fake) => ['aaaa1111', 'bbbb2222', 'cccc3333'].forEach((id) => fake.session(id, mine, usualLog())), async (page, fake) => {
  await openMine(page, fake);
  await page.keyboard.press('Alt+t');
  await page.waitForSelector('dialog[open]');
  assert.match(await page.innerText('dialog[open]'), /Ana Ruiz on duty, 2 sessions[\s\S]*Bo Lund not signed in/);
  await page.keyboard.press('Enter');
  await page.waitForSelector('.group-waiting .entry');
  assert.equal(frames(fake, 'transfer')[0].to, 'u-ana');
  await until(page, () => /Passed on to Ana Ruiz/.test(document.querySelector('.panel-foot').textContent));
  await openMine(page, fake);
  await page.getByRole('button', { name: 'To queue' }).click();
  await page.keyboard.press('Enter');
  await until(page, () => document.querySelectorAll('.group-waiting .entry').length === 2);
  await openMine(page, fake);
  await page.getByRole('button', { name: 'To bot' }).click();
  await page.keyboard.press('Escape');
  await page.waitForSelector('dialog[open]', { state: 'hidden' });
  assert.equal(frames(fake, 'return').length, 0, 'called off');
  await page.getByRole('button', { name: 'To bot' }).click();
  await page.keyboard.press('Enter');
  await until(page, () => document.querySelectorAll('.group-mine .entry').length === 0);
});

desk('the alert rings until claimed, can be silenced, and rings again when it escalates', () => {}, async (page, fake) => {
  const title = () => page.title();
  assert.equal(await title(), 'Eider desk');
  fake.session('aaaa1111', { priority: 2, reason: 'urgent' }, usualLog());
  await page.waitForSelector('.ring.is-urgent:visible');
  await until(page, () => document.title.includes('urgent'));
  assert.equal((await title()).includes('opicapone'), false);
  assert.match(await page.innerText('.top [role="alert"]'), /Urgent/);
  await page.keyboard.press('m');
  await page.waitForSelector('.ring.is-silenced');
  await until(page, () => document.title.includes('1'));
  fake.setRow('aaaa1111', { escalations: 1 });
  await page.waitForSelector('.ring:not(.is-silenced):visible');
  assert.match(await page.innerText('.group-waiting .entry'), /Urgent[\s\S]*overdue ×1/);
  await page.keyboard.press('n');
  await page.waitForSelector('.ring', { state: 'hidden' });
  await until(page, () => document.title === 'Eider desk');
});

desk('duty changes only by its switch; off duty nothing rings', (fake) => fake.session('aaaa1111', {}, usualLog()), async (page, fake) => {
  await page.waitForSelector('.ring:visible');
  await page.keyboard.press('d');
  await page.waitForSelector('.duty[aria-checked="false"]');
  await page.waitForSelector('.ring', { state: 'hidden' });
  fake.cut();
  await page.waitForSelector('.bar:visible');
  fake.mend();
  await page.waitForSelector('.bar', { state: 'hidden' });
  assert.equal(await page.getAttribute('.duty', 'aria-checked'), 'false');
  assert.deepEqual(frames(fake, 'available').map(({ on }) => on), [false]);
});

desk('typing, presence and unread words show where they belong', (fake) => {
  fake.session('aaaa1111', mine, usualLog());
  fake.session('bbbb2222', mine, usualLog());
}, async (page, fake) => {
  await openMine(page, fake);
  fake.say({ t: 'typing', session: 'aaaa1111' });
  await until(page, () => document.querySelector('.panel-typing').textContent.includes('typing'));
  fake.visitor('aaaa1111', 'there');
  await until(page, () => document.querySelector('.panel-typing').textContent === '');
  fake.say({ t: 'presence', session: 'aaaa1111', online: false });
  await until(page, () => document.querySelector('.panel-typing').textContent.includes('not connected'));
  await until(page, () => document.querySelectorAll('.group-mine .badge').length === 1);
  fake.visitor('bbbb2222', 'elsewhere');
  await until(page, () => document.querySelector('.badge').textContent.startsWith('2'));
  assert.match(await page.locator('.top [role="status"].hidden-visually').innerText(), /New message/);
});

desk('a visitor who erases the chat leaves nothing on the page', (fake) => fake.session('aaaa1111', mine, usualLog('my secret words'), { forms: [{ id: 'f', session: 'aaaa1111', at: ago(5), due: null, state: 'new', name: 'Secret Name', contact: 'x@example.org' }] }), async (page, fake) => {
  await openMine(page, fake);
  await until(page, () => /my secret words[^]*Secret Name/.test(document.body.innerText));
  fake.removeRow('aaaa1111');
  fake.say({ t: 'closed', session: 'aaaa1111', why: 'erased' });
  await page.waitForSelector('.group-over .entry');
  assert.doesNotMatch(await page.innerText('body'), /secret/i);
});

desk('five thousand waiting sessions open at once and stay live', (fake) => {
  for (let index = 0; index < 5_000; index += 1) fake.session(`row${String(index).padStart(5, '0')}`, { since: ago(index) });
}, async (page, fake) => {
  const counted = () => until(page, () => document.querySelector('.group-waiting .group-count')?.textContent === '5000');
  await counted();
  await page.reload();
  await counted();
  assert.equal(await page.locator('.group-waiting .entry').count(), 200);
  fake.setRow('row00001', { priority: 3 });
  await until(page, () => document.querySelector('.group-waiting .entry').textContent.includes('Emergency'));
});

desk('a long log shows its end, and more on demand', (fake) => {
  fake.session('aaaa1111', mine, Array.from({ length: 700 }, (_, index) => ({ kind: 'message', role: 'visitor', body: { text: `line ${index}` } })));
}, async (page) => {
  await page.locator('.group-mine .entry-open').click();
  await until(page, () => document.querySelector('.events')?.lastElementChild?.textContent.includes('line 699'));
  assert.equal(await page.locator('.said').count(), 200);
  await page.click('.earlier');
  assert.equal(await page.locator('.said').count(), 400);
});
