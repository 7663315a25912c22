/**
 * Every word the interface itself says, in English and Chinese. No medical statement stands here:
 * answers and disclaimers come from the server. The emergency line is the one exception, because
 * it must work when nothing else does.
 */

/** @typedef {'en' | 'zh'} Lang */

const en = {
  emergency: 'In an emergency call your local emergency number:',
  undelivered: 'Not delivered yet. We keep trying. If this is urgent, call:',
  failed: 'Not delivered. If this is urgent, call:',
  us: 'US', uk: 'UK', eu: 'EU', china: 'China',

  chatTitle: 'Ask about a medicine',
  chatSubtitle: 'Automatic replies, quoted from our articles',
  person: 'Talk to a person',
  personFailed: 'Your request for a person did not get through. Please try again.',
  more: 'More',
  close: 'Close the chat',
  openChat: 'Ask about a medicine',
  otherLanguage: '中文',
  downloadText: 'Download as text',
  downloadData: 'Download as data (JSON)',
  downloadFailed: 'The transcript could not be fetched. Please try again when you are connected.',
  deleteChat: 'Delete my chat',
  deleteQuestion: 'Delete this chat?',
  deleteExplained: 'Everything in this chat is erased from our server at once. It cannot be brought back.',
  deleteYes: 'Delete',
  deleteNo: 'Keep it',
  deleteFailed: 'The chat could not be deleted now. Please try again when you are connected.',
  deleted: 'Your chat has been deleted.',

  consentTitle: 'Before you start',
  consentBot: 'You will be talking to a program. It searches the articles of this site and quotes the passages that fit, word for word, with their source and date.',
  consentStored: 'What you write, the answers, and the page you ask from are stored on our server.',
  consentHowLong: 'They are kept for 30 days and then deleted. You can download or delete them yourself at any time.',
  consentNoNames: 'Please leave out names, addresses and other details that identify a person.',
  consentPrivacy: 'How we handle your data',
  consentYes: 'Agree and start',
  consentWorking: 'Opening the chat …',
  consentFailed: 'The chat could not be opened. Please try again.',
  consentBusy: 'The chat is very busy. Please try again in a moment.',

  log: 'Conversation',
  emptyTitle: 'What would you like to know?',
  emptyText: 'Name the medicine and your question, for example:',
  inputLabel: 'Your question',
  inputPlaceholder: 'Type your question',
  send: 'Send', charactersLeft: '{count} characters left',
  charactersOver: '{count} characters too long',
  newAnswer: 'New answer', earlier: 'Earlier messages',

  you: 'You',
  bot: 'Quoted from our articles',
  consultant: 'Consultant',
  system: 'Notice',
  redacted: 'This message was removed.',
  sending: 'Sending …',
  sent: 'Sent',
  retry: 'Send again',
  takeBack: 'Edit the text',
  'code.rate_limited': 'Many messages in a short time. This one is sent in a moment.',
  'code.too_many_inflight': 'Many messages in a short time. This one is sent in a moment.',
  'code.overloaded': 'The server is busy. We try again in a moment.',
  'code.storage_unavailable': 'The server cannot store messages at the moment. We keep trying.',
  'code.too_long': 'This message is too long.',
  'code.closed': 'This chat has ended.',

  connecting: 'Connecting …',
  reconnecting: 'Connection lost. Reconnecting … What you write is kept on this page.',
  stopped: 'This chat cannot go on.',
  stoppedAuth: 'This chat is no longer available.',
  stoppedPlaces: 'This chat is open in too many places. Close one of them and reload the page.',
  ended: 'This chat has ended.',
  startNew: 'Start a new chat',

  quoteFrom: 'Quote {number}',
  source: 'Source',
  published: 'Published {date}',
  reviewed: 'Checked against the source {date}',
  markets: 'Applies to {list}',
  stale: 'Past its review date',
  also: 'The same is said in: {title} ({source})',
  'rank.label': 'Official label',
  'rank.reference': 'Reference article', 'rank.article': 'Article',
  showInArticle: 'Show in article',
  sourcePage: 'Source page',
  conflict: 'Sources disagree: {about}',
  conflictSource: 'quote {number}, {source}',
  table: 'Table',
  assumed: 'About {names}. If you mean another medicine, please name it.',
  suggestions: 'You could also ask',
  options: 'Choose one',
  related: 'Related articles',
  disclaimers: 'Please note',
  handoffOffered: 'A person can look at this too.',
  handoffRecommended: 'We recommend that a person looks at this.',
  handoffUrgent: 'A person should look at this as soon as possible.',
  emergencyCard: 'Important',
  helpful: 'Was this helpful?',
  yes: 'Helpful', no: 'Not helpful',
  feedbackThanks: 'Thank you.',
  feedbackFailed: 'Not saved. Please try again.',
  'reason.wrong_medicine': 'Wrong medicine',
  'reason.off_topic': 'Not what I asked',
  'reason.unclear': 'Hard to understand',
  'reason.outdated': 'Out of date',
};

/** @typedef {keyof typeof en} Key */

