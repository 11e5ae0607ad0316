import { expect } from "chai";
import { UnreadPlaces } from "../../../../provider/engine/reading/unread-places";
import { newImage } from "../catalog/records";

const dated = { createdAt: "2020-01-01T00:00:00.000Z", sequence: 1 };
const taken = { region: "local", account: "default", privateImages: 3, snapshots: 4 };

function image(id: string, ...snapshots: string[]) {
  const deviceMappings = snapshots.map((id) => ({
    ...{ device: "/dev/vda", kind: "snapshot" as const, size: 20 },
    id,
  }));
  return { ...newImage(id, { deviceMappings }), ...dated };
}

describe("Places whose holders weren't read", () => {
  let places: UnreadPlaces;
  beforeEach(() => {
    places = new UnreadPlaces();
    places.counted([taken]);
  });

  it("are all that were counted, as long as nothing is read", () => {
    expect(places.privateImages("local", "default")).to.equal(3);
    expect(places.snapshots("local", "default")).to.equal(4);
    expect(places.privateImages("far", "default")).to.equal(0);
  });

  it("are fewer by what is read, by a snapshot of two images once", () => {
    places.read(image("img-1", "snap-1", "snap-2"));
    places.read(image("img-2", "snap-2"));
    expect(places.privateImages("local", "default")).to.equal(1);
    expect(places.snapshots("local", "default")).to.equal(2);
  });

  it("are the same where a record is read before they are counted", () => {
    const late = new UnreadPlaces();
    late.read(image("img-1", "snap-1"));
    late.counted([taken]);
    expect(late.privateImages("local", "default")).to.equal(2);
    expect(late.snapshots("local", "default")).to.equal(3);
  });

  it("are the shares of a member that only others see", () => {
    places.hidden("local", "partner", 3);
    expect(places.acceptedShares("local", "partner")).to.equal(3);
    expect(places.acceptedShares("far", "partner")).to.equal(0);
  });

  it("are none where others have made more since the counting", () => {
    for (const id of ["img-1", "img-2", "img-3", "img-4"]) places.read(image(id));
    expect(places.privateImages("local", "default")).to.equal(0);
  });
});
