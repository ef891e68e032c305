// The YAML editor: CodeMirror in a shadow root, where its styles do not offend the content security policy.
// It never parses YAML for meaning; all marks come from the server.

import {completionKeymap, completionStatus} from '@codemirror/autocomplete';
import {defaultKeymap, history, historyKeymap, indentWithTab, isolateHistory} from '@codemirror/commands';
import {yaml} from '@codemirror/lang-yaml';
import {bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting} from '@codemirror/language';
import {forceLinting, lintGutter, lintKeymap, linter} from '@codemirror/lint';
import {openSearchPanel, search, searchKeymap} from '@codemirror/search';
import {Prec, StateEffect, type Extension} from '@codemirror/state';
import {EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers} from '@codemirror/view';
import {check, type Question} from './check';
import {completion} from './completion';
import {nameFiles} from './files/places';
import {connectTabs} from './files/tabs';
import {fileView, lineNumber} from './files/view';
import {folding, toggleFolds} from './folding';
import {connectFoot} from './foot';
import {format, keepHistory, quickFix, stateWithHistory} from './habits';
import {hover} from './hover';
import {highlight, theme} from './theme';
import {Version, type Fix} from './version';

export interface Editor {
  // Selects a place of the judged text, written line:column-line:column.
  select(place: string): void;
  // Makes replacements in the judged text as one edit, which one undo takes back. Says how many could be made.
  applyFixes(fixes: Fix[]): number;
  // The text as it is now goes to the server; places on the page are still those of the text before.
  sending(): void;
  // What the server says of the text that was sent stands on the page.
  judged(): void;
  // Asks the server for marks now instead of after a pause.
  check(): void;
  // Called with the line of the cursor when somebody clicks.
  onLine: (line: number) => void;
}

interface Options {
  checkUrl: string;
  completeUrl: string;
  hoverUrl: string;
  question: () => Question;
  formatUrl: string;
  onSend: () => void;
  onChange: () => void;
  // Something to tell the visitor.
  say: (text: string) => void;
}

// What is asked besides the text has changed.
const askAnew = StateEffect.define();

// A browser that types over a selection keeps its look as a style attribute, which the policy has to block and reports.
const typeOver = EditorView.domEventHandlers({
  beforeinput(event, view) {
    if (event.inputType !== 'insertText' || !event.data || view.composing || view.state.selection.main.empty) return false;
    view.dispatch(view.state.replaceSelection(event.data), {userEvent: 'input.type', scrollIntoView: true});
    event.preventDefault();
    return true;
  },
});

// Escape, then Tab leaves the editor: nobody who works by keyboard is caught in it. The editor's own way is closed while help is on
// its way, of which nothing can be seen yet.
const letGo = Prec.highest(keymap.of([{
  key: 'Escape',
  run(view) {
    if (completionStatus(view.state) !== 'active') view.setTabFocusMode(2000);
    return false;
  },
}]));

const appearance: Extension = [
  fileView, lineNumbers({formatNumber: lineNumber}), foldGutter(), folding, lintGutter(), history(), drawSelection(), indentOnInput(), bracketMatching(), highlightActiveLine(),
  search({top: true}), typeOver, yaml(), syntaxHighlighting(highlight), theme,
  EditorView.contentAttributes.of({tabindex: '0', 'aria-label': 'Configuration (YAML)', spellcheck: 'false', autocapitalize: 'off', autocorrect: 'off'}),
];

// What the API says while somebody writes.
function marks(options: Options): Extension {
  const world = () => options.question().world;
  return [
    completion(options.completeUrl, world),
    hover(options.hoverUrl, world),
    linter((view) => check(options.checkUrl, view.state.doc, options.question()), {
      // So that the marks are there a seventh of a second after a key; an answer that the next key overtakes is dropped.
      delay: 50,
      needsRefresh: (update) => update.transactions.some((transaction) => transaction.effects.some((effect) => effect.is(askAnew))),
    }),
  ];
}

export function createEditor(field: HTMLTextAreaElement, options: Options): Editor {
  const host = document.createElement('div');
  host.className = 'editor';
  const root = host.attachShadow({mode: 'open'});
  field.after(host);
  field.hidden = true;

  const formatted = () => void format(view, options.formatUrl).then(options.say);
  const foot = connectFoot(field.form ?? document.body, {
    format: formatted,
    fold: () => toggleFolds(view),
    search: () => openSearchPanel(view),
  });
  const keys = keymap.of([
    {key: 'Mod-Enter', preventDefault: true, run: () => (options.onSend(), true)},
    {key: 'Mod-.', preventDefault: true, run: (view) => (options.say(quickFix(view)), true)},
    {key: 'Shift-Alt-f', preventDefault: true, run: () => (formatted(), true)},
    ...searchKeymap, ...lintKeymap, ...completionKeymap, ...foldKeymap, ...historyKeymap, ...defaultKeymap, indentWithTab,
  ]);
  let timer = 0;
  const follow = EditorView.updateListener.of((update) => {
    foot.show(update.state);
    tabs.update(view);
    if (!update.docChanged) return;
    for (const version of new Set([judged, sent])) version.follow(update.changes);
    // The form is what is sent; programs and drafts read it too.
    field.value = update.state.doc.toString();
    field.dispatchEvent(new Event('input', {bubbles: true}));
    clearTimeout(timer);
    timer = window.setTimeout(() => keepHistory(view.state), 500);
    options.onChange();
  });
  const {state, before} = stateWithHistory({doc: field.value, extensions: [letGo, keys, appearance, marks(options), follow]});
  const view: EditorView = new EditorView({parent: root, root, state});
  if (before) options.say('Ctrl+Z in the editor brings back what stood there before.');
  const tabs = connectTabs(field.form ?? document.body, host, () => view, options.say);
  foot.show(view.state);
  tabs.update(view);
  nameFiles(field.form ?? document, view.state);
  addEventListener('pagehide', () => keepHistory(view.state));
  let judged = new Version(view.state.doc);
  let sent = judged;
  const label = document.querySelector<HTMLLabelElement>(`label[for="${field.id}"]`);
  label?.addEventListener('click', () => view.focus());

  const editor: Editor = {
    select(place) {
      const {from, to} = judged.now(place);
      view.dispatch({selection: {anchor: from, head: to}, effects: EditorView.scrollIntoView(from, {y: 'center'})});
      view.focus();
    },
    applyFixes(fixes) {
      const changes = judged.replace(view.state, fixes);
      if (changes.length > 0) view.dispatch({changes, userEvent: 'input.fix', annotations: isolateHistory.of('full')});
      return changes.length;
    },
    sending: () => (sent = new Version(view.state.doc)),
    judged() {
      judged = sent;
      nameFiles(field.form ?? document, view.state);
    },
    check() {
      view.dispatch({effects: askAnew.of(null)});
      forceLinting(view);
    },
    onLine: () => {},
  };
  view.contentDOM.addEventListener('click', () => editor.onLine(view.state.doc.lineAt(view.state.selection.main.head).number));
  return editor;
}