/** @type {Record<Key, string>} */
const zh = {
  emergency: '紧急情况请拨打当地急救电话：',
  undelivered: '尚未送达，正在继续尝试。如果情况紧急，请拨打：',
  failed: '未送达。如果情况紧急，请拨打：',
  us: '美国', uk: '英国', eu: '欧盟', china: '中国',

  chatTitle: '用药咨询',
  chatSubtitle: '自动回复，引用文章原文',
  person: '转人工',
  personFailed: '转人工的请求没有送达，请再试一次。',
  more: '更多',
  close: '关闭对话',
  openChat: '用药咨询',
  otherLanguage: 'English',
  downloadText: '下载文本记录',
  downloadData: '下载数据（JSON）',
  downloadFailed: '无法取得对话记录，请在连接恢复后再试。',
  deleteChat: '删除我的对话',
  deleteQuestion: '删除本次对话？',
  deleteExplained: '本次对话的全部内容将立即从我们的服务器上删除，无法恢复。',
  deleteYes: '删除',
  deleteNo: '保留',
  deleteFailed: '暂时无法删除，请在连接恢复后再试。',
  deleted: '您的对话已删除。',

  consentTitle: '开始之前',
  consentBot: '与您对话的是程序。它在本站文章中查找相符的段落，逐字引用，并注明来源和日期。',
  consentStored: '您输入的内容、得到的回复以及提问时所在的页面会保存在我们的服务器上。',
  consentHowLong: '保存 30 天后删除。您可以随时自行下载或删除。',
  consentNoNames: '请不要填写姓名、住址等能识别个人身份的信息。',
  consentPrivacy: '我们如何处理您的数据',
  consentYes: '同意并开始',
  consentWorking: '正在打开对话……',
  consentFailed: '无法打开对话，请再试一次。',
  consentBusy: '当前咨询较多，请稍后再试。',

  log: '对话内容',
  emptyTitle: '您想了解什么？',
  emptyText: '请写出药品名称和问题，例如：',
  inputLabel: '您的问题',
  inputPlaceholder: '请输入您的问题',
  send: '发送', charactersLeft: '还可输入 {count} 个字符',
  charactersOver: '超出 {count} 个字符',
  newAnswer: '新回复', earlier: '更早的消息',

  you: '您',
  bot: '引自本站文章',
  consultant: '咨询顾问',
  system: '提示',
  redacted: '此消息已被移除。',
  sending: '发送中……',
  sent: '已发送',
  retry: '重新发送',
  takeBack: '修改文字',
  'code.rate_limited': '短时间内消息较多，这条消息稍后自动发送。',
  'code.too_many_inflight': '短时间内消息较多，这条消息稍后自动发送。',
  'code.overloaded': '服务器繁忙，稍后自动重试。',
  'code.storage_unavailable': '服务器暂时无法保存消息，正在继续尝试。',
  'code.too_long': '这条消息太长。',
  'code.closed': '本次对话已结束。',

  connecting: '正在连接……',
  reconnecting: '连接已断开，正在重新连接……您输入的内容会保留在本页。',
  stopped: '本次对话无法继续。',
  stoppedAuth: '本次对话已不可用。',
  stoppedPlaces: '本次对话在太多页面中打开。请关闭其中一个，然后刷新本页。',
  ended: '本次对话已结束。',
  startNew: '开始新对话',

  quoteFrom: '引文 {number}',
  source: '来源',
  published: '发布于 {date}',
  reviewed: '与来源核对于 {date}',
  markets: '适用于 {list}',
  stale: '已过复核日期',
  also: '以下文章内容相同：{title}（{source}）',
  'rank.label': '官方说明书',
  'rank.reference': '参考文章', 'rank.article': '文章',
  showInArticle: '在文章中查看',
  sourcePage: '来源网页',
  conflict: '来源说法不一致：{about}',
  conflictSource: '引文 {number}，{source}',
  table: '表格',
  assumed: '关于{names}。如果您问的是其他药，请写出药名。',
  suggestions: '您还可以问',
  options: '请选择',
  related: '相关文章',
  disclaimers: '请注意',
  handoffOffered: '也可以由真人来处理这个问题。',
  handoffRecommended: '建议由真人来处理这个问题。',
  handoffUrgent: '应尽快由真人来处理这个问题。',
  emergencyCard: '重要',
  helpful: '这对您有帮助吗？',
  yes: '有帮助', no: '没有帮助',
  feedbackThanks: '谢谢。',
  feedbackFailed: '未保存，请再试一次。',
  'reason.wrong_medicine': '不是我问的药',
  'reason.off_topic': '答非所问',
  'reason.unclear': '看不懂',
  'reason.outdated': '内容过时',
};

const tables = { en, zh };

/** @typedef {(key: Key, values?: Record<string, string | number>) => string} Translate */

/** @param {Lang} lang @returns {Translate} */
export function translator(lang) {
  return (key, values) => fill(tables[lang][key], values);
}

/** Puts values into the holes of a text. @param {string} text @param {Record<string, string | number>} [values] */
export function fill(text, values = {}) {
  return text.replace(/\{(\w+)\}/g, (_, name) => String(values[name] ?? ''));
}

/** Says whether the interface has a word for this. @param {string} key @returns {key is Key} */
export function isKey(key) {
  return Object.hasOwn(en, key);
}

/** The interface language for a language tag. @param {string | null | undefined} tag @returns {Lang} */
export function toLang(tag) {
  return /^zh\b/i.test(tag ?? '') ? 'zh' : 'en';
}

/** A language tag that fonts and screen readers understand. @param {string | null | undefined} lang */
export function langTag(lang) {
  return toLang(lang) === 'zh' ? 'zh-Hans' : 'en';
}

/** A calendar day in words; what is no date stays as it is. @param {string} day @param {Lang} lang */
export function formatDay(day, lang) {
  const time = Date.parse(`${day}T00:00:00Z`);
  if (Number.isNaN(time)) return day;
  return new Intl.DateTimeFormat(lang === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeZone: 'UTC' }).format(time);
}
