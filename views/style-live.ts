// What only pages that follow a call need of the style sheet.

export const LIVE_STYLE = `#live-sign{min-height:1.3rem;margin:0 0 .4rem;color:var(--dim);font-size:.8rem}#live-sign.on::before{content:"";display:inline-block;width:.55rem;height:.55rem;margin-inline-end:.45rem;border-radius:50%;background:var(--live)}
.unseen{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%)}
@media(prefers-reduced-motion:no-preference){.fresh{animation:fresh 3s ease-out}@keyframes fresh{from{background:var(--live-bg)}}}
@media print{#live-sign{display:none}}
`;
