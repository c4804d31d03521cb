/** The page's style: system fonts, dark and light by the reader's system, from 320 px up, and on paper. */
const COLOURS = `
:root{color-scheme:light dark;
--bg:#f6f7f9;--card:#fff;--sunk:#f3f4f7;--text:#1a1f27;--soft:#566070;--line:#dfe3e9;--link:#0b5cad;--focus:#0b6bcb;
--passed:#18733a;--failed:#c0212b;--errored:#8a5300;--skipped:#5f6875;--on:#fff;
--tint-passed:#e9f6ed;--tint-failed:#fdeeee;--tint-errored:#fdf3e0;--tint-skipped:#eef0f3;
--bar-passed:#5fae7d;--bar-failed:#d9535b;--bar-errored:#d1953a;--grid:#e6e9ee;
--sans:system-ui,-apple-system,"Segoe UI",Roboto,"Helvetica Neue",Arial,sans-serif;
--mono:ui-monospace,SFMono-Regular,Menlo,Consolas,"Liberation Mono",monospace}
@media (prefers-color-scheme:dark){:root{
--bg:#0f1217;--card:#171b22;--sunk:#10141a;--text:#e4e8ee;--soft:#9aa5b4;--line:#2a313c;--link:#79b8ff;--focus:#79b8ff;
--passed:#5bc483;--failed:#ff8087;--errored:#e9b04f;--skipped:#98a3b1;--on:#0f1217;
--tint-passed:#13261b;--tint-failed:#2c171a;--tint-errored:#2a2112;--tint-skipped:#1c2129;
--bar-passed:#3f8f60;--bar-failed:#d9626a;--bar-errored:#c08a35;--grid:#232a34}}
`

const BASE = `
*{box-sizing:border-box}
html{-webkit-text-size-adjust:100%;text-size-adjust:100%;scroll-padding-top:4rem}
body{margin:0;background:var(--bg);color:var(--text);font:15px/1.5 var(--sans)}
.page{max-width:68rem;margin:0 auto;padding:0 1rem 4rem}
h1,h2,h3,p,ul,ol,dl,dd,figure,pre{margin:0}ul,ol{padding:0;list-style:none}
h1{font-size:1.6rem;line-height:1.25;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}
h2{font-size:1.1rem;font-weight:650;margin:2.25rem 0 .75rem}
h3{font-size:1rem;font-weight:650;overflow-wrap:anywhere}
.note{font-weight:400;color:var(--soft);font-variant-numeric:tabular-nums}
a{color:var(--link);text-underline-offset:.15em}
code,pre{font:.86em/1.55 var(--mono)}code{overflow-wrap:anywhere}
:focus-visible{outline:2px solid var(--focus);outline-offset:2px;border-radius:4px}
[tabindex="-1"]:focus{outline:none}
.sr{position:absolute;width:1px;height:1px;margin:-1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
.symbols{position:absolute}
.meta{color:var(--soft);font-size:.87rem;overflow-wrap:anywhere}
.num{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap;color:var(--soft);font-size:.9rem}
.card{background:var(--card);border:1px solid var(--line);border-radius:10px;padding:1rem}
.icon{width:1rem;height:1rem;flex:none;vertical-align:-.17em;margin-right:.45rem;fill:var(--c);stroke:var(--on);stroke-width:1.8;stroke-linecap:round;stroke-linejoin:round}
.icon path,symbol path{fill:none}symbol circle{stroke:none}
.v-passed{--c:var(--passed);--tint:var(--tint-passed);--bar:var(--bar-passed)}
.v-failed{--c:var(--failed);--tint:var(--tint-failed);--bar:var(--bar-failed)}
.v-errored{--c:var(--errored);--tint:var(--tint-errored);--bar:var(--bar-errored)}
.v-skipped{--c:var(--skipped);--tint:var(--tint-skipped);--bar:var(--skipped)}
.word{color:var(--c);font-weight:600}.bad{color:var(--failed);font-weight:600}
.tag{display:inline-block;border:1px solid var(--line);border-radius:99px;padding:0 .5em;font-size:.78rem;color:var(--soft);white-space:nowrap}
.diamond{font-size:.7rem;color:var(--soft);vertical-align:.1em}
pre{background:var(--sunk);border:1px solid var(--line);border-radius:7px;padding:.6rem .75rem;white-space:pre-wrap;overflow-wrap:anywhere;tab-size:4}
.skip{position:absolute;left:-99rem}.skip:focus{left:1rem;top:.5rem;z-index:3;background:var(--card);padding:.5rem .75rem}
`

