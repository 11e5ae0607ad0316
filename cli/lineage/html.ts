import { escapeHtml } from "./escape-html";
import { STYLE } from "./html-style";
import { lineageSvg } from "./svg";
import { treesOf } from "./tree";
import type { Branch } from "./tree";
import { isFull, manner, quotasOf, wordsOf } from "./words";
import type { LineagePicture, Quota } from "./words";

/** One page that needs nothing else: no script, nothing from the network, as good from a file as from a server. */
export function lineageHtml(picture: LineagePicture): string {
  const { graph } = picture;
  const title = `Lineage of account ${graph.account} in region ${graph.region}`;
  const { account, members } = quotasOf(picture);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<header><h1>${escapeHtml(title)}</h1></header>
<main>
<section aria-labelledby="quotas"><h2 id="quotas">Quotas</h2>
<ul class="quotas">
${account.map((quota) => bar(quota, quota.name)).join("\n")}
</ul>
${membersSection(members)}</section>
${lineageSections(picture)}</main>
</body>
</html>
`;
}

function membersSection(members: Quota[]): string {
  if (members.length === 0) return "";
  const bars = members.map((quota) => bar(quota, `members of ${quota.name}`));
  return `<h3>Members of each image</h3>\n<ul class="quotas">\n${bars.join("\n")}\n</ul>\n`;
}

function bar(quota: Quota, label: string): string {
  const { name, used, limit } = quota;
  const share = limit > 0 ? Math.min(1, used / limit) : 1;
  const says = `${used} of ${limit}`;
  return (
    `<li><div class="label"><span>${escapeHtml(name)}</span><span class="used">${says}</span></div>` +
    `<div class="bar${isFull(quota) ? " full" : ""}" role="meter" aria-label="${escapeHtml(label)}" aria-valuemin="0"` +
    ` aria-valuemax="${limit}" aria-valuenow="${Math.min(used, limit)}" aria-valuetext="${says}">` +
    `<div class="fill" style="width:${(share * 100).toFixed(1)}%"></div></div></li>`
  );
}

function lineageSections(picture: LineagePicture): string {
  const trees = treesOf(picture.graph);
  if (trees.length === 0) {
    return `<section aria-labelledby="lineage"><h2 id="lineage">Lineage</h2>\n<p>Nothing is made here yet.</p></section>\n`;
  }
  return `<section aria-labelledby="lineage"><h2 id="lineage">Lineage</h2>
<p id="reading">From what stands on the left was made what stands to the right of it. Broken lines go round what is gone or of another account; a dotted line leads to what was made from several.</p>
<div class="picture" tabindex="0" role="region" aria-label="Picture of the lineage">
${lineageSvg(picture, "lineage reading")}
</div></section>
<section aria-labelledby="list"><h2 id="list">The same as a list</h2>
<ul class="tree">${trees.map(item).join("")}</ul></section>
`;
}

function item({ node, how, branches, repeated }: Branch): string {
  const { name, kind, id, facts } = wordsOf(node);
  const way = how && manner(how);
  const kindWords = node.kind === "share" ? "shared with" : way ? `${way}: ${kind}` : kind;
  const words = [
    `<span class="kind">${kindWords}</span>`,
    `<strong>${escapeHtml(name)}</strong>`,
    ...(id === undefined ? [] : [`<code>${escapeHtml(id)}</code>`]),
    escapeHtml([...facts, ...(repeated ? ["above"] : [])].join(", ")),
  ];
  const below = branches.length > 0 ? `<ul>${branches.map(item).join("")}</ul>` : "";
  return `\n<li>${words.filter(Boolean).join(" ")}${below}</li>`;
}
