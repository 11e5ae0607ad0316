import { expect } from "chai";
import { code, foldedDiff, hidden, htmlCode, prose, row } from "../../../deployer/display/markdown";
import { MarkdownPlan } from "../../../deployer/display/markdown-plan";
import type { DeploymentEvent, StepView } from "../../../deployer/display/events";
import { secret, UNKNOWN } from "../../../deployer/wire/property-value";
import type { PropertyMap } from "../../../deployer/wire/property-value";

const TYPE = "pulumi-nodejs:dynamic/images:PrivateImage";
const urnOf = (name: string): string => `urn:pulumi:dev::shop::${TYPE}::${name}`;
const prelude: DeploymentEvent = {
  type: "prelude",
  mode: "preview",
  project: "shop",
  stack: "dev",
  config: {},
};

function planned(op: StepView["op"], name: string, old?: PropertyMap, now?: PropertyMap): DeploymentEvent {
  const state = (inputs: PropertyMap) => ({ urn: urnOf(name), custom: true, type: TYPE, inputs });
  return {
    type: "step",
    step: {
      op,
      urn: urnOf(name),
      type: TYPE,
      position: "index.ts:7",
      old: old && state(old),
      new: now && state(now),
      replaces: op === "replace" ? ["size"] : undefined,
    },
  };
}

const summary = (changes: Partial<Record<StepView["op"], number>>): DeploymentEvent => ({
  type: "summary",
  result: "succeeded",
  preview: true,
  seconds: 1,
  changes,
});

function rendered(events: DeploymentEvent[], more: Partial<MarkdownPlan> = {}): string {
  const plan = new MarkdownPlan();
  for (const event of events) plan.emit(event);
  return Object.assign(plan, more).render();
}

describe("names and values in Markdown", () => {
  const cases: [what: string, made: string, expected: string][] = [
    ["are code, in more backticks than they have", code("a``b"), "```a``b```"],
    ["have room where they begin with a backtick", code("`a`"), "`` `a` ``"],
    ["stay on their line", code("a\n| b\u0000"), "`a | b`"],
    ["can't reorder what stands after them", code("a\u202eb"), "`ab`"],
    ["don't end a cell of a table", row(code("a|b")), "| `a\\|b` |"],
    ["are no HTML where Markdown isn't read", htmlCode("<b>&"), "<code>&lt;b&gt;&amp;</code>"],
    ["are as they stand in a sentence", prose("*a* <b> [c](d) `e`"), "\\*a\\* \\<b\\> \\[c\\](d) \\`e\\`"],
    ["call nobody and refer to nothing", prose("@team #12"), "@\u200bteam \\#\u200b12"],
    [
      "don't end a folded block",
      foldedDiff("s", ["```"]),
      "<details><summary>s</summary>\n\n````diff\n```\n````\n\n</details>",
    ],
    ["don't end a hidden comment", hidden("a --> <b>"), "<!-- a - b -->"],
  ];
  for (const [what, made, expected] of cases) it(what, () => expect(made).to.equal(expected));
});

