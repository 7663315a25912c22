/** The words of the editors' pages, Chinese. */

/** @type {Record<keyof typeof import('./edit-words-en.js').edit, string>} */
export const edit = {
  'page.knowledge': '知识库', editPages: '知识库页面', 'edit.articles': '文章', 'edit.drafts': '草稿', 'edit.bench': '试问', 'edit.gaps': '缺口', 'edit.work': '待办', 'edit.publishing': '发布', officeTitle: 'Eider 知识库',

  editSearchHint: '路径、标题或正文中的词', newArticle: '新文章', newArticleText: '路径：drugs/<药品>/<名称>、services/<名称> 或 general/<名称>。', newArticlePath: '路径', articlesCount: '共 {count} 篇文章', articlesMore: '显示 {count} 篇，另有 {more} 篇：请缩小搜索范围。',
  'folder.services': '服务', 'folder.general': '通用', 'status.published': '已发布', 'status.draft': '标为草稿', 'status.withdrawn': '已撤回', notLive: '未上线', isLive: '已上线', 'age.overdue': '复核逾期', 'age.soon': '即将逾期', errorsCount: '错误：{count}', warningsCount: '警告：{count}',
  overdueSince: '自 {day} 起复核逾期', dueOn: '应于 {day} 前复核',

  articleViews: '文章视图', viewText: '正文', viewSource: '源文件', problems: '问题', problemsNone: '没有问题。', problemLine: '第 {line} 行', 'problem.error': '错误', 'problem.warning': '警告', 'problem.note': '提示', noFile: '文件夹中目前没有此文件。',
  versions: '版本', versionsNone: '从未发布。', inGenerations: '第 {list} 代', servedSince: '自 {time} 起使用', compareBefore: '改动内容', beginFrom: '以此版本起草', recallOpen: '谁看过此版本？',
  quotedWeek: '本周引用', quotedIn: '过去七天在 {count} 个会话中被引用。', quotedFew: '在少数会话中被引用：数量太少，不予统计。', quotedPassages: '按段落', quotedPages: '按页面药品', quotedHint: '只统计足够多会话共有的内容。',
  beginDraft: '编辑', openPage: '按阅读页查看', openArticle: '查看文章', draftOf: '{name} 的草稿',

  draftsFilter: '草稿范围', 'drafts.open': '进行中', 'drafts.over': '已结束', draftsNone: '没有草稿。', 'draftState.draft': '撰写中', 'draftState.review': '待审核', 'draftState.approved': '已批准', 'draftState.published': '已发布', 'draftState.discarded': '已放弃',
  draftViews: '对照', preview: '预览', changes: '改动', diffNone: '没有差异。', articleText: '文件：头部信息与 Markdown 正文', noteOfDraft: '改动内容与原因', revision: '修订 {count}', approvedBy: '由{name}批准', steps: '经过',
  'draftStep.begin': '开始', 'draftStep.save': '保存', 'draftStep.submit': '提交审核', 'draftStep.return': '退回', 'draftStep.approve': '批准', 'draftStep.approve_alone': '由作者本人批准', 'draftStep.publish': '发布', 'draftStep.discard': '放弃',
  saveDraft: '保存草稿', saved: '已保存：修订 {count}。', submit: '提交审核', approve: '批准', approveAlone: '单独批准……', approveAloneText: '您参与撰写了此草稿，应由另一人批准。您填写的原因会保留在草稿和审计日志中。', sendBack: '退回', sendBackText: '草稿退回给作者。', comment: '意见', secondPerson: '须由另一人批准：参与撰写的人不能批准。',
  publish: '发布', publishTitle: '发布此文本？', publishText: '将构建新一代知识库并以标准问题检验。通过后写入文件，访客即刻得到新的答复。', previewAnswers: '哪些答复会变？', tryDraft: '试问一个问题', discard: '放弃', discardText: '文本会保留在已结束的草稿中。',
  'done.submit': '已提交，另一人现在可以批准。', 'done.return': '已退回。', 'done.approve': '已批准，现在可以发布。', 'done.discard': '已放弃。',
  restored: '您未保存的内容已恢复。', restoredDrop: '丢弃', notKept: '此浏览器不保留内容：离开页面前请先保存。', othersWrite: '此文章还有其他进行中的草稿：', checkedFine: '未发现问题。',
  behind: '此草稿开始后，文件夹中的文章已被修改。您的内容没有丢失：请把那些改动并入您的文本后保存。', behindWhat: '那里改了什么', behindTaken: '已并入',
  clash: '有人同时保存了此草稿的修订 {count}。两份文本都在：您的在编辑框中，对方的在下方。', clashTheirs: '对方的文本及与您的差异', clashMine: '继续用我的', clashTake: '采用对方的',
  othersTitle: '一并发布其他改动？', othersText: '以下文件在文件夹中被修改且未经此处审核，将随之上线：{list}',

  progress: '进度', 'stage.reading': '正在读取文件夹……', 'stage.taking': '已发布，服务器正在启用……', 'stage.indexing': '正在索引：{done} / {of}', 'stage.asking': '正在检验标准问题：{done} / {of}',
  'result.published': '已发布为第 {generation} 代。', 'result.previewed': '{asked} 个问题中有 {count} 个的答复会改变。', 'result.golden': '未发布：必须通过的标准问题会失败。没有写入任何内容。', 'result.faulty': '未发布：知识库会有错误。没有写入任何内容。', 'result.failed': '未发布。',
  gitCommit: '已提交到仓库：{hash}。', gitNone: '文件夹不在 git 仓库中。', gitFault: '已发布，但 git 未接受提交：{why}', goldenFailed: '会失败的标准问题', hiddenChanges: '另有 {count} 个访客问题的答复会改变。因提问人数太少或未获同意而不显示。', nothingServed: '尚未发布。', servedNow: '目前由第 {generation} 代答复访客。', answerNow: '现在', answerThen: '采用草稿后',
  history: '使用记录', generation: '代', knowledgeHash: '知识库', rollBack: '退回第 {generation} 代', rollBackNone: '没有可退回的更早一代。', rollBackText: '访客即刻恢复得到第 {generation} 代之前的答复。文件夹中的文件保持不变。', rollBackYes: '撤回', rolledBack: '现由第 {generation} 代答复。',

  benchHint: '像访客一样提问。内容不会保留。', benchQuestion: '问题', benchDraft: '与草稿对比', benchNoDraft: '不对比', benchDrug: '页面药品', benchAsk: '提问', benchAssumed: '来自页面', benchTopics: '主题', benchOthers: '其他药品', benchTriage: '紧急程度', benchWords: '词语', benchWhy: '原因', benchNothing: '没有查找段落。', benchScore: '得分', benchCovers: '覆盖', benchLike: '相似', benchTopic: '主题', benchPassage: '段落',

  gapsSpan: '时间范围', lastDays: '{count} 天', gapsHint: '按会话统计；少于 {count} 个会话共有的内容不予显示。', gapsShown: '足够多访客以相同文字提问并同意时，才显示问题。', gapsHidden: '不显示访客的文字。', gapsNone: '没有足够多访客共有的缺口。', gapsOthers: '另有 {count} 个零散会话。', gapsOthersFew: '另有少数零散会话（少于 {count} 个）。', noDrug: '无药品', noTopic: '无主题', gapSessions: '{count} 个会话', 'sign.not_found': '未找到', 'sign.asked_back': '反问', 'sign.low_confidence': '把握不大', 'sign.disliked': '不满意', 'sign.handed_over': '转人工', writeArticle: '撰写文章', writeText: '将在 {place} 处开始草稿。',

  'work.error': '错误', 'work.conflict': '来源不一致', 'work.label': '新版说明书', 'work.overdue': '复核逾期', 'work.soon': '即将逾期', workNone: '没有待办事项。', labelNewer: '依据说明书第 {old} 版撰写；已导入第 {new} 版。', labelSections: '有改动的章节：{list}',

  recallTitle: '谁看过此版本', recallCount: '会话：{count} 个，其中仍在进行：{open} 个。', recallBy: '由', sessionOpen: '进行中', recallTell: '通知进行中的会话', recallTellText: '以下为政策文字；每个会话只通知一次，双方都会看到。', recallTold: '已通知：{told}。此前已通知：{before}。已关闭：{missed}。', noticesNone: '政策中没有相应文字：请在 policy/hand-off.toml 中添加 [words.notice_…]。',

  'code.own_work': '须由另一人批准：您参与了撰写。', 'code.stale': '有人先一步操作：这是目前的状态。', 'code.changed': '文件夹中的文章已被修改。', 'code.faulty': '存在错误，请先更正。', 'code.others': '文件夹中还有其他文件被修改。', 'code.busy': '正在发布或预览，请稍后再试。', 'code.moved': '目前已是另一代在答复。', 'code.no_earlier': '没有更早的一代。', 'code.bad_path': '这里不能放文章：请写 drugs/ibuprofen/side-effects 这样的路径。', 'code.words': '文字太少或太多。', 'code.proof_required': '请先确认身份。', 'code.second_factor_required': '请先设置双重验证。',
};
