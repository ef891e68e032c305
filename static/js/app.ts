// Enhancements of every page. Pages work without them; elements say by data attributes what they want:
//
// - `data-key="g p"`: the keys that click or focus the element. Links with rel=prev and rel=next answer to `[` and `]`.
// - `data-theme-switch`: a button that goes through system, light, dark; a child `[data-theme-name]` shows which.
// - `data-reading-position="<url>"`: the heading last read under this element is posted there as `anchor`.
// - `data-copy="<selector>"`: a button that copies the text of another element.
// - `data-script-only`: hidden in the page, shown when this script runs.

import 'htmx.org';
import {listenForKeys} from './keys';
import {enhanceQuiz} from './quiz';
import {watchReading} from './reading';
import {switchThemes} from './theme-switch';

switchThemes();
listenForKeys();
watchReading();
enhanceQuiz();

for (const element of document.querySelectorAll<HTMLElement>('[data-script-only]')) element.hidden = false;

document.addEventListener('click', (event) => {
  const button = (event.target as Element).closest<HTMLElement>('[data-copy]');
  const source = button && document.querySelector<HTMLElement>(button.dataset.copy ?? '');
  if (!button || !source) return;
  void navigator.clipboard.writeText(source instanceof HTMLInputElement ? source.value : source.innerText).then(() => {
    const label = button.textContent;
    button.textContent = 'Copied';
    setTimeout(() => (button.textContent = label), 1500);
  });
});
