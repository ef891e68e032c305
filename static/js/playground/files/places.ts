// Places on the page in the words of the files: a line counts from the start of its file.

import type {EditorState} from '@codemirror/state';
import {files} from './view';

// Which file a line of the whole text is in, and its number there; nothing where there is one file only.
function inFile(state: EditorState, line: number): {name: string; line: number} | null {
  const {all} = state.field(files);
  if (all.length < 2 || line < 1 || line > state.doc.lines) return null;
  const from = state.doc.line(line).from;
  const section = all.find((section) => from < section.to) ?? all[all.length - 1];
  if (!section) return null;
  return {name: section.name, line: line - state.doc.lineAt(section.bodyFrom).number + 1};
}

// The links of what the server has answered for the text as it is now.
export function nameFiles(page: ParentNode, state: EditorState) {
  for (const link of page.querySelectorAll<HTMLElement>('a.place:not([data-named])')) {
    link.dataset.named = '';
    const [, before = '', number = '', after = ''] = /^(\D*)(\d+)(.*)$/.exec(link.textContent ?? '') ?? [];
    const place = inFile(state, Number(number));
    if (place) link.textContent = `${place.name} ${before}${place.line}${after}`;
  }
}
