import { expect } from "chai";
import {
  createUrn,
  isDefaultProvider,
  nameOf,
  packageOf,
  parseProviderReference,
  qualifiedTypeOf,
  typeOf,
} from "../../../deployer/wire/urn";

const stack = "dev";
const project = "p";

describe("urn", () => {
  it("of a resource below the stack has its own type alone", () => {
    const parent = "urn:pulumi:dev::p::pulumi:pulumi:Stack::p-dev";
    expect(createUrn({ stack, project, parent, type: "a:b:C", name: "n" })).to.equal(
      "urn:pulumi:dev::p::a:b:C::n",
    );
  });

  it("of a child has the types of its ancestors", () => {
    const parent = "urn:pulumi:dev::p::a:b:C$d:e:F::n";
    const urn = createUrn({ stack, project, parent, type: "g:h:I", name: "m" });
    expect(urn).to.equal("urn:pulumi:dev::p::a:b:C$d:e:F$g:h:I::m");
    expect(qualifiedTypeOf(urn)).to.equal("a:b:C$d:e:F$g:h:I");
    expect(typeOf(urn)).to.equal("g:h:I");
  });

  it("may have :: in its name", () => expect(nameOf("urn:pulumi:dev::p::a:b:C::x::y")).to.equal("x::y"));

  it("stands in a provider's reference before its ID", () => {
    expect(parseProviderReference("urn:pulumi:dev::p::pulumi:providers:x::default::1-2")).to.deep.equal({
      urn: "urn:pulumi:dev::p::pulumi:providers:x::default",
      id: "1-2",
    });
  });

  it("tells default providers from explicit ones", () => {
    expect(isDefaultProvider("urn:pulumi:dev::p::pulumi:providers:x::default_1_2_3")).to.equal(true);
    expect(isDefaultProvider("urn:pulumi:dev::p::pulumi:providers:x::defaults")).to.equal(false);
    expect(isDefaultProvider("urn:pulumi:dev::p::a:b:C::default")).to.equal(false);
  });

  it("has a type that names its package", () =>
    expect(packageOf("pulumi-nodejs:dynamic/x:Y")).to.equal("pulumi-nodejs"));
});
