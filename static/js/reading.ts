// Tells the server which heading of a chapter was read last, so that it can offer to go on from there.

const DELAY = 2000;

export function watchReading() {
  const text = document.querySelector<HTMLElement>('[data-reading-position]');
  const url = text?.dataset.readingPosition;
  if (!text || !url) return;
  const headings = [...text.querySelectorAll<HTMLElement>('h2[id], h3[id]')];
  let sent = '';
  let timer = 0;

  const report = () => {
    clearTimeout(timer);
    const passed = headings.filter((heading) => heading.getBoundingClientRect().top < innerHeight / 2);
    const anchor = passed.at(-1)?.id ?? '';
    if (!anchor || anchor === sent) return;
    sent = anchor;
    navigator.sendBeacon(url, new URLSearchParams({anchor}));
  };
  addEventListener('scroll', () => {
    clearTimeout(timer);
    timer = window.setTimeout(report, DELAY);
  }, {passive: true});
  document.addEventListener('visibilitychange', () => {
    if (document.visibilityState === 'hidden') report();
  });
}
