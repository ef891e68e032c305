// Keyboard: `data-key` names one key, or two in a row ("g p"), that click a link or button and focus a field.

const PAUSE = 1200;
let first = '';
let forget = 0;

function find(keys: string): HTMLElement | null {
  const named = document.querySelectorAll<HTMLElement>(`[data-key="${CSS.escape(keys)}"]`);
  for (const element of named) if (element.checkVisibility?.() ?? true) return element;
  const link = keys === '[' ? 'prev' : keys === ']' ? 'next' : '';
  return link ? document.querySelector<HTMLElement>(`a[rel~="${link}"]`) : named[0] ?? null;
}

function follow(element: HTMLElement) {
  if (element.matches('input:not([type=radio], [type=checkbox], [type=submit]), textarea, select')) element.focus();
  else if (element instanceof HTMLDialogElement) element.open ? element.close() : element.showModal();
  else element.click();
}

// Text is being typed, also in an editor that lives in a shadow root.
function isTyping(event: KeyboardEvent): boolean {
  const target = event.composedPath()[0];
  return target instanceof HTMLElement && (target.isContentEditable || target.matches('textarea, select, input:not([type=radio], [type=checkbox])'));
}

export function listenForKeys() {
  document.addEventListener('keydown', (event) => {
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || isTyping(event)) return;
    const keys = first ? `${first} ${event.key}` : event.key;
    const element = find(keys) ?? (first ? find(event.key) : null);
    clearTimeout(forget);
    first = '';
    if (element) {
      event.preventDefault();
      follow(element);
    } else if (event.key.length === 1 && document.querySelector(`[data-key^="${CSS.escape(event.key)} "]`)) {
      first = event.key;
      forget = window.setTimeout(() => (first = ''), PAUSE);
    }
  });
}
