/**
 * Style of the pages of the report: light or dark as the reader's system, and always light on paper. Pictures keep
 * their black background. Colour is never the only distinction.
 */
export const STYLE_SHEET = `:root {
  color-scheme: light dark;
  --ink: #1a1a1a;
  --soft: #4d4d4d;
  --paper: #ffffff;
  --tint: #f3f4f6;
  --rule: #c4c8cf;
  --miss: #b34700;
  --query: #00598c;
}
@media screen and (prefers-color-scheme: dark) {
  :root {
    --ink: #e8e8e8;
    --soft: #b4b8be;
    --paper: #15171a;
    --tint: #22252a;
    --rule: #474c54;
    --miss: #ff9d4d;
    --query: #7cc7f2;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto;
  max-width: 70rem;
  padding: 2rem 1.5rem 4rem;
  background: var(--paper);
  color: var(--ink);
  font: 1rem/1.5 Charter, "Bitstream Charter", Cambria, Georgia, "DejaVu Serif", serif;
  overflow-wrap: break-word;
}
h1, h2, th, dt, .cell, .legend, .notice {
  font-family: system-ui, "Segoe UI", "Helvetica Neue", Arial, "DejaVu Sans", sans-serif;
}
h1 { margin: 0 0 0.75rem; font-size: 1.9rem; line-height: 1.2; }
h2 {
  margin: 2.5rem 0 0.75rem;
  padding-top: 0.75rem;
  border-top: 1px solid var(--rule);
  font-size: 1.25rem;
  break-after: avoid;
}
p { margin: 0 0 0.75rem; }
code, pre, .plan { font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace; }
code { font-size: 0.9em; }
.guide, figcaption, .notes { max-width: 50rem; }
.notice {
  padding: 0.6rem 0.9rem;
  border: 1px solid var(--rule);
  border-left: 5px solid var(--miss);
}
figure { margin: 1.25rem 0 2.5rem; }
figcaption { margin: 0.6rem 0; font-size: 0.95rem; }
.tiles { display: grid; grid-template-columns: repeat(3, minmax(0, 1fr)); gap: 1.1rem; }
.cell { font-size: 0.82rem; line-height: 1.4; break-inside: avoid; }
.cell p { margin: 0; font-variant-numeric: tabular-nums; }
.cell .rank { margin-top: 0.5rem; font-size: 0.9rem; }
.cell .rank b { margin-right: 0.3em; }
.slice { display: block; width: 100%; height: auto; outline: 1px solid var(--rule); }
.query .slice { outline: 3px solid var(--query); }
.query .rank { color: var(--query); }
.miss .slice { outline: 3px dashed var(--miss); outline-offset: 1px; }
.miss .rank { color: var(--miss); }
.legend { margin: 1rem 0 0; font-size: 0.82rem; break-inside: avoid; }
.legend p { margin: 0 0 0.25rem; color: var(--soft); }
.legend ul {
  display: flex;
  flex-wrap: wrap;
  gap: 0.25rem 0.6rem;
  margin: 0;
  padding: 0;
  list-style: none;
}
.legend li { white-space: nowrap; font-variant-numeric: tabular-nums; }
.sample { width: 32px; height: 14px; vertical-align: -2px; }
table { border-collapse: collapse; font-size: 0.92rem; font-variant-numeric: tabular-nums; }
th, td { padding: 0.35rem 0.9rem 0.35rem 0; text-align: left; vertical-align: top; }
th { font-weight: 600; }
.figures tbody th { font-weight: 400; }
tr { break-inside: avoid; }
.wide { overflow-x: auto; }
.figures table { width: 100%; border-bottom: 1.5px solid var(--ink); }
.figures thead tr { border-top: 1.5px solid var(--ink); border-bottom: 1px solid var(--ink); }
.figures td, .figures thead th:not(:first-child) {
  padding-right: 0;
  padding-left: 0.9rem;
  text-align: right;
  white-space: nowrap;
}
.facts tr { border-top: 1px solid var(--rule); }
.facts th { min-width: 9rem; max-width: 16rem; }
.facts td { overflow-wrap: anywhere; }
.notes {
  display: grid;
  grid-template-columns: max-content 1fr;
  gap: 0.2rem 1rem;
  margin: 0.9rem 0 0;
  font-size: 0.88rem;
}
.notes dt { font-weight: 600; }
.notes dd { margin: 0; color: var(--soft); }
pre {
  margin: 0;
  padding: 0.8rem 1rem;
  border: 1px solid var(--rule);
  background: var(--tint);
  font-size: 0.88rem;
  line-height: 1.45;
  white-space: pre-wrap;
  break-inside: avoid;
  user-select: all;
}
@media screen and (max-width: 44rem) {
  .tiles { grid-template-columns: repeat(2, minmax(0, 1fr)); }
  .notes { grid-template-columns: 1fr; }
}
@media print {
  @page { margin: 15mm; }
  :root { font-size: 9.5pt; }
  body { max-width: none; padding: 0 4px; }
  h2 { margin-top: 1.5rem; }
  .panel { break-inside: avoid; }
  .tiles { gap: 0.7rem 1.2rem; }
  .cell, .legend { font-size: 7.5pt; }
  .cell .rank { font-size: 8pt; }
}
`
