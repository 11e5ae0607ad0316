import { expect } from "chai";
import { crc32c } from "../../../../../provider/engine/disks/foreign/crc32c";

describe("the CRC-32C of VHDX files", () => {
  it("is that of the standard's own example", () => {
    expect(crc32c(Buffer.from("123456789"))).to.equal(0xe3069283);
  });

  it("reads the checksum's own bytes as zeros", () => {
    expect(crc32c(Buffer.from("abcdWXYZefgh"), 4)).to.equal(crc32c(Buffer.from("abcd\0\0\0\0efgh")));
  });
});
