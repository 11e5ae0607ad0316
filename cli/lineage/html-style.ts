/** The page's style: light or dark as the reader's system is. */
export const STYLE = `
:root {
  --page: #f7f8fa; --card: #ffffff; --ink: #1b2330; --faint: #566173; --line: #c6cdd8; --edge: #8f9bae; --track: #e3e7ee;
  --image: #2463c4; --instance: #1d7a4c; --volume: #8a5a00; --share: #8a3fa8; --export: #0b7285; --file: #5b6472;
  --fill: #2463c4; --full: #b3401c;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #12161d; --card: #1b212b; --ink: #e8ecf2; --faint: #a3aebd; --line: #3a4454; --edge: #66738a; --track: #2c3542;
    --image: #6ea3f5; --instance: #5cc28d; --volume: #dba844; --share: #c98be3; --export: #4fc0d1; --file: #98a3b3;
    --fill: #6ea3f5; --full: #f08a62;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 90rem; padding: 1.5rem; background: var(--page); color: var(--ink);
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", "Noto Sans", "Noto Sans CJK SC", sans-serif; }
h1 { font-size: 1.5rem; line-height: 1.25; margin: 0 0 1rem; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 1.75rem 0 .6rem; }
h3 { font-size: .95rem; margin: 1.25rem 0 .5rem; color: var(--faint); }
p { margin: 0 0 .75rem; color: var(--faint); }
.quotas { list-style: none; margin: 0; padding: 0; display: grid; gap: .9rem 1.5rem;
  grid-template-columns: repeat(auto-fill, minmax(min(16rem, 100%), 1fr)); }
.label { display: flex; justify-content: space-between; gap: 1rem; font-size: .9rem; }
.label span:first-child { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.used { flex: none; font-variant-numeric: tabular-nums; color: var(--faint); }
.bar { height: .6rem; margin-top: .25rem; border-radius: .3rem; background: var(--track); overflow: hidden; }
.fill { height: 100%; background: var(--fill); }
.full .fill { background: var(--full); }
.picture { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: .5rem; }
.picture:focus-visible { outline: 2px solid var(--fill); outline-offset: 2px; }
svg { display: block; }
.edge { fill: none; stroke: var(--edge); stroke-width: 1.75; }
.second { stroke-dasharray: 2 4; }
.box { fill: var(--page); stroke: var(--line); }
.node.faint .box { stroke-dasharray: 5 4; }
.node div div { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; line-height: 19px; }
.node .name { font-size: 14px; font-weight: 600; color: var(--ink); }
.node .small { font-size: 12px; color: var(--faint); }
.node.faint .name { font-weight: 400; color: var(--faint); }
.image .stripe { fill: var(--image); } .instance .stripe { fill: var(--instance); } .volume .stripe { fill: var(--volume); }
.share .stripe { fill: var(--share); } .export .stripe { fill: var(--export); } .file .stripe { fill: var(--file); }
.tree, .tree ul { list-style: none; margin: 0; padding: 0; }
.tree ul { margin-left: .5rem; padding-left: .9rem; border-left: 1px solid var(--line); }
.tree li { margin: .3rem 0; overflow-wrap: anywhere; }
.kind { color: var(--faint); }
code { font-size: .85em; color: var(--faint); }
@media (max-width: 40rem) { body { padding: 1rem; } h1 { font-size: 1.25rem; } }
`;
