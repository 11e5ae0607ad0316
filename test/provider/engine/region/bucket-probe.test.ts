import { PutBucketPolicyCommand } from "@aws-sdk/client-s3";
import { expect } from "chai";
import { lookIntoBucket, tryBucket } from "../../../../provider/engine/region/bucket-probe";
import { describeWithS3, S3Server, withEnv } from "../../../support/s3-server";
import { fault } from "../keys/key-service.contract";

const LOOK = ["s3:ListBucket", "s3:ListBucketMultipartUploads"];
const WRITE = ["s3:PutObject", "s3:DeleteObject", "s3:AbortMultipartUpload", "s3:ListMultipartUploadParts"];

describeWithS3("A region's bucket, tried before the region is set up,", () => {
  let s3: S3Server;
  let user: NodeJS.ProcessEnv;
  before(async () => {
    s3 = await S3Server.shared();
    user = { ...s3.env, ...(await s3.newUser()) };
  });

  /** A bucket that lets the user do so much, in the whole of it and with objects under a prefix. */
  async function bucketFor(onBucket: string[], under: Record<string, string[]>): Promise<string> {
    const Bucket = await s3.newBucket();
    const arn = `arn:aws:s3:::${Bucket}`;
    const statements = [
      { Action: onBucket, Resource: arn },
      ...Object.entries(under).map(([prefix, Action]) => ({ Action, Resource: `${arn}/${prefix}*` })),
    ].filter(({ Action }) => Action.length > 0);
    const allowed = { Effect: "Allow", Principal: { AWS: [user.AWS_ACCESS_KEY_ID] } };
    const Statement = statements.map((statement) => ({ ...allowed, ...statement }));
    await s3.client.send(
      new PutBucketPolicyCommand({ Bucket, Policy: JSON.stringify({ Version: "2012-10-17", Statement }) }),
    );
    return Bucket;
  }

  it("passes with the rights of an operator, and is left as it was", async () => {
    const bucket = await bucketFor(LOOK, { "team/": ["s3:GetObject"], "team/north/@operator/": WRITE });
    await withEnv(user, async () => {
      await lookIntoBucket(`s3://${bucket}/team`);
      await tryBucket(`s3://${bucket}/team`, "north");
    });
    expect(await s3.keys(bucket)).to.deep.equal([]);
    expect(await s3.uploads(bucket)).to.deep.equal([]);
  });

  it("is looked at without writing", async () => {
    const bucket = await bucketFor(LOOK, { "": ["s3:GetObject"] });
    await withEnv(user, () => lookIntoBucket(`s3://${bucket}`));
  });

  const refused: [string, string[], Record<string, string[]>, RegExp][] = [
    ["listed", [], { "": ["s3:GetObject", ...WRITE] }, /^Looking into the bucket .* aren't allowed/],
    [
      "searched for uploads",
      ["s3:ListBucket"],
      { "": ["s3:GetObject"] },
      /^Looking for uploads .* They need/,
    ],
    ["read", LOOK, { "": WRITE }, /^Reading in the bucket .* aren't allowed/],
    [
      "written to",
      LOOK,
      { "": ["s3:GetObject"], "team/north/web/": WRITE },
      /^Writing an object under s3:\/\/\S+\/team\/north\/@operator\/ failed: .* They need .*s3:PutObject/,
    ],
    [
      "deleted from",
      LOOK,
      { "": ["s3:GetObject", "s3:PutObject", "s3:AbortMultipartUpload"] },
      /^Deleting an object under .* s3:DeleteObject/,
    ],
    [
      "rid of uploads",
      LOOK,
      { "": ["s3:GetObject", "s3:PutObject", "s3:DeleteObject"] },
      /^Aborting an upload under .* s3:AbortMultipartUpload/,
    ],
  ];
  for (const [what, onBucket, under, told] of refused) {
    it(`is told of where it may not be ${what}`, async () => {
      const bucket = await bucketFor(onBucket, under);
      await withEnv(user, async () => {
        const place = `s3://${bucket}/team`;
        expect(await fault(lookIntoBucket(place).then(() => tryBucket(place, "north")))).to.match(told);
      });
    });
  }

  it("is named where there is none", async () => {
    await withEnv(s3.env, async () => {
      expect(await fault(lookIntoBucket("s3://no-such-bucket"))).to.contain(
        "there is no bucket no-such-bucket",
      );
    });
  });
});
