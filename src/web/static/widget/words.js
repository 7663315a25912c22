/** The few words of the loader: on the launcher, and where the chat cannot be shown. */

export const words = {
  en: { open: 'Ask about a medicine', unread: ', {n} new', title: 'Chat: ask about a medicine', away: 'The chat cannot be shown here.', page: 'Open it in its own window', again: 'Try again', close: 'Close', call: 'In an emergency call your local emergency number:', places: ['US', 'UK', 'EU', 'China'] },
  zh: { open: '用药咨询', unread: '，{n} 条新消息', title: '用药咨询', away: '此处无法显示咨询窗口。', page: '在新窗口中打开', again: '重试', close: '关闭', call: '紧急情况请拨打当地急救电话：', places: ['美国', '英国', '欧盟', '中国'] },
};
export const phones = ['911', '999', '112', '120'];

/** @typedef {typeof words.en} Words */
