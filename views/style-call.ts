// The part of the style sheet that the page of one call needs: one column, made for a phone first. Rules that hide rows
// stand under `screen`, so that paper always has all of them.

export const CALL_STYLE = `
.summary{border-top:.3rem solid var(--dim)}.edge-good{border-top-color:var(--good)}.edge-bad{border-top-color:var(--bad)}.edge-warn{border-top-color:var(--warn)}.edge-live{border-top-color:var(--live)}
.state{margin:0}.summary h1{font-size:1.15rem;font-weight:600;text-wrap:pretty}.summary h1 a{white-space:nowrap;text-decoration-thickness:1px;text-underline-offset:.2em}
.follow-line{margin:.5rem 0 0;font-weight:600}.told-bad{color:var(--bad)}.told-good{color:var(--good)}.told-dim{color:var(--dim);font-weight:400}.follow-line a{color:inherit;white-space:nowrap}
.summary .facts{grid-template-columns:repeat(3,1fr);gap:.5rem;margin-top:.9rem;padding-top:.8rem;border-top:1px solid var(--line)}.summary .facts dd{font-size:1.2rem;line-height:1.25;font-variant-numeric:tabular-nums}
.details{display:grid;gap:.25rem;margin:.9rem 0 0;font-size:.9rem}.details div{display:flex;gap:0 .6rem}.details dt{flex:none;color:var(--dim);width:4.6rem}.details dd{margin:0;min-width:0;overflow-wrap:anywhere}
.good-text{color:var(--good)}.bad-text{color:var(--bad)}.warn-text{color:var(--warn)}.live-text{color:var(--live)}
.dim,.did{color:var(--dim)}
.doubts{border-inline-start:.3rem solid var(--warn)}.doubts li{position:relative;padding:.2rem 0 .2rem 1.1rem}.doubts li::before{content:"!";position:absolute;inset-inline-start:.1rem;font-weight:700;color:var(--warn)}
.people li{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .6rem;padding:.5rem 0;border-top:1px solid var(--line)}.people li:first-child{border-top:0;padding-top:0}.people li:last-child{padding-bottom:0}
.people b{overflow-wrap:anywhere;min-width:0}.people li:not(.talked) b{font-weight:500}.people .number{white-space:nowrap}.people a.number{padding:.15rem 0;text-underline-offset:.2em}.did{flex-basis:100%;font-size:.85rem}
.timeline{margin:0;overflow:clip;overflow-clip-margin:.9rem}.timeline svg{display:block;overflow:visible}
.lane{font-size:13px;fill:var(--ink);paint-order:stroke;stroke:var(--card);stroke-width:4px;stroke-linejoin:round}
.axis,.cut{font-size:12px;fill:var(--dim);font-variant-numeric:tabular-nums}.cut{font-size:17px}
.track{fill:var(--page)}.tick{stroke:var(--line)}
.bar{stroke:var(--ring);stroke-width:1}.waiting{fill:url(#dots)}.ringing{fill:url(#stripes)}.talking{fill:var(--talk);stroke:var(--talk)}.holding{fill:url(#rungs);stroke:var(--talk)}.bar.bridge{fill:var(--card);stroke:var(--dim)}
.stripe-ground{fill:var(--card)}.stripe{fill:var(--ring)}.hold-stripe{fill:var(--talk)}
.mark{fill:var(--live);stroke:var(--card);stroke-width:1.5}.mark.request{fill:var(--dim)}.mark.failed{fill:none;stroke:var(--bad);stroke-width:3}
.gap-ground{fill:none;stroke:var(--card);stroke-width:5}.gap-edge{fill:none;stroke:var(--edge)}
.timeline a{outline:0}.timeline a:is(:focus-visible,:hover) :is(.bar,.mark){stroke:var(--ink);stroke-width:2.5}
figcaption{display:flex;flex-wrap:wrap;gap:.2rem 1rem;margin-top:.7rem;color:var(--dim);font-size:.8rem}
.chats>li{padding:.8rem 0;border-top:1px solid var(--line)}.chats>li:first-child{border-top:0;padding-top:0}.chats>li:last-child{padding-bottom:0}
.chats h3{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .6rem;font-size:1rem;margin:0;overflow-wrap:anywhere}.chats small{font-weight:400;font-size:.8rem;color:var(--dim)}
.outcome{margin:.1rem 0;font-size:.9rem;font-weight:500}
blockquote{margin:.3rem 0 .4rem;padding:.4rem .7rem;border-radius:.5rem;background:var(--page);font-size:.9rem;overflow-wrap:anywhere}
.steps li{display:flex;gap:.7rem;padding:.1rem 0;font-size:.85rem}.steps .reason{display:block}.steps .after{color:var(--dim);white-space:nowrap}.steps .failed{color:var(--bad)}.steps li>span{min-width:0;overflow-wrap:anywhere}
.clock{flex:none;min-height:1.5rem;color:var(--dim);font-size:.85rem;font-variant-numeric:tabular-nums;text-decoration-color:var(--edge);text-underline-offset:.2em}
.requests li{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .7rem;padding:.45rem 0;border-top:1px solid var(--line);font-size:.9rem}.requests li:first-child{border-top:0;padding-top:0}.requests li:last-child{padding-bottom:0}
.requests :is(code,details){flex-basis:100%}code{font:.8rem/1.4 ui-monospace,Consolas,monospace;overflow-wrap:anywhere}.requests pre{margin-bottom:.4rem}
.chips{display:none;flex-wrap:wrap;gap:.45rem;margin:1.2rem 0 .7rem;padding:0;border:0;min-width:0}
.chips label{position:relative;cursor:pointer}.chips input{position:absolute;inset:0;margin:0;opacity:0;cursor:pointer}
.chips label>span{display:inline-flex;gap:.4rem;align-items:center;min-height:2.5rem;padding:.3rem .85rem;border:1px solid var(--edge);border-radius:1.3rem;background:var(--card);font-size:.9rem}
.count-of{color:var(--dim);font-variant-numeric:tabular-nums}
.chips input:checked+span{background:var(--live);border-color:var(--live);color:var(--card);font-weight:600}.chips input:checked+span .count-of{color:inherit}.chips input:focus-visible+span{outline:3px solid var(--live);outline-offset:2px}
.records>li{border-top:1px solid var(--line)}.records>li:first-child{border-top:0}.records details{font-size:inherit}
.records summary{position:relative;display:block;padding:.5rem 1.4rem .5rem 0;color:inherit;list-style:none}.records summary::-webkit-details-marker{display:none}
.records summary::after{content:"";position:absolute;inset-inline-end:.25rem;top:.85rem;width:.45rem;height:.45rem;border:solid var(--dim);border-width:0 2px 2px 0;rotate:45deg}.records [open]>summary::after{rotate:225deg;top:1.1rem}
.records pre{margin:0 0 .7rem}
.when{display:flex;flex-wrap:wrap;align-items:baseline;gap:0 .55rem;color:var(--dim);font-size:.8rem;font-variant-numeric:tabular-nums}.words{display:block;overflow-wrap:anywhere;font-size:.95rem}
.tag{padding:0 .4rem;border-radius:.3rem;background:var(--page);font-weight:600;overflow-wrap:anywhere}.tg .tag{background:var(--live-bg);color:var(--live)}.http .tag{border:1px solid var(--line);background:none}.records .failed .tag{background:var(--bad-bg);color:var(--bad)}
.records>li:target{background:var(--live-bg);border-radius:.4rem;box-shadow:0 0 0 .4rem var(--live-bg)}
#recordings .hint{margin:.3rem 0 0}.sounds audio{display:block;width:100%;margin-top:.3rem}#recordings .sounds:has(li+li)+.hint{margin-top:1rem;padding-top:.7rem;border-top:1px solid var(--line)}.sounds>li+li{margin-top:1rem;padding-top:1rem;border-top:1px solid var(--line)}
.wave{display:block;width:100%;height:3.2rem}.wave path{fill:none;stroke:var(--talk);stroke-width:.6}.wave .played{fill:var(--live-bg)}
.sound-facts{display:flex;flex-wrap:wrap;align-items:baseline;justify-content:space-between;gap:0 1rem;margin:.3rem 0 0;color:var(--dim);font-size:.85rem;font-variant-numeric:tabular-nums}
.sound-facts a{min-height:1.6rem;padding:.2rem 0}.seek{display:none}.seeks .seek{display:block}.seeks .wave,.seeks:has(audio[data-start]) #records time{cursor:pointer}.seeks:has(audio[data-start]) #records time{text-decoration:underline dotted}
#footer{overflow-wrap:anywhere}
@supports selector(:has(*)){.chips{display:flex}@media screen{main:has(#show-ast:checked) .records>li:not(.ast,:target),main:has(#show-tg:checked) .records>li:not(.tg,:target),main:has(#show-http:checked) .records>li:not(.http,:target){display:none}}}
@media(min-width:40rem){.summary h1{font-size:1.45rem}.summary .facts dd{font-size:1.4rem}.details{display:flex;flex-wrap:wrap;gap:.25rem 2rem}.details dt{width:auto}.did{flex-basis:auto}.records summary{display:flex;gap:1rem;align-items:baseline}.when{flex:none;width:19rem;flex-wrap:nowrap}.tag{margin-inline-start:auto}.words{flex:1;min-width:0}.chats{display:grid;grid-template-columns:1fr 1fr;gap:0 2rem}.chats>li:nth-child(2){border-top:0;padding-top:0}}
@media print{main{max-width:none;padding:0}.card{padding:.5rem .7rem;margin-bottom:.5rem;border-radius:.3rem}.card:not(.summary,.doubts){break-inside:auto}.summary,.timeline,.people li,.chats>li,.records>li{break-inside:avoid}h2{break-after:avoid;margin-bottom:.3rem}a{text-decoration:none}
#recordings,.chips,pre,.records summary::after,.requests details,.delivery .hint{display:none}.timeline figcaption{margin-top:.2rem}
.people li,.chats>li,.requests li{padding:.2rem 0}.steps li,.outcome,blockquote,.did,.details,.requests li{font-size:.8rem}.clock{min-height:0;font-size:inherit}.steps li{padding:0}blockquote{padding:.1rem .5rem}
.chats{display:grid;grid-template-columns:repeat(3,1fr);gap:0 1.2rem}.chats>li:nth-child(-n+3){border-top:0;padding-top:0}.requests code{flex-basis:auto}
.records{line-height:1.25}.records summary{display:flex;gap:.8rem;padding:.08rem 0}.when{flex:none;width:18.5rem;flex-wrap:nowrap;gap:.5rem;font-size:.75rem}.tag{margin-inline-start:auto}.words{flex:1;min-width:0;font-size:.8rem}.tg .words{overflow:hidden;text-overflow:ellipsis;white-space:nowrap}}
`;
