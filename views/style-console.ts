// The part of the style sheet that the operator's console needs. Its tables become blocks where the screen is narrow.

export const CONSOLE_STYLE = `
main{max-width:72rem}
.console-head{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.4rem 1rem;margin:0 0 .8rem}.console-head h1{margin:0}.console-head form{margin:0}
.console-nav ul{display:flex;flex-wrap:wrap;gap:.5rem;margin:0 0 .8rem}.console-nav [aria-current]{background:var(--live);border-color:var(--live);color:var(--card);font-weight:600}
.session{display:flex;flex-wrap:wrap;align-items:center;gap:.3rem .8rem;color:var(--dim);font-size:.85rem}
button.button{font:inherit}.button.primary{background:var(--live);border-color:var(--live);color:var(--card);font-weight:600}.button.danger{border-color:var(--bad);color:var(--bad);font-weight:600}
.table{width:100%;border-collapse:collapse}.table :is(th,td){padding:.55rem .8rem .55rem 0;text-align:start;vertical-align:top;border-top:1px solid var(--line)}.table :is(th,td):is(:first-child,:nth-child(2)){overflow-wrap:anywhere;min-width:9.5rem}.table thead th{border-top:0;padding-top:0;color:var(--dim);font-size:.8rem;font-weight:400}
.table .figure{font-variant-numeric:tabular-nums;white-space:nowrap}.table tbody th{font-weight:600}.table th small{display:block;font-weight:400;color:var(--dim)}.table .owed{color:var(--bad);font-weight:600}.table tr.off{color:var(--dim)}
.marks .badge{margin:0 .3rem .3rem 0}.marks a.badge{text-underline-offset:.2em}.badge.plain{border:1px solid var(--edge)}
.fields{display:grid;gap:.7rem}.fields label{display:block;font-size:.85rem;color:var(--dim)}.fields :is(input,select){display:block;width:100%;max-width:26rem;min-height:2.6rem;margin-top:.15rem;padding:.3rem .6rem;border:1px solid var(--edge);border-radius:.6rem;background:var(--card);color:var(--ink);font:inherit;font-size:1rem}
.acts{display:flex;flex-wrap:wrap;gap:.6rem;margin:.9rem 0 0;align-items:center}.acts form,.row-acts form{margin:0;display:inline}.row-acts :is(.button){margin:0 .4rem .3rem 0}.field{font-size:.85rem}.field label{color:var(--dim)}.field .wrong{color:var(--bad);margin:.15rem 0 0}.field .hint{margin:.2rem 0 0}.fields [aria-invalid]{border-color:var(--bad);border-width:2px}
.reasons li+li{margin-top:.4rem}.fields label.check{color:inherit}.fields .check input{display:inline-block;width:1.3rem;min-height:1.3rem;vertical-align:middle;margin:0}.wrong{font-size:.85rem}
.findings{padding-left:0;list-style:none}.findings li{margin:.35rem 0;overflow-wrap:anywhere}.received code{overflow-wrap:anywhere;font-size:.8rem}.bad-text{color:var(--bad);font-weight:600}
.shown-once{display:block;padding:.7rem;border-radius:.4rem;background:var(--page);font-size:.95rem}
.pairs{display:grid;grid-template-columns:minmax(8rem,max-content) 1fr;gap:.35rem 1rem;margin:0}.pairs dt{color:var(--dim)}.pairs dd{margin:0;overflow-wrap:anywhere}
@media(max-width:44rem){.table,.table tbody,.table tr{display:block}.table thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}.table tr{padding:.7rem 0;border-top:1px solid var(--line)}.table tbody tr:first-child{border-top:0}.table :is(td,tbody th){display:flex;justify-content:space-between;gap:1rem;border:0;padding:.12rem 0}.table tbody th{display:block;font-size:1.05rem}.table td::before{content:attr(data-name);color:var(--dim);flex:none}.table td.marks{flex-wrap:wrap;gap:.3rem .6rem}.marks .badge{margin:0}.table td.wide{display:block}.table td.wide::before{content:none}.table td:empty{display:none}.pairs{grid-template-columns:1fr}.pairs dd{margin-bottom:.3rem}}
`;
