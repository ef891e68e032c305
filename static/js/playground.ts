// The playground without reloads: the form of the page is sent by fetch, and what comes back takes the place of the old.
// The page is complete without this script.

import {adoptDraft, keepDraft, leaveWorld, switches} from './playground/draft';
import {createEditor} from './playground/editor';
import {connectExpectations} from './playground/expect/suite';
import {applyFixes} from './playground/fixes';
import {hidesHints, rememberHints} from './playground/hints';
import {connectPlaces} from './playground/places';
import {connectPanels} from './playground/panels';
import {Replay} from './playground/replay';
import {connectRequests} from './playground/requests';
import {Sender} from './playground/sender';
import {adoptShared, offerSharing} from './playground/share';

const form = document.querySelector<HTMLFormElement>('#bench');
const field = form?.querySelector<HTMLTextAreaElement>('textarea[name=yaml]');

if (form && field) void start(form, field);

async function start(form: HTMLFormElement, field: HTMLTextAreaElement) {
  document.querySelector('[data-listing]')?.remove();
  const sender = new Sender(form);
  const isChanged = (await adoptShared(form, sender)) || adoptDraft(form);
  if (isChanged) sender.forget();
  const replay = new Replay(form, sender);
  const editor = createEditor(field, {
    checkUrl: form.dataset.check ?? '',
    completeUrl: form.dataset.complete ?? '',
    hoverUrl: form.dataset.hover ?? '',
    formatUrl: form.dataset.format ?? '',
    question: () => ({world: String(new FormData(form).get('world') ?? ''), switches: switches(form), hints: !hidesHints()}),
    onSend: () => void sender.send(),
    onChange: () => sender.markStale(),
    say: (text) => sender.say(text),
  });
  sender.editor = editor;
  rememberHints(form, () => editor.check());
  form.querySelector('[name=world]')?.addEventListener('change', () => {
    leaveWorld(form);
    editor.check();
  });
  keepDraft(form, field);
  offerSharing(form, sender);
  connectPlaces(form, editor);
  connectPanels(form, () => void sender.send());
  connectRequests(form, () => void sender.send(), (text) => sender.say(text));
  connectExpectations(form, (text) => sender.say(text));
  for (const input of form.querySelectorAll('.request input, .request select, .request textarea')) input.addEventListener('input', () => sender.markStale());
  form.addEventListener('keydown', (event) => {
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      void sender.send();
    }
  });
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    const button = (event as SubmitEvent).submitter;
    if (button instanceof HTMLElement && 'replay' in button.dataset) return void replay.start();
    if (button instanceof HTMLButtonElement && button.name === 'panel') sender.panel = button.value;
    void sender.send(button instanceof HTMLElement ? applyFixes(form, editor, button) : '');
  });
  if (isChanged) void sender.send();
}
