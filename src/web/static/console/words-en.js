/** The console's English. */

import { edit } from './edit-words-en.js';

export const en = {
  ...edit,
  title: 'Eider desk', starting: 'Opening the desk …', otherLanguage: '中文', otherLanguageTag: 'zh-Hans', skip: 'Skip to the conversation',
  titleWaiting: '● {count} waiting', titleUrgent: '▲ {count} waiting: urgent',

  signIn: 'Sign in', login: 'Name', password: 'Password', signInEmpty: 'Please fill in name and password.',
  signInWrong: 'Name or password is wrong, or the account is disabled.', signInOften: 'Too many attempts. Try again in {seconds} seconds.',
  signInForbidden: 'This account has no access to the desk.', signInFailed: 'Signing in is not possible from here.',
  serverAway: 'The server cannot be reached. Please try again.', signedOut: 'You have been signed out. Please sign in again.',
  accountOff: 'This account has no access to the desk now.', stopped: 'The server ended the connection. Please sign in again.',
  code: 'Code', codeHint: 'From your authenticator app, or one of your recovery codes.', badCode: 'The code is wrong, too old, or was used before.', goOn: 'Go on',
  secondFactor: 'Second factor', factorOff: 'Signing in asks for your password only. An authenticator app adds a code that changes every 30 seconds.', factorRequired: 'This desk needs a second factor. Set it up to go on.',
  factorOn: 'Signing in asks for a code of your app. Recovery codes left: {count}.', factorBegin: 'Set up', factorRemove: 'Take it away', factorScan: 'Scan this with an authenticator app.', factorPicture: 'QR code for an authenticator app',
  factorType: 'Or type this key:', factorOpen: 'Open in an app on this device', factorFirstCode: 'The code that the app shows', factorConfirm: 'Turn on', factorRecovery: 'Recovery codes',
  factorRecoveryText: 'Each is good once, when your telephone is gone. They are shown this once: keep them in a safe place.',
  proveTitle: 'Is it you?', proveCodeText: 'This takes out much, or opens what is not yours. Enter a code of your app.', provePasswordText: 'This takes out much, or opens what is not yours. Enter your password again.',
  signOut: 'Sign out', signedInPlaces: 'Where I am signed in', signedInUntil: 'This sign-in ends at the latest on {time}.',
  signedInFacts: ' since {since}, last active {active} ', signedInHere: 'this browser', revoke: 'Sign out there',

  pages: 'Pages', 'page.desk': 'Desk', 'page.figures': 'Figures', 'page.past': 'Past sessions', 'page.forms': 'Forms', 'page.audit': 'Audit', 'page.webhooks': 'Webhooks',
  onDuty: 'On duty', offDuty: 'Off duty', dutyHint: 'Only you switch this. Off duty nothing rings but what is passed on to you.',
  silence: 'Silence', silenced: 'Silenced', soundOff: 'Allow sound', help: 'Keys and help',
  'theme.system': 'Colours: as the system', 'theme.light': 'Colours: light', 'theme.dark': 'Colours: dark',
  notifyAsk: 'Allow notifications', notifyOn: 'Notifications are allowed', notifyWaiting: 'Somebody is waiting', notifyUrgent: 'Urgent: somebody is waiting', notifyText: 'Waiting now: {count}',
  reconnecting: 'Connection lost. Reconnecting … What you write stays here.', dismiss: 'Dismiss', done: 'Done', cancel: 'Cancel', back: 'Back', open: 'Open', again: 'Try again', more: 'More', any: 'Any', search: 'Search',

  queue: 'Queue', waiting: 'Waiting', mine: 'With me', others: 'With colleagues', over: 'Over', notListed: 'and {count} more', waitingNone: 'Nobody is waiting.', mineNone: 'You have no session.',
  claim: 'Claim', waitingSince: 'Waiting time', waitingFor: 'waiting for', unread: 'unread', escalated: 'overdue ×{count}', passedTo: 'for {name}',
  'priority.0': 'Asked', 'priority.1': 'Recommended', 'priority.2': 'Urgent', 'priority.3': 'Emergency',
  'reason.asked': 'Asked for a person', 'reason.urgent': 'May be an emergency', 'reason.not_found': 'No answer found', 'reason.conflict': 'Sources disagree',
  'reason.sensitive': 'Depends on the own case', 'reason.repeated_failure': 'Could not help several times', 'reason.adverse_event': 'Possible reaction to a medicine',
  newWaiting: 'New in the queue: {priority}. {reason}. {drug}', newWaitingMany: '{count} new sessions in the queue', newMessageFrom: 'New message: {drug}',

  conversation: 'Conversation', transcript: 'Messages', nothingOpen: 'No session is open.', nothingOpenHint: 'Choose one on the left, or press N to claim the most urgent.',
  notClaimed: 'This session waits. Claim it to answer.', reservedFor: 'Passed on to {name}.', readOnlyOver: 'This session is over.', readOnlyOther: 'With {name}.',
  visitor: 'Visitor', bot: 'Bot', you: 'You', colleague: 'Colleague', system: 'Notice', redacted: 'This message was removed.',
  personAsked: 'The visitor asked for a person.', formSent: 'The visitor left contact details.', visitorEnded: 'The visitor ended the chat.', isTyping: 'Visitor is typing …', isAway: 'Not connected', isOnline: 'Connected',
  isAwayLong: 'The visitor’s chat is not connected. They will see your message when they come back.',
  safety3: 'Emergency recognised', safety2: 'Urgent message recognised', safety1: 'Symptom mentioned', conflict: 'Sources disagree, {about}: {values}',
  disclaimers: 'Disclaimers shown ({count})', showAll: 'Show all', showLess: 'Show less', sourcePage: 'Source page', stale: 'past its review date', table: 'Table',
  earlier: 'Earlier messages', newMessage: 'New message',

  message: 'Message', composer: 'Write to the visitor', messageHint: 'Write …   / replies   > knowledge base', send: 'Send', attached: 'Attached passages', detach: 'Remove: {name}',
  sending: 'Sending …', held: 'Something new came in while you wrote. Read it, then press Enter to send.', tooLong: '{count} characters too long', left: '{count} characters left',
  sendFailedElsewhere: 'A message in another session was not sent.', suggestions: 'Suggestions', suggestionsNone: 'Nothing fits.', suggestionsCount: '{count} suggestions', suggestionsFailed: 'Not available now.', searchHint: 'Type what to look for in the knowledge base.',

  details: 'Details', presence: 'Chat', sessionOver: 'Over', drug: 'Medicine', page: 'Page', language: 'Language', region: 'Region', reason: 'Reason', assignee: 'With', since: 'Since', moves: 'Passed on', session: 'Session', outcome: 'Outcome',
  notes: 'Notes', notesHint: 'Visitors never see notes.', notesNone: 'No notes.', noteLabel: 'New note', noteHint: 'A note for colleagues', noteSave: 'Save note',
  form: 'Contact form', formName: 'Name', formContact: 'Contact', formPreferred: 'When', formService: 'Service', formDue: 'Answer by', formText: 'Message', formDone: 'Mark as done', 'formState.new': 'New', 'formState.done': 'Done', formFilter: 'Which forms', formsNone: 'No forms here.',

  transfer: 'Transfer', transferHint: 'Pass on to a colleague or a team (T)', transferTitle: 'Pass on to', transferText: 'The session waits for that person or team; when nobody of them claims it in time, anybody may.', transferred: 'Passed on.', nobodyToPassTo: 'There is nobody to pass this on to.',
  onDutyWith: 'on duty, {count} sessions', team: 'Team: {name}', teamOnDuty: 'on duty: {count}', notHere: 'not signed in',
  release: 'To queue', releaseHint: 'Back into the queue (Q)', releaseTitle: 'Back into the queue?', releaseText: 'The next free colleague takes it. The bot answers meanwhile.', releaseDone: 'Back in the queue.',
  giveBack: 'To bot', giveBackHint: 'Back to the bot (B)', giveBackTitle: 'Back to the bot?', giveBackText: 'The bot answers again. The visitor can ask for a person at any time.', giveBackDone: 'The bot has the session.',
  clear: 'Clear emergency', clearHint: 'The visitor is safe (E)', clearTitle: 'Clear the emergency?', clearText: 'Only when you know that the visitor is safe or help is on its way.', clearDone: 'Cleared.',
  close: 'Close', closeHint: 'Close with an outcome (X)', closeTitle: 'How did it end?', closeText: 'The session ends for both sides.', closed: 'Closed.',
  'outcome.answered': 'Answered', 'outcome.referred': 'Referred to the treating team', 'outcome.adverse_event': 'Adverse event recorded', 'outcome.no_reply': 'Visitor did not reply', 'outcome.spam': 'Spam', 'outcome.other': 'Other',

  figuresNow: 'Now', figuresToday: 'Today', median: 'median', 'figure.waiting': 'Waiting', 'figure.longest': 'Longest wait', 'figure.onDuty': 'On duty', 'figure.handedOver': 'Handed over', 'figure.claimed': 'Claimed', 'figure.abandoned': 'Abandoned',
  'figure.closed': 'Closed', 'figure.firstReply': 'First reply', 'figure.resolution': 'Until closed', 'figure.sessions': 'Sessions', 'figure.botAlone': 'Bot answered alone', hoursMinutes: '{hours}:{minutes} h',
  pastWords: 'Words in the messages', pastFrom: 'From', pastTo: 'To', pastNone: 'Nothing found.', pastCount: 'Found: {count}', pastMany: 'The newest {count}; there are more.', backToList: 'Back to the list', pastExport: 'Save as a table (CSV)',
  reasonTitle: 'Why do you open this session?', reasonText: 'It is not yours. Your reason goes into the audit log.', reasonInput: 'Reason',
  'state.bot': 'With the bot', 'state.queued': 'Waiting', 'state.claimed': 'With a person', 'state.closed': 'Closed',
  auditAt: 'When', auditActor: 'Who', auditAction: 'What', auditSubject: 'Of', auditDetail: 'Detail', auditIntact: 'The chain is whole: no row was changed or taken out.', auditBroken: 'The chain is broken: rows were changed or taken out.',

  hookTo: 'To', hookState: 'State', hookResult: 'Last answer', hookAttempts: 'attempts: {count}', hookNext: 'next {time}', hookNone: 'Nothing was told to any other system.', 'hook.pending': 'On its way', 'hook.delivered': 'Taken', 'hook.failed': 'Given up',

  helpTitle: 'Keys', helpDesk: 'Desk', helpText: 'While writing', helpSingle: 'Single-letter keys', helpAlt: 'With Alt the letters work everywhere, also while writing.',
  keyNext: 'Claim the most urgent', keyClaim: 'Claim this session', keyDown: 'Next in the list', keyUp: 'Previous in the list', keyWrite: 'Write', keyNoteOpen: 'Write a note', keyDuty: 'On or off duty', keyPage: 'Next page',
  keySend: 'Send', keyLine: 'New line', keyReply: 'Canned replies', keyPassage: 'Search the knowledge base and quote', keyLeave: 'Back to the list', keyNote: 'Save the note',

  'code.lost_race': 'Somebody else was faster: this session is taken.', 'code.stale_fence': 'This session has changed hands.', 'code.not_assignee': 'This session is not yours.',
  'code.reserved': 'This session was passed on to somebody else.', 'code.loop_guard': 'It has been passed on too often: answer it, close it, or give it back to the bot.', 'code.not_found': 'This session is not to be seen any more.',
  'code.closed': 'This session is over.', 'code.cid_conflict': 'Not sent. Please press Enter once more.', 'code.empty': 'There are no words.', 'code.too_long': 'This is too long.', 'code.unknown_person': 'This colleague or team does not exist any more.',
  'code.unknown_quote': 'An attached passage is no longer in the knowledge base. Remove it and attach it anew.', 'code.unknown_outcome': 'This outcome does not exist.', 'code.too_many_open': 'Too many sessions are open. Dismiss some first.', 'code.forbidden': 'Your account may not do this.',
  'code.rate_limited': 'Too many in a short time. Try again in a moment.', 'code.storage_unavailable': 'The server cannot store anything at the moment.', 'code.internal': 'That did not work. Please try again.', 'code.bad_frame': 'That did not work. Please try again.',
  'code.timeout': 'No answer yet. Look whether it worked before trying again.', 'code.unauthorized': 'Please sign in again.', 'code.offline': 'The server cannot be reached.', 'code.stopped': 'The connection has ended.', 'code.stale_view': 'Something new came in. Read it, then send again.',
};
