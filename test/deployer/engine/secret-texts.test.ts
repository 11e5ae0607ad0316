import { expect } from "chai";
import { SecretTexts } from "../../../deployer/engine/secret-texts";
import type { PropertyValue } from "../../../deployer/wire/property-value";
import { secret } from "../../../deployer/wire/property-value";
import { ProgramFolder } from "./program-folder";

function hidden(text: string, ...properties: PropertyValue[]): string {
  const secrets = new SecretTexts();
  secrets.learn(...properties);
  return secrets.hide(text);
}

describe("the secrets of a run", () => {
  const cases: [string, PropertyValue, string, string][] = [
    [
      "hides a secret wherever it stands",
      { a: secret("hunter2") },
      "hunter2 and hunter2!",
      "[secret] and [secret]!",
    ],
    [
      "hides what stands inside a secret",
      secret({ a: ["hunter2"], pin: 4711 }),
      "hunter2 4711",
      "[secret] [secret]",
    ],
    [
      "hides the longer of two that begin alike",
      { a: secret("abc"), b: secret("abcdef") },
      "abcdefg",
      "[secret]g",
    ],
    [
      "hides nothing in what it has hidden",
      { a: secret("hunter2"), b: secret("secret") },
      "hunter2",
      "[secret]",
    ],
    ["hides a secret in JSON", secret(`say "x"`), JSON.stringify({ a: `say "x"` }), `{"a":"[secret]"}`],
    ["hides the lines of a key", secret("-- KEY --\n  c29tZXRoaW5n\n}"), "  c29tZXRoaW5n", "  [secret]"],
    ["leaves characters of patterns alone", secret("a.c"), "abc a.c", "abc [secret]"],
    ["leaves what isn't secret", { a: "hunter2" }, "hunter2", "hunter2"],
    ["leaves what is too short or too common", secret(["ab", "true", true, 12]), "ab true 12", "ab true 12"],
  ];
  for (const [name, properties, text, shown] of cases) {
    it(name, () => expect(hidden(text, properties)).to.equal(shown));
  }

  it("hides what stands inside a secret value of the configuration", () => {
    const secrets = new SecretTexts();
    secrets.learnConfig('{"user":{"password":"hunter2"}}');
    expect(secrets.hide(`hunter2 {"user":{"password":"hunter2"}}`)).to.equal("[secret] [secret]");
  });
});

describe("what a run tells", () => {
  let program: ProgramFolder;
  beforeEach(async () => (program = await ProgramFolder.make()));
  afterEach(() => program.remove());

  it("has no secret of the configuration in it, be it printed, thrown or refused", async () => {
    program.config = { "test:password": "correct horse" };
    program.secretKeys = new Set(["test:password"]);
    const password = `config.get("password")`;
    const { events } = await program.preview(`
      console.log("out " + ${password}); console.error("err " + ${password});
      pulumi.log.warn("log " + ${password});
      new Thing("a", { refuse: "no " + ${password} });`);
    expect(JSON.stringify(events)).to.include("out [secret]").and.include("err [secret]");
    expect(JSON.stringify(events)).to.include("log [secret]").and.include("no [secret]");
    const sentences = events.filter((it) => it.type === "diagnostic" || it.type === "output");
    expect(JSON.stringify(sentences)).not.to.include("correct horse");
  });

  it("has no secret of the program's in it, nor of the state", async () => {
    const failing = await program.up(
      `new Thing("a", { word: pulumi.secret("hunter2"), fail: "I was told hunter2" });`,
    );
    expect(failing.errors).to.deep.equal(["a: I was told [secret]"]);
    const made = await program.up(
      `new Thing("a", { word: pulumi.secret("hunter2"), stuck: "hunter2 holds it" });`,
    );
    expect(made.result).to.equal("succeeded");
    const half = await program.up(
      `new Thing("b", { word: pulumi.secret("hunter2"), half: "hunter2 is late" });`,
    );
    const [failure] = half.events.filter((it) => it.type === "stepFailed");
    expect(failure).to.nested.include({
      message: "[secret] is late",
      "step.new.initErrors[0]": "[secret] is late",
    });
    await program.up(`new Thing("a", { word: pulumi.secret("hunter2"), stuck: "hunter2 holds it" });`);
    expect((await program.run("destroy")).errors).to.deep.equal(["a: [secret] holds it"]);
  });
});
