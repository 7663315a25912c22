/** A visit to the chat on somebody's site: at three sizes, in two languages, by key and by touch, with what goes wrong meanwhile. */

import assert from 'node:assert/strict';

import { chatFrame, enter, openHost } from './hosts.js';
import { another, ask, consent, goOnDuty, question, seriousFindings, stage, until } from './support.js';

const here = stage({ sites: ['drug-site'], consultants: true, users: { li: ['Li Wen', 'consultant'] } });
const { hosts, visit } = here;
const site = 'data-site="drug-site"';
const touch = { hasTouch: true, isMobile: true };
const screens = {
  phone: { viewport: { width: 360, height: 740 }, ...touch },
  tablet: { viewport: { width: 768, height: 1024 }, ...touch },
  desktop: { viewport: { width: 1280, height: 800 } },
};
const crisis = { en: 'I have crushing chest pain right now', zh: '我胸口压榨样疼痛，出冷汗' };
const answers = (frame, count) => until(frame, (wanted) => document.querySelectorAll('.message-answer').length === wanted, count);

for (const [screen, lang, ends] of [['phone', 'zh', 'a kill'], ['tablet', 'en', 'an outage'], ['desktop', 'zh', 'a kill']]) {
  visit(`from the first question over a reload and ${ends} to the answer: ${screen}, ${lang}`, screens[screen], async (context) => {
    let { page, frame } = await enter(context, hosts, `/visit-${screen}-${lang}`, `data-lang="${lang}"`);
    const answer = await ask(frame, question[lang]);
    assert.equal(await answer.locator('.answer').getAttribute('lang'), lang === 'zh' ? 'zh-Hans' : 'en');
    const said = await frame.locator('.quote blockquote').allInnerTexts();
    assert.ok(said.length > 0);
    await page.reload();
    frame = await chatFrame(page);
    await answers(frame, 1);
    assert.deepEqual(await frame.locator('.quote blockquote').allInnerTexts(), said);

    if (ends === 'an outage') await context.setOffline(true);
    await here.server.kill();
    await until(frame, () => document.querySelector('.bar').textContent !== '');
    await frame.fill('.composer textarea', another[lang]);
    await frame.press('.composer textarea', 'Enter');
    await frame.waitForSelector('.delivery-undelivered a[href="tel:120"]');
    await frame.fill('.composer textarea', 'a draft');
    await here.server.start();
    await context.setOffline(false);
    await answers(frame, 2);
    assert.deepEqual(await frame.locator('.bubble').allInnerTexts(), [question[lang], another[lang]], 'sent once');
    assert.equal(await frame.inputValue('.composer textarea'), 'a draft');
    await frame.fill('.composer textarea', '');
  });
}

for (const [screen, lang] of [['phone', 'en'], ['tablet', 'zh'], ['desktop', 'en']]) {
  visit(`a consultant in another browser, then an emergency with the server down: ${screen}, ${lang}`, { ...screens[screen], reducedMotion: 'reduce' }, async (context) => {
    const desk = await goOnDuty(here, 'li');
    const { page, frame } = await enter(context, hosts, `/person-${screen}-${lang}`, `data-lang="${lang}" data-region="CN"`);
    await ask(frame, question[lang]);
    await frame.click('.chat-person');
    assert.deepEqual(await seriousFindings(frame), []);
    // Others may wait, and more urgently.
    await desk.page.locator('.group-waiting .entry', { hasText: 'Asked for a person' }).locator('.entry-act').click();
    await until(frame, () => document.querySelector('.person-place').textContent.includes('Li Wen'));
    await until(desk.page, () => document.activeElement?.id === 'composer');
    await frame.fill('.composer textarea', 'Words that only the two of us read');
    await frame.press('.composer textarea', 'Enter');
    await until(desk.page, () => document.querySelector('.events').innerText.includes('only the two of us'));
    await desk.page.keyboard.type('Good day from the desk');
    await desk.page.keyboard.press('Enter');
    await until(frame, () => document.querySelector('.message-consultant')?.innerText.includes('Good day from the desk'));
    const box = await frame.locator('.message-consultant').boundingBox();
    assert.ok(box.y >= 0 && box.y + box.height <= screens[screen].viewport.height, 'the reply is on the screen');
    assert.deepEqual(await seriousFindings(frame), []);
    await desk.page.getByRole('button', { name: 'To bot' }).click();
    await desk.page.keyboard.press('Enter');
    await until(page, () => window.heard.some(({ name, state }) => name === 'handoff' && state === 'returned'));

    await ask(frame, crisis[lang]);
    await until(page, () => window.heard.some(({ name }) => name === 'emergency'));
    await here.server.kill();
    await until(frame, () => document.querySelector('.bar').textContent !== '');
    assert.equal(await frame.locator('.card .phone').first().getAttribute('href'), 'tel:120');
    for (const phone of ['.card .phone', '.chat[data-flagged] .emergency-line .phone']) assert.ok(await frame.locator(phone).first().isVisible(), phone);
    assert.deepEqual(await seriousFindings(frame), []);

    const heard = await page.evaluate(() => window.heard);
    const states = heard.filter(({ name }) => name === 'handoff').map(({ state }) => state);
    assert.deepEqual(states.filter((state) => ['queued', 'claimed', 'returned'].includes(state)).slice(0, 3), ['queued', 'claimed', 'returned']);
    const known = { handoff: ['name', 'state'], emergency: ['level', 'name'], answer: ['by', 'kind', 'name'], unread: ['count', 'name'] };
    for (const event of heard) assert.deepEqual(Object.keys(event).sort(), known[event.name] ?? ['name'], 'no words of the conversation');
    assert.ok(heard.some(({ name, level }) => name === 'emergency' && level === 3));
    await here.server.start();
    await until(frame, () => document.querySelector('.bar').textContent === '');
    assert.deepEqual(desk.faults, []);
    await desk.context.close();
  });
}

