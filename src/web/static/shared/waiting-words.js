/** What the interface says when a person is offered, while somebody waits for a person, and on the consult form. */

export const waitingEn = {
  handoffOffered: 'A person can look at this too.',
  handoffRecommended: 'We recommend that a person looks at this.',
  handoffUrgent: 'A person should look at this as soon as possible.',
  queuePlace: 'You are number {position} in the queue. You can go on asking meanwhile.',
  consultantTyping: 'The consultant is typing …',
  formTitle: 'Leave your contact details',
  formName: 'Name',
  formContact: 'E-mail address or telephone number',
  formPreferred: 'When we may contact you (optional)',
  formText: 'What it is about (optional)',
  formConsent: 'I agree that my contact details are stored with this chat and used to answer me, for nothing else.',
  formSend: 'Send',
  formSending: 'Sending …',
  formInvalid: 'Please check the e-mail address or telephone number.',
  formFailed: 'Your details could not be sent. Please try again.',
};

/** @type {Record<keyof typeof waitingEn, string>} */
export const waitingZh = {
  handoffOffered: '也可以由真人来处理这个问题。',
  handoffRecommended: '建议由真人来处理这个问题。',
  handoffUrgent: '应尽快由真人来处理这个问题。',
  queuePlace: '您排在第 {position} 位，等待期间可以继续提问。',
  consultantTyping: '顾问正在输入……',
  formTitle: '留下您的联系方式',
  formName: '姓名',
  formContact: '电子邮箱或电话号码',
  formPreferred: '方便联系的时间（选填）',
  formText: '咨询内容（选填）',
  formConsent: '我同意将联系方式与本次对话一起保存，仅用于答复我。',
  formSend: '提交',
  formSending: '正在提交……',
  formInvalid: '请检查电子邮箱或电话号码。',
  formFailed: '联系方式未能提交，请再试一次。',
};
