import { expect } from "chai";
import { UNKNOWN } from "../../../../provider/engine/requests";
import { imageKindRule } from "../../../../provider/engine/rules/image-kinds";
import type { ImageKindFacts } from "../../../../provider/engine/rules/image-kinds";

const instance: ImageKindFacts = {
  source: "instance",
  from: "instance web (i-1)",
  imageType: "system",
  dataDevices: ["/dev/vdb", "/dev/vdc"],
  statesOs: false,
  statesFormat: false,
  sourceEncrypted: false,
};
const volume: ImageKindFacts = {
  ...instance,
  source: "volume",
  from: "volume data (vol-1)",
  imageType: "data",
};
const file: ImageKindFacts = { ...instance, source: "file", from: "file /disk.raw" };

describe("the rules of image kinds", () => {
  const allowed: [string, ImageKindFacts][] = [
    ["a system image of an instance", instance],
    ["a full image of an instance", { ...instance, imageType: "full" }],
    ["a data image of a device of an instance", { ...instance, imageType: "data", device: "/dev/vdc" }],
    ["a data image of a device that isn't known yet", { ...instance, imageType: "data", device: UNKNOWN }],
    [
      "a data image of an instance whose devices aren't known yet",
      { ...instance, imageType: "data", device: "/dev/vdx", dataDevices: undefined },
    ],
    ["an image whose type isn't known yet", { ...instance, imageType: UNKNOWN, device: "/dev/vdb" }],
    ["a data image of a volume", volume],
    ["a system image of a volume, with what runs on it", { ...volume, imageType: "system", statesOs: true }],
    ["a system image of a file, its format and OS stated", { ...file, statesOs: true, statesFormat: true }],
    ["an encrypted image of a file", { ...file, encrypted: true }],
    ["an image of an encrypted instance", { ...instance, sourceEncrypted: true, encrypted: true }],
    ["a plain image said to be plain", { ...instance, encrypted: false }],
    [
      "an encrypted image of what isn't known yet",
      { ...instance, encrypted: true, sourceEncrypted: UNKNOWN },
    ],
  ];
  for (const [what, facts] of allowed) {
    it(`allow ${what}`, () => expect(imageKindRule(facts)).to.deep.equal([]));
  }

  const refused: [string, ImageKindFacts, string, RegExp][] = [
    [
      "a data image of an instance without a device",
      { ...instance, imageType: "data" },
      "device",
      /doesn't say which\. It has \/dev\/vdb, \/dev\/vdc\. State device\.$/,
    ],
    [
      "a data image of an instance that has no data disk",
      { ...instance, imageType: "data", dataDevices: [] },
      "device",
      /It has none: give the instance a data disk first/,
    ],
    [
      "a data image of a device that isn't there",
      { ...instance, imageType: "data", device: "/dev/vdz" },
      "device",
      /^Instance web \(i-1\) has no data disk \/dev\/vdz\. It has \/dev\/vdb, \/dev\/vdc\./,
    ],
    [
      "a data image of the system disk",
      { ...instance, imageType: "data", device: "/dev/vda" },
      "device",
      /is the system disk .* Make a system image/,
    ],
    ["a device of a system image", { ...instance, device: "/dev/vdb" }, "device", /state imageType: "data"/],
    [
      "a device of a full image",
      { ...instance, imageType: "full", device: "/dev/vdb" },
      "device",
      /holds all disks/,
    ],
    ["a device of a volume", { ...volume, device: "/dev/vdb" }, "device", /Leave device out/],
    ["a device of a file", { ...file, imageType: "data", device: "/dev/vdb" }, "device", /Leave device out/],
    ["a full image of a volume", { ...volume, imageType: "full" }, "imageType", /is one disk/],
    ["a full image of a file", { ...file, imageType: "full" }, "imageType", /full image of an instance/],
    ["the OS of an instance", { ...instance, statesOs: true }, "os", /inherited from instance web/],
    ["the OS of a data disk", { ...volume, statesOs: true }, "os", /holds no operating system/],
    ["the format of what is no file", { ...volume, statesFormat: true }, "fileFormat", /Leave it out/],
    [
      "an encrypted image of a plain volume",
      { ...volume, encrypted: true },
      "encrypted",
      /isn't encrypted.*ImageReplica with encrypted: true/,
    ],
  ];
  for (const [what, facts, property, reason] of refused) {
    it(`refuse ${what}`, () => {
      const violations = imageKindRule(facts);
      expect(violations.map((violation) => violation.property)).to.deep.equal([property]);
      expect(violations[0]!.reason).to.match(reason);
    });
  }
});