const TOP = `
.top{background:var(--card);border:1px solid var(--line);border-radius:12px;margin-top:1.25rem;overflow:hidden}
.top .verdict{display:flex;gap:1rem;align-items:flex-start;padding:1.25rem;background:var(--tint);border-bottom:1px solid var(--line)}
.top .verdict .icon{width:2.5rem;height:2.5rem;margin:0;stroke-width:1.5}
.top .verdict p{margin-top:.2rem}
.tiles{display:grid;grid-template-columns:repeat(auto-fit,minmax(9rem,1fr));padding:1rem 1.25rem;gap:.75rem 1.25rem}
.tiles dt{color:var(--soft);font-size:.8rem}.tiles dd{font-size:.85rem;color:var(--soft)}
.tiles b{font-size:1.3rem;font-weight:650;color:var(--text);font-variant-numeric:tabular-nums;margin-right:.25rem;white-space:nowrap}
.top>.meta{padding:.6rem 1.25rem;border-top:1px solid var(--line);font-variant-numeric:tabular-nums}
nav{position:sticky;top:0;z-index:2;background:var(--bg);margin:0 -1rem;padding:.6rem 1rem;border-bottom:1px solid transparent}
nav ul{margin-left:-.6rem;display:flex;flex-wrap:wrap;gap:.1rem .25rem}
nav a{display:inline-block;padding:.3rem .6rem;border-radius:6px;color:var(--soft);text-decoration:none;font-size:.9rem}
nav a:hover{background:var(--card);color:var(--text)}
`

const SECTIONS = `
.red{border-left:4px solid var(--c);margin-bottom:1rem}
.red .lead{margin:.2rem 0 .75rem;overflow-wrap:anywhere}
.tests>li{padding:.3rem 0}.red .tests>li{padding:.5rem 0;border-top:1px solid var(--line)}
.tests p,.finding p{overflow-wrap:anywhere}.suite{color:var(--soft)}.where{color:var(--soft);margin-left:.35em}
pre.message{margin:.4rem 0 .4rem 1.45rem;border-left:3px solid var(--failed);max-height:none}
.finding{display:grid;grid-template-columns:5.2rem 1fr;gap:.75rem;padding:.55rem 0;border-top:1px solid var(--line)}
.severity{justify-self:start;align-self:start;font-size:.75rem;font-weight:600;border:1px solid currentColor;border-radius:5px;padding:.05rem .4rem;margin-top:.1rem;color:var(--soft)}
.s-critical{background:var(--failed);color:var(--on);border-color:var(--failed)}.s-high{color:var(--failed)}.s-medium{color:var(--errored)}
.log{margin-top:.75rem}.log figcaption{font-size:.85rem;color:var(--soft);margin-bottom:.3rem}
.tail{max-height:24rem;overflow:auto;display:flex;flex-direction:column-reverse;background:var(--sunk);border:1px solid var(--line);border-radius:7px}
.tail pre{border:0;background:none}
.timeline li,.axis{display:grid;grid-template-columns:minmax(9rem,17rem) 1fr 5.5rem;gap:.25rem 1rem;align-items:center;padding:.12rem 0}
.timeline .name{overflow-wrap:anywhere}
.track{width:100%;height:22px;overflow:visible;display:block}.track rect{fill:var(--bar)}
.critical rect{stroke:var(--text);stroke-width:1.25}
.grid{stroke:var(--grid)}.axis .track{grid-column:2;height:18px}.axis text{fill:var(--soft);font-size:11px;font-family:var(--sans)}
.track.hit{height:auto}.hit .tag{border-style:dashed;margin:0 .3rem 0 0}.chain{margin-top:.75rem}.chain:first-child{margin-top:0}.cached{margin-top:.35rem}
table{width:100%;border-collapse:collapse}th{text-align:left;font-weight:600;overflow-wrap:anywhere}
thead th{font-size:.8rem;font-weight:500;color:var(--soft);padding:0 .75rem .4rem 0}
tbody th,tbody td{padding:.5rem .75rem .5rem 0;border-top:1px solid var(--line);vertical-align:top}
.num:last-child,thead th:last-child{padding-right:0}
.stages th:first-child{width:30%}.stages th[scope=row]{text-indent:-1.45rem;padding-left:1.45rem}
.stages .said{overflow-wrap:anywhere}.stages .tag{margin-left:.3rem}
thead th.num{text-align:right;font-size:.8rem}.stages .num{width:6rem}
summary{cursor:pointer}.stages summary{list-style:none}.stages summary::-webkit-details-marker{display:none}
.what{color:var(--soft);font-size:.87rem;margin-left:.3rem;text-decoration:underline dotted;text-underline-offset:.2em;white-space:nowrap}
.what::after{content:" ▸"}[open]>summary .what::after{content:" ▾"}
.steps{margin:.35rem 0}.steps li{padding:.3rem 0}.command{display:block;white-space:pre-wrap;color:var(--soft);margin-left:1.45rem}
.files li{padding:.2rem 0;overflow-wrap:anywhere}
`

