// The line below the editor: where the cursor is, how many findings there are, and buttons for those who do not know the keys.

import {forEachDiagnostic} from '@codemirror/lint';
import type {EditorState} from '@codemirror/state';
import {position} from './ask';
import {current, files, lineNumber} from './files/view';

function counted(number: number, what: string): string {
  return number === 0 ? '' : ` · ${number} ${what}${number === 1 ? '' : 's'}`;
}

export function status(state: EditorState): string {
  const {line, column} = position(state, state.selection.main.head);
  const counts = {error: 0, warning: 0, info: 0, hint: 0};
  forEachDiagnostic(state, (diagnostic) => counts[diagnostic.severity]++);
  const file = state.field(files).all.length > 1 ? `${current(state).name} · ` : '';
  return `${file}Line ${lineNumber(line, state)}, column ${column}${counted(counts.error, 'error')}${counted(counts.warning, 'warning')}${counted(counts.info + counts.hint, 'note')}`;
}

export interface Foot {
  show(state: EditorState): void;
}

// Fills the line that the page has, and connects its buttons: `actions` by the name in `data-editor`.
export function connectFoot(form: HTMLElement, actions: Record<string, () => void>): Foot {
  const line = form.querySelector<HTMLElement>('[data-editor-status]');
  for (const button of form.querySelectorAll<HTMLButtonElement>('[data-editor]')) {
    const action = actions[button.dataset.editor ?? ''];
    if (!action) continue;
    button.hidden = false;
    button.addEventListener('click', (event) => {
      event.preventDefault();
      action();
    });
  }
  return {
    show(state) {
      const text = status(state);
      if (line && line.textContent !== text) line.textContent = text;
    },
  };
}
