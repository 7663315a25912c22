/** The words of the demonstration site around the chat. */

import { fill } from '../shared/i18n.js';

/** @typedef {import('../shared/i18n.js').Lang} Lang */

const en = {
  siteTitle: 'Tern Drug Information',
  demoMark: 'Demonstration',
  demoNote: 'Written from public labels; no clinician has reviewed or signed off this content. Not medical advice.',
  skip: 'Skip to the article',
  browse: 'All medicines',
  home: 'Home',
  otherLanguage: '中文',
  crumbs: 'You are here',
  topics: 'About this medicine',
  otherSources: 'Other sources',
  services: 'Services and this site',
  newMedicines: 'New medicines',
  isNew: 'New',
  related: 'Related articles',
  source: 'Source', published: 'Published', reviewed: 'Checked against the source', reviewBy: 'Due for review', markets: 'Applies to', everywhere: 'all markets', version: 'Version',
  sourcePage: 'Source page',
  loading: 'Loading the article …',
  missing: 'This article does not exist (any more).',
  failed: 'The article could not be loaded.',
  retry: 'Try again',
  onlyOther: 'This article is not available in English yet.',
  table: 'Table',
  footer: 'Tern is a fictional site that demonstrates the consultation software eider.',
  privacy: 'Privacy',
  'category.antitumor': 'Cancer medicines', 'category.general': 'General medicines',
  'category.antiviral': 'Antivirals', 'category.biological': 'Biologicals',
  'topic.overview': 'Overview', 'topic.indications': 'What it is used for', 'topic.administration': 'How it is given',
  'topic.side-effects': 'Side effects', 'topic.precautions': 'Precautions', 'topic.contraindications': 'Who must not use it',
  'topic.interactions': 'Interactions', 'topic.pregnancy': 'Pregnancy', 'topic.special-groups': 'Special groups',
  'topic.missed-dose': 'Missed dose', 'topic.dose-adjustment': 'Dose changes', 'topic.monitoring': 'Monitoring',
  'topic.storage': 'Storage', 'topic.overdose': 'Overdose', 'topic.purchase': 'How to obtain it', 'topic.status': 'Authorisation',
};

/** @typedef {keyof typeof en} Word */

/** @type {Record<Word, string>} */
const zh = {
  siteTitle: '燕鸥药品信息',
  demoMark: '演示网站',
  demoNote: '内容依据公开的药品说明书编写，未经临床医生审核或签字确认，不构成医疗建议。',
  skip: '跳到文章',
  browse: '全部药品',
  home: '首页',
  otherLanguage: 'English',
  crumbs: '当前位置',
  topics: '关于此药',
  otherSources: '其他来源',
  services: '服务与本站说明',
  newMedicines: '新药',
  isNew: '新',
  related: '相关文章',
  source: '来源', published: '发布', reviewed: '与来源核对', reviewBy: '应复核日期', markets: '适用于', everywhere: '所有市场', version: '版本',
  sourcePage: '来源网页',
  loading: '正在加载文章……',
  missing: '此文章不存在或已撤下。',
  failed: '无法加载文章。',
  retry: '重试',
  onlyOther: '此文章暂无中文版，以下为英文原文。',
  table: '表格',
  footer: '“燕鸥”是虚构的网站，用于演示咨询软件 eider。',
  privacy: '隐私',
  'category.antitumor': '抗肿瘤药', 'category.general': '普通药品', 'category.antiviral': '抗病毒药', 'category.biological': '生物制剂',
  'topic.overview': '药品概况', 'topic.indications': '适应症', 'topic.administration': '用法用量',
  'topic.side-effects': '副作用', 'topic.precautions': '注意事项', 'topic.contraindications': '禁忌',
  'topic.interactions': '相互作用', 'topic.pregnancy': '妊娠与哺乳', 'topic.special-groups': '特殊人群',
  'topic.missed-dose': '漏用', 'topic.dose-adjustment': '剂量调整', 'topic.monitoring': '监测',
  'topic.storage': '储存', 'topic.overdose': '过量', 'topic.purchase': '如何获取', 'topic.status': '上市状态',
};

const tables = { en, zh };

/** The order in which a drug's topics are listed. */
export const topicOrder = Object.keys(en).filter((word) => word.startsWith('topic.')).map((word) => word.slice('topic.'.length));

/** @param {Lang} lang @param {Word} word @param {Record<string, string>} [values] */
export function say(lang, word, values) {
  return fill(tables[lang][word], values);
}

/** Looks up a word that may not exist. @param {Lang} lang @param {string} word @param {string} otherwise */
export function sayOr(lang, word, otherwise) {
  return Object.hasOwn(en, word) ? tables[lang][/** @type {Word} */ (word)] : otherwise;
}