const TABLES = `
.digest{display:block;color:var(--soft)}.wide th[scope=row]{width:30%;font-weight:600}.wide td{overflow-wrap:anywhere}
.wide td .icon{margin-right:.3rem}.under{display:block;font-weight:400}.label-phone{display:none}
.looked td:last-child{width:28%}.measures td{width:23%}
.coverage th[scope=row]{font-weight:500;font-family:var(--mono);font-size:.86em}.coverage td:last-child{width:38%}
.coverage .num{text-align:left;color:var(--text)}
.share{width:4rem;height:.5rem;margin-right:.6rem;background:var(--tint-failed);border:1px solid var(--line);border-radius:3px;vertical-align:.05rem}.share rect{fill:var(--bar-passed)}
button.sort{font:inherit;font-size:.8rem;color:var(--soft);background:none;border:0;padding:.2rem 0;cursor:pointer;text-decoration:underline dotted;text-underline-offset:.2em}
[aria-sort=ascending] button.sort,[aria-sort=descending] button.sort{color:var(--text);font-weight:600}
[aria-sort=ascending] button.sort::after{content:" ▴"}[aria-sort=descending] button.sort::after{content:" ▾"}
.files+.meta{margin-top:.75rem;border-top:1px solid var(--line);padding-top:.6rem}
`

