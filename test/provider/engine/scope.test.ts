import { expect } from "chai";
import { DEFAULT_SETTINGS } from "../../../provider/engine/catalog/catalog-settings";
import { MemoryCatalog } from "../../../provider/engine/catalog/memory-catalog";
import { MemoryDiskStore } from "../../../provider/engine/disks/memory-disk-store";
import { createImageEngine } from "../../../provider/engine/image-engine";
import { MemoryKeyService } from "../../../provider/engine/keys/memory-key-service";
import { DEFAULT_QUOTAS } from "../../../provider/engine/model";
import { Scopes } from "../../../provider/engine/scope";
import { ViolationError } from "../../../provider/engine/violation";

const quotas = DEFAULT_QUOTAS;
const regions = [
  {
    name: "local",
    accounts: [
      { name: "partner", quotas, foreign: true },
      { name: "acme", quotas },
      { name: "lab", quotas },
    ],
  },
];

const open = (account?: string) =>
  createImageEngine(
    new MemoryCatalog({ ...DEFAULT_SETTINGS, regions }),
    new MemoryDiskStore(),
    new MemoryKeyService(),
    { account },
  );

const REFUSED =
  "Account partner of region local is another's: your login is no member of its database role. " +
  "Yours are acme, lab. State one of yours, or ask the operator to grant you the role.";

describe("The accounts of an endpoint that others use too", () => {
  it("default to the first of one's own", () => expect(open().defaults.account).to.equal("acme"));

  it("aren't worked in where they are others'", () => {
    expect(() => open("partner"))
      .to.throw(REFUSED)
      .that.satisfies(ViolationError.is);
  });

  it("aren't declared in where they are others', and are there to share with", () => {
    const scopes = new Scopes(regions);
    const { violations } = scopes.settle({ region: "local", account: "partner" });
    expect(violations).to.deep.equal([{ property: "account", reason: REFUSED }]);
    expect(scopes.settle({ region: "local", account: "lab" }).violations).to.deep.equal([]);
    expect(scopes.accountsOf("local")).to.include("partner");
    expect(scopes.quotas("local", "partner")?.acceptedShares).to.equal(5);
  });
});