describe("a plan as a comment on a pull request", () => {
  const events = [
    prelude,
    planned("create", "new", undefined, { name: "new", token: secret("hunter2"), instanceId: UNKNOWN }),
    planned(
      "update",
      "changed",
      { tags: { a: "1", b: "2" }, token: secret("hunter2") },
      { tags: { a: "3" }, token: secret("hunter3") },
    ),
    planned("create-replacement", "swapped", { size: 1 }, { size: 2 }),
    planned("replace", "swapped", { size: 1 }, { size: 2 }),
    planned("delete", "gone|`x`", { name: "gone" }),
    planned("delete-replaced", "swapped", { size: 1 }),
  ];
  const changes = summary({ create: 1, update: 1, replace: 1, delete: 1, same: 2 });

  it("has what is replaced and deleted first, differences folded, secrets hidden, and quotas", () => {
    const quota = {
      region: "local",
      account: "default",
      quota: "private images",
      used: 3,
      after: 3,
      limit: 5,
    };
    expect(rendered([...events, changes], { quotas: [quota] })).to.equal(`<!-- images preview shop/dev -->

### Preview of \`shop\`, stack \`dev\`

**+ 1 to create, ~ 1 to update, - 1 to delete, ± 1 to replace, 2 unchanged**

|  | change | resource | where | what differs |
| --- | --- | --- | --- | --- |
| \`±\` | replace | \`PrivateImage swapped\` | \`index.ts:7\` | \`size\` |
| \`-\` | delete | \`\` PrivateImage gone\\|\`x\` \`\` | \`index.ts:7\` |  |
| \`~\` | update | \`PrivateImage changed\` | \`index.ts:7\` | \`tags\`, \`token\` |
| \`+\` | create | \`PrivateImage new\` | \`index.ts:7\` |  |

| quota | account | region | used | after \`up\` | limit |
| --- | --- | --- | --- | --- | --- |
| private images | \`default\` | \`local\` | 3 | 3 | 5 |

<details><summary>± replace <code>PrivateImage swapped</code>: 1 property</summary>

\`\`\`diff
- size: 1
+ size: 2 (forces the replacement)
\`\`\`

</details>
<details><summary>~ update <code>PrivateImage changed</code>: 3 properties</summary>

\`\`\`diff
- tags.a: "1"
+ tags.a: "3"
- tags.b: "2"
- token: [secret]
+ token: [secret]
\`\`\`

</details>
<details><summary>+ create <code>PrivateImage new</code>: 3 properties</summary>

\`\`\`diff
+ name: "new"
+ token: [secret]
+ instanceId: (known after up)
\`\`\`

</details>
`);
  });

  it("is the same in whatever order the resources came", () => {
    const [first, ...rest] = events;
    expect(rendered([first!, ...rest.reverse(), changes])).to.equal(rendered([...events, changes]));
  });

  it("has refusals before everything else, by property, with the line, the reason and the remedy", () => {
    const refused = rendered([
      prelude,
      planned("create", "new", undefined, { name: "new" }),
      {
        type: "diagnostic",
        severity: "error",
        urn: urnOf("new"),
        position: "index.ts:7",
        message: "memberIds[0]: Region local allows 5 members. Remove <one> of them.",
      },
      { type: "diagnostic", severity: "warning", message: "a blank *stand-in*" },
      { ...summary({ create: 1 }), result: "failed" } as DeploymentEvent,
    ]);
    expect(refused.split("\n\n").slice(2, 5)).to.deep.equal([
      "**Refused: `up` would fail.** Nothing was changed.",
      [
        "| resource | where | property | what is wrong, and what to do |",
        "| --- | --- | --- | --- |",
        "| `PrivateImage new` | `index.ts:7` | `memberIds[0]` | Region local allows 5 members. Remove \\<one\\> of them. |",
      ].join("\n"),
      "- Warning: a blank \\*stand-in\\*",
    ]);
  });

  const headlines: [what: string, events: DeploymentEvent[], headline: string][] = [
    ["no changes", [prelude, summary({ same: 3 })], "**No changes**: 3 unchanged."],
    ["an empty stack", [prelude, summary({})], "**No changes**."],
    [
      "outputs alone",
      [prelude, { type: "outputs", outputs: { a: 1 }, old: {} }, summary({ same: 1 })],
      "**No changes but of outputs**: 1 unchanged.",
    ],
    ["a preview that didn't end", [prelude], "**Refused: `up` would fail.** Nothing was changed."],
  ];
  for (const [what, given, headline] of headlines) {
    it(`says it of ${what}`, () => expect(rendered(given).split("\n\n")[2]!.trimEnd()).to.equal(headline));
  }

  it("stays under what a comment may hold, leaves out the least first, and says what", () => {
    const many = Array.from({ length: 900 }, (_, n) =>
      planned("update", `image-${n}`, { a: "x".repeat(90) }, { a: "y".repeat(90) }),
    );
    const text = rendered([
      prelude,
      ...many,
      planned("delete", "gone", {}),
      summary({ update: 900, delete: 1 }),
    ]);
    expect(text.length).to.be.within(60_000, 65_536);
    expect(text).to.match(/`PrivateImage gone`/);
    expect(text).to.match(
      /Left out, for a comment holds no more: the differences of \d+ more\. `images preview` shows everything\.\n$/,
    );
    expect(text.match(/^\| `~`/gm)).to.have.lengthOf(900);
  });
});