visit('on a phone it fills the screen, the page behind rests, and the back button closes it', screens.phone, async (context) => {
  const page = await openHost(context, hosts.snippet('/phone', site));
  await page.goto(hosts.snippet('/phone2', site));
  await page.waitForSelector('.launcher');
  const launcher = await page.locator('.launcher').boundingBox();
  assert.ok(launcher.x + launcher.width > 300 && launcher.y > 600, `within the reach of a thumb: ${JSON.stringify(launcher)}`);
  await page.tap('.launcher');
  const frame = await chatFrame(page);
  assert.deepEqual(await page.locator('.panel').boundingBox(), { x: 0, y: 0, width: 360, height: 740 });
  assert.deepEqual(await page.evaluate(() => [document.body.inert, document.documentElement.style.overflow]), [true, 'hidden']);
  await consent(frame);
  assert.ok(parseFloat(await frame.locator('.composer textarea').evaluate((input) => getComputedStyle(input).fontSize)) >= 16);
  await frame.fill('.composer textarea', 'kept');
  await page.goBack();
  await page.waitForSelector('.launcher:visible');
  assert.match(page.url(), /phone2$/);
  assert.equal(await page.evaluate(() => document.body.inert), false);
  await page.tap('.launcher');
  assert.equal(await frame.inputValue('.composer textarea'), 'kept');
  await frame.fill('.composer textarea', '');
  await frame.click('.chat-close');
  await page.waitForSelector('.launcher:visible');
  assert.match(page.url(), /phone2$/, 'closing takes its own step of the history back');
});

visit('by keyboard alone: open, agree, ask, read on, close, and be where one was', {}, async (context) => {
  const page = await openHost(context, hosts.snippet('/keys', site));
  await page.keyboard.press('Tab');
  assert.ok(await page.evaluate(() => Boolean(document.activeElement?.shadowRoot?.activeElement?.matches('.launcher'))));
  const outline = await page.locator('.launcher').evaluate((launcher) => getComputedStyle(launcher).outlineStyle);
  assert.notEqual(outline, 'none');
  await page.keyboard.press('Enter');
  const frame = await chatFrame(page);
  await until(frame, () => document.hasFocus());
  for (let step = 0; step < 12 && !(await frame.evaluate(() => document.activeElement?.matches('.consent .primary'))); step += 1) await page.keyboard.press('Tab');
  await page.keyboard.press('Enter');
  await until(frame, () => document.activeElement?.id === 'chat-input');
  await page.keyboard.type(question.en);
  await page.keyboard.press('Enter');
  await frame.waitForSelector('.log .quote');
  await page.keyboard.press('Escape');
  await page.waitForSelector('.launcher:visible');
  assert.ok(await page.evaluate(() => Boolean(document.activeElement?.shadowRoot?.activeElement?.matches('.launcher'))));
});

visit('the server is away: the launcher says so with numbers to call, and another try works', {}, async (context, faults) => {
  const page = await openHost(context, hosts.snippet('/away', site));
  await here.server.kill();
  await page.click('.launcher');
  await page.waitForSelector('.away a[href="tel:120"]');
  await here.server.start();
  await page.locator('.away button').first().click();
  const frame = await chatFrame(page);
  await consent(frame);
  await ask(frame, 'I have crushing chest pain right now');
  await frame.waitForSelector('.card .phone');
  await here.server.kill();
  await until(frame, () => document.querySelector('.bar').textContent !== '');
  assert.ok(await frame.locator('.card .phone').first().isVisible());
  assert.ok(await frame.locator('.chat[data-flagged] .emergency-line .phone').first().isVisible());
  await here.server.start();
});
