export const HTML_STYLE = `
:root { color-scheme: light dark; --paper: #fff; --ink: #1f2933; --faint: #5b6673; --line: #dde3e9; --good: #1b7f4b; --bad: #b42318; --down: #f3d4d1; --unsure: #f2d59b; --unsure-stripe: #d9a441 }
@media screen and (prefers-color-scheme: dark) {
  :root { --paper: #151b22; --ink: #e4e9ee; --faint: #9fabb7; --line: #33404d; --good: #5fce92; --bad: #ff8f83; --down: #5f2f2b; --unsure: #6d552a; --unsure-stripe: #b98b35 }
}
* { box-sizing: border-box }
body { font: 14px/1.45 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; color: var(--ink); background: var(--paper); margin: 0 auto; max-width: 1180px; padding: 28px 24px 48px }
header { border-bottom: 2px solid var(--ink); margin-bottom: 20px }
h1 { font-size: 24px; margin: 0 0 4px }
h2 { font-size: 15px; margin: 0 0 6px }
p { color: var(--faint); margin: 0 0 12px }
section { margin-bottom: 26px }
.totals { display: flex; gap: 12px }
.totals div { flex: 1; border: 1px solid var(--line); border-radius: 6px; padding: 10px 14px }
.totals b { display: block; font-size: 22px; font-variant-numeric: tabular-nums }
.totals span { color: var(--faint) }
.counts { display: flex; flex-wrap: wrap; gap: 0 32px }
.counts section { flex: 1 1 260px }
table { border-collapse: collapse; width: 100% }
th { text-align: left; font-size: 12px; color: var(--faint); font-weight: 600; border-bottom: 1px solid var(--ink); padding: 4px 12px 4px 0; white-space: nowrap }
td { border-bottom: 1px solid var(--line); padding: 5px 12px 5px 0; vertical-align: top; overflow-wrap: anywhere }
th:last-child, td:last-child { padding-right: 0 }
.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap }
.time span { white-space: nowrap; font-variant-numeric: tabular-nums }
small { display: block; color: var(--faint); font-size: 12px }
.bar { display: flex; height: 12px; min-width: 140px; margin-top: 4px; background: var(--down); border-radius: 3px; overflow: hidden; print-color-adjust: exact; -webkit-print-color-adjust: exact }
.ready { background: var(--good) }
.unknown { background: repeating-linear-gradient(45deg, var(--unsure) 0 4px, var(--unsure-stripe) 4px 8px) }
.result { font-weight: 600; white-space: nowrap }
.done { color: var(--good) }
.refused { color: var(--bad) }
.observed { color: var(--faint); font-weight: 400 }
.entries table { table-layout: fixed }
.entries th:nth-child(1) { width: 12% }
.entries th:nth-child(2) { width: 7% }
.entries th:nth-child(3) { width: 14% }
.entries th:nth-child(4) { width: 16% }
.entries th:nth-child(5) { width: 15% }
.entries th:nth-child(6) { width: 8% }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 2px 14px; margin: 8px 0 0; font-size: 12px }
dt { font-weight: 600 }
dd { margin: 0; color: var(--faint); overflow-wrap: anywhere }
.field { color: var(--faint) }
del { color: var(--bad); text-decoration: line-through }
ins { color: var(--good); text-decoration: none; font-weight: 600 }
@media screen and (max-width: 720px) {
  body { padding: 16px 14px 32px }
  h1 { font-size: 20px; overflow-wrap: anywhere }
  .totals { flex-wrap: wrap }
  .totals div { flex: 1 1 40% }
  .availability { overflow-x: auto }
  .availability td { overflow-wrap: normal }
  .entries table, .entries tbody, .entries tr, .entries td { display: block; width: auto }
  .entries thead { display: none }
  .entries tr { border-bottom: 1px solid var(--line); padding: 8px 0 }
  .entries td { border: 0; padding: 1px 0; text-align: left }
  .entries .number::before { content: "Position " ; color: var(--faint) }
  .entries small { display: inline; margin-left: 8px }
  dl { grid-template-columns: 1fr }
  dd { margin-bottom: 6px }
}
@page { margin: 14mm 12mm 16mm; @bottom-right { content: counter(page) " / " counter(pages); font: 9px sans-serif; color: #66727f } }
@media print {
  body { font-size: 10px; max-width: none; padding: 0 }
  h1 { font-size: 17px }
  h2 { font-size: 12px; break-after: avoid }
  th, small, dl { font-size: 9px }
  thead { display: table-header-group }
  tr, .totals, .statement { break-inside: avoid }
  .totals b { font-size: 15px }
  td, th { padding-right: 8px }
}
`
