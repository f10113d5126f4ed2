// The pages' one style sheet, sent inside the page; the security policy allows it by its hash, so its text must reach
// the page to the letter.

import { CALL_STYLE } from "./style-call.ts";
import { LIST_STYLE } from "./style-list.ts";

export const STYLE = `
:root{color-scheme:light dark;--ink:#17202a;--dim:#5b6673;--line:#d8dee6;--edge:#7b8794;--page:#f4f6f8;--card:#fff;--good:#0b6b3a;--bad:#b3261e;--warn:#7a4b00;--live:#0b57a4;--ring:#8a5a00;--talk:#0b6b3a;--good-bg:#dff3e6;--bad-bg:#fde4e1;--warn-bg:#fdf0d5;--live-bg:#dfecfa}
@media screen and (prefers-color-scheme:dark){:root{--ink:#e7ecf2;--dim:#a3afbc;--line:#35404c;--edge:#7d8a98;--page:#12171d;--card:#1b222a;--good:#8fe0b0;--bad:#ffb4ab;--warn:#ffd591;--live:#9ecbff;--ring:#e0a94a;--talk:#4fbf83;--good-bg:#123822;--bad-bg:#4a1b17;--warn-bg:#40300f;--live-bg:#12304f}}
*{box-sizing:border-box}
body{margin:0;background:var(--page);color:var(--ink);font:16px/1.45 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:48rem;margin:0 auto;padding:1rem}
h1{font-size:1.3rem;line-height:1.35;margin:.6rem 0 0;overflow-wrap:anywhere}
h2{font-size:1rem;margin:0 0 .6rem}
a{color:inherit}
.card{background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:1rem;margin:0 0 .8rem}
.badge{display:inline-block;padding:.1rem .6rem;border-radius:1rem;font-weight:600;font-size:.9rem}
.good{background:var(--good-bg);color:var(--good)}.bad{background:var(--bad-bg);color:var(--bad)}
.warn{background:var(--warn-bg);color:var(--warn)}.live{background:var(--live-bg);color:var(--live)}
.kind{color:var(--dim);margin-inline-start:.5rem;font-size:.9rem}
.facts{display:grid;grid-template-columns:repeat(auto-fit,minmax(6.5rem,1fr));gap:.8rem;margin:1rem 0 0}
.facts div{min-width:0}.facts dt{color:var(--dim);font-size:.8rem}.facts dd{margin:0;font-weight:600;font-size:1.1rem;overflow-wrap:anywhere}
ul,ol{list-style:none;margin:0;padding:0}
.hint{color:var(--dim);font-size:.8rem;margin:.6rem 0 0}
details{font-size:.8rem}summary{color:var(--dim);cursor:pointer;padding:.2rem 0}
pre{margin:.3rem 0 0;padding:.6rem;background:var(--page);border-radius:.4rem;white-space:pre-wrap;overflow-wrap:anywhere;font:.78rem/1.4 ui-monospace,Consolas,monospace}
.key{display:inline-flex;gap:.35rem;align-items:center}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%)}
footer{color:var(--dim);font-size:.8rem}
@media print{:root{color-scheme:light;font-size:75%}body{background:#fff;color:#000;font-size:1rem}.card{border-color:#999;break-inside:avoid-page}}
${CALL_STYLE}${LIST_STYLE}`;
