// The buttons that apply certain cures: in the editor, as one edit, instead of on the server.

import type {Editor} from './editor';

// Does what the button says; returns what to tell about it, nothing where it is no such button.
export function applyFixes(form: HTMLFormElement, editor: Editor, button: HTMLElement): string {
  const isAll = 'fixAll' in button.dataset;
  if (!isAll && !('fix' in button.dataset)) return '';
  const all = [...form.querySelectorAll<HTMLElement>('[data-fix][data-together]')].filter((one) => one.checkVisibility());
  const buttons = isAll ? all : [button];
  const made = editor.applyFixes(buttons.map((one) => ({place: one.dataset.fix ?? '', replacement: one.dataset.replacement ?? ''})));
  if (made === 0) return 'The text has changed there meanwhile. It was judged anew.';
  return `${made === 1 ? 'The fix is' : `${made} fixes are`} in the text. Ctrl+Z in the editor takes ${made === 1 ? 'it' : 'them'} back.`;
}
