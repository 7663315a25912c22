/** The console's Chinese. */

import { edit } from './edit-words-zh.js';

/** @type {Record<keyof typeof import('./words-en.js').en, string>} */
export const zh = {
  ...edit,
  title: 'Eider 咨询台', starting: '正在打开咨询台……', otherLanguage: 'English', otherLanguageTag: 'en', skip: '跳到对话',
  titleWaiting: '● {count} 人等待', titleUrgent: '▲ {count} 人等待：紧急',

  signIn: '登录', login: '用户名', password: '密码', signInEmpty: '请填写用户名和密码。',
  signInWrong: '用户名或密码错误，或账号已停用。', signInOften: '尝试次数过多，请在 {seconds} 秒后再试。',
  signInForbidden: '此账号无权使用咨询台。', signInFailed: '无法从此处登录。',
  serverAway: '无法连接服务器，请再试一次。', signedOut: '您已退出登录，请重新登录。',
  accountOff: '此账号目前无权使用咨询台。', stopped: '服务器已断开连接，请重新登录。',
  code: '验证码', codeHint: '来自身份验证器应用，或使用一个恢复码。', badCode: '验证码错误、已过期或已使用过。', goOn: '继续',
  secondFactor: '双重验证', factorOff: '目前登录只需密码。身份验证器应用会增加一个每 30 秒变化的验证码。', factorRequired: '此工作台要求双重验证。请先设置。',
  factorOn: '登录时需要应用中的验证码。剩余恢复码：{count} 个。', factorBegin: '设置', factorRemove: '取消双重验证', factorScan: '请用身份验证器应用扫描。', factorPicture: '供身份验证器应用扫描的二维码',
  factorType: '或输入此密钥：', factorOpen: '在本设备的应用中打开', factorFirstCode: '应用显示的验证码', factorConfirm: '启用', factorRecovery: '恢复码',
  factorRecoveryText: '手机不在身边时，每个恢复码可使用一次。恢复码只显示这一次，请妥善保存。',
  proveTitle: '请确认身份', proveCodeText: '此操作会导出大量数据或打开他人的会话。请输入应用中的验证码。', provePasswordText: '此操作会导出大量数据或打开他人的会话。请再次输入密码。',
  signOut: '退出登录', signedInPlaces: '我的登录位置', signedInUntil: '本次登录最迟于 {time} 失效。',
  signedInFacts: ' 登录于 {since}，最近活动 {active} ', signedInHere: '当前浏览器', revoke: '退出该处登录',

  pages: '页面', 'page.desk': '咨询台', 'page.figures': '统计', 'page.past': '历史会话', 'page.forms': '表单', 'page.audit': '审计', 'page.webhooks': 'Webhook',
  onDuty: '在岗', offDuty: '离岗', dutyHint: '只有您自己能切换。离岗时只有转给您的会话会响铃。',
  silence: '静音', silenced: '已静音', soundOff: '允许声音', help: '快捷键与帮助',
  'theme.system': '配色：跟随系统', 'theme.light': '配色：浅色', 'theme.dark': '配色：深色',
  notifyAsk: '允许通知', notifyOn: '已允许通知', notifyWaiting: '有人在等待', notifyUrgent: '紧急：有人在等待', notifyText: '当前等待：{count}',
  reconnecting: '连接已断开，正在重新连接……您输入的内容会保留。', dismiss: '移除', done: '完成', cancel: '取消', back: '返回', open: '打开', again: '重试', more: '更多', any: '不限', search: '搜索',

  queue: '队列', waiting: '等待中', mine: '我的会话', others: '同事的会话', over: '已结束', notListed: '还有 {count} 个', waitingNone: '没有人在等待。', mineNone: '您没有会话。',
  claim: '接入', waitingSince: '等待时间', waitingFor: '已等待', unread: '条未读', escalated: '超时 ×{count}', passedTo: '转给{name}',
  'priority.0': '请求人工', 'priority.1': '建议人工', 'priority.2': '紧急', 'priority.3': '急症',
  'reason.asked': '要求转人工', 'reason.urgent': '可能是急症', 'reason.not_found': '未找到答案', 'reason.conflict': '来源说法不一致',
  'reason.sensitive': '取决于个人情况', 'reason.repeated_failure': '多次未能解答', 'reason.adverse_event': '可能的药物反应',
  newWaiting: '队列新增：{priority}。{reason}。{drug}', newWaitingMany: '队列新增 {count} 个会话', newMessageFrom: '新消息：{drug}',

  conversation: '对话', transcript: '消息', nothingOpen: '没有打开的会话。', nothingOpenHint: '请在左侧选择，或按 N 接入最紧急的会话。',
  notClaimed: '此会话正在等待，接入后即可回复。', reservedFor: '已转给{name}。', readOnlyOver: '此会话已结束。', readOnlyOther: '由{name}处理。',
  visitor: '访客', bot: '机器人', you: '您', colleague: '同事', system: '提示', redacted: '此消息已被移除。',
  personAsked: '访客要求转人工。', formSent: '访客留下了联系方式。', visitorEnded: '访客结束了对话。', isTyping: '访客正在输入……', isAway: '未连接', isOnline: '已连接',
  isAwayLong: '访客的聊天未连接，对方回来后会看到您的消息。',
  safety3: '识别到急症', safety2: '识别到紧急消息', safety1: '提到症状', conflict: '来源说法不一致，{about}：{values}',
  disclaimers: '已显示的声明（{count}）', showAll: '展开全部', showLess: '收起', sourcePage: '来源网页', stale: '已过复核日期', table: '表格',
  earlier: '更早的消息', newMessage: '新消息',

  message: '消息', composer: '回复访客', messageHint: '输入……   / 常用回复   > 知识库', send: '发送', attached: '已附段落', detach: '移除：{name}',
  sending: '发送中……', held: '您输入时有新消息。请先阅读，再按 Enter 发送。', tooLong: '超出 {count} 个字符', left: '还可输入 {count} 个字符',
  sendFailedElsewhere: '另一个会话中的消息未发送。', suggestions: '建议', suggestionsNone: '没有相符的内容。', suggestionsCount: '{count} 条建议', suggestionsFailed: '暂时不可用。', searchHint: '请输入要在知识库中查找的内容。',

  details: '详情', presence: '聊天', sessionOver: '已结束', drug: '药品', page: '页面', language: '语言', region: '地区', reason: '原因', assignee: '处理人', since: '开始于', moves: '转接次数', session: '会话', outcome: '结果',
  notes: '备注', notesHint: '访客看不到备注。', notesNone: '没有备注。', noteLabel: '新备注', noteHint: '给同事的备注', noteSave: '保存备注',
  form: '联系表单', formName: '姓名', formContact: '联系方式', formPreferred: '时间', formService: '服务', formDue: '答复期限', formText: '留言', formDone: '标为已处理', 'formState.new': '新', 'formState.done': '已处理', formFilter: '表单范围', formsNone: '这里没有表单。',

  transfer: '转接', transferHint: '转给同事或团队（T）', transferTitle: '转给', transferText: '会话将等待此人或该团队接入；超过期限无人接入时，任何人都可以接入。', transferred: '已转接。', nobodyToPassTo: '没有可以转接的同事。',
  onDutyWith: '在岗，{count} 个会话', team: '团队：{name}', teamOnDuty: '在岗 {count} 人', notHere: '未登录',
  release: '退回队列', releaseHint: '退回队列（Q）', releaseTitle: '退回队列？', releaseText: '由下一位空闲的同事接入，其间由机器人回复。', releaseDone: '已退回队列。',
  giveBack: '交给机器人', giveBackHint: '交还机器人（B）', giveBackTitle: '交还机器人？', giveBackText: '机器人将继续回复，访客可随时再转人工。', giveBackDone: '已交还机器人。',
  clear: '解除急症', clearHint: '访客已安全（E）', clearTitle: '解除急症标记？', clearText: '仅在您确知访客安全或救助已在途中时解除。', clearDone: '已解除。',
  close: '结束', closeHint: '结束并选择结果（X）', closeTitle: '结果如何？', closeText: '会话将对双方结束。', closed: '已结束。',
  'outcome.answered': '已解答', 'outcome.referred': '已转介治疗团队', 'outcome.adverse_event': '已记录不良事件', 'outcome.no_reply': '访客未回复', 'outcome.spam': '垃圾信息', 'outcome.other': '其他',

  figuresNow: '当前', figuresToday: '今日', median: '中位数', 'figure.waiting': '等待中', 'figure.longest': '最长等待', 'figure.onDuty': '在岗', 'figure.handedOver': '转人工', 'figure.claimed': '已接入', 'figure.abandoned': '放弃',
  'figure.closed': '已结束', 'figure.firstReply': '首次回复', 'figure.resolution': '至结束', 'figure.sessions': '会话', 'figure.botAlone': '机器人独立解答', hoursMinutes: '{hours}:{minutes} 小时',
  pastWords: '消息中的词', pastFrom: '从', pastTo: '到', pastNone: '没有找到。', pastCount: '找到 {count} 个', pastMany: '最新的 {count} 个，还有更多。', pastExport: '保存为表格（CSV）', backToList: '返回列表',
  reasonTitle: '为什么要打开此会话？', reasonText: '此会话不属于您，原因会记入审计日志。', reasonInput: '原因',
  'state.bot': '由机器人处理', 'state.queued': '等待中', 'state.claimed': '由人工处理', 'state.closed': '已结束',
  auditAt: '时间', auditActor: '操作人', auditAction: '操作', auditSubject: '对象', auditDetail: '说明', auditIntact: '记录链完整：没有记录被更改或删除。', auditBroken: '记录链已损坏：有记录被更改或删除。',

  hookTo: '发往', hookState: '状态', hookResult: '最近结果', hookAttempts: '已尝试 {count} 次', hookNext: '下次 {time}', hookNone: '尚未向其他系统发送任何消息。', 'hook.pending': '发送中', 'hook.delivered': '已送达', 'hook.failed': '已放弃',

  helpTitle: '快捷键', helpDesk: '咨询台', helpText: '输入时', helpSingle: '单字母快捷键', helpAlt: '配合 Alt 键，字母快捷键在输入时也可使用。',
  keyNext: '接入最紧急的会话', keyClaim: '接入此会话', keyDown: '列表下一项', keyUp: '列表上一项', keyWrite: '写消息', keyNoteOpen: '写备注', keyDuty: '在岗或离岗', keyPage: '下一个页面',
  keySend: '发送', keyLine: '换行', keyReply: '常用回复', keyPassage: '搜索知识库并引用', keyLeave: '回到列表', keyNote: '保存备注',

  'code.lost_race': '其他同事更快，此会话已被接入。', 'code.stale_fence': '此会话已换人处理。', 'code.not_assignee': '此会话不属于您。',
  'code.reserved': '此会话已转给其他同事。', 'code.loop_guard': '转接次数过多：请回复、结束或交还机器人。', 'code.not_found': '此会话已不可见。',
  'code.closed': '此会话已结束。', 'code.cid_conflict': '未发送，请再按一次 Enter。', 'code.empty': '没有内容。', 'code.too_long': '内容太长。', 'code.unknown_person': '此同事或团队已不存在。',
  'code.unknown_quote': '有一个附加段落已不在知识库中，请移除后重新附加。', 'code.unknown_outcome': '没有这个结果。', 'code.too_many_open': '打开的会话太多，请先移除一些。', 'code.forbidden': '您的账号无权这样做。',
  'code.rate_limited': '短时间内操作过多，请稍后再试。', 'code.storage_unavailable': '服务器暂时无法保存。', 'code.internal': '操作失败，请再试一次。', 'code.bad_frame': '操作失败，请再试一次。',
  'code.timeout': '尚无答复。再试之前请先看是否已成功。', 'code.unauthorized': '请重新登录。', 'code.offline': '无法连接服务器。', 'code.stopped': '连接已结束。', 'code.stale_view': '有新消息。请先阅读，再次发送。',
};
