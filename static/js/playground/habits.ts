// What hands expect of an editor: quick fix, one look, and a history that survives a reload.

import {historyField, isolateHistory, undoDepth} from '@codemirror/commands';
import {forEachDiagnostic, type Diagnostic} from '@codemirror/lint';
import {EditorState, type EditorStateConfig} from '@codemirror/state';
import type {EditorView} from '@codemirror/view';
import {readSession, writeSession} from '../storage';
import {ask} from './ask';

// Makes the nearest certain cure on the line of the cursor. Says what became of it.
export function quickFix(view: EditorView): string {
  const head = view.state.selection.main.head;
  const line = view.state.doc.lineAt(head);
  let best: {diagnostic: Diagnostic; from: number; to: number; far: number} | undefined;
  forEachDiagnostic(view.state, (diagnostic, from, to) => {
    if (!diagnostic.actions?.length || to < line.from || from > line.to) return;
    const far = head < from ? from - head : Math.max(0, head - to);
    if (!best || far < best.far) best = {diagnostic, from, to, far};
  });
  const action = best?.diagnostic.actions?.[0];
  const before = view.state.doc;
  if (best) action?.apply(view, best.from, best.to);
  if (!action || view.state.doc === before) return 'There is no certain fix on this line.';
  return `${action.name}: done. Ctrl+Z takes it back.`;
}

// Gives the text one look, as one edit. Only blanks and quotes within lines change, so the cursor stays where it is.
export async function format(view: EditorView, url: string): Promise<string> {
  const doc = view.state.doc;
  const answer = await ask<{text: string; left: number}>(url, {text: doc.toString()});
  if (!answer) return 'The server cannot format now. Try again.';
  if (view.state.doc !== doc) return 'The text has changed meanwhile. Format again.';
  const lines = answer.text.split('\n');
  if (lines.length !== doc.lines) return 'The text cannot be formatted.';
  const changes = lines.flatMap((insert, at) => {
    const {from, to, text} = doc.line(at + 1);
    return text === insert ? [] : [{from, to, insert}];
  });
  if (changes.length > 0) view.dispatch({changes, userEvent: 'input.format', annotations: isolateHistory.of('full')});
  const done = changes.length > 0 ? 'Formatted. Ctrl+Z takes it back.' : 'Nothing to format.';
  const left = answer.left === 1 ? ' One document is left as it is: it cannot be read.' : ` ${answer.left} documents are left as they are: they cannot be read.`;
  return answer.left > 0 ? done + left : done;
}

const KEY = 'playground:history';
const FIELDS = {history: historyField};
// A longer history is forgotten rather than kept in part.
const LARGEST = 1024 * 1024;

export function keepHistory(state: EditorState) {
  const kept = JSON.stringify(state.toJSON(FIELDS));
  if (kept.length > LARGEST || !writeSession(KEY, kept)) writeSession(KEY, null);
}

// The state with the history of this window. Where another text stands in the field now, its coming is an edit that can be undone;
// `before` says whether somebody had written what stood there.
export function stateWithHistory(config: EditorStateConfig & {doc: string}): {state: EditorState; before: boolean} {
  try {
    const kept = JSON.parse(readSession(KEY) ?? 'null') as {doc?: string} | null;
    if (typeof kept?.doc === 'string') {
      const state = EditorState.fromJSON(kept, config, FIELDS);
      if (kept.doc === config.doc) return {state, before: false};
      const changes = {from: 0, to: state.doc.length, insert: config.doc};
      const next = state.update({changes, selection: {anchor: 0}, userEvent: 'input.load', annotations: isolateHistory.of('full')}).state;
      return {state: next, before: kept.doc.trim() !== '' && undoDepth(state) > 0};
    }
  } catch {
    // Written by another version of this page: start anew.
  }
  return {state: EditorState.create(config), before: false};
}