const LISTS = `
.select{display:flex;gap:.4rem;align-items:center;font-size:.88rem;color:var(--soft)}
.select select{font:inherit;max-width:14rem;color:var(--text);background:var(--sunk);border:1px solid var(--soft);border-radius:7px;padding:.3rem .4rem}
.marks{display:flex;flex-direction:column;gap:.3rem;align-items:flex-start}.t-blocks{color:var(--failed);border-color:currentColor}
.facts{font-size:.87rem;overflow-wrap:anywhere}.fact::before{content:"· ";color:var(--soft)}
.controls{display:flex;flex-wrap:wrap;gap:.6rem .75rem;align-items:center}
.search{flex:1 1 16rem}.search input{width:100%;font:inherit;color:inherit;background:var(--sunk);border:1px solid var(--soft);border-radius:7px;padding:.4rem .65rem}
.search input::placeholder{color:var(--soft);opacity:1}
fieldset{border:0;margin:0;padding:0;min-width:0;display:flex;flex-wrap:wrap;gap:.35rem}
.choice{position:relative}.choice input{position:absolute;z-index:1;inset:0;opacity:0;margin:0;width:100%;height:100%;cursor:pointer}
.choice label{display:block;border:1px solid var(--line);border-radius:99px;padding:.25rem .7rem;font-size:.88rem}
.choice input:checked+label{background:var(--text);color:var(--card);border-color:var(--text)}
.choice input:focus-visible+label{outline:2px solid var(--focus);outline-offset:2px}
.count{font-variant-numeric:tabular-nums;opacity:.85;margin-left:.15rem}
.state{margin:.6rem 0}.empty{padding:1.5rem 0;text-align:center;color:var(--soft)}
.group{border-top:1px solid var(--line)}
.group summary,.test>p{display:flex;gap:.1rem .6rem;align-items:baseline}
.group summary{padding:.5rem 0;list-style:none}.group summary::-webkit-details-marker{display:none}
.group summary::before{content:"";flex:none;width:.4rem;height:.4rem;border:solid var(--soft);border-width:0 2px 2px 0;transform:rotate(-45deg) translateY(-.1rem);margin:0 .1rem}
.group[open] summary::before{transform:rotate(45deg) translateY(-.15rem)}
.group summary .icon,.test>p .icon{margin-right:0;align-self:flex-start;margin-top:.27rem}
.label{flex:1;min-width:0;overflow-wrap:anywhere}.group .tests{padding:0 0 .5rem 1.3rem}
button.more{font:inherit;font-size:.9rem;color:var(--link);background:none;border:1px solid var(--line);border-radius:7px;padding:.35rem .8rem;margin:.5rem 0;cursor:pointer}
button.more:hover{border-color:var(--soft)}
@media (max-width:40rem){
.tiles{grid-template-columns:repeat(2,1fr)}nav{position:static}.top .verdict,.tiles,.top>.meta{padding-left:1rem;padding-right:1rem}
.timeline li,.axis{grid-template-columns:1fr auto;gap:0 .75rem}.timeline .track,.axis .track{grid-column:1/-1;grid-row:2}.timeline li{padding:.35rem 0}
.group summary,.test>p{flex-wrap:wrap}.group summary .label{flex-basis:70%}.group summary>.meta{margin-left:2.85rem}
.finding{grid-template-columns:1fr;gap:.3rem}.marks{flex-direction:row}
.wide,.wide tbody{display:block}.wide:not(.coverage) thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.wide tr{display:block;padding:.55rem 0;border-top:1px solid var(--line)}.wide tbody th[scope=row],.wide tbody td,.wide tbody td:last-child{display:block;border:0;width:auto;padding:0 0 .15rem}
.wide tbody tr:first-child{border-top:0}.label-phone{display:inline-block;min-width:4.5rem;color:var(--soft);font-size:.8rem}
.coverage thead{display:block}.coverage thead tr{display:flex;gap:1rem;border:0;padding:0}.coverage td:nth-child(3){display:none}
.stages,.stages tbody{display:block}.stages thead{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%)}
.stages tr{display:grid;grid-template-columns:1fr auto;gap:.1rem .75rem;padding:.55rem 0;border-top:1px solid var(--line)}
.stages tr:first-child{border-top:0}.stages tbody th,.stages tbody td{border:0;padding-top:0;padding-bottom:0;width:auto}
.stages tbody th:first-child{width:auto}pre.message{margin-left:0}.stages tbody td:nth-child(2){grid-row:2;grid-column:1/-1;padding:0 0 0 1.45rem}}
@media (forced-colors:active){.icon,.track rect{forced-color-adjust:none}.choice input:checked+label{border:3px solid}}
@media print{nav,.controls,.skip{display:none}body{background:none}.tail{max-height:none}.card{break-inside:avoid-page}}
`

/** All of the page's CSS. */
export const STYLE = [COLOURS, BASE, TOP, SECTIONS, TABLES, LISTS].join("")
