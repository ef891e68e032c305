// A quiz by keyboard: Enter sends the answer or goes on, buttons move the lines of an ordering.
// Choosing by 1 to 9 is `data-key` on the options.

// Enter is left alone where it already means something: in a field, on a link or a button.
function onEnter(quiz: HTMLElement) {
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Enter' || event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const target = event.target as HTMLElement;
    if (target.closest('a, button, select, textarea, summary, input:not([type=radio], [type=checkbox])')) return;
    const next = quiz.querySelector<HTMLElement>('[data-answer], [data-next]');
    if (!next) return;
    event.preventDefault();
    next.click();
  });
}

function moveLines(list: HTMLElement) {
  list.addEventListener('click', (event) => {
    const button = (event.target as Element).closest<HTMLElement>('[data-move]');
    const line = button?.closest('li');
    if (!button || !line) return;
    if (button.dataset.move === '-1') line.previousElementSibling?.before(line);
    else line.nextElementSibling?.after(line);
    number(list);
    button.focus();
  });
  list.addEventListener('change', (event) => {
    const select = event.target as HTMLSelectElement;
    const line = select.closest('li');
    if (!line) return;
    const others = [...list.children].filter((other) => other !== line);
    list.insertBefore(line, others[Number(select.value) - 1] ?? null);
    number(list);
    select.focus();
  });
}

function number(list: HTMLElement) {
  [...list.children].forEach((line, at) => {
    const select = line.querySelector('select');
    if (select) select.value = String(at + 1);
  });
}

export function enhanceQuiz() {
  const quiz = document.querySelector<HTMLElement>('[data-quiz]');
  if (!quiz) return;
  onEnter(quiz);
  const list = quiz.querySelector<HTMLElement>('[data-order]');
  if (list) moveLines(list);
  if (location.hash === '#verdict') document.getElementById('verdict')?.focus();
}
