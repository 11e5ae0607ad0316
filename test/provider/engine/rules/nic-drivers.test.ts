import { expect } from "chai";
import type { OsFacts } from "../../../../provider/engine/model";
import { UNKNOWN } from "../../../../provider/engine/requests";
import { nicDriverRule } from "../../../../provider/engine/rules/nic-drivers";
import type { NicDriver } from "../../../../provider/engine/rules/nic-drivers";

const os = (osName: string, osVersion: string): OsFacts => ({ osName, osVersion, cpuArchitecture: "x86_64" });

describe("the rules of network cards", () => {
  const cases: [NicDriver, string, string, string | undefined][] = [
    ["nicMultiqueue", "CentOS", "6.8", undefined],
    ["nicMultiqueue", "CentOS", "6.10", undefined],
    ["nicMultiqueue", "CentOS", "7.2 NAT Gateway", undefined],
    [
      "nicMultiqueue",
      "CentOS",
      "6.6",
      "holds CentOS 6.6, and NIC multi-queue is supported from version 6.8 on",
    ],
    ["nicMultiqueue", "Ubuntu", "14.04", undefined],
    ["nicMultiqueue", "Ubuntu", "12.04", "from version 14.04 on"],
    ["nicMultiqueue", "Windows Server", "2008 R2 Data Center CN", undefined],
    ["nicMultiqueue", "Windows Server", "2003", "from version 2008 on"],
    ["nicMultiqueue", "SUSE Linux Enterprise Server", "12", "from version 12 SP1 on"],
    ["nicMultiqueue", "SUSE Linux Enterprise Server", "12 SP2", undefined],
    ["nicMultiqueue", "openSUSE Leap", "42.3", undefined],
    [
      "nicMultiqueue",
      "TempleOS",
      "5",
      "isn't known to support NIC multi-queue; known are Windows Server, CentOS",
    ],
    ["nicMultiqueue", "CentOS", "stream", "from version 6.8 on"],
    ["sriovDriver", "CentOS", "6.5", undefined],
    ["sriovDriver", "CentOS", "5.11", "from version 6.0 on"],
    ["sriovDriver", "Windows Server", "2008", "from version 2008 R2 on"],
    ["sriovDriver", "Windows Server", "2012 R2 Standard CN", undefined],
  ];
  for (const [property, name, version, reason] of cases) {
    it(`${reason === undefined ? "allow" : "refuse"} ${property} for ${name} ${version}`, () => {
      const [violation] = nicDriverRule(property, true, os(name, version), "image golden");
      if (reason === undefined) expect(violation).to.equal(undefined);
      else expect(violation).to.include({ property }).and.to.have.property("reason").that.contains(reason);
    });
  }

  it("ask for the facts that decide where an import didn't state them", () => {
    const [multiqueue] = nicDriverRule("nicMultiqueue", true, { osName: "CentOS" }, "image golden");
    expect(multiqueue?.reason)
      .to.contain("its osVersion isn't known")
      .and.to.contain("State os with osVersion");
    const [sriov] = nicDriverRule("sriovDriver", true, {}, "image golden");
    expect(sriov?.reason).to.contain("its osName, osVersion, cpuArchitecture aren't known");
  });

  it("allow an SR-IOV driver on x86_64 alone", () => {
    const arm = { ...os("CentOS", "7.4"), cpuArchitecture: "arm64" } as const;
    expect(nicDriverRule("sriovDriver", true, arm, "image golden")[0]?.reason).to.contain("x86_64 only");
    expect(nicDriverRule("nicMultiqueue", true, arm, "image golden")).to.deep.equal([]);
  });

  it("wait for what isn't known yet, and ask nothing of a setting that is off", () => {
    expect(nicDriverRule("sriovDriver", UNKNOWN, {}, "image golden")).to.deep.equal([]);
    expect(nicDriverRule("sriovDriver", true, UNKNOWN, "image golden")).to.deep.equal([]);
    expect(nicDriverRule("sriovDriver", false, {}, "image golden")).to.deep.equal([]);
  });
});
