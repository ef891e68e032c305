// Documents fold as a whole, and say what they are while they are folded. Mappings fold by the grammar of YAML.

import {codeFolding, foldAll, foldService, foldedRanges, unfoldAll} from '@codemirror/language';
import type {EditorState, Extension, Text} from '@codemirror/state';
import type {EditorView} from '@codemirror/view';

const isBoundary = (text: string) => /^(---|\.\.\.)(\s|$)/.test(text);

const isMark = (text: string) => text.startsWith('# file: ');

// Whether a document starts at a line: at its `---`, or where a file's name stands between at what follows.
function starts(doc: Text, number: number): boolean {
  const {text} = doc.line(number);
  if (isMark(text)) return false;
  if (isBoundary(text)) return number === doc.lines || !isMark(doc.line(number + 1).text);
  return number === 1 || isMark(doc.line(number - 1).text);
}

// The end of the document that starts at a line; 0 where none does.
function documentEnd(doc: Text, number: number): number {
  if (!starts(doc, number)) return 0;
  let end = doc.line(number).to;
  for (let next = number + 1; next <= doc.lines; next++) {
    const line = doc.line(next);
    if (isBoundary(line.text)) break;
    if (line.text.trim()) end = line.to;
  }
  return end;
}

function label(state: EditorState, {from, to}: {from: number; to: number}): string {
  const line = state.doc.lineAt(from);
  if (documentEnd(state.doc, line.number) !== to) return '…';
  const text = state.sliceDoc(line.from, Math.min(to, line.from + 4096));
  const kind = /^kind:\s*["']?(\w+)/m.exec(text)?.[1] ?? '';
  const name = /^metadata:\s*(?:\n(?:\s+.*\n)*?\s+|\{.*?)name:\s*["']?([\w.-]+)/m.exec(text)?.[1] ?? '';
  return kind ? `… ${kind} ${name}`.trim() : '…';
}

function placeholder(view: EditorView, onClick: (event: Event) => void, words: string): HTMLElement {
  const element = document.createElement('span');
  element.className = 'cm-foldPlaceholder';
  element.textContent = words;
  element.setAttribute('aria-label', view.state.phrase('folded code'));
  element.title = view.state.phrase('unfold');
  element.onclick = onClick;
  return element;
}

export const folding: Extension = [
  foldService.of((state, start) => {
    const line = state.doc.lineAt(start);
    const end = documentEnd(state.doc, line.number);
    return end > line.to ? {from: line.to, to: end} : null;
  }),
  codeFolding({preparePlaceholder: label, placeholderDOM: placeholder}),
];

// Folds everything, or unfolds it where something is folded.
export function toggleFolds(view: EditorView): boolean {
  return foldedRanges(view.state).size > 0 ? unfoldAll(view) : foldAll(view);
}
