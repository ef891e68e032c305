// The editor in the colours of the page: custom properties reach into a shadow root, so light and dark need no code.

import {HighlightStyle} from '@codemirror/language';
import {EditorView} from '@codemirror/view';
import {tags} from '@lezer/highlight';

export const highlight = HighlightStyle.define([
  {tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--code-key)'},
  {tag: [tags.string, tags.content, tags.attributeValue], color: 'var(--code-string)'},
  {tag: [tags.number, tags.bool, tags.null], color: 'var(--code-number)'},
  {tag: [tags.keyword, tags.typeName, tags.labelName], color: 'var(--code-keyword)'},
  {tag: tags.comment, color: 'var(--code-comment)'},
  {tag: [tags.punctuation, tags.separator, tags.meta], color: 'var(--code-punctuation)'},
]);

export const theme = EditorView.theme({
  '&': {height: '100%', color: 'var(--ink)', fontSize: '0.875rem'},
  '&.cm-focused': {outline: 'none'},
  '.cm-scroller': {fontFamily: 'var(--mono)', lineHeight: '1.5'},
  '.cm-content': {caretColor: 'var(--ink)'},
  '.cm-cursor': {borderLeftColor: 'var(--ink)'},
  '.cm-gutters': {backgroundColor: 'transparent', color: 'var(--ink-faint)', borderRight: '1px solid var(--line)'},
  '.cm-activeLine': {backgroundColor: 'color-mix(in srgb, var(--accent) 7%, transparent)'},
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {backgroundColor: 'color-mix(in srgb, var(--accent) 28%, transparent)'},
  '.cm-tooltip': {backgroundColor: 'var(--raised)', color: 'var(--ink)', border: '1px solid var(--line-strong)', borderRadius: '6px', maxWidth: '36rem'},
  '.cm-diagnostic': {padding: '6px 10px', fontFamily: 'var(--sans)', fontSize: '0.875rem'},
  '.cm-panels': {backgroundColor: 'var(--raised)', color: 'var(--ink)', borderTop: '1px solid var(--line-strong)'},
  '.cm-panel.cm-panel-lint ul [aria-selected], .cm-panel.cm-panel-lint ul:focus [aria-selected]': {backgroundColor: 'var(--accent-tint)', color: 'var(--ink)'},
  '.cm-panel.cm-panel-lint button': {color: 'var(--ink)'},
  '.cm-diagnostic small': {display: 'block', margin: '4px 0', color: 'var(--ink-soft)', fontSize: '0.8125rem'},
  '.cm-diagnostic a': {color: 'var(--accent)'},
  '.cm-diagnosticAction': {backgroundColor: 'var(--accent)', color: 'var(--on-accent)', borderRadius: '4px', padding: '2px 8px'},
  '.cm-diagnostic-error': {borderLeft: '4px solid var(--bad)'},
  '.cm-diagnostic-warning': {borderLeft: '4px solid var(--warn)'},
  '.cm-diagnostic-info': {borderLeft: '4px solid var(--info)'},
  '.cm-lintRange-error': {backgroundImage: 'none', textDecoration: 'underline wavy var(--bad)', textUnderlineOffset: '3px'},
  '.cm-lintRange-warning': {backgroundImage: 'none', textDecoration: 'underline wavy var(--warn)', textUnderlineOffset: '3px'},
  '.cm-lintRange-info': {backgroundImage: 'none', textDecoration: 'underline dotted var(--info)', textUnderlineOffset: '3px'},
  '.cm-foldPlaceholder': {backgroundColor: 'var(--surface)', border: '1px solid var(--line)', color: 'var(--ink-soft)'},
  '.cm-matchingBracket': {backgroundColor: 'var(--accent-tint) !important', outline: '1px solid var(--accent)'},
});
