// The part of the style sheet that the list of calls needs. Rows of the table become blocks of two lines where the screen
// is narrow: nothing ever scrolls sideways.

export const LIST_STYLE = `
main:has(.calls){max-width:66rem}
.list-head{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:.2rem 1rem;margin:0 0 .8rem}.list-head h1{margin:0}.list-head h2{margin:0}
.day-nav{display:flex;align-items:center;justify-content:space-between;gap:.5rem;margin:0 0 .2rem}.day-nav h2{margin:0;text-align:center}.day-nav h2::first-letter,.of-day th::first-letter{text-transform:uppercase}.day-nav h2 small{display:block;font-weight:400;color:var(--dim);font-size:.8rem}
.button,.day-nav>:is(a,span),.filters button{display:inline-flex;align-items:center;justify-content:center;min-height:2.6rem;min-width:2.6rem;padding:.3rem .9rem;border:1px solid var(--edge);border-radius:.6rem;background:var(--card);color:inherit;font:inherit;text-decoration:none;cursor:pointer}
.day-nav>span{border-color:transparent;background:none;cursor:default}
.filters button{background:var(--live);border-color:var(--live);color:var(--card);font-weight:600}
:is(a,button,input,select,summary):focus-visible{outline:3px solid var(--live);outline-offset:2px}
.sums{grid-template-columns:repeat(auto-fit,minmax(4.6rem,1fr));align-items:end;gap:.6rem .8rem;margin:.8rem 0 .4rem}.sums dd{font-variant-numeric:tabular-nums;white-space:nowrap}.sums .bad-sum dd{color:var(--bad)}.sums .good-sum dd{color:var(--good)}.sums dd a{display:inline-block;min-width:1.6rem;color:inherit;text-underline-offset:.2em}
.day-chart{margin:0}.day-chart svg{display:block;overflow:visible}.ground{stroke:var(--line)}.hover{fill:transparent}g:hover>.hover{fill:var(--page)}
.bar-answered{fill:var(--talk)}.bar-unanswered{fill:url(#unanswered-stripes);stroke:var(--bad);stroke-width:1}.unanswered-stripe{fill:var(--bad)}
.count{font-size:12px;fill:var(--ink);font-variant-numeric:tabular-nums}
.hours{margin-top:.4rem}.hours table{border-collapse:collapse;font-size:.85rem;margin-top:.3rem}.hours :is(th,td){padding:.15rem .8rem .15rem 0;text-align:start;font-weight:400;font-variant-numeric:tabular-nums}.hours thead th{color:var(--dim)}
.filters{display:flex;flex-wrap:wrap;gap:.6rem .8rem;align-items:end}.filters>*{flex:1 1 max-content;min-width:min(8.4rem,42%);max-width:100%}
.filters label{display:block;font-size:.8rem;color:var(--dim)}
.filters :is(input,select){display:block;width:100%;min-width:0;text-overflow:ellipsis;min-height:2.6rem;margin-top:.15rem;padding:.3rem .6rem;border:1px solid var(--edge);border-radius:.6rem;background:var(--card);color:var(--ink);font:inherit;font-size:1rem}
.filters input[type=text]{width:0;min-width:100%}.filters [aria-invalid]{border-color:var(--bad);border-width:2px}.wrong{color:var(--bad);margin:0 0 .6rem}
.filters .filter-buttons{display:flex;gap:.6rem;flex-basis:auto}.filter-buttons>*{flex:1 1 auto}
.calls{width:100%;border-collapse:collapse}
.calls :is(th,td){padding:.5rem .7rem .5rem 0;text-align:start;vertical-align:top;border-top:1px solid var(--line)}
.calls thead th{border-top:0;padding-top:0;color:var(--dim);font-size:.8rem;font-weight:400}
.calls tbody:first-of-type .of-day th{padding-top:.6rem}.calls .of-day th{padding:1.1rem 0 .4rem;font-size:.9rem;font-weight:600}
.calls .call{position:relative}.calls .call:hover{background:var(--page)}
.calls .time{white-space:nowrap;font-variant-numeric:tabular-nums;width:6rem}.calls .time a{text-decoration-color:var(--dim);text-underline-offset:.2em}.calls .time a::after{content:"";position:absolute;inset:0}
.calls .number{white-space:nowrap}.calls .who a{position:relative;z-index:1;text-decoration:none}.calls .who a:hover{text-decoration:underline}.calls .who small{max-width:24rem}.calls .who small,.calls .staff small{display:block;color:var(--dim);font-size:.85rem;overflow-wrap:anywhere}
.arrow{display:inline-block;width:1.3rem;color:var(--dim);font-weight:700}.arrow.missed{color:var(--bad)}
.calls .staff{overflow-wrap:anywhere;width:28%}.calls .staff.only-rung{color:var(--dim)}
.recorded{color:var(--talk)}.calls .spent{white-space:nowrap;font-variant-numeric:tabular-nums}.calls .result{white-space:nowrap;padding-right:0;text-align:end}.calls th.result{text-align:end}
.calls .follow{width:9.5rem;overflow-wrap:break-word;color:var(--dim);text-align:end;padding-right:0;padding-left:.7rem}.calls .follow.owed{color:var(--bad);font-weight:600}.calls .follow small,.calls .result small{display:block;font-weight:400;font-size:.8rem;color:var(--dim)}.calls .result small{white-space:normal;max-width:12rem;margin-inline-start:auto}.calls .follow a{position:relative;z-index:1;color:inherit;text-underline-offset:.2em}
.open-missed{display:inline-flex;align-items:center;gap:.5rem;min-height:2.6rem;padding:.3rem .9rem;border:1px solid var(--bad);border-radius:1.3rem;color:var(--bad);text-decoration:none;font-weight:600}.open-missed:hover{text-decoration:underline}.open-missed b{min-width:1.7rem;padding:.05rem .5rem;border-radius:1rem;background:var(--bad);color:var(--card);text-align:center;font-variant-numeric:tabular-nums}
.narrow{display:none}
.list-foot{display:flex;flex-wrap:wrap;gap:.6rem;margin-top:1rem}
@media(max-width:44rem){
.calls,.calls tbody{display:block}.calls thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.calls .of-day{display:block}.calls .of-day th{display:block;border-top:0}
.calls .call{display:grid;grid-template-columns:auto 1fr auto;gap:.15rem .5rem;padding:.6rem 0;border-top:1px solid var(--line)}
.calls td{display:block;border:0;padding:0}
.calls .who{grid-area:1/1/2/3}.calls .result{grid-area:1/3/2/4;text-align:end}
.calls .time{grid-area:2/1/3/2;width:auto;font-size:.9rem}.calls .staff{grid-area:2/2/3/4;text-align:end;font-size:.9rem}
.recorded{color:var(--talk)}.calls .spent{font-size:.85rem;color:var(--dim)}.calls .spent:empty{display:none}.calls .spent.waited{grid-area:3/1/4/3}.calls .spent.talked{grid-area:3/3/4/4;text-align:end}
.calls .follow{grid-area:4/1/5/4;width:auto;padding-left:0;text-align:start;font-size:.85rem}.calls .follow:empty{display:none}.calls .follow small{display:inline;margin-inline-start:.5rem}
.calls .staff{width:auto}.calls .badge{font-size:.8rem;padding:.1rem .5rem}.calls .number{font-size:.95rem}.narrow{display:inline}.axis.odd{display:none}}
@media(max-width:30rem){main:has(.calls){padding:.6rem}.count{font-size:11px}.count.crowded{display:none}.list-foot .button{flex:1}}
@media print{search,.day-nav>:is(a,span),.list-foot,.get-csv,.hours{display:none}.calls .call{break-inside:avoid}main:has(.calls){max-width:none}}
`;
