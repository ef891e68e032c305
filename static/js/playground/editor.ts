// The YAML editor: CodeMirror in a shadow root, where its styles do not offend the content security policy.

import {EditorView} from '@codemirror/view';

export function createEditor(field: HTMLTextAreaElement | null): EditorView | null {
  if (!field) return null;
  const host = document.createElement('div');
  const root = host.attachShadow({mode: 'open'});
  field.after(host);
  return new EditorView({doc: field.value, parent: root, root});
}
