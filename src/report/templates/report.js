// Comfort only: everything in the report can be read without this.
const root = document.documentElement;
const theme = document.getElementById('theme');
if (theme) {
  theme.hidden = false;
  theme.addEventListener('click', () => {
    const dark =
      (root.dataset.theme ?? (matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light')) === 'dark';
    root.dataset.theme = dark ? 'light' : 'dark';
  });
}
const tools = document.getElementById('tools');
if (tools) {
  tools.hidden = false;
  const sections = [...document.querySelectorAll('main details:not(.quiet)')];
  const unfold = document.getElementById('unfold');
  unfold.addEventListener('click', () => {
    const open = unfold.getAttribute('aria-pressed') !== 'true';
    unfold.setAttribute('aria-pressed', String(open));
    for (const section of sections) section.open = open;
  });
  const rows = [...document.querySelectorAll('tr[data-row]')].map((row) => [
    row,
    row.querySelector('th').textContent.toLowerCase(),
  ]);
  document.getElementById('filter').addEventListener('input', (event) => {
    const wanted = event.target.value.trim().toLowerCase();
    for (const [row, text] of rows) row.hidden = !text.includes(wanted);
    if (wanted)
      for (const section of sections) if (section.querySelector('tr[data-row]:not([hidden])')) section.open = true;
  });
}
// where CSS cannot open a closed details element for print
addEventListener('beforeprint', () => {
  for (const section of document.querySelectorAll('main details:not([open], .quiet)')) {
    section.open = true;
    addEventListener('afterprint', () => (section.open = false), { once: true });
  }
});
