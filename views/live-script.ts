// The one script of the pages, sent inside the page of a call that goes on; the security policy allows it by its hash, so
// its text is constant. It asks the page's own address with `/live` behind it and puts in what comes: markup made by the
// server. Nodes are changed in place, so that what the reader opened, chose, marked or scrolled to stays. A page in the
// background lets go of its connection: browsers have six for a host.

export const LIVE_SCRIPT = `(()=>{
const d=document,$=i=>d.getElementById(i),sign=$("live-sign"),rows=$("records"),all=()=>[...rows.querySelectorAll("details")]
let at=d.querySelector("main").dataset.live,es,timer,tries=0,over
const show=s=>{sign.className=s;sign.textContent=sign.dataset[s]||""}
const morph=(a,b)=>{
if(a.isEqualNode(b))return
if(a.nodeName!=b.nodeName)return a.replaceWith(b)
if(!a.attributes){a.data=b.data;return}
for(const {name} of [...a.attributes])if(name!="open"&&!b.hasAttribute(name))a.removeAttribute(name)
for(const {name,value} of b.attributes)a.setAttribute(name,value)
const old=[...a.childNodes],now=[...b.childNodes]
now.forEach((n,i)=>old[i]?morph(old[i],n):a.append(n))
old.slice(now.length).forEach(n=>n.remove())}
const fill=(a,html)=>{if(a){const b=a.cloneNode();b.innerHTML=html;morph(a,b)}}
const put=(id,text)=>{if(text!=null)$(id).textContent=text}
const update=u=>{
for(const id in u.sections)fill($(id),u.sections[id])
if(u.replaced){
const was=all().filter(e=>e.open).map(e=>e.textContent)
fill(rows,u.replaced.join(""))
for(const e of all())e.open=was.includes(e.textContent)}
if(u.records){
const n=rows.children.length
rows.insertAdjacentHTML("beforeend",u.records.join(""))
for(const e of [...rows.children].slice(n))e.classList.add("fresh")}
if(u.title)d.title=u.title
put("records-title",u.recordsTitle);put("footer",u.footer);put("live-news",u.status)}
const open=()=>{
const u=new URL(location),q=u.searchParams
u.pathname=u.pathname.replace(/\\/*$/,"/live")
q.set("lang",d.documentElement.lang);q.set("since",at)
es=new EventSource(u)
es.onopen=()=>{tries=0;show("on")}
es.onerror=()=>{
const shut=es.readyState>1
if(shut&&++tries>5)return show("off")
show("lost")
if(shut)timer=setTimeout(open,2500<<tries)}
es.addEventListener("call",e=>{at=e.lastEventId;update(JSON.parse(e.data))})
es.addEventListener("end",e=>{over=1;es.close();show(e.data=="over"?"":"off")})}
const look=()=>{
if(over)return
clearTimeout(timer);es?.close()
if(!d.hidden){tries=0;open()}}
d.addEventListener("visibilitychange",look);look()
})()`;
