/** The words of the demonstration site around the chat. */

const en = {
  siteTitle: 'Tern Drug Information',
  demoMark: 'Demonstration',
  demoNote: 'Written from public labels; no clinician has reviewed or signed off this content. Not medical advice.',
  browse: 'All medicines',
  otherLanguage: '中文',
  title: 'Answers about medicines that you can check',
  lead: 'Every answer in the chat is quoted word for word from the articles of this site, with its source and date. A person takes over when that is the right thing.',
  askTitle: 'Ask in the chat',
  askEffects: 'What are the side effects of inotuzumab ozogamicin?',
  askUse: 'How is opicapone taken?',
  askFor: 'What is ivosidenib used for?',
  readTitle: 'Or read for yourself',
  readHome: 'Medicines, categories and search',
  readDrug: 'Inotuzumab ozogamicin',
  readEffects: 'Its side effects',
  readPrivacy: 'How we handle your data',
  siteTitleOwn: 'On a site of your own',
  siteOwn: 'One line puts the chat on any page. Your pages cannot read the conversation, and nothing is stored or sent before the visitor agrees.',
  plain: 'Open the chat in a window of its own',
  footer: 'Tern is a fictional site that demonstrates the consultation software eider.',
};

/** @typedef {keyof typeof en} Word */

/** @type {Record<Word, string>} */
const zh = {
  siteTitle: '燕鸥药品信息',
  demoMark: '演示网站',
  demoNote: '内容依据公开的药品说明书编写，未经临床医生审核或签字确认，不构成医疗建议。',
  browse: '全部药品',
  otherLanguage: 'English',
  title: '可以核对的用药解答',
  lead: '咨询窗口中的每个回答都逐字引自本站文章，并注明来源和日期；需要时由人工顾问接手。',
  askTitle: '在窗口中提问',
  askEffects: '奥加伊妥珠单抗有哪些副作用？',
  askUse: '奥匹卡朋怎么服用？',
  askFor: '艾伏尼布用于治疗什么？',
  readTitle: '或者自己阅读',
  readHome: '药品、分类与搜索',
  readDrug: '奥加伊妥珠单抗',
  readEffects: '它的副作用',
  readPrivacy: '我们如何处理您的数据',
  siteTitleOwn: '放到您自己的网站',
  siteOwn: '一行代码即可嵌入任何网页。您的网页无法读取对话内容；访客同意之前，不存储、不发送任何内容。',
  plain: '在独立窗口中打开咨询',
  footer: '“燕鸥”是虚构的网站，用于演示咨询软件 eider。',
};

const tables = { en, zh };

/** The word of an element's `data-word`, if there is one. @param {import('../shared/i18n.js').Lang} lang @param {string | undefined} word */
export function say(lang, word) {
  return word !== undefined && Object.hasOwn(en, word) ? tables[lang][/** @type {Word} */ (word)] : null;
}
