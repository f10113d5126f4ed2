// The script of pages with recordings: a click on the wave, on a bar of the drawing or on the time of a record plays from
// there. Constant, since the security policy allows it by its hash. Without it the players work as browsers have them, and
// bars and records lead where they always lead.

export const PLAYER_SCRIPT = `(()=>{
const d=document,all=()=>[...d.querySelectorAll("audio")]
const play=(a,s)=>{a.currentTime=s;a.play().catch(()=>{});a.scrollIntoView({block:"nearest"})}
const at=t=>all().find(({dataset:{start,seconds}})=>start&&t>=start-2e3&&t<+start+seconds*1e3)
d.documentElement.classList.add("seeks")
d.addEventListener("click",e=>{
if(e.button||e.ctrlKey||e.metaKey||e.shiftKey||e.altKey)return
const wave=e.target.closest(".wave")
if(wave){
const a=wave.parentNode.querySelector("audio"),{left,width}=wave.getBoundingClientRect()
return play(a,(e.clientX-left)/width*a.dataset.seconds)}
const bar=e.target.closest("#drawing a"),time=e.target.closest("#records time")
const row=bar?d.getElementById(bar.getAttribute("href").slice(1)):time&&time.closest("li")
let t=row?Date.parse(row.querySelector("time").dateTime):NaN
if(bar&&bar.dataset.from){
const {from,to}=bar.dataset,{left,width}=bar.getBoundingClientRect()
t=+from+(e.detail?(e.clientX-left)/width*(to-from):0)}
const a=at(t)
if(!a)return
e.preventDefault()
play(a,Math.max(0,(t-a.dataset.start)/1e3))})
d.addEventListener("play",e=>{for(const a of all())if(a!=e.target)a.pause()},true)
d.addEventListener("timeupdate",({target:a})=>{
const played=a.closest("li")?.querySelector(".played")
if(played)played.setAttribute("width",240*a.currentTime/a.dataset.seconds)},true)
})()`;
