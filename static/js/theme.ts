// Applies the remembered colour scheme before the first paint: loaded by itself, without `defer`, in the head.
// Only what must not wait belongs here; the switch is in app.ts.

try {
  const theme = localStorage.getItem('theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's scheme holds then.
}
