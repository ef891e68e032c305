// The panels below the answer: lists to choose from ask anew, a search narrows what is there while somebody types.

// What is open stays open when the answer is replaced.
export function keepOpen(old: HTMLElement, fresh: HTMLElement) {
  for (const panel of fresh.querySelectorAll<HTMLDetailsElement>('details.panel')) {
    const before = old.querySelector<HTMLDetailsElement>(`#${panel.id}`);
    if (before) panel.open = before.open;
  }
}

function narrow(field: HTMLInputElement) {
  const wanted = field.value.trim().toLowerCase();
  const rows = document.getElementById(field.dataset.search ?? '')?.querySelectorAll<HTMLTableRowElement>('tr') ?? [];
  let found = 0;
  for (const row of rows) {
    // The first cell says where the row comes from; the server does not search it either.
    const text = [...row.cells].slice(1).map((cell) => cell.textContent).join(' ').toLowerCase();
    row.hidden = wanted !== '' && !text.includes(wanted);
    if (!row.hidden) found++;
  }
  const count = field.closest('.panel')?.querySelector('[data-found]');
  if (count) count.textContent = String(found);
}

// The answer is replaced again and again, so it is the form that listens.
export function connectPanels(form: HTMLFormElement, ask: () => void) {
  form.addEventListener('input', (event) => {
    const field = event.target as HTMLElement;
    if (field instanceof HTMLInputElement && field.dataset.search) narrow(field);
  });
  form.addEventListener('change', (event) => {
    if ('ask' in (event.target as HTMLElement).dataset) ask();
  });
}
