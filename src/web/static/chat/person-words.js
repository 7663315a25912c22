/** The words around a person: the place in the queue, and the form for those who cannot wait. */

import { fill } from '../shared/i18n.js';

const en = {
  position: 'You are number {position} in the queue.', onDuty: 'Consultants on duty: {count}.', nobody: 'No consultant is on duty now.',
  with: '{name} is with you. Automatic replies are off.',
  expected: 'Lately people waited about {minutes} min.', typing: 'The consultant is typing …',
  open: 'Leave your contact details', title: 'How can we reach you?', name: 'Name', contact: 'E-mail or telephone', preferred: 'When (optional)', service: 'About (optional)', text: 'Message (optional)', choose: 'Please choose',
  consent: 'I agree that these details are stored to contact me about this chat. They are used for nothing else and deleted with the chat.',
  send: 'Send', cancel: 'Not now', sending: 'Sending …', consentNeeded: 'Please agree first: without it nothing is stored.', failed: 'That did not get through. Please try again.',
  'wrong.name': 'Please give a name.', 'wrong.contact': 'Please give an e-mail address or a telephone number with country code.', 'wrong.preferred': 'This is too long.', 'wrong.service': 'Please choose one of the list.', 'wrong.text': 'This is too long.',
  'service.drug-search': 'Finding a medicine abroad', 'service.clinical-trials': 'Clinical trials', 'service.overseas-treatment': 'Treatment abroad', 'service.remote-consultation': 'Remote consultation', 'service.purchase': 'How to get a medicine',
};

/** @type {typeof en} */
const zh = {
  position: '您排在第 {position} 位。', onDuty: '值班顾问：{count} 位。', nobody: '目前没有顾问值班。',
  with: '{name} 正在为您服务，自动回复已停止。',
  expected: '近来的等待时间约 {minutes} 分钟。', typing: '顾问正在输入……',
  open: '留下联系方式', title: '如何联系您？', name: '姓名', contact: '电子邮箱或电话', preferred: '方便的时间（选填）', service: '事项（选填）', text: '留言（选填）', choose: '请选择',
  consent: '我同意保存以上信息，用于就本次对话与我联系。这些信息不作他用，并随对话一起删除。',
  send: '发送', cancel: '暂不填写', sending: '发送中……', consentNeeded: '请先同意：未经同意不会保存任何信息。', failed: '未能送达，请再试一次。',
  'wrong.name': '请填写姓名。', 'wrong.contact': '请填写电子邮箱，或带国家代码的电话号码。', 'wrong.preferred': '内容太长。', 'wrong.service': '请从列表中选择。', 'wrong.text': '内容太长。',
  'service.drug-search': '全球找药', 'service.clinical-trials': '临床试验', 'service.overseas-treatment': '海外就医', 'service.remote-consultation': '远程咨询', 'service.purchase': '药品获取途径',
};

export const services = /** @type {const} */ (['drug-search', 'clinical-trials', 'overseas-treatment', 'remote-consultation', 'purchase']);

/** @typedef {keyof typeof en} Word */

const tables = { en, zh };

/** @param {import('../shared/i18n.js').Lang} lang @returns {(word: Word, values?: Record<string, string | number>) => string} */
export function personWords(lang) {
  return (word, values) => fill(tables[lang][word], values);
}

/** @param {string} word @returns {word is Word} */
export function isPersonWord(word) {
  return Object.hasOwn(en, word);
}
