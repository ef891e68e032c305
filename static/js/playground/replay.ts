// The request on the server's real Envoy: sent with the form as it is, and told about while it waits and runs.

import type {Sender} from './sender';

const PANEL = 'panel-replay';

interface Event {
  name: string;
  data: {before?: number; html?: string};
}

async function* eventsOf(response: Response): AsyncGenerator<Event> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
    text += part.value;
    for (let end = text.indexOf('\n\n'); end >= 0; end = text.indexOf('\n\n')) {
      const [name = '', data = ''] = text.slice(0, end).split('\n');
      text = text.slice(end + 2);
      yield {name: name.replace('event: ', ''), data: JSON.parse(data.replace('data: ', ''))};
    }
  }
}

export class Replay {
  private last?: AbortController;

  constructor(private form: HTMLFormElement, private sender: Sender) {
    // Another answer takes the place of the one that is being replayed.
    sender.onSend = () => this.last?.abort();
  }

  async start() {
    this.last?.abort();
    // What is computed and what is replayed are of one version.
    if (this.form.classList.contains('is-stale')) await this.sender.send();
    const controller = (this.last = new AbortController());
    const button = this.form.querySelector<HTMLButtonElement>('[data-replay]');
    button?.setAttribute('aria-busy', 'true');
    this.sender.say('Asking for a replay…');
    try {
      await this.follow(button?.formAction ?? '', controller.signal);
    } catch {
      if (!controller.signal.aborted) this.sender.say('The server cannot be reached. What you typed is kept here; try again.');
    } finally {
      if (this.last === controller) button?.removeAttribute('aria-busy');
    }
  }

  private async follow(url: string, signal: AbortSignal) {
    const body = new URLSearchParams();
    for (const [name, value] of new FormData(this.form)) if (typeof value === 'string') body.append(name, value);
    const response = await fetch(url, {method: 'POST', headers: {'hx-request': 'true', accept: 'text/event-stream'}, body, signal});
    if (!response.ok) {
      const page = new DOMParser().parseFromString(await response.text(), 'text/html');
      return this.sender.say(page.body.textContent?.trim().replace(/\s+/g, ' ') || `The server answered ${response.status}.`);
    }
    let isDone = false;
    for await (const {name, data} of eventsOf(response)) {
      if (name === 'queued') this.sender.say(`Queued for a replay: ${data.before} before you.`);
      if (name === 'runs') this.sender.say('Running on the real Envoy…');
      if (name === 'done') isDone = this.show(data.html ?? '');
    }
    if (!isDone) this.sender.say('The replay was cut off. Try again.');
  }

  // The panel stands last, so nothing moves but what is below the fold; the line above says how it ended and leads there.
  private show(html: string): boolean {
    const fresh = new DOMParser().parseFromString(html, 'text/html').getElementById(PANEL);
    const old = document.getElementById(PANEL);
    if (!fresh || !old) return false;
    old.replaceWith(fresh);
    this.sender.say(fresh.dataset.said ?? '', {words: 'See both answers', href: `#${PANEL}`});
    return true;
  }
}
